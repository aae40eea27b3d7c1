"""Frames of the kind ``harmonic``: what its network says, made into heights of partials and magnitudes of noise.

`manned.model.harmonic.spectrum` is the reference.  A frame holds three things: the harmonics, whose phases the
voice tracks; the noise between them; and the magnitudes of both together, for phase methods that know nothing of
harmonics.
"""

from __future__ import annotations

import math

import numpy as np

from ..limits import CLASSES
from ..model.harmonic.latents import POINTS
from ..model.harmonic.scale import BANDS, FLOOR_DB, HARMONICS, band_centres_hz, band_edges_hz
from ..model.harmonic.topology import MIDDLE_HZ, PITCH_OCTAVES, STIFFEST
from .lobe import add_lobe_power
from .native import native
from .pitch import note_hz
from .record import Record
from .sizes import BINS, FFT, MODEL_RATE

HARMONIC = np.dtype(
    [
        ("given", "i4"),  # 0 where harmonics and noise are not told apart
        ("count", "i4"),  # harmonics, those of a height of 0 among them
        ("stiffness", "f8"),
        ("peak", "f4", HARMONICS),  # height of each in the spectrum
        ("noise", "f4", BINS),  # magnitudes
    ],
    align=True,
)
"""The harmonics and the noise of a frame, told apart."""

HIGHEST = 0.98  # of the band's edge: no partial lies above
_SINE_POWER = 1.5  # of a Hann window's bins around a sinusoid whose peak is 1
_NEPERS = math.log(10.0) / 20.0  # of a decibel of amplitude
_BIN_HZ = MODEL_RATE / FFT
_CENTRES = band_centres_hz() / _BIN_HZ
_FIRST = np.append(np.ceil(_CENTRES), BINS).astype(np.int64)  # bin from each band's middle on
_FIRST[0] = 0
_WIDTH_DB = 10.0 * np.log10(np.diff(band_edges_hz()) / _BIN_HZ)
_NO_BINS = 2  # what lies there is no sound
_OCTAVES = np.log2(np.arange(1, HARMONICS + 1))  # of each harmonic above the first
_BAND_OCTAVES = np.log2(_CENTRES)  # of each band above the first bin
_TILT_DB = 20.0 * math.log10(2.0)  # for each octave, of a tilt of 1


@native
def fill_harmonic_input(model: Record, question: Record, rows: np.ndarray, base: int) -> None:
    """Write the network's input for one question into a row from ``base`` on: its latents, then the pitch."""
    count = model.latents
    for i in range(count):
        place = min(max(question.latents[i], np.float32(0)), np.float32(1)) * np.float32(POINTS - 1)
        below = min(int(place), POINTS - 2)
        share = np.float32(place - below)
        low, high = model.quantiles[i, below], model.quantiles[i, below + 1]
        rows[0, base + i] = low + share * (high - low)
    rows[0, base + count] = math.log2(question.pitch_hz / MIDDLE_HZ) / PITCH_OCTAVES


@native
def take_harmonic_frame(model: Record, table: Record, values: np.ndarray, base: int, request: Record) -> None:
    """Make what the network gave, from ``base`` on, a frame in its request, as loud as it comes.

    ``table`` is a `lobe.TABLE`.  Of several pitch classes each gets a series of harmonics of its own, and the frame
    tells harmonics and noise not apart.
    """
    frame, spectrum, question = request.harmonic, request.spectrum, request.question
    count = model.harmonics
    f0 = question.pitch_hz / _BIN_HZ
    highest = 0.0
    if question.tilt != 0.0:
        _tilt(values, base, count, question.tilt, f0)
        highest = -FLOOR_DB  # the whole is taken to be 0 dB afterwards
    total = 0.0
    for i in range(count + BANDS):
        level = _level_db(values[base + i], highest)
        if level > FLOOR_DB:
            total += math.exp(2.0 * _NEPERS * level)
    total_db = 10.0 * math.log10(max(total, 1e-9))
    for i in range(HARMONICS):
        level = _level_db(values[base + i], highest) if i < count else FLOOR_DB
        frame.peak[i] = math.exp(_NEPERS * max(level - total_db, FLOOR_DB)) if level > FLOOR_DB else 0.0
    root = min(max(values[base + count + BANDS], np.float32(0)), np.float32(1))
    frame.stiffness = STIFFEST * root * root
    _draw_noise(values, base + count, total_db, highest, frame.noise)
    for k in range(BINS):
        spectrum[k] = frame.noise[k] * frame.noise[k]
    frame.given = not question.mixture
    if question.mixture:
        frame.count = 0
        weights = np.float32(0)
        for k in range(CLASSES):
            weights += question.weights[k]
        drawn_hz = note_hz(question.pitch_class + 12.0 * (question.octave + 1))
        for k in range(CLASSES):
            if question.weights[k] > 0:
                own = f0 * note_hz(k + 12.0 * (question.octave + 1)) / drawn_hz
                _draw_harmonics(table, frame, own, question.weights[k] / weights, count, spectrum)
    else:
        frame.count = _draw_harmonics(table, frame, f0, 1.0, count, spectrum)
    for k in range(BINS):
        spectrum[k] = math.sqrt(spectrum[k])


