"""What is recorded of a source list: takes, each one patch playing notes for one of the corpus's sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from manned.errors import CorpusError
from training.corpus.sounds.source_list import SourceList
from training.corpus.sources.patch import Patch, Played

_INTERVALS = (-7, -5, -4, -3, -2, -2, -1, -1, 1, 1, 2, 2, 3, 4, 5, 7)  # mostly steps, as melodies go
_REST_S = 0.03  # from a melody's note-off to the next note-on


@dataclass(frozen=True)
class Take:
    """One sound file in the making.

    Attributes
    ----------
    patch : Patch
    clip : str
        What belongs together when the corpus is split.
    notes : tuple of Played
    into : str
        ``train``, ``validation`` or ``test``; empty where the corpus decides.
    """

    patch: Patch
    clip: str
    notes: tuple[Played, ...]
    into: str = ""


def takes(patches: Sequence[Patch], wanted: SourceList, further: Sequence[Patch] = ()) -> list[Take]:
    """All takes of a source list for the patches chosen.

    Parameters
    ----------
    patches : sequence of Patch
        Their set is open where the list has no melodies, see `dealt`.
    wanted : SourceList
    further : sequence of Patch
        More for training.
    """
    rate = wanted.samplerate
    held, spacing = round(wanted.notes.held_s * rate), round(wanted.notes.spacing_s * rate)

    def scale(patch: Patch) -> tuple[Played, ...]:
        notes = wanted.notes.played_by(patch.name, wanted.seed)
        return tuple(Played(note, velocity, held, spacing) for note, velocity in notes)

    more = [Take(patch, patch.name, scale(patch), "train") for patch in further]
    melodies = {"validation": wanted.melodies.validation_s, "test": wanted.melodies.test_s}
    if any(melodies.values()):
        found = more
        for number, patch in enumerate(patches):
            found.append(Take(patch, patch.name, scale(patch), "train"))
            for part, (into, length_s) in enumerate(melodies.items()):
                if length_s:
                    notes = melody(wanted, length_s, np.random.default_rng([wanted.seed, number, part]))
                    found.append(Take(patch, f"{patch.name} {into}", notes, into))
        return found
    return [Take(patch, patch.name, scale(patch)) for patch in patches] + more


def melody(wanted: SourceList, length_s: float, rng: np.random.Generator) -> tuple[Played, ...]:
    """A random walk through the list's notes, see `training.corpus.sounds.source_list.Melodies`."""
    rate, limits = wanted.samplerate, wanted.melodies
    pitches = sorted({note for note, _ in wanted.notes.played()})
    soft, loud = min(wanted.notes.velocities), max(wanted.notes.velocities)
    place, left, notes = int(rng.integers(len(pitches))), round(length_s * rate), []
    while left > 0:
        spacing = round(rng.uniform(limits.shortest_s, limits.longest_s) * rate)
        velocity = int(rng.integers(soft, loud + 1))
        notes.append(Played(pitches[place], velocity, spacing - round(_REST_S * rate), spacing))
        step = int(rng.choice(_INTERVALS))
        place = place + step if 0 <= place + step < len(pitches) else max(0, min(len(pitches) - 1, place - step))
        left -= spacing
    return tuple(notes)


def dealt(clips: list[str], wanted: SourceList) -> dict[str, str]:
    """The set of each clip by the list's split; empty without one.

    Raises
    ------
    CorpusError
        When the list keeps as many clips apart as there are.
    """
    split = wanted.split
    apart = split.validation + split.test
    if not apart:
        return {}
    if apart >= len(clips):
        raise CorpusError(
            f"{len(clips)} patches play notes in tune, too few to keep {split.validation} for validation and "
            f"{split.test} for test"
        )
    shuffled = np.random.default_rng([wanted.seed, 1]).permutation(clips)
    sets = ["validation"] * split.validation + ["test"] * split.test + ["train"] * (len(clips) - apart)
    return dict(zip(shuffled.tolist(), sets))
