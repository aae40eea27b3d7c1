"""Phase methods and hops: quality, level, pitch, and changes under a held note."""

import heapq
import math

import numba as nb
import numpy as np
import pytest
from harmonic_decoder import harmonic_decoder
from sounds import cents, frequency_of, level_db

from manned.engine import Engine
from manned.engine.memory import allocate
from manned.engine.phase import METHODS
from manned.engine.phase.peak_search import GAMMA
from manned.engine.phase.rtpghi import PER_NEPER, TOLERANCE
from manned.engine.sizes import BINS, FFT
from manned.engine.synthesis import advance
from manned.instrument import Instrument
from manned.limits import HOPS, PHASES
from manned.model.analysis import magnitudes
from manned.model.pitch import note_to_hz

SILENT = 1e-12
PEAKS, NOISE, RTPGHI = map(PHASES.index, ("peaks", "noise", "rtpghi"))
PAIRS = [(phase, str(hop)) for phase in PHASES for hop in HOPS]


def test_every_phase_method_of_the_table_is_a_file_of_its_name():
    assert list(METHODS) == list(PHASES)
    assert [method.__name__.rsplit(".")[-1] for method in METHODS.values()] == list(PHASES)


# -- frames of a known sound ------------------------------------------------


@nb.njit
def _begin(shared, frame, hop):
    memory = shared[0]
    stream = memory.slots[0].stream
    timing = stream.timing
    timing.hop = timing.step = hop
    timing.weight = hop
    timing.tuning = 1.0
    stream.noise_at = 0
    for k in range(FFT):
        stream.overlap[k] = 0.0
    for k in range(len(timing.frame_age)):
        timing.frame_age[k] = FFT
    for k in range(BINS):
        stream.phase[k] = memory.tables.noise.phases[0, k]
        stream.frequency[k] = k
        stream.log0[k] = stream.log1[k] = math.log(frame[k] + SILENT)


@nb.njit
def _one_frame(shared, frame, method, hop, phases, samples):
    memory = shared[0]
    stream = memory.slots[0].stream
    stream.spectrum[:] = frame
    stream.settled = 0
    manner = memory.audio_scratch.voice.manner
    manner.phase, manner.hop, manner.formant = method, hop, 0.0
    advance(memory.tables, stream, memory.audio_scratch, memory.samplerate, manner, 1.0)
    phases[:] = stream.phase
    samples[:] = stream.overlap[: len(samples)]


def invert(frames, method, hop):
    """The engine's own phases (turns) and samples of magnitude frames, no note known."""
    shared = allocate(44100, 1)
    _begin(shared, frames[0], hop)
    phases = np.empty((len(frames), BINS), np.float32)
    samples = np.empty((len(frames), hop), np.float32)
    for n, frame in enumerate(frames):
        _one_frame(shared, frame, method, hop, phases[n], samples[n])
    return phases, samples.ravel(), shared[0]["tables"]["noise"]["phases"]


def convergence_db(samples, frames, hop):
    """Spectral convergence: how far the magnitudes of a sound are from those asked for."""
    settle = 2 * FFT // hop
    found = magnitudes(samples, hop=hop)[settle:]
    wanted = frames[settle : settle + len(found)]
    return 20 * np.log10(np.linalg.norm(found - wanted) / np.linalg.norm(wanted))


@pytest.fixture(scope="module")
def lively():
    """Two seconds of a tone with vibrato, tremolo, a decay that starts anew, and breath."""
    t = np.arange(2 * 44100) / 44100
    bend = 0.3 * np.sin(2 * np.pi * 5 * t) / 5
    signal = sum(
        np.exp(-(0.2 + 0.3 * h) * (t % 1.0)) / h * np.sin(2 * np.pi * 220 * h * (t + bend * 0.01) + h * h)
        for h in range(1, 30)
    )
    signal *= 1 + 0.2 * np.sin(2 * np.pi * 3 * t)
    return signal + 0.003 * np.random.default_rng(5).standard_normal(len(t))


def frames_of(signal, hop):
    frames = magnitudes(signal, hop=hop)
    frames[:, :2] = 0
    return frames


def test_peaks_and_rtpghi_say_a_sound_that_white_noise_phase_does_not(lively):
    found = {
        (method, hop): convergence_db(invert(frames_of(lively, hop), method, hop)[1], frames_of(lively, hop), hop)
        for method in (PEAKS, NOISE, RTPGHI)
        for hop in HOPS
    }
    assert found[PEAKS, 512] < -27 and found[RTPGHI, 1024] < -23
    for method in (PEAKS, RTPGHI):
        assert found[method, 256] < found[method, 512] < found[method, 1024]
    assert all(found[NOISE, hop] > -10 for hop in HOPS)


