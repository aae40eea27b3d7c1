"""The memory that the control, decode and audio threads share: what the engine's files own, put together.

One NumPy structured array.  Python reads and writes it by field name; compiled
code sees the same fields as a record.  Who may write what:

- ``words``: the atomic words, one writer each (see `manned.engine.words`).
- ``ring``: events, written by control, read by audio.
- ``slots``: notes in preparation, handed round by ``slot_state``.
- ``part``: see `manned.engine.part`.
- ``decode``, ``decode_scratch``: the decode thread's.
- ``prepare_rows``, ``control_scratch``, ``prepared_count``: control's.
- ``tables``: nobody's, filled once.
- everything else belongs to the audio thread; control may read single values.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from . import chorus, fft, formant, limiter, lobe, mixer, partials, resample, reverb, synthesis, voice, width, words
from .controls import CONTROLS
from .decode import STRIDE
from .decode_batch import BATCH
from .event_queue import EVENT, RING
from .figures import FIGURES
from .gesture import GESTURE, GESTURES
from .next_block import NEXT_BLOCK
from .part import PART, set_up_part
from .phase import METHODS
from .phase.peak_search import PEAKS
from .slots import OWN_SLOTS, SLOT, SLOTS
from .tap import TAP_RING
from .tone import TONE

TABLES = np.dtype(
    [
        ("fft", fft.TABLE),
        ("resample", resample.TABLE),
        ("lobe", lobe.TABLE),
        ("synthesis", synthesis.TABLE),
        *((name, method.TABLE) for name, method in METHODS.items() if hasattr(method, "TABLE")),
    ],
    align=True,
)

SCRATCH = np.dtype(
    [
        ("fft", fft.SCRATCH),
        ("formant", formant.SCRATCH),
        ("harmonic", partials.SCRATCH),
        ("peaks", PEAKS),
        *((name, method.SCRATCH) for name, method in METHODS.items() if hasattr(method, "SCRATCH")),
        ("voice", voice.SCRATCH),
        ("limiter", limiter.SCRATCH),
        ("mixer", mixer.SCRATCH),
        ("reverb", reverb.SCRATCH),
        ("controls", CONTROLS),  # to look ahead with
        ("tone", TONE),  # of a note that is looked at ahead
    ],
    align=True,
)

DECODE = np.dtype([("rows", "f4", (2, BATCH * STRIDE)), ("batch", "i4", BATCH), ("next_block", NEXT_BLOCK)], align=True)

MEMORY = np.dtype(
    [
        ("words", "i8", words.WORDS),
        ("semaphore", "i8", 8),
        ("semaphore_address", "i8"),
        ("time_address", "i8"),
        ("time", "i8", 2),
        ("samplerate", "f8"),
        ("channels", "i4"),
        ("live", "i4"),  # who decodes, see `manned.engine.waiting`
        ("asked", "i4"),  # something was asked of it in this block
        ("foreseen", "i8"),  # the block that the decode thread was told of, or -1
        ("next_blocks", NEXT_BLOCK, 2),  # what it was told, by turns
        ("ring", EVENT, RING),
        ("pending", EVENT, RING),  # dated events by time, a ring of its own
        ("pending_first", "i8"),
        ("pending_count", "i8"),
        ("cut", EVENT),
        ("slot_state", "i8", SLOTS + OWN_SLOTS),
        ("slots", SLOT, SLOTS + OWN_SLOTS),
        ("note_count", "i4"),  # notes prepared for the audio thread
        ("prepared_count", "i4"),  # notes that control prepared
        ("part", PART),
        ("gestures", GESTURE, GESTURES),  # control; a note plays ``gestures[number % GESTURES]``
        ("mixer", mixer.MIXER),
        ("width", width.WIDTH),
        ("chorus", chorus.CHORUS),
        ("reverb", reverb.REVERB),
        ("limiter", limiter.LIMITER),
        ("tap", TAP_RING),
        ("figures", FIGURES),
        ("audio_scratch", SCRATCH),
        ("decode_scratch", SCRATCH),
        ("control_scratch", SCRATCH),
        ("decode", DECODE),
        ("prepare_rows", "f4", (2, STRIDE)),
        ("tables", TABLES),
    ],
    align=True,
)

RECORD = nb.from_dtype(MEMORY)
SHARED = RECORD[::1]
"""numba's types of the memory and of the array that holds it."""


def _offset(field: str) -> int:
    """Bytes from the beginning of the memory to a field."""
    assert MEMORY.fields is not None
    return MEMORY.fields[field][1]


def allocate(samplerate: float, channels: int) -> np.ndarray:
    """Fresh memory, tables filled; shape (1,), dtype `MEMORY`."""
    memory = np.zeros(1, dtype=MEMORY)
    record = memory[0]
    record["samplerate"] = samplerate
    record["channels"] = channels
    base = memory.ctypes.data
    record["semaphore_address"] = base + _offset("semaphore")
    record["time_address"] = base + _offset("time")
    set_up_part(record["part"])
    width.set_up_width(record["width"], samplerate)
    chorus.set_up_chorus(record["chorus"], samplerate)
    reverb.set_up_reverb(record["reverb"], samplerate)
    limiter.set_up_limiter(record["limiter"], samplerate)
    latency = int(record["limiter"]["latency"])
    mixer.set_up_mixer(record["mixer"], latency)
    record["words"][words.NEXT_BLOCK] = latency
    owners = {"fft": fft, "resample": resample, "lobe": lobe, "synthesis": synthesis, **METHODS}
    for name, owner in owners.items():
        if hasattr(owner, "TABLE"):
            owner.fill_table(record["tables"][name])
    return memory
