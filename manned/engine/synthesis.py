"""From a stream of magnitude frames to samples: phases, inverse FFT, overlap-add."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..limits import PHASES
from .fft import inverse_real_fft
from .formant import keep_envelope, keeps_envelope
from .harmonic_frame import HARMONIC
from .native import native
from .partials import PARTIALS, begin_partials, draw_partials
from .phase import advance_phase
from .phase.noise import NOISE_LOOP, noise_of
from .phase.peak_search import find_fundamental, find_peaks
from .polar import polar_to_cartesian
from .record import Record
from .sizes import BINS, FFT, MODEL_RATE, OVERLAP, SHORTEST_HOP

TIMING = np.dtype(
    [
        ("hop", "i4"),  # samples that the next frame stands for
        ("step", "i4"),  # samples from the newest frame to the next; so many are finished
        ("weight", "f8"),  # of the next frame: its hop, corrected where the hop changes
        ("frame_tuning", "f8", OVERLAP),  # of the frames in the overlap, newest first
        ("frame_age", "i4", OVERLAP),  # samples from their beginning to that of the newest
        ("frame_weight", "f8", OVERLAP),
        ("mean_tuning", "f8"),  # of the finished samples
        ("tuning", "f8"),  # wanted pitch over the frame's own
        ("f0", "f8"),  # the frame's own note in bins; 0 when it has none
    ],
    align=True,
)
"""When the frames of a stream follow each other, and how fast their samples are to be read."""

STREAM = np.dtype(
    [
        ("spectrum", "f4", BINS),  # scaled magnitudes of the frame that plays
        ("log0", "f4", BINS),  # natural log magnitudes of this frame and of the two before
        ("log1", "f4", BINS),
        ("log2", "f4", BINS),
        ("phase", "f4", BINS),  # turns, at the frame's centre
        ("frequency", "f4", BINS),  # bins
        ("overlap", "f4", FFT),
        ("timing", TIMING),
        ("noise_at", "i4"),  # place of the newest frame in the stored noise, in samples
        ("settled", "i4"),  # frames since the spectrum changed, up to 3
        ("harmonic", HARMONIC),  # of the frame that plays
        ("partials", PARTIALS),
    ],
    align=True,
)
"""The state of one stream of frames: phase continuity and overlap-add."""

TABLE = np.dtype([("window", "f4", FFT)], align=True)

LEVEL_RMS = 0.125  # of a sine of 1 kHz as loud as a voice at full velocity: -18 dB below full scale
AUDIBLE_HZ = 18000.0
QUIETEST = 0.25  # frames of less power than this (a full peak has 1) are not raised further
TINY = np.float32(1e-12)
TRACKING = PHASES.index("peaks")  # the method by which frames that tell harmonics apart track their partials
BLOCK = 128  # divides every step; a run so short never overlaps where it is shifted to, which makes it fast


def _k_weighting() -> np.ndarray:
    """Power gain of each bin under the K-weighting of ITU-R BS.1770-4 (its filters for 48 kHz), 1 at 1 kHz.

    0 above `AUDIBLE_HZ`: nobody hears that, and reading the stream weakens it.
    """

    def gain(hertz: Any) -> Any:
        z = np.exp(-2j * np.pi * hertz / 48000)
        shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
            1 - 1.69065929318241 * z + 0.73248077421585 * z**2
        )
        high_pass = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
        return np.abs(shelf * high_pass) ** 2

    hertz = np.arange(BINS) * MODEL_RATE / FFT
    return np.where(hertz < AUDIBLE_HZ, gain(hertz) / gain(1000.0), 0.0)


_LOUDNESS: Any = np.float32(_k_weighting())


def fill_table(table: np.void) -> None:
    """Hann window; its square, overlapped at a hop, adds up to 3/8 of the window's length over the hop."""
    n = np.arange(FFT)
    table["window"] = (0.5 - 0.5 * np.cos(2 * np.pi * n / FFT)) / (0.375 * FFT)


@native
def spectrum_scale(spectrum: np.ndarray) -> float:
    """Factor that makes a decoded frame [shape=(BINS,)] as loud as every other."""
    power = 0.0
    for k in range(2, BINS):
        power += _LOUDNESS[k] * spectrum[k] * spectrum[k]
    # A Hann-windowed sinusoid of peak P has power 1.5 P^2 in its bins and RMS (4/N) P / sqrt 2.
    return np.float32(LEVEL_RMS * FFT / 4.0 * math.sqrt(3.0 / max(power, QUIETEST)))


