"""How the engine is compiled: what Python or C calls is optimised whole, and what that calls is not compiled twice.

numba makes machine code of every function by itself, with all that it calls, and does so again in
every function that calls it: a deep tree of calls is optimised once for each of its levels.  Here a function
that is compiled because another one calls it is only translated.  The one at the top, which Python or C
calls, takes in each of those translations once, and is optimised, made machine code of and kept.
"""

from __future__ import annotations

import hashlib
import inspect
import threading
from collections.abc import Callable
from typing import Any, cast

import numba as nb
from numba import types
from numba.core import compiler, dispatcher, sigutils, typed_passes, untyped_passes
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import CPUDispatcher
from numba.core.typing import make_concrete_template

_numba: Any = dispatcher  # with names that it does not tell type checkers
LONGEST_NAME = 100  # of a record type
UNUSED = (
    untyped_passes.WithLifting,
    untyped_passes.InlineClosureLikes,
    untyped_passes.MakeFunctionToJitFunction,
    untyped_passes.InlineInlinables,
    untyped_passes.FindLiterallyCalls,
    untyped_passes.LiteralUnroll,
    untyped_passes.LiteralPropagationSubPipelinePass,
    typed_passes.InlineOverloads,
    typed_passes.DumpParforDiagnostics,
)
"""Steps of numba's for what the engine's functions do not hold: closures, ``with``, unrolled loops over tuples."""


def _name_records_shortly() -> None:
    """Have numba name its long record types by a digest of their fields.

    The engine's memory is one record of many.  numba spells out all of them in its name: fifty thousand
    letters, in each symbol of machine code and in each step of the compiler.
    """
    make, tell = types.Record.__init__, types.Record.__repr__

    def name_shortly(self: types.Record, fields: Any, size: int, aligned: bool) -> None:
        make(self, fields, size, aligned)
        if len(self.name) > LONGEST_NAME:
            self.name = f"Record_{hashlib.sha256(self.name.encode()).hexdigest()[:16]}"

    def tell_shortly(self: types.Record) -> str:
        return self.name if self.name.startswith("Record_") else tell(self)

    types.Record.__init__, types.Record.__repr__ = name_shortly, tell_shortly  # type: ignore[method-assign]


def _remember_types() -> None:
    """Have numba keep which signature a function or an operator has for given types.

    It asks up to a dozen templates, of sets and lists and strings among others, each time that two numbers are added.
    """
    ask = types.BaseFunction.get_call_type

    def get_call_type(self: Any, context: Any, args: tuple, kws: dict) -> Any:
        if kws or not _depth.count:
            return ask(self, context, args, kws)
        known = self.__dict__.setdefault("_known_to_manned", {})
        if args not in known:
            known[args] = ask(self, context, args, kws)
        return known[args]

    types.BaseFunction.get_call_type = get_call_type  # type: ignore[method-assign]


_name_records_shortly()
_remember_types()


compiled = 0
"""Functions that were compiled since the program started, not loaded; each counts again for other types."""


class _Depth(threading.local):
    """How many functions of the engine are being compiled for one another."""

    count = 0


_depth = _Depth()


class _Translation(JITCodeLibrary):
    """The code of an inner function, neither optimised nor linked to what it calls."""

    def finalize(self) -> None:
        self._raise_if_finalized()
        self._final_module.verify()
        self._finalize_dynamic_globals()
        self._finalized = True


class _Whole(JITCodeLibrary):
    """The code of a function that is called from outside, with all that it calls."""

    def finalize(self) -> None:
        found: dict[Any, None] = {}
        waiting = list(self._linking_libraries)
        while waiting:
            library = waiting.pop(0)
            if library not in found:
                found[library] = None
                if isinstance(library, _Translation):
                    waiting += library._linking_libraries
        self._linking_libraries = list(found)
        super().finalize()


