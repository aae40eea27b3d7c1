"""The engine's Python face (under construction: the native core arrives next)."""

from __future__ import annotations


class Engine:
    """Native synthesis core: events in, audio blocks out.

    Parameters
    ----------
    samplerate : int
        Hertz, of the output.
    channels : int
        Output channels; all carry the same sound.
    """

    def __init__(self, samplerate: int = 44100, channels: int = 2):
        self.samplerate = samplerate
        self.channels = channels
        self.pushed = []

    def load(self, decoder) -> None:
        """Play a decoder from the next hop on."""

    def push(self, events) -> None:
        """Hand events over; they take effect together."""
        self.pushed += events

    def status(self) -> dict:
        return {}