@native
def finish_frame(request: Record, peaks: Record) -> None:
    """Give a decoded frame its level and band edge, and find its pitch."""
    spectrum = request.spectrum
    scale = spectrum_scale(spectrum)
    spectrum[0] = 0.0
    spectrum[1] = 0.0
    for k in range(2, BINS):
        spectrum[k] = scale * spectrum[k]
    find_peaks(spectrum, peaks)
    f0 = find_fundamental(spectrum, request.note_hz, peaks)
    request.f0 = f0
    request.tuning = request.question.pitch_hz * FFT / MODEL_RATE / f0 if f0 > 0.0 else request.shift


@native
def finish_harmonic_frame(request: Record) -> None:
    """Give a frame of the kind harmonic its level; it is drawn at the pitch that is to sound."""
    spectrum, frame = request.spectrum, request.harmonic
    scale = spectrum_scale(spectrum)
    for k in range(BINS):
        spectrum[k] = scale * spectrum[k]
        frame.noise[k] = scale * frame.noise[k]
    for i in range(len(frame.peak)):
        frame.peak[i] *= scale
    request.f0 = request.question.pitch_hz * FFT / MODEL_RATE if frame.given else 0.0
    request.tuning = 1.0


@native
def set_spectrum(stream: Record, request: Record) -> None:
    """Make a finished frame the one that plays."""
    for k in range(BINS):
        stream.spectrum[k] = request.spectrum[k]
    stream.harmonic.given = request.harmonic.given
    if request.harmonic.given:
        stream.harmonic = request.harmonic
    stream.timing.f0 = request.f0
    stream.timing.tuning = request.tuning
    stream.settled = 0


@native
def advance(
    tables: Record,
    stream: Record,
    scratch: Record,
    samplerate: float,
    manner: Record,
    bend: float,
) -> None:
    """Synthesise one frame and add it to the overlap; its first ``stream.timing.step`` samples are then finished.

    The frames after it come every ``manner.hop`` samples (a `manner.MANNER`).  Where that is new, the step
    between is the mean of the old hop and the new one.  The squared windows then are an integral by the
    midpoint rule: each frame weighs as much as its hop, and a twelfth of the difference, moved from the
    longer hop to the shorter one, takes away what the rule is off at the change.  The level stays within
    0.12 dB.

    It will sound ``bend`` times higher than its tuning says: what would fold over is left out, and the
    spectral envelope stays where it was by the share ``manner.formant``.

    Audio thread: no locks, no allocation, no Python objects.
    """
    timing = stream.timing
    hop, step = manner.hop, timing.step
    stream.noise_at = (stream.noise_at + step) % NOISE_LOOP
    transposition = timing.tuning * bend
    rate = transposition * MODEL_RATE / samplerate
    bins = BINS if rate < 1.02 else int(BINS / rate)
    if stream.harmonic.given and manner.phase == TRACKING:
        draw_partials(tables, stream, scratch, manner, transposition, bins)
    else:
        _draw_magnitudes(tables, stream, scratch, manner, transposition, bins)
    inverse_real_fft(tables.fft, scratch.fft)
    overlap, window, time = stream.overlap, tables.synthesis.window, scratch.fft.time
    weight = np.float32(frame_weight(timing, hop))
    for i in range(FFT):
        time[i] *= weight * window[i]
    for block in range(0, FFT - step, BLOCK):
        for i in range(block, block + BLOCK):
            overlap[i] = overlap[i + step] + time[i]
    for i in range(FFT - step, FFT):
        overlap[i] = time[i]
    advance_timing(timing, hop, window)