def heap_integration(frames, hop, first, noise):
    """RTPGHI(0) as its paper tells it, with a real heap and double precision, but for the frequencies of peaks.

    These are those of sinusoids under a Hann window.  Returns phases in turns of each frame.
    """
    phase, frequency = first.astype(float), np.arange(BINS, dtype=float)
    now = before = earlier = np.log(frames[0] + SILENT).astype(float)
    result = []
    for n, frame in enumerate(frames):
        now, before, earlier = np.log(frame + SILENT).astype(float), now, before
        along_time = np.arange(BINS, dtype=float)
        along_time[1:-1] += (now[2:] - now[:-2]) / (4 * np.pi * GAMMA)
        peaks = 2 + np.flatnonzero(
            (frame[2:-1] > np.maximum(frame[1:-2], 1e-4 * frame.max())) & (frame[2:-1] >= frame[3:])
        )
        a, b, c = (frame[peaks + side].astype(float) for side in (-1, 0, 1))
        along_time[peaks] = peaks + 2 * (c - a) / (a + 2 * b + c)
        along_frequency = -GAMMA * FFT / (4 * np.pi * hop) * (3 * now - 4 * before + earlier)
        floor = max(now.max(), before.max()) + math.log(TOLERANCE)
        waits = set(np.flatnonzero(now > floor))
        found = noise[(n + 1) * hop // 256 % len(noise)].astype(float)
        heap = [(-before[k], 1, k) for k in waits]
        heapq.heapify(heap)
        while waits:
            _, is_before, k = heapq.heappop(heap)
            if is_before:
                if k in waits:
                    waits.remove(k)
                    found[k] = phase[k] + 0.5 * (frequency[k] + along_time[k]) * hop / FFT
                    heapq.heappush(heap, (-now[k], 0, k))
            else:
                for side in (1, -1):
                    if k + side in waits:
                        waits.remove(k + side)
                        found[k + side] = found[k] + side * 0.5 * (along_frequency[k] + along_frequency[k + side])
                        heapq.heappush(heap, (-now[k + side], 0, k + side))
        phase, frequency = found, np.where(now > floor, along_time, np.arange(BINS))
        result.append(found)
    return np.array(result)


def overlap_add(frames, turns, hop):
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT) / FFT)
    spectra = frames * np.exp(2j * np.pi * turns) * (-1.0) ** np.arange(BINS)
    samples = np.zeros(len(frames) * hop + FFT)
    for n, frame in enumerate(np.fft.irfft(spectra)):
        samples[n * hop : n * hop + FFT] += window * frame * hop / (0.375 * FFT)
    return samples[: len(frames) * hop]


@pytest.mark.parametrize("hop", HOPS)
def test_the_bucket_queue_does_what_a_heap_does(lively, hop):
    frames = frames_of(lively[:44100], hop)
    phases, samples, noise = invert(frames, RTPGHI, hop)
    reference = heap_integration(frames, hop, noise[0], noise)
    wanted = convergence_db(overlap_add(frames, reference, hop), frames, hop)
    assert abs(convergence_db(samples, frames, hop) - wanted) < 0.2
    away = turned(phases - reference)
    # A peak that stands out of its neighbours by more than a bucket comes first in either queue.
    height = np.log(frames[0] + SILENT)
    bucket = 1.01 / PER_NEPER
    clear = 1 + np.flatnonzero((np.diff(height)[:-1] > bucket) & (np.diff(height)[1:] < -bucket))
    clear = clear[height[clear] > height.max() + math.log(TOLERANCE)]
    assert len(clear) > 30 and np.abs(away[0][clear]).max() < 1e-3
    # Flat tops may begin at another bin, which turns a lobe as a whole and leaves its shape.
    for n in (0, 1, 10):
        loud = frames[n] > 0.01 * frames[n].max()
        bent = turned(np.diff(away[n]))[loud[1:] & loud[:-1]]
        assert np.mean(np.abs(bent) < 0.01) > 0.9


def turned(turns):
    """Differences of phases without whole turns."""
    return turns - np.round(turns)


# -- notes ------------------------------------------------------------------


def player(phase, hop, detune_cents=0):
    instrument = Instrument(Engine(44100, 1), harmonic_decoder(detune_cents))
    instrument.set("phase", phase)
    instrument.set("hop", hop)
    return instrument


