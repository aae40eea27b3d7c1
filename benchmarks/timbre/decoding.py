"""Decoding: what a frame costs

The engine's own code runs the network and builds the frame that a voice plays, in one
thread: for one voice, and for 64 in one batch.  Every frame has other latents and another
note.  The quietest of 15 rounds counts, each the median of its batches, both decoders by
turns in one run: their ratio says more than the times, which are the machine's.
"""

from __future__ import annotations

import os
import time
from typing import NamedTuple

import numba as nb
import numpy as np

from manned.engine.decode import MODEL, REQUEST, fill_input, run_layers, set_model
from manned.engine.decode_batch import BATCH, take_frame
from manned.engine.memory import allocate
from manned.engine.sizes import MODEL_RATE
from manned.model.kinds import AnyDecoder
from manned.model.pitch import class_and_octave, note_to_hz

from ..section import Section
from ..show import show
from .shipped import HARMONIC_NAME, SPECTRUM_NAME, shipped

BATCHES = {1: 0.1, BATCH: 0.02}
"""How many frames at once, and the most milliseconds that one may take."""

ROUNDS = 15
FRAMES = 640
QUIET = 0.5


@nb.njit(error_model="numpy")
def _run_network(shared, models, requests):
    """Which half of the rows holds what the network says."""
    rows, model = shared[0].decode.rows, models[0]
    for row in range(len(requests)):
        fill_input(model, requests[row].question, rows, row)
    return run_layers(model, rows, len(requests))


@nb.njit(error_model="numpy")
def _build_frames(shared, models, requests, half):
    memory, model = shared[0], models[0]
    for row in range(len(requests)):
        take_frame(model, memory.tables, memory.decode.rows, half, row, requests[row], memory.decode_scratch.peaks)


class Cost(NamedTuple):
    """Milliseconds of one frame."""

    network: float
    frame: float

    @property
    def together(self) -> float:
        """All that the decode thread does for it."""
        return self.network + self.frame


class Batch:
    """So many frames that one decoder is asked for; they were decoded once.

    Parameters
    ----------
    decoder : AnyDecoder
    count : int
        At most `BATCH`.
    seed : int
        Of latents and notes.
    """

    def __init__(self, decoder: AnyDecoder, count: int, seed: int = 0) -> None:
        self._asked = allocate(MODEL_RATE, 1), np.zeros(1, MODEL), np.zeros(count, REQUEST)
        _, models, requests = self._asked
        self._weights = set_model(models[0], decoder)  # they live as long as this
        rng = np.random.default_rng(seed)
        for question, note in zip(requests["question"], rng.integers(36, 96, count)):
            question["latents"][: decoder.latent_count] = rng.random(decoder.latent_count)
            question["pitch_class"], question["octave"] = class_and_octave(note)
            question["pitch_hz"] = note_to_hz(note)
        self.decode()
        if not requests["spectrum"].any(axis=1).all():
            raise RuntimeError(f"decoder {decoder.name}: a frame is silent, so its time says nothing")

    def decode(self) -> Cost:
        """Decode all frames, and tell what one of them cost."""
        begin = time.perf_counter()
        half = _run_network(*self._asked)
        middle = time.perf_counter()
        _build_frames(*self._asked, half)
        end = time.perf_counter()
        scale = 1000.0 / len(self._asked[2])
        return Cost(scale * (middle - begin), scale * (end - middle))


def cost(batches: dict[str, Batch], count: int) -> dict[str, Cost]:
    """What one frame costs by decoder, in batches of ``count``, the decoders by turns."""
    least = dict.fromkeys(batches, Cost(np.inf, np.inf))
    for _ in range(ROUNDS):
        for name, batch in batches.items():
            costs = np.array([batch.decode() for _ in range(FRAMES // count)])
            least[name] = Cost(*np.minimum(least[name], np.median(costs, axis=0)))
    return least


def measure() -> Section:
    """Decode with both decoders, one frame and many at once."""
    section = Section()
    both, load = shipped(), os.getloadavg()[0]
    models = {HARMONIC_NAME: both.harmonic, SPECTRUM_NAME: both.spectrum}
    rows = []
    for count, most_ms in BATCHES.items():
        found = cost({name: Batch(model, count) for name, model in models.items()}, count)
        own, other = found[HARMONIC_NAME], found[SPECTRUM_NAME]
        voices = "one voice" if count == 1 else f"{count} voices"
        section.promise(
            f"decoding a frame, {voices}", f"≤ {most_ms} ms", f"{own.together:.3f} ms", own.together <= most_ms
        )
        rows += [
            (
                count,
                name,
                *(f"{value:.4f}" for value in (*each, each.together)),
                f"{each.together / other.together:.1%}",
            )
            for name, each in found.items()
        ]
    section.table(
        ("frames at once", "decoder", "network, ms", "frame, ms", "together, ms", f"of {SPECTRUM_NAME}"), rows
    )
    if load > QUIET:
        section.text(f"The machine was not quiet: its load was {load:.1f} when this began.")
    return section


if __name__ == "__main__":
    show(measure)
