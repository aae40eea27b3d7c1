"""What a single note can have of its own beside latents, in the order in which the engine counts them."""

from __future__ import annotations

from typing import NamedTuple


class NoteTarget(NamedTuple):
    """Something that a note can have otherwise than the others.

    Attributes
    ----------
    word : str
        What it is called in addresses and settings.
    parameter : str
        The parameter from whose value the note goes away; empty where there is none.
    minimum, maximum : float
        Inclusive range of an offset.
    unit, meaning : str
        For people.
    """

    word: str
    parameter: str
    minimum: float
    maximum: float
    unit: str
    meaning: str


OWN_TARGETS = (
    NoteTarget("level", "level", -1.0, 1.0, "", "Make one note louder or softer than its velocity does."),
    NoteTarget("pitch", "", -48.0, 48.0, "semitones", "Bend one note."),
    NoteTarget("pan", "pan", -1.0, 1.0, "", "Move one note to the left or to the right."),
    NoteTarget("noise", "noise/level", -4.0, 4.0, "", "Give one note more or less noise."),
    NoteTarget("brightness", "brightness", -1.0, 1.0, "", "Make one note brighter or darker."),
)

OWN_WORDS = tuple(target.word for target in OWN_TARGETS)

OWN_OF_PARAMETER = {target.parameter: target.word for target in OWN_TARGETS if target.parameter}
"""By the name of the parameter."""

OFFSET_WORDS = ("level", "pan", "noise", "brightness")
"""Those that have an address and a setting of their own; the pitch has had one for long."""
