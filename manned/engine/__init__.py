"""The native real-time core and its Python face, `Engine`.

Everything that runs in the audio or decode thread is compiled by numba and
touches no lock, no allocator and no Python object.
"""

from .engine import Engine

__all__ = ["Engine"]
