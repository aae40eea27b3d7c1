"""The native real-time core and its Python face, `Engine`.

Everything that runs in the audio or decode thread is compiled by numba and
touches no lock, no allocator and no Python object.
"""

from .cache import choose_cache

choose_cache()

from .engine import Engine  # noqa: E402  (compiled code is loaded from the cache just chosen)

__all__ = ["Engine"]
