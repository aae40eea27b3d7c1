"""The sound of frames that tell harmonics and noise apart: partials with phases that go on, and noise between them.

Each partial is drawn as the lobe of a sinusoid (Rodet and Depalle, "Spectral envelopes and inverse FFT synthesis",
1992), so it stays in tune however close its neighbours are; the noise takes the stored noise phase.
"""

from __future__ import annotations

import math

import numpy as np

from ..model.harmonic.scale import HARMONICS
from .formant import keeps_envelope
from .harmonic_frame import HIGHEST, partial_place
from .lobe import add_lobe
from .native import native
from .phase.noise import noise_of
from .polar import polar_to_cartesian, unit
from .record import Record
from .sizes import BINS, FFT

PARTIALS = np.dtype(
    [
        ("turns", "f8", HARMONICS),  # phase at the frame's centre
        ("place", "f8", HARMONICS),  # bins, in the last frame; 0 before the first
        ("tracked", "i4"),  # whether the last frame was made of them
    ],
    align=True,
)
"""Where the partials of a stream have come to."""

SCRATCH = np.dtype(
    [("envelope", "f4", HARMONICS + 2), ("peak", "f4", HARMONICS), ("noise", "f4", BINS)],
    align=True,
)

_NOISE_GAIN = np.float32(1.15)  # random phases alone leave noise 1.2 dB weaker than its magnitudes say
_FADED = 0.94  # of the band's edge: from here on partials fade out
_APART = BINS // HARMONICS  # bins between the noise phases that partials begin at


@native
def begin_partials(partials: Record, scattered: np.ndarray) -> None:
    """Let the partials of a new stream begin at scattered phases, or they would add up to a pulse."""
    for i in range(HARMONICS):
        partials.turns[i] = scattered[i * _APART]
        partials.place[i] = 0.0


@native
def draw_partials(
    tables: Record, stream: Record, scratch: Record, manner: Record, transposition: float, bins: int
) -> None:
    """Half spectrum of the stream's frame, up to ``bins``, into ``scratch.fft``; all phases advance by one step.

    It will be read ``transposition`` times faster: the envelope stays where it was by the share ``manner.formant``.
    Audio thread: no locks, no allocation, no Python objects.
    """
    frame, partials, own, fft = stream.harmonic, stream.partials, scratch.harmonic, scratch.fft
    partials.tracked = 1
    peak, noise = frame.peak, frame.noise
    if keeps_envelope(transposition, manner.formant):
        stretch = transposition**manner.formant
        _warp_peaks(frame, own, stretch)
        _warp_noise(frame, own, stretch, bins)
        peak, noise = own.peak, own.noise
    gain = _NOISE_GAIN * np.float32(manner.noise)
    for k in range(bins):
        own.noise[k] = gain * noise[k]
    polar_to_cartesian(own.noise, noise_of(tables, stream), fft.re, fft.im, bins)
    f0, step, level = stream.timing.f0, stream.timing.step, np.float32(manner.harmonic)
    edge = HIGHEST * (bins - 1)
    for i in range(frame.count):
        place = partial_place(f0, i + 1, frame.stiffness)
        before = partials.place[i]
        if before == 0.0:
            before = place
        turns = partials.turns[i] + 0.5 * (before + place) * step / FFT
        partials.turns[i] = turns - math.floor(turns)
        partials.place[i] = place
        height = level * peak[i]
        if place > _FADED * (bins - 1):
            height *= np.float32(max(edge - place, 0.0) / (edge - _FADED * (bins - 1)))
        if height > 0.0:
            cosine, sine = unit(turns)
            add_lobe(tables.lobe, fft.re, fft.im, bins, place, height * cosine, height * sine)
    for i in range(frame.count, HARMONICS):
        partials.place[i] = 0.0


@native
def _warp_peaks(frame: Record, own: Record, stretch: float) -> None:
    """Heights of partials with their envelope moved up by ``stretch``, of the same power."""
    peak, envelope, count = frame.peak, own.envelope, frame.count
    for i in range(count):  # a missing harmonic between two others is no valley
        beside = np.float32(0)
        if 0 < i < count - 1:
            beside = np.float32(0.5) * (peak[i - 1] + peak[i + 1])
        envelope[i + 1] = max(peak[i], beside)
    envelope[0] = envelope[1]
    before = after = 0.0
    for i in range(count):
        x = (i + 1) * stretch
        below = int(x)
        wanted = np.float32(0)
        if below < count:
            wanted = envelope[below] + np.float32(x - below) * (envelope[below + 1] - envelope[below])
        own.peak[i] = peak[i] * (wanted / envelope[i + 1]) if envelope[i + 1] > 0 else np.float32(0)
        before += peak[i] * peak[i]
        after += own.peak[i] * own.peak[i]
    if after > 0.0:
        level = np.float32(math.sqrt(before / after))
        for i in range(count):
            own.peak[i] *= level


@native
def _warp_noise(frame: Record, own: Record, stretch: float, bins: int) -> None:
    """Magnitudes of the noise with their envelope moved up by ``stretch``."""
    level = np.float32(math.sqrt(stretch))
    for k in range(bins):
        x = k * stretch
        below = int(x)
        value = np.float32(0)
        if below < BINS - 1:
            value = frame.noise[below] + np.float32(x - below) * (frame.noise[below + 1] - frame.noise[below])
        own.noise[k] = level * value