@native
def _draw_magnitudes(
    tables: Record, stream: Record, scratch: Record, manner: Record, transposition: float, bins: int
) -> None:
    """Half spectrum of the frame that plays, by its magnitudes alone: its phases come from a method of `phase`."""
    if stream.partials.tracked:
        stream.partials.tracked = 0
        _settle(tables, stream)
    if stream.settled < 2:
        for k in range(BINS):
            stream.log2[k] = stream.log1[k]
            stream.log1[k] = stream.log0[k]
        if stream.settled == 0:
            for k in range(BINS):
                stream.log0[k] = math.log(stream.spectrum[k] + TINY)
    find_peaks(stream.spectrum, scratch.peaks)
    advance_phase(manner.phase, tables, stream, scratch)
    stream.settled = min(stream.settled + 1, 3)
    magnitude = stream.spectrum
    if keeps_envelope(transposition, manner.formant):
        keep_envelope(stream, scratch.formant, transposition, manner.formant, bins)
        magnitude = scratch.formant.warped
    polar_to_cartesian(magnitude, stream.phase, scratch.fft.re, scratch.fft.im, bins)
    if stream.harmonic.given and (manner.harmonic != 1.0 or manner.noise != 1.0):
        _balance(stream, scratch.fft, manner, bins)


@native
def _balance(stream: Record, half_spectrum: Record, manner: Record, bins: int) -> None:
    """Give the harmonics and the noise of a frame their gains, bin by bin."""
    spectrum, noise = stream.spectrum, stream.harmonic.noise
    of_harmonics, of_noise = np.float32(manner.harmonic**2), np.float32(manner.noise**2)
    for k in range(bins):
        whole, part = spectrum[k] * spectrum[k], noise[k] * noise[k]
        if whole > 0.0:
            gain = np.float32(math.sqrt((max(whole - part, np.float32(0)) * of_harmonics + part * of_noise) / whole))
            half_spectrum.re[k] *= gain
            half_spectrum.im[k] *= gain


@native
def frame_weight(timing: Record, hop: int) -> float:
    """Weight of the frame that is added now, where the ones after it come every ``hop`` samples."""
    return timing.weight + (hop - timing.hop) / 12


@native
def advance_timing(timing: Record, hop: int, window: np.ndarray) -> None:
    """Put the frame just made before the others of the overlap, and find when the next one follows."""
    for k in range(OVERLAP - 1, 0, -1):
        timing.frame_tuning[k] = timing.frame_tuning[k - 1]
        timing.frame_weight[k] = timing.frame_weight[k - 1]
        timing.frame_age[k] = min(timing.frame_age[k - 1] + timing.step, FFT)
    timing.frame_tuning[0] = timing.tuning
    timing.frame_weight[0] = frame_weight(timing, hop)
    timing.frame_age[0] = 0
    timing.step = (timing.hop + hop) // 2
    timing.weight = hop - (hop - timing.hop) / 12
    timing.hop = hop
    timing.mean_tuning = _mean_tuning(timing, window)


@native
def _mean_tuning(timing: Record, window: np.ndarray) -> float:
    """How much faster than real time to read the samples that are finished, to be in tune.

    They are a mixture of the frames in the overlap, each weighted by its window where they lie.
    """
    total = 0.0
    weights = 0.0
    for k in range(OVERLAP):
        place = timing.frame_age[k] + timing.step // 2
        if place < FFT:
            weight = timing.frame_weight[k] * np.float64(window[place]) ** 2
            total += weight * timing.frame_tuning[k]
            weights += weight
    return total / weights


@native
def _settle(tables: Record, stream: Record) -> None:
    """Let a stream stand as if its frame had always played, at scattered phases."""
    scattered = noise_of(tables, stream)
    for k in range(BINS):
        stream.log0[k] = math.log(stream.spectrum[k] + TINY)
        stream.log1[k] = stream.log0[k]
        stream.phase[k] = scattered[k]
        stream.frequency[k] = k


@native
def start_stream(tables: Record, slot: Record, scratch: Record, samplerate: float) -> None:
    """Begin a slot's stream as if its first frame had always sounded; its first ``hop`` samples are then finished."""
    stream, hop = slot.stream, slot.manner.hop
    for k in range(FFT):
        stream.overlap[k] = 0.0
    timing = stream.timing
    for k in range(OVERLAP):
        timing.frame_age[k] = FFT
    timing.hop = timing.step = hop
    timing.weight = hop
    stream.noise_at = slot.noise_seed * SHORTEST_HOP
    scattered = noise_of(tables, stream)  # or the partials would add up to a pulse
    set_spectrum(stream, slot.request)
    if not (stream.harmonic.given and slot.manner.phase == TRACKING):  # where partials are tracked, nobody asks for it
        _settle(tables, stream)
    begin_partials(stream.partials, scattered)
    for _ in range(FFT // hop):
        advance(tables, stream, scratch, samplerate, slot.manner, 2.0 ** (slot.offset / 12.0))