@native
def _tilt(values: np.ndarray, base: int, count: int, tilt: float, f0: float) -> None:
    """Tilt harmonics and noise around the fundamental; what lies at the floor stays there."""
    step = -tilt * _TILT_DB / FLOOR_DB  # of outputs, which 1 and 0 are 0 dB and the floor
    first = math.log2(f0)
    for i in range(count + BANDS):
        output = min(values[base + i], np.float32(1))
        if output > 0.0:
            octaves = _OCTAVES[i] if i < count else _BAND_OCTAVES[i - count] - first
            values[base + i] = output + np.float32(step * octaves)


@native
def partial_place(f0: float, number: int, stiffness: float) -> float:
    """Where a harmonic lies, in the unit of the fundamental."""
    return f0 * number * math.sqrt(1.0 + stiffness * number * number)


@native
def _level_db(output: float, highest: float) -> float:
    """Decibels of one output of the network; what is no number is the floor."""
    level = FLOOR_DB * (1.0 - output)
    if not level > FLOOR_DB:
        return FLOOR_DB
    return min(level, highest)


@native
def _draw_harmonics(table: Record, frame: Record, f0: float, weight: float, count: int, power: np.ndarray) -> int:
    """Add the power of all harmonics within the band to a spectrum; returns how many these are."""
    for i in range(count):
        place = partial_place(f0, i + 1, frame.stiffness)
        if place >= HIGHEST * (BINS - 1):
            return i
        if frame.peak[i] > 0:
            add_lobe_power(table, power, place, frame.peak[i] * weight)
    return count


@native
def _draw_noise(values: np.ndarray, base: int, total_db: float, highest: float, noise: np.ndarray) -> None:
    """Magnitudes of noise: densities at the middles of bands, in dB straight between, so bins are factors apart."""
    before = _density_db(values[base], total_db, highest, 0)
    for band in range(BANDS):
        after = _density_db(values[base + band + 1], total_db, highest, band + 1) if band < BANDS - 1 else before
        first, end = _FIRST[band], _FIRST[band + 1]
        if end > first:
            slope = 0.0
            if band < BANDS - 1:
                slope = (after - before) / (_CENTRES[band + 1] - _CENTRES[band])
            level = before + slope * max(first - _CENTRES[band], 0.0)
            if band == 0:  # below the first middle it is even
                while first < _CENTRES[0] and first < end:
                    noise[first] = math.sqrt(_SINE_POWER) * math.exp(_NEPERS * before)
                    first += 1
                level = before + slope * (first - _CENTRES[0])
            value = math.sqrt(_SINE_POWER) * math.exp(_NEPERS * level)
            factor = math.exp(_NEPERS * slope)
            for k in range(first, end):
                noise[k] = value
                value *= factor
        before = after
    for k in range(_NO_BINS):
        noise[k] = 0.0


@native
def _density_db(output: float, total_db: float, highest: float, band: int) -> float:
    """Power of the noise in a bin, dB, in the middle of a band."""
    return max(_level_db(output, highest) - total_db, FLOOR_DB) - _WIDTH_DB[band]
