"""Acquire loads and release stores for compiled code.

numba has no CPU atomics; these intrinsics emit LLVM's.  They are what makes the
rings and mailboxes between the threads right on x86 and on ARM.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.extending import intrinsic
from numba.np.arrayobj import make_array


def _word_pointer(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    data = make_array(array_type)(context, builder, array).data
    return cgutils.gep_inbounds(builder, data, index)


def _check_words(array: Any) -> None:
    if not (isinstance(array, types.Array) and array.dtype == types.int64 and array.ndim == 1):
        raise TypingError("atomic words live in one-dimensional int64 arrays")


@intrinsic
def _load_acquire(typingctx: Any, words: Any, index: Any) -> Any:
    """``words[index]`` of an int64 array; what was written before its `store_release` is visible after."""
    _check_words(words)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        index = context.cast(builder, args[1], signature.args[1], types.intp)
        pointer = _word_pointer(context, builder, signature.args[0], args[0], index)
        return builder.load_atomic(pointer, "acquire", 8)

    return types.int64(words, index), codegen


@intrinsic
def _store_release(typingctx: Any, words: Any, index: Any, value: Any) -> Any:
    """``words[index] = value`` of an int64 array, after everything written before."""
    _check_words(words)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        index = context.cast(builder, args[1], signature.args[1], types.intp)
        pointer = _word_pointer(context, builder, signature.args[0], args[0], index)
        value = context.cast(builder, args[2], signature.args[2], types.int64)
        builder.store_atomic(value, pointer, "release", 8)
        return context.get_dummy_value()

    return types.void(words, index, value), codegen


@intrinsic
def _as_pointer(typingctx: Any, address: Any) -> Any:
    """An integer address as a ``void *`` that `numba.carray` takes."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], ir.IntType(8).as_pointer())

    return types.voidptr(types.int64), codegen


# A type checker sees what compiled code may call, not what numba calls to compile it.
load_acquire = cast("Callable[[Any, int], int]", _load_acquire)
store_release = cast("Callable[[Any, int, int], None]", _store_release)
as_pointer = cast("Callable[[int], Any]", _as_pointer)
