"""What a source of sounds offers, and what it is asked to play.

A source is a module with the names of its Debian ``PACKAGES``, its ``LICENCE`` and two functions:

- ``patches()`` lists what it offers, always in the same order; a `CorpusError` when it is not installed.
- ``render(patch, notes, samplerate)`` plays a list of `Played` one after another, at a rate in Hertz:
  np.ndarray [shape=(sum of spacings,), dtype=float32].
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Patch:
    """One sound of a source.

    Attributes
    ----------
    source : str
        Key of `training.sounds.render.SOURCES`.
    name : str
        ``source/bank/number name``, unique among all sources.
    settings : dict
        What the source needs to play it.
    """

    source: str
    name: str
    settings: dict = field(default_factory=dict, hash=False)


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
