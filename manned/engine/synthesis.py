"""From a stream of magnitude frames to samples: phases, inverse FFT, overlap-add."""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from .fft import inverse_real_fft
from .formant import keep_envelope, keeps_envelope
from .memory import BINS, FFT, MODEL_RATE, OVERLAP, SHORTEST_HOP
from .phase.noise import NOISE_LOOP, noise_of, noise_phase
from .phase.peaks import find_fundamental, find_peaks, peak_phase, snap_peaks
from .phase.rtpghi import rtpghi_phase

PEAKS, NOISE, RTPGHI = 0, 1, 2  # indices of limits.PHASES
LEVEL_RMS = 0.125  # of a sine of 1 kHz as loud as a voice at full velocity: -18 dB below full scale
AUDIBLE_HZ = 18000.0
QUIETEST = 0.25  # frames of less power than this (a full peak has 1) are not raised further
TINY = np.float32(1e-12)
BLOCK = 128  # divides every step; a run so short never overlaps where it is shifted to, which makes it fast


def _k_weighting():
    """Power gain of each bin under the K-weighting of ITU-R BS.1770-4 (its filters for 48 kHz), 1 at 1 kHz.

    None where nobody hears and reading the stream lets less through.
    """

    def gain(hertz):
        z = np.exp(-2j * np.pi * hertz / 48000)
        shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
            1 - 1.69065929318241 * z + 0.73248077421585 * z**2
        )
        high_pass = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
        return np.abs(shelf * high_pass) ** 2

    hertz = np.arange(BINS) * MODEL_RATE / FFT
    return np.where(hertz < AUDIBLE_HZ, gain(hertz) / gain(1000.0), 0.0)


_LOUDNESS = np.float32(_k_weighting())


def _sine_polynomials():
    """Least-squares polynomials for cos(2 pi x) and sin(2 pi x)/x over x*x, |x| <= 1/2."""
    squares = 0.125 + 0.125 * np.cos(np.pi * (np.arange(4001) + 0.5) / 4001)
    x = np.sqrt(squares)
    cosine = np.polynomial.polynomial.polyfit(squares, np.cos(2 * np.pi * x), 7)
    sine = np.polynomial.polynomial.polyfit(squares, np.sin(2 * np.pi * x) / x, 7)
    return tuple(np.float32(cosine)), tuple(np.float32(sine))


_COS, _SIN = _sine_polynomials()
_C0, _C1, _C2, _C3, _C4, _C5, _C6, _C7 = _COS
_S0, _S1, _S2, _S3, _S4, _S5, _S6, _S7 = _SIN


@nb.njit(error_model="numpy", cache=True)
def set_spectrum(stream, request):
    """Make a decoded frame the one that plays: level, band edge, logarithms."""
    power = 0.0
    for k in range(2, BINS):
        power += _LOUDNESS[k] * request.spectrum[k] * request.spectrum[k]
    # A Hann-windowed sinusoid of peak P has power 1.5 P^2 in its bins and RMS (4/N) P / sqrt 2.
    scale = np.float32(LEVEL_RMS * FFT / 4.0 * math.sqrt(3.0 / max(power, QUIETEST)))
    stream.spectrum[0] = 0.0
    stream.spectrum[1] = 0.0
    for k in range(2, BINS):
        stream.spectrum[k] = scale * request.spectrum[k]
    stream.note_hz = request.note_hz
    stream.pitch_hz = request.pitch_hz
    stream.shift = request.shift
    stream.settled = 0


