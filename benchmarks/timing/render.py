"""Offline: how fast a score is rendered, on one processor and on several.

A score of 64 notes held for 10 s while all latents move, by `manned.render` as `manned render` calls it: once on one
processor, where it decodes between blocks, and once on all, where the decode thread works beside it.  Both must give
the same samples.  The time is that of the whole score, without setting up.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import numpy as np

from manned.control.score import Score
from manned.limits import MAX_VOICES
from manned.render import perform
from manned.settings import MidiSettings

from ..instrument import compose
from ..section import Section
from ..show import show

SECONDS = 10
MOVES = 50
"""Of the latents in a second, each gliding into the next."""

AIM_ONE, AIM_ALL = 2.0, 4.0


def write_score(path: Path, latents: int) -> None:
    """Hold as many notes as there are voices, and move all latents."""
    lines = [f"0 /voices {MAX_VOICES}", *(f"0 /mnote {24 + note} 60" for note in range(MAX_VOICES))]
    for move in range(SECONDS * MOVES):
        values = 0.5 + 0.5 * np.sin(move / MOVES * np.arange(1, latents + 1))
        lines.append(f"{move / MOVES:.3f} /latents {' '.join(f'{value:.4f}' for value in values)}")
    path.write_text("\n".join([*lines, f"{SECONDS} /allnotesoff\n"]))


def rendered(path: Path, processors: set[int]) -> tuple[float, np.ndarray]:
    """Seconds that it took on some processors, and what was heard [shape=(frames, channels)]."""
    session = compose(channels=2)
    all_of_them = os.sched_getaffinity(0)
    os.sched_setaffinity(0, processors)
    try:
        blocks: list[np.ndarray] = []
        begin = time.perf_counter()
        perform(Score.load(path), session, MidiSettings(), 1.0, blocks.append, lambda _part: None)
        return time.perf_counter() - begin, np.concatenate(blocks)
    finally:
        os.sched_setaffinity(0, all_of_them)


def measure(turns: int = 3) -> Section:
    """Render by turns on one processor and on all, and tell the medians."""
    section = Section()
    processors = os.sched_getaffinity(0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "score.txt"
        write_score(path, compose().instrument.latents)
        alone, beside = [], []
        for _ in range(turns):
            one_s, one = rendered(path, {min(processors)})
            all_s, other = rendered(path, processors)
            alone.append(len(one) / 44100 / one_s)
            beside.append(len(other) / 44100 / all_s)
            if not np.array_equal(one, other):
                raise RuntimeError("the sound differs from that of one processor")
    one_core, several = float(np.median(alone)), float(np.median(beside))
    section.table(
        ("processors", "times real time, median", "of one processor"),
        [(1, f"{one_core:.2f}", "1.00"), (len(processors), f"{several:.2f}", f"{several / one_core:.2f}")],
    )
    what = f"{MAX_VOICES} voices offline, latents moving"
    section.promise(f"{what}, one processor", f"≥ {AIM_ONE:g} × real time", f"{one_core:.2f} ×", one_core >= AIM_ONE)
    section.promise(
        f"{what}, {len(processors)} processors", f"≥ {AIM_ALL:g} × real time", f"{several:.2f} ×", several >= AIM_ALL
    )
    return section


if __name__ == "__main__":
    show(measure)
