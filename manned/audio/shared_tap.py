"""What is played, for several readers: the engine's tap has but one."""

from __future__ import annotations

import threading

import numpy as np

from .recorder import Tap

MOST = 1 << 19
"""Frames that are kept for a reader that is behind; the engine keeps as many."""


class SharedTap:
    """Reads an engine's tap and hands what it read to all readers.

    Parameters
    ----------
    engine : Tap
        Its tap is read here and by nobody else.
    """

    def __init__(self, engine: Tap):
        self.engine = engine
        self._lock = threading.Lock()
        self._readers: list[TapReader] = []

    def reader(self) -> TapReader:
        """A reader of its own, which has yet to start."""
        return TapReader(self)

    def join(self, reader: TapReader) -> None:
        """Read for one more."""
        with self._lock:
            if not self._readers:
                self.engine.tap_start()
            else:
                self._share()
            self._readers.append(reader)

    def leave(self, reader: TapReader) -> None:
        """Read for one less."""
        with self._lock:
            self._share()
            self._readers.remove(reader)
            if not self._readers:
                self.engine.tap_stop()

    def read(self, reader: TapReader) -> np.ndarray:
        """What one of the readers has not read yet: float32 [shape=(frames, channels)]."""
        with self._lock:
            self._share()
            return reader.give()

    def _share(self) -> None:
        frames = self.engine.tap_read()
        if len(frames):
            for reader in self._readers:
                reader.take(frames)


class TapReader:
    """One reader of a `SharedTap`, in a thread of its own; it fits `recorder.Tap`.

    Attributes
    ----------
    samplerate : float
        Hertz.
    channels : int
    """

    def __init__(self, tap: SharedTap):
        self.samplerate = tap.engine.samplerate
        self.channels = tap.engine.channels
        self._tap = tap
        self._kept: list[np.ndarray] = []
        self._frames = 0
        self._lost = 0
        self._lost_before = 0

    def tap_start(self) -> None:
        """Begin to keep what is played."""
        self._lost_before = self._tap.engine.tap_lost
        self._tap.join(self)

    def take(self, frames: np.ndarray) -> None:
        """Keep some frames [shape=(n, channels)]; what there is no room for is lost and counted."""
        if self._frames + len(frames) > MOST:
            self._lost += len(frames)
            return
        self._kept.append(frames)
        self._frames += len(frames)

    def give(self) -> np.ndarray:
        """Hand over what was kept; called by the `SharedTap`, as `take` is."""
        kept, self._kept, self._frames = self._kept, [], 0
        return np.concatenate([np.zeros((0, self.channels), np.float32), *kept])

    def tap_read(self) -> np.ndarray:
        """What was played since the last call: float32 [shape=(frames, channels)]."""
        return self._tap.read(self)

    def tap_stop(self) -> None:
        """Stop keeping it."""
        self._tap.leave(self)

    @property
    def tap_lost(self) -> int:
        """Frames that `tap_read` came too late for."""
        return self._lost + self._tap.engine.tap_lost - self._lost_before