@nb.njit(error_model="numpy", cache=True)
def advance(memory, stream, scratch, method, hop, bend, formant):
    """Synthesise one frame and add it to the overlap; its first ``stream.step`` samples are then finished.

    The frames after it come every ``hop`` samples.  Where that is new, the step between is the mean of the
    old hop and the new one.  The squared windows then are an integral by the midpoint rule: each frame
    weighs as much as its hop, and a twelfth of the difference, moved from the longer hop to the shorter
    one, takes away what the rule is off at the change.  The level stays within 0.12 dB.

    It will sound ``bend`` times higher than its tuning says: what would fold over is left out, and the
    spectral envelope stays where it was by the share ``formant``.
    Audio thread: no locks, no allocation, no Python objects.
    """
    step = stream.step
    stream.noise_at = (stream.noise_at + step) % NOISE_LOOP
    if stream.settled < 2:
        for k in range(BINS):
            stream.log2[k] = stream.log1[k]
            stream.log1[k] = stream.log0[k]
        if stream.settled == 0:
            for k in range(BINS):
                stream.log0[k] = math.log(stream.spectrum[k] + TINY)
    find_peaks(stream, scratch)
    if stream.settled == 0:
        stream.f0 = find_fundamental(stream, scratch)
        stream.tuning = stream.pitch_hz * FFT / MODEL_RATE / stream.f0 if stream.f0 > 0.0 else stream.shift
    if method == NOISE:
        noise_phase(memory, stream)
    else:
        snap_peaks(stream.f0, scratch)
        if method == RTPGHI:
            rtpghi_phase(memory, stream, scratch)
        else:
            peak_phase(memory, stream, scratch)
    stream.settled = min(stream.settled + 1, 3)
    transposition = stream.tuning * bend
    rate = transposition * MODEL_RATE / memory.samplerate
    bins = BINS if rate < 1.02 else int(BINS / rate)
    magnitude = stream.spectrum
    if keeps_envelope(transposition, formant):
        keep_envelope(stream, scratch, transposition, formant, bins)
        magnitude = scratch.warped
    _polar_to_cartesian(magnitude, stream.phase, scratch.re, scratch.im, bins)
    inverse_real_fft(memory, scratch)
    overlap, window, time = stream.overlap, memory.window, scratch.time
    stream.weight += (hop - stream.hop) / 12
    weight = np.float32(stream.weight)
    for i in range(FFT):
        time[i] *= weight * window[i]
    for block in range(0, FFT - step, BLOCK):
        for i in range(block, block + BLOCK):
            overlap[i] = overlap[i + step] + time[i]
    for i in range(FFT - step, FFT):
        overlap[i] = time[i]
    _remember_tuning(stream)
    stream.step = (stream.hop + hop) // 2
    stream.weight = hop - (hop - stream.hop) / 12
    stream.hop = hop
    stream.mean_tuning = _mean_tuning(memory, stream)


@nb.njit(error_model="numpy", cache=True)
def _remember_tuning(stream):
    """Put the newest frame before the others of the overlap."""
    for k in range(OVERLAP - 1, 0, -1):
        stream.frame_tuning[k] = stream.frame_tuning[k - 1]
        stream.frame_weight[k] = stream.frame_weight[k - 1]
        stream.frame_age[k] = min(stream.frame_age[k - 1] + stream.step, FFT)
    stream.frame_tuning[0] = stream.tuning
    stream.frame_weight[0] = stream.weight
    stream.frame_age[0] = 0


@nb.njit(error_model="numpy", cache=True)
def _mean_tuning(memory, stream):
    """How much faster than real time to read the samples that are finished, to be in tune.

    They are a mixture of the frames in the overlap, each weighted by its window where they lie.
    """
    total = 0.0
    weights = 0.0
    for k in range(OVERLAP):
        place = stream.frame_age[k] + stream.step // 2
        if place < FFT:
            weight = stream.frame_weight[k] * np.float64(memory.window[place]) ** 2
            total += weight * stream.frame_tuning[k]
            weights += weight
    return total / weights


@nb.njit(error_model="numpy", cache=True)
def _polar_to_cartesian(magnitude, turns, re, im, bins):
    """Half spectrum of a frame whose phases are given at its centre."""
    for k in range(bins):
        x = turns[k]
        x -= np.float32(np.rint(x))
        q = x * x
        cosine = _C0 + q * (_C1 + q * (_C2 + q * (_C3 + q * (_C4 + q * (_C5 + q * (_C6 + q * _C7))))))
        sine = x * (_S0 + q * (_S1 + q * (_S2 + q * (_S3 + q * (_S4 + q * (_S5 + q * (_S6 + q * _S7)))))))
        re[k] = magnitude[k] * cosine
        im[k] = magnitude[k] * sine
    for k in range(bins, BINS):
        re[k] = 0.0
        im[k] = 0.0
    for k in range(1, bins, 2):  # from the frame's centre to its start: half a turn per bin
        re[k] = -re[k]
        im[k] = -im[k]
    im[0] = 0.0
    im[BINS - 1] = 0.0


@nb.njit(error_model="numpy", cache=True)
def start_stream(memory, slot, scratch):
    """Begin a slot's stream as if its first frame had always sounded; its first ``hop`` samples are then finished."""
    stream, hop = slot.stream, slot.hop
    for k in range(FFT):
        stream.overlap[k] = 0.0
    for k in range(OVERLAP):
        stream.frame_age[k] = FFT
    stream.hop = stream.step = hop
    stream.weight = hop
    stream.noise_at = slot.noise_seed * SHORTEST_HOP
    scattered = noise_of(memory, stream)  # or the partials would add up to a pulse
    set_spectrum(stream, slot.request)
    for k in range(BINS):
        stream.log0[k] = math.log(stream.spectrum[k] + TINY)
        stream.log1[k] = stream.log0[k]
        stream.phase[k] = scattered[k]
        stream.frequency[k] = k
    for _ in range(FFT // hop):
        advance(memory, stream, scratch, slot.phase_method, hop, 2.0 ** (slot.offset / 12.0), slot.formant)
