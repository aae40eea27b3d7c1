"""Fixtures that every test may use."""

from jackd import jack_server  # noqa: F401
