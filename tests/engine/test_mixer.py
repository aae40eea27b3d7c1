"""Left and right, the limiter, silence, and every device's sample rate."""

import numpy as np
import pytest
from harmonic_decoder import harmonic_decoder, random_decoder
from sounds import cents, frequency_of, level_db, sharpest

from manned.engine import Engine
from manned.instrument import Instrument
from manned.limits import MAX_VOICES
from manned.model.pitch import note_to_hz

RATES = (44100, 48000, 88200, 96000)

# The interpolator of ITU-R BS.1770-4, annex 2: phases 0 and 1; the other two are these backwards.
BS_1770 = (
    (
        0.0017089843750, 0.0109863281250, -0.0196533203125, 0.0332031250000, -0.0594482421875, 0.1373291015625,
        0.9721679687500, -0.1022949218750, 0.0476074218750, -0.0266113281250, 0.0148925781250, -0.0083007812500,
    ),
    (
        -0.0291748046875, 0.0292968750000, -0.0517578125000, 0.0891113281250, -0.1665039062500, 0.4650878906250,
        0.7797851562500, -0.2003173828125, 0.1015625000000, -0.0582275390625, 0.0330810546875, -0.0189208984375,
    ),
)  # fmt: skip


def true_peak(signal):
    """Highest of three judges: the samples, the standard's meter, and eightfold ideal interpolation."""
    peaks = [np.abs(signal).max()]
    for channel in signal.T.astype(np.float64):
        peaks += [np.abs(np.convolve(channel, phase[::step])).max() for phase in BS_1770 for step in (1, -1)]
        channel[-2000:] *= np.linspace(1, 0, 2000)
        spectrum = np.fft.rfft(np.pad(channel, 1000))
        size = 8 * (len(channel) + 2000)
        peaks.append(np.abs(np.fft.irfft(spectrum, size) * size / (len(channel) + 2000)).max())
    return max(peaks)


def instrument_at(samplerate=44100, channels=2, decoder=None, **values):
    instrument = Instrument(Engine(samplerate, channels), decoder or harmonic_decoder())
    for name, value in values.items():
        instrument.set(name.replace("_", "/"), value)
    return instrument


def share_db(signal, samplerate, wanted):
    """Level of the frequencies that ``wanted(hertz)`` picks, in decibels against all of a signal."""
    power = np.abs(np.fft.rfft(signal * np.blackman(len(signal)))) ** 2
    hertz = np.arange(len(power)) * samplerate / len(signal)
    return 10 * np.log10(power[wanted(hertz)].sum() / power.sum() + 1e-30)


# -- the limiter --------------------------------------------------------------


