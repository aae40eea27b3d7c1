"""What the engine counts and measures of itself."""

from __future__ import annotations

import numpy as np

DURATIONS = 1 << 14

FIGURES = np.dtype(
    [
        ("block_time_ns", "i8"),  # monotonic time and sample of the last block's start
        ("block_clock", "i8"),
        ("block_due_ns", "f8"),  # when that block was due, without the jitter of the callback
        ("block_frames", "i8"),
        ("dropped_events", "i8"),
        ("asked_spectra", "i8"),  # by voices that sound
        ("late_spectra", "i8"),
        ("late_onsets", "i8"),
        ("late_callbacks", "i8"),
        ("overruns", "i8"),
        ("device_underflows", "i8"),
        ("load_average", "f8"),
        ("load_peak", "f8"),
        ("peaks_asked", "i8"),
        ("durations_ns", "i8", DURATIONS),
    ],
    align=True,
)
