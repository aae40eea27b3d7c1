"""The spectral envelope of a transposed note, kept where it was.

A frame that is read R times faster sounds R times higher, its envelope too.
Dividing the magnitudes by the envelope E and multiplying them by what E is R
times higher moves the harmonics and leaves the envelope; R to a power below 1
does a part of it.
"""

from __future__ import annotations

import math

import numpy as np

from .native import native
from .record import Record
from .sizes import BINS

SCRATCH = np.dtype([("envelope", "f4", BINS), ("gain", "f4", BINS), ("warped", "f4", BINS)], align=True)

UNTOUCHED = math.log(2.0) * 0.5 / 12.0  # half a semitone, as the logarithm of R
FLOOR = np.float32(1e-4)  # of the highest harmonic: the envelope is not followed further down
UNPITCHED = 16.0  # bins between the points of the envelope of a frame without a note
NARROWEST = 3.0


@native
def keeps_envelope(transposition: float, formant: float) -> bool:
    """Whether a frame read ``transposition`` times faster needs `keep_envelope`."""
    return formant > 0.0 and transposition > 0.0 and abs(math.log(transposition)) > UNTOUCHED


@native
def keep_envelope(stream: Record, scratch: Record, transposition: float, formant: float, bins: int) -> None:
    """Magnitudes of a frame with its envelope moved against the transposition, into ``scratch.warped``.

    The envelope is a line through the highest bin around each harmonic; the factors on the magnitudes
    are worked out at the harmonics and interpolated between.  The power of the harmonics stays the same.
    Audio thread: no locks, no allocation, no Python objects.
    """
    magnitude, envelope, gain, warped = (stream.spectrum, scratch.envelope, scratch.gain, scratch.warped)
    f0 = stream.timing.f0
    spacing = max(f0 if f0 > 0.0 else UNPITCHED, NARROWEST)
    count = int(BINS / spacing)
    highest = np.float32(0)
    for h in range(1, count + 1):
        top = np.float32(0)
        for k in range(int((h - 0.5) * spacing), min(int((h + 0.5) * spacing), BINS)):
            top = max(top, magnitude[k])
        envelope[h] = top
        highest = max(highest, top)
    for h in range(1, count + 1):
        envelope[h] = max(envelope[h], FLOOR * highest)
    envelope[0] = envelope[1]
    envelope[count + 1] = envelope[count]
    stretch = transposition**formant
    sounding = min(max(int(bins / spacing), 1), count)
    before = 0.0
    after = 0.0
    for h in range(1, sounding + 1):
        x = min(h * stretch, float(count))
        place = int(x)
        wanted = envelope[place] + np.float32(x - place) * (envelope[place + 1] - envelope[place])
        gain[h] = wanted / envelope[h] if envelope[h] > 0 else np.float32(0)
        before += envelope[h] * envelope[h]
        after += wanted * wanted
    level = np.float32(math.sqrt(before / after)) if after > 0.0 else np.float32(0)
    for h in range(1, sounding + 1):
        gain[h] *= level
    gain[0] = gain[1]
    gain[sounding + 1] = gain[sounding]
    for h in range(sounding + 1):
        first = int(math.ceil(h * spacing))
        slope = (gain[h + 1] - gain[h]) / np.float32(spacing)
        begin = gain[h] - slope * np.float32(h * spacing)
        for k in range(first, min(int(math.ceil((h + 1) * spacing)), bins)):
            warped[k] = magnitude[k] * (begin + slope * np.float32(k))