@pytest.mark.parametrize(
    ("samplerate", "decoder"), [(44100, harmonic_decoder()), (44100, random_decoder(skip=False)), (96000, None)]
)
def test_the_true_peak_stays_below_full_scale_whatever_is_played(samplerate, decoder):
    """All voices at full velocity and +12 dB with the shortest attack: chords, clusters and unisons of any timbre."""
    instrument = instrument_at(samplerate, 2, decoder, gain_db=12, env_attack=0.001, glide=0, spread=1)
    rng = np.random.default_rng(4)
    heard = []
    for chord in (np.linspace(30, 100, MAX_VOICES), np.full(MAX_VOICES, 57), rng.uniform(30, 100, MAX_VOICES)):
        instrument.set_latents(rng.random(instrument.latents))
        for key, note in enumerate(chord):
            instrument.note_on(key, note, 127)
        heard.append(instrument.engine.render(samplerate // 4))
        instrument.all_sound_off()
        heard.append(instrument.engine.render(samplerate // 20))
    heard = np.concatenate(heard)
    assert 0.9 < np.abs(heard).max()
    assert true_peak(heard) < 1.0


def test_nothing_is_changed_below_the_knee():
    """Twice the gain is twice every sample, bit for bit."""
    sounds = []
    for gain in (0.25, 0.5):
        instrument = instrument_at(gain=gain)
        for note in (40, 47, 52):
            instrument.note_on(note, note, 127)
        sounds.append(instrument.engine.render(20000))
    assert 0.1 < np.abs(sounds[1]).max() < 0.7
    assert np.array_equal(2 * sounds[0], sounds[1])


@pytest.mark.parametrize("note", [31, 45, 69])
def test_a_limited_tone_stays_clean(note):
    instrument = instrument_at(decoder=harmonic_decoder(octaves=range(1, 7), lower=range(1, 2)), gain_db=12)
    for key in range(9):
        instrument.note_on(key, note, 127)
    instrument.engine.render(30000)
    limited = instrument.engine.render(44100)[:, 0]
    instrument.set("gain/db", -12)
    instrument.engine.render(30000)
    free = instrument.engine.render(44100)[:, 0]
    assert np.abs(free).max() * 10 ** (24 / 20) > 1.2 > 0.95 > np.abs(limited).max() > 0.7

    def distortion_db(signal):
        return share_db(signal, 44100, lambda hertz: np.abs(hertz - note_to_hz(note)) > 15)

    assert distortion_db(limited) < max(-80, distortion_db(free) + 3)


def test_the_gain_moves_smoothly_and_is_the_same_on_both_sides():
    sounds = []
    for gain in (2.0**-6, 2.0):
        instrument = instrument_at(gain=gain, spread=1, env_attack=0.001)
        for key in range(20):
            instrument.note_on(key, 40 + 2 * key, 127, when=2000 + 4000 * (key // 5))
        sounds.append(instrument.engine.render(22050))
    quiet, loud = sounds[0] * 2.0**7, sounds[1]
    sure = np.abs(quiet) > 0.01
    gain = np.divide(loud, quiet, out=np.ones_like(loud), where=sure)
    both = sure.all(axis=1)
    assert 0.1 < gain.min() < 0.5 and gain.max() < 1 + 1e-6
    assert np.abs(gain[both, 0] - gain[both, 1]).max() < 1e-5
    steps = np.diff(gain[:, 0])[sure[1:, 0] & sure[:-1, 0]]
    assert np.abs(steps).max() < 0.05


def test_what_is_not_dated_is_heard_as_late_as_the_engine_says():
    for samplerate in RATES:
        instrument = instrument_at(samplerate)
        instrument.engine.render(1000)
        instrument.note_on("a", 60, 127)
        heard = np.flatnonzero(instrument.engine.render(4096)[:, 0])
        assert instrument.engine.latency <= heard[0] <= instrument.engine.latency + 2
        assert instrument.engine.latency < 0.0015 * samplerate


# -- left and right -----------------------------------------------------------


def test_without_spread_both_sides_are_the_mono_sound_bit_for_bit():
    sounds = []
    for channels in (1, 2):
        instrument = instrument_at(channels=channels, gain_db=6)
        for note in range(40, 70, 3):
            instrument.note_on(note, note, 127)
        sounds.append(instrument.engine.render(20000))
    mono, stereo = sounds
    assert np.array_equal(stereo[:, 0], mono[:, 0]) and np.array_equal(stereo[:, 1], mono[:, 0])


def sides_db(signal, note):
    """Level of a note on the left and on the right."""
    hertz = np.arange(len(signal) // 2 + 1) * 44100 / len(signal)
    near = np.abs(hertz - note_to_hz(note)) < 10
    power = np.abs(np.fft.rfft(signal * np.hanning(len(signal))[:, None], axis=0)[near]) ** 2
    return 10 * np.log10(power.sum(axis=0) + 1e-9)


def test_voices_stand_alternately_outwards_with_equal_power():
    sines = harmonic_decoder(octaves=range(2, 6), lower=range(1, 2))
    notes = (50, 54, 57, 61, 64, 68, 71, 75, 78)

    def sides_of_notes(spread):
        instrument = instrument_at(decoder=sines, spread=spread, gain=0.3)
        instrument.set("latent/1", 0.0)
        for note in notes:
            instrument.note_on(note, note, 60)
        return np.array([sides_db(instrument.engine.render(44100), note) for note in notes])

    sides, together = sides_of_notes(1.0), sides_of_notes(0.0)
    tilt = sides[:, 1] - sides[:, 0]
    assert abs(tilt[0]) < 0.01  # a note alone is in the middle
    assert (tilt[1::2] < -3).all() and (tilt[2::2] > 3).all()
    assert (np.diff(np.abs(tilt[1::2])) > 2).all() and np.abs(tilt[-2:]).min() > 40
    power = 10 * np.log10((10 ** (sides / 10)).sum(axis=1))
    np.testing.assert_allclose(power, 10 * np.log10((10 ** (together / 10)).sum(axis=1)), atol=0.1)
    mono = 10 * np.log10(np.array([10 ** (side / 20) for side in sides]).mean(axis=1) ** 2) - power
    assert (mono > -3.1 - 3.01).all() and (mono < 0.1 - 3.01).all()  # together in mono, none is lost


def test_a_note_keeps_its_place_and_the_drone_is_in_the_middle():
    instrument = instrument_at(spread=1.0, gain=0.3)
    for note in (50, 62, 66):
        instrument.note_on(note, note, 60)
    before = sides_db(instrument.engine.render(44100), 66)
    instrument.note_off(50)
    instrument.note_off(62)
    instrument.set("chroma", "C")
    instrument.set("gate", True)
    instrument.engine.render(22050)
    after = instrument.engine.render(44100)
    assert np.abs(sides_db(after, 66) - before).max() < 0.1
    drone = sides_db(after, 60)
    assert abs(drone[0] - drone[1]) < 0.1 and drone[0] > before.min()
    instrument.note_on("new", 74, 60)  # takes the middle, which is free
    new = sides_db(instrument.engine.render(44100), 74)
    assert abs(new[0] - new[1]) < 0.1


def test_a_change_of_spread_glides_the_same_at_every_block_size():
    def phrase(blocksize):
        instrument = instrument_at(gain=0.3)
        for note in (40, 47, 52, 57):
            instrument.note_on(note, note, 100, when=1000)
        instrument.set("spread", 1.0, when=20011)
        instrument.set("spread", 0.2, when=22013)
        instrument.set("spread", 0.0, when=30017)
        return instrument.engine.render(40000, blocksize)

    sound = phrase(64)
    assert np.array_equal(sound[:20011, 0], sound[:20011, 1]) and np.array_equal(sound[36000:, 0], sound[36000:, 1])
    assert np.abs(sound[24000:28000, 0] - sound[24000:28000, 1]).max() > 0.01
    for side in (0, 1):
        assert sharpest(sound[19000:36000, side]) < 1.3 * sharpest(sound[10000:19000, side])
    assert np.array_equal(phrase(23), sound)


def test_more_channels_carry_left_and_right_by_turns_and_so_does_the_tap():
    sounds = {}
    for channels in (1, 2, 3, 4, 5):
        instrument = instrument_at(channels=channels, spread=1.0)
        for note in (50, 54, 57):
            instrument.note_on(note, note, 100)
        instrument.engine.tap_start()
        sounds[channels] = instrument.engine.render(8000)
        assert sounds[channels].shape == (8000, channels)
        assert np.array_equal(instrument.engine.tap_read(), sounds[channels])
    left, right = sounds[2].T
    mean = np.float32(0.5) * (left + right)
    assert np.abs(left - right).max() > 0.01
    for channels, wanted in ((1, [mean]), (3, [left, right, mean]), (4, [left, right] * 2)):
        assert np.array_equal(sounds[channels], np.stack(wanted, axis=1))
    assert np.array_equal(sounds[5][:, 4], mean)


# -- silence ------------------------------------------------------------------


def test_between_loud_voices_there_are_exact_zeros_and_no_denormals_on_the_way():
    def phrase(blocksize):
        instrument = instrument_at(gain_db=12, spread=1, env_release=0.2)
        for note in range(30, 30 + MAX_VOICES):
            instrument.note_on(note, note, 127, when=1001)
        instrument.all_notes_off(when=5003)
        instrument.note_on("a", 60, 127, when=40013)
        return instrument.engine.render(44100, blocksize)

    sound = phrase(64)
    heard = np.flatnonzero(sound.any(axis=1))
    silent = np.flatnonzero(np.diff(heard) > 1000)
    assert len(silent) == 1
    assert 5003 + 8000 < heard[silent[0]] <= 5003 + 8820 and 40013 <= heard[silent[0] + 1] <= 40015
    assert np.abs(sound[sound != 0]).min() > np.finfo(np.float32).tiny
    assert np.array_equal(phrase(23), sound)


def test_a_held_note_whose_sustain_becomes_nothing_is_exact_zeros_at_last():
    instrument = instrument_at()
    instrument.note_on("a", 60, 127)
    instrument.engine.render(4410)
    instrument.set("env/sustain", 0.0)
    instrument.engine.render(22050)
    assert not instrument.engine.render(4096).any()
    instrument.set("env/sustain", 0.5)
    instrument.engine.render(4410)
    assert level_db(instrument.engine.render(4410)) > -40


@pytest.mark.parametrize(("gain_db", "most"), [(-12, 1e-7), (12, 1e-3)])
def test_there_is_no_dc(gain_db, most):
    """Not of the voices; and little enough of a limiter that works hard on a lopsided wave."""
    instrument = instrument_at(gain_db=gain_db)
    instrument.set("latent/1", 1.0)
    for note in (33, 45, 52, 61):
        instrument.note_on(note, note, 127)
    signal = instrument.engine.render(3 * 44100)[8820:, 0].astype(np.float64)
    assert abs(np.average(signal, weights=np.blackman(len(signal)))) < most


# -- any device ---------------------------------------------------------------


@pytest.fixture(scope="module")
def reference_level():
    instrument = instrument_at()
    instrument.note_on("a", 57, 127)
    return level_db(instrument.engine.render(44100)[22050:])


@pytest.mark.parametrize("samplerate", RATES)
def test_pitch_level_and_envelope_are_the_same_at_every_rate(samplerate, reference_level):
    instrument = instrument_at(samplerate, env_attack=0.05, env_release=0.2)
    instrument.note_on("a", 57, 127, when=1000)
    signal = instrument.engine.render(samplerate)[1000:, 0]
    held = signal[samplerate // 2 :]
    assert abs(cents(frequency_of(held, 220.0, samplerate), 220.0)) < 0.1
    assert abs(level_db(held) - reference_level) < 0.05
    half = signal[int(0.02 * samplerate) : int(0.03 * samplerate)]  # two periods around the middle of the attack
    assert abs(level_db(half) - reference_level + 6.0) < 1.0
    begin = instrument.engine.clock + 100
    instrument.note_off("a", when=begin)
    tail = instrument.engine.render(samplerate // 2)[100:, 0]
    ended = np.flatnonzero(tail)[-1] / samplerate
    assert 0.19 < ended <= 0.2


@pytest.mark.parametrize("samplerate", [48000, 88200, 96000])
def test_nothing_sounds_above_the_models_band(samplerate):
    """A spectrum that is full up to 22.05 kHz has no image above."""
    instrument = instrument_at(samplerate, 1, random_decoder(skip=False))
    instrument.note_on("a", 60, 127)
    signal = instrument.engine.render(samplerate)[samplerate // 5 :, 0]
    assert share_db(signal, samplerate, lambda hertz: (hertz > 17000) & (hertz < 19000)) > -20
    assert share_db(signal, samplerate, lambda hertz: hertz > 22050) < -80


def test_a_note_that_is_read_slowly_has_no_image():
    """An octave of bend: what sounds must end at a quarter of the rate."""
    instrument = instrument_at(44100, 1, random_decoder(skip=False), bend_range=12, bend=-1)
    instrument.note_on("a", 60, 127)
    signal = instrument.engine.render(44100)[8820:, 0]
    assert share_db(signal, 44100, lambda hertz: hertz > 11025) < -80
