"""The native real-time core and its Python face, `Engine`.

Everything that runs in the audio or decode thread is compiled by numba and
touches no lock, no allocator and no Python object.  It is compiled, or loaded from
the cache, when `Engine` is first asked for.
"""

from typing import TYPE_CHECKING, Any

from .cache import choose_cache

if TYPE_CHECKING:
    from .engine import Engine

__all__ = ["Engine"]

_nothing_compiled = choose_cache()


def __getattr__(name: str) -> Any:
    if name != "Engine":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if _nothing_compiled:
        from .compile_beside import compiling_beside

        with compiling_beside(f"{__name__}.work"):
            from . import callback  # noqa: F401  # compiled meanwhile
    from .engine import Engine

    globals()[name] = Engine
    return Engine
