"""Decoding: what a frame costs

The engine's own code runs the network and builds the frame that a voice plays, in one
thread: for one voice, and for 64 in one batch.  Every frame has other latents and another
note.  The quietest of 15 rounds counts, each the median of its batches, both decoders by
turns in one run: their ratio says more than the times, which are the machine's.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

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
def _decode(shared, models, requests):
    memory, model = shared[0], models[0]
    rows, peaks = memory.decode.rows, memory.decode_scratch.peaks
    for row in range(len(requests)):
        fill_input(model, requests[row].question, rows, row)
    half = run_layers(model, rows, len(requests))
    for row in range(len(requests)):
        take_frame(model, memory.tables, rows, half, row, requests[row], peaks)


def batch_of(decoder: AnyDecoder, count: int, seed: int = 0) -> Callable[[], None]:
    """A function that decodes ``count`` frames, and has done so once."""
    shared, models, requests = allocate(MODEL_RATE, 1), np.zeros(1, MODEL), np.zeros(count, REQUEST)
    weights = set_model(models[0], decoder)
    rng = np.random.default_rng(seed)
    for question, note in zip(requests["question"], rng.integers(36, 96, count)):
        question["latents"][: decoder.latent_count] = rng.random(decoder.latent_count)
        question["pitch_class"], question["octave"] = class_and_octave(note)
        question["pitch_hz"] = note_to_hz(note)

    def decode() -> None:
        _decode(shared, models, requests)
        assert len(weights)  # they live as long as this function

    decode()
    if not requests["spectrum"].any(axis=1).all():
        raise RuntimeError(f"decoder {decoder.name}: a frame is silent, so its time says nothing")
    return decode


def milliseconds(decodes: dict[str, Callable[[], None]], count: int) -> dict[str, float]:
    """Time of one frame by decoder, in batches of so many, the decoders by turns."""
    least = dict.fromkeys(decodes, np.inf)
    for _ in range(ROUNDS):
        for name, decode in decodes.items():
            times = []
            for _ in range(FRAMES // count):
                begin = time.perf_counter()
                decode()
                times.append(time.perf_counter() - begin)
            least[name] = min(least[name], 1000.0 * float(np.median(times)) / count)
    return least


def measure() -> Section:
    """Decode with both decoders, one frame and many at once."""
    section = Section()
    both, load = shipped(), os.getloadavg()[0]
    rows = []
    for count, most_ms in BATCHES.items():
        models = {HARMONIC_NAME: both.harmonic, SPECTRUM_NAME: both.spectrum}
        found = milliseconds({name: batch_of(model, count) for name, model in models.items()}, count)
        own, other = found[HARMONIC_NAME], found[SPECTRUM_NAME]
        voices = "one voice" if count == 1 else f"{count} voices"
        section.promise(f"decoding a frame, {voices}", f"≤ {most_ms} ms", f"{own:.3f} ms", own <= most_ms)
        rows.append((count, f"{own:.4f} ms", f"{other:.4f} ms", f"{own / other:.1%}"))
    section.table(("frames at once", HARMONIC_NAME, SPECTRUM_NAME, "ratio"), rows)
    if load > QUIET:
        section.text(f"The machine was not quiet: its load was {load:.1f} when this began.")
    return section


if __name__ == "__main__":
    show(measure)
