"""What a source of sounds offers, and what it is asked to play."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np


@dataclass(frozen=True)
class Patch:
    """One sound of a source.

    Attributes
    ----------
    source : str
        Key of `training.corpus.sources.table.SYNTHESIZERS`.
    name : str
        ``source/bank/number name``, unique among all sources.
    settings : dict
        What the source needs to play it.
    """

    source: str
    name: str
    settings: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Played:
    """One note of several that are played one after another.

    Attributes
    ----------
    note, velocity : int
        MIDI note and velocity.
    held, spacing : int
        Frames from its note-on to its note-off, and to the next note's note-on.
    """

    note: int
    velocity: int
    held: int
    spacing: int


class Source(Protocol):
    """What the module of a synthesizer holds."""

    @property
    def PACKAGES(self) -> tuple[str, ...]:
        """Its Debian packages."""
        ...

    @property
    def LICENCE(self) -> str:
        """One sentence on the licence of its sounds."""
        ...

    def patches(self) -> list[Patch]:
        """All that it offers, always in the same order; raises `CorpusError` when it is not installed."""
        ...

    def render(self, patch: Patch, notes: Sequence[Played], samplerate: int) -> np.ndarray:
        """Play notes one after another.

        Parameters
        ----------
        patch : Patch
        notes : sequence of Played
        samplerate : int
            Hertz.

        Returns
        -------
        np.ndarray [shape=(sum of spacings,), dtype=float32]
        """
        ...
