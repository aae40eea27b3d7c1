"""Fixtures that every test may use."""

from full_disk import full_disk  # noqa: F401
from jackd import jack_server  # noqa: F401