class _Pipeline(compiler.Compiler):
    """numba's way from source to a library of our own."""

    library: type[JITCodeLibrary] = _Whole

    def define_pipelines(self) -> list:
        (steps,) = super().define_pipelines()
        steps.passes = [step for step in steps.passes if step[0] not in UNUSED]
        return [steps]

    def _compile_core(self) -> Any:
        if self.state.library is None:
            codegen = self.state.targetctx.codegen()
            self.state.library = self.library(codegen, self.state.func_id.func_qualname)
            self.state.library.enable_object_caching()
        global compiled
        _depth.count += 1
        try:
            return super()._compile_core()
        finally:
            _depth.count -= 1
            compiled += 1


class _InnerPipeline(_Pipeline):
    library = _Translation


class _InnerCompiler(_numba._FunctionCompiler):
    apart = False  # whether the arrays that are passed never overlap

    def _customize_flags(self, flags: Any) -> Any:
        flags.no_cpython_wrapper = flags.no_cfunc_wrapper = flags.no_compile = True
        flags.noalias = self.apart
        return flags


class _OuterCompiler(_numba._FunctionCompiler):
    def _customize_flags(self, flags: Any) -> Any:
        flags.no_cfunc_wrapper = True
        return flags


class _Native(CPUDispatcher):
    """A compiled function: a whole one where it is called from outside, a translation where the engine calls it."""

    def __init__(self, py_func: Callable, targetoptions: dict[str, Any], apart: bool = False):
        super().__init__(py_func, targetoptions=targetoptions, pipeline_class=_Pipeline)
        self._compiler = _OuterCompiler(py_func, self.targetdescr, targetoptions, self.locals, _Pipeline)
        self._translator = _InnerCompiler(py_func, self.targetdescr, targetoptions, self.locals, _InnerPipeline)
        self._translator.apart = apart
        self._translations: dict[tuple, tuple[Any, object]] = {}

    def get_call_template(self, args: Any, kws: Any) -> Any:
        if not _depth.count:
            return super().get_call_template(args, kws)
        pysig, args = self._compiler.fold_argument_types(args, kws)
        self._translate(tuple(args))
        signatures = [result.signature for result, _ in self._translations.values()]
        name = self.py_func.__name__
        return make_concrete_template(f"CallTemplate({name})", key=name, signatures=signatures), pysig, args, {}

    def get_overload(self, sig: Any) -> Any:
        args, _ = sigutils.normalize_signature(sig)
        if not _depth.count:
            return super().get_overload(sig)
        return self._translations[tuple(args)][1]

    @global_compiler_lock
    def _translate(self, args: tuple) -> None:
        if args not in self._translations:
            with self._compiling_counter:
                result = self._translator.compile(args, None)
            key = object()  # by which numba finds the code of a call
            self.targetctx.insert_user_function(key, result.fndesc, [result.library])
            self._translations[args] = result, key


def native(*signature: Any, apart: bool = False, **options: Any) -> Any:
    """Compile a function of the engine, and keep what was compiled.

    Parameters
    ----------
    signature : numba.types.Type or str, optional
        Its types, where it is to be compiled when it is imported.
    apart : bool
        Promise that none of the arrays that the engine passes to it overlap, so that its loops are made of vectors
        without a look at where they lie.  A promise that is broken gives wrong sound.
    options
        More of `numba.njit`'s.
    """

    def decorate(function: Callable) -> Callable:
        told = {"nopython": True, "error_model": "numpy", **options}
        made = _Native(function, told, apart)
        made.enable_caching()
        for each in signature:
            made.compile(each)
        return cast(Callable, made)

    if signature and inspect.isfunction(signature[0]):
        function, signature = signature[0], ()
        return decorate(function)
    return decorate


def native_callback(signature: Any) -> Any:
    """Compile a function that C calls, with these types of C."""
    return nb.cfunc(signature, error_model="numpy", cache=True, pipeline_class=_Pipeline)
