"""Which clip is for training, which for validation and which for test."""

from __future__ import annotations

import numpy as np

from manned.errors import CorpusError

SETS = ("train", "validation", "test")


class TooFewClips(CorpusError):
    """Recordings that cannot be split into three sets."""


def split_clips(names: list[str], validation: float, test: float, seed: int) -> dict[str, str]:
    """Deal clips out to the three sets, so that no clip is in two of them (section IV-A).

    Parameters
    ----------
    names : list of str
    validation, test : float
        Below 1 a share of the clips (at least one clip when above 0), from 1 on a number.
    seed : int

    Returns
    -------
    dict of clip name to 'train', 'validation' or 'test'

    Raises
    ------
    TooFewClips
        When no clip is left to train on.
    """
    counts = [int(wanted) if wanted >= 1 else int(np.ceil(wanted * len(names))) for wanted in (validation, test)]
    if sum(counts) >= len(names):
        raise TooFewClips(
            f"{len(names)} clips cannot be split into {counts[0]} for validation, {counts[1]} for test and some to "
            "train on: give more recordings, shorter passages or smaller shares"
        )
    shuffled = np.random.default_rng(seed).permutation(names).tolist()
    sets = dict.fromkeys(names, "train")
    sets.update(dict.fromkeys(shuffled[: counts[0]], "validation"))
    sets.update(dict.fromkeys(shuffled[counts[0] : sum(counts)], "test"))
    return sets