def held(phase, hop, seconds=1.0, note=60, **decoder):
    """One held note, without its beginning."""
    instrument = player(phase, hop, **decoder)
    instrument.note_on("a", note, 127)
    return instrument.engine.render(8192 + int(seconds * 44100))[8192:, 0]


def test_the_level_is_the_same_at_every_hop():
    for phase, seconds, allowed in (("peaks", 1, 0.1), ("rtpghi", 1, 0.1), ("noise", 12, 0.1)):
        levels = [level_db(held(phase, str(hop), seconds)) for hop in HOPS]
        assert max(levels) - min(levels) < allowed, (phase, levels)
    assert abs(level_db(held("rtpghi", "512")) - level_db(held("peaks", "512"))) < 0.1


@pytest.mark.parametrize(("phase", "hop"), [pair for pair in PAIRS if pair[0] != "noise"])
def test_a_note_is_in_tune_with_every_method_and_hop(phase, hop):
    for note, detune_cents in ((40, 9), (69, -30)):
        signal = held(phase, hop, note=note, detune_cents=detune_cents)
        assert abs(cents(frequency_of(signal, note_to_hz(note)), note_to_hz(note))) < 0.5


def test_a_change_of_hop_is_not_heard():
    """Neither a step of the level nor anything above the note's band."""
    instrument = player("peaks", "512")
    instrument.note_on("a", 60, 127)
    steady = instrument.engine.render(44100)[22050:, 0]
    for hop in ("1024", "256", "512", "256", "1024", "512"):
        instrument.set("hop", hop)
        change = instrument.engine.render(8192)[:, 0]
        levels = [level_db(part) for part in change.reshape(-1, 1024)]
        assert max(abs(level - level_db(steady)) for level in levels) < 0.2
        assert high_band_db(change) < high_band_db(steady) + 3


def high_band_db(signal):
    """Level above 12 kHz of the loudest stretch of 512 samples against the level of the whole."""
    n = 512
    window = np.blackman(n)
    stretches = np.lib.stride_tricks.sliding_window_view(signal, n)[::64] * window
    spectra = np.abs(np.fft.rfft(stretches))
    high = np.sqrt((spectra[:, 140:] ** 2).sum(axis=1).max() / n)
    return 20 * np.log10(high / np.sqrt((window**2).mean()) / 1.0 + 1e-30) - level_db(signal)


def test_a_change_of_method_does_not_click():
    instrument = player("peaks", "512")
    instrument.note_on("a", 60, 127)
    instrument.engine.render(22050)
    steady = {}
    for phase in PHASES:
        instrument.set("phase", phase)
        instrument.engine.render(8192)
        steady[phase] = high_band_db(instrument.engine.render(44100)[:, 0])
    for phase, hop in (("peaks", "256"), ("noise", "1024"), ("rtpghi", "512"), ("noise", "256"), ("peaks", "1024")):
        before = instrument.get("phase")
        instrument.set("phase", phase)
        instrument.set("hop", hop)
        change = high_band_db(instrument.engine.render(8192)[:, 0])
        assert change < max(steady[before], steady[phase]) + 3


def tour(blocksize):
    """A moving note through every pair of method and hop, another one beginning in each."""
    instrument = player("peaks", "512")
    instrument.note_on("long", 45, 90, when=500)
    for k, (phase, hop) in enumerate(PAIRS):
        when = 3000 + 2803 * k
        instrument.set("phase", phase, when=when)
        instrument.set("hop", hop, when=when + 211)
        instrument.set("latent/1", (k * 0.37) % 1, when=when + 100)
        instrument.note_on(k, 60 + 5 * k, 80, when=when + 300)
        instrument.note_off(k, when=when + 2500)
    sound = instrument.engine.render(32000, blocksize)
    assert instrument.status()["late_spectra"] == instrument.status()["late_onsets"] == 0
    return sound


def test_with_every_method_and_hop_the_sound_does_not_depend_on_the_block_size():
    reference = tour(64)
    assert np.abs(reference).max() > 0.05
    for blocksize in (32, 100, 1024):
        assert np.array_equal(tour(blocksize), reference)


def test_a_note_begins_in_the_method_and_hop_that_hold_when_it_begins():
    sounds = []
    for early in (True, False):
        instrument = Instrument(Engine(44100, 1), harmonic_decoder())
        instrument.set("phase", "rtpghi", when=100 if early else 3000)
        instrument.set("hop", "256", when=100 if early else 3000)
        instrument.note_on("a", 60, 127, when=3000)
        sounds.append(instrument.engine.render(6000))
    assert np.abs(sounds[0]).max() > 0.05 and np.array_equal(*sounds)
