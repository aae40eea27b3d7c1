"""Where a voice is in its stream, and how fast it reads.

At every `GRID`-th sample, counted from the engine's first, a voice works out the
speed of reading for the next such sample; between the two it is interpolated.  So
neither the pitch nor its rounding depends on how the samples are cut into blocks.
"""

from __future__ import annotations

import numpy as np

from .intonation import pitch_offset
from .native import native
from .record import Record
from .resample import TAPS
from .sizes import MODEL_RATE

READER = np.dtype(
    [
        ("position", "f8"),  # of the next output sample among the finished ones
        ("filled", "i4"),  # samples that are finished
        ("cell_begin", "i8"),  # grid cell of the speed of reading: factors at its ends
        ("cell_end", "i8"),
        ("ratio", "f8"),
        ("ratio_next", "f8"),
        ("offset", "f8"),  # semitones of ratio_next
    ],
    align=True,
)

GRID = 32  # samples
HISTORY = TAPS // 2 - 1  # samples before a position that the interpolator needs
REACH = TAPS // 2  # and after it
FASTEST = 64.0


@native
def begin_cells(controls: Record, gestures: Record, tone: Record, reader: Record, now: int, samplerate: float) -> None:
    """Start a voice's grid at sample ``now``, which need not lie on it."""
    reader.cell_end = now
    reader.offset = pitch_offset(controls, gestures, tone, now, samplerate)
    reader.ratio_next = 2.0 ** (reader.offset / 12.0)
    next_cell(controls, gestures, tone, reader, samplerate)


@native
def next_cell(controls: Record, gestures: Record, tone: Record, reader: Record, samplerate: float) -> None:
    """Go on to the grid's next cell: the factors on the speed of reading at both of its ends."""
    reader.cell_begin = reader.cell_end
    reader.cell_end = (reader.cell_begin // GRID + 1) * GRID
    reader.ratio = reader.ratio_next
    offset = pitch_offset(controls, gestures, tone, reader.cell_end, samplerate)
    if offset != reader.offset:
        reader.offset = offset
        reader.ratio_next = 2.0 ** (offset / 12.0)


@native
def reading_rate(timing: Record, samplerate: float) -> float:
    """Stream samples per output sample, where a voice is to sound what its stream is tuned to."""
    return timing.mean_tuning * MODEL_RATE / samplerate


@native
def forget_read(reader: Record) -> int:
    """Count the place anew without the samples that are no longer needed; returns how many they are."""
    drop = min(int(reader.position) - HISTORY, reader.filled)
    reader.filled -= drop
    reader.position -= drop
    return drop


@native
def reading_step(rate: float, ratio: float, slope: float, into: int) -> float:
    """Stream samples to the next output sample, ``into`` samples after the grid cell began."""
    return min(rate * (ratio + slope * into), FASTEST)


@native
def read_ahead(
    controls: Record,
    gestures: Record,
    tone: Record,
    reader: Record,
    timing: Record,
    now: int,
    end: int,
    samplerate: float,
) -> int:
    """Move a reader from sample ``now`` to its next hop, or to sample ``end``; returns the sample it came to."""
    rate = reading_rate(timing, samplerate)
    last = reader.filled - REACH
    while now < end and reader.position < last:
        if now >= reader.cell_end:
            next_cell(controls, gestures, tone, reader, samplerate)
        stretch = min(end, reader.cell_end)
        ratio = reader.ratio
        slope = (reader.ratio_next - ratio) / (reader.cell_end - reader.cell_begin)
        position = reader.position
        while now < stretch and position < last:
            position += reading_step(rate, ratio, slope, now - reader.cell_begin)
            now += 1
        reader.position = position
    return now
