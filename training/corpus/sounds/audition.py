"""Choosing patches: melodic ones, each kind once, as many as the source list asks for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.corpus.sounds.source_list import Limits, Selection
from training.corpus.sounds.tuning import Tuning, measure
from training.corpus.sources.patch import Patch

NOTES = (48, 60, 67, 79)
"""MIDI notes played to tell whether a patch is melodic: C3, C4, G4 and G5."""

HELD_S, SPACING_S = 0.6, 0.65
VELOCITY = 100

_ATTACK_S = 0.05  # a strike or a scoop before it is no part of the pitch


@dataclass(frozen=True)
class Audition:
    """What was measured of a patch: one `Tuning` per note of `NOTES`, for the whole note and for its two halves."""

    whole: tuple[Tuning, ...]
    early: tuple[Tuning, ...]
    late: tuple[Tuning, ...]


def analyse(sound: np.ndarray, samplerate: int) -> Audition:
    """Measure a patch that played `NOTES`, each `HELD_S` long and `SPACING_S` after the one before.

    Parameters
    ----------
    sound : np.ndarray [shape=(n,)]
    samplerate : int
        Hertz.
    """
    measured = []
    for index, note in enumerate(NOTES):
        start = round(index * SPACING_S * samplerate)
        held = sound[start + round(_ATTACK_S * samplerate) : start + round(HELD_S * samplerate)]
        half = len(held) // 2
        measured.append([measure(part, note, samplerate) for part in (held, held[:half], held[half:])])
    return Audition(*map(tuple, zip(*measured)))


def keeps(tuning: Tuning, limits: Limits, loudest_db: float) -> bool:
    """Whether a note lies within limits; ``loudest_db`` is the level of the patch's loudest note."""
    return (
        abs(tuning.cents) <= limits.cents
        and tuning.harmonic >= limits.harmonic
        and tuning.odd >= limits.odd
        and tuning.fundamental_db >= limits.fundamental_db
        and tuning.below_db <= limits.below_db
        and tuning.class_db >= limits.class_db
        and tuning.level_db >= max(loudest_db, -60.0) + limits.level_db
    )


def is_melodic(audition: Audition, limits: Limits, share: float = 1.0) -> bool:
    """Whether notes are in tune, at their octave and audible, and stay so from their first half to their second.

    A half resolves pitch half as well, so its limit is twice as wide.

    Parameters
    ----------
    audition : Audition
    limits : Limits
    share : float
        Share of `NOTES` that must be so, 0..1: an instrument need not play all of them.
    """
    loudest_db = max(tuning.level_db for tuning in audition.whole)
    good = [
        keeps(whole, limits, loudest_db)
        and all(
            abs(half.cents) <= 2.0 * limits.cents and half.level_db >= loudest_db + limits.level_db for half in halves
        )
        for whole, *halves in zip(audition.whole, audition.early, audition.late)
    ]
    return sum(good) >= share * len(good)


def fingerprint(audition: Audition) -> np.ndarray:
    """What tells two patches apart: levels in dB of all partials at the audition's notes, and their decay."""
    partials = [level for tuning in audition.whole for level in tuning.partials_db]
    decay = [early.level_db - late.level_db for early, late in zip(audition.early, audition.late)]
    return np.array(partials + decay)


def choose(auditions: dict[Patch, Audition], selection: Selection, seed: int) -> tuple[list[Patch], list[Patch]]:
    """Patches that pass the selection's audition, near copies left out, in the given order.

    Parameters
    ----------
    auditions : dict
        The audition of every patch.
    selection : Selection
        With ``melodic`` limits.
    seed : int
        Draws ``selection.count`` of those that pass, then ``selection.more`` of the rest.

    Returns
    -------
    chosen, further : list of Patch
    """
    limits = selection.melodic or Limits()
    kept: list[Patch] = []
    prints: list[np.ndarray] = []
    for patch, audition in auditions.items():
        if not is_melodic(audition, limits, selection.share):
            continue
        own = fingerprint(audition)
        if prints and np.sqrt(np.mean((np.array(prints) - own) ** 2, axis=1)).min() < selection.apart_db:
            continue
        kept.append(patch)
        prints.append(own)
    if selection.count == 0 or selection.count >= len(kept):
        return kept, []
    rng = np.random.default_rng(seed)
    drawn = sorted(rng.choice(len(kept), size=selection.count, replace=False))
    rest = np.setdiff1d(np.arange(len(kept)), drawn)
    further = sorted(rng.choice(rest, size=min(selection.more, len(rest)), replace=False))
    return [kept[index] for index in drawn], [kept[index] for index in further]
