"""Width, chorus and reverb: how they sound, that they end, and that they do nothing when they are off."""

import numpy as np
import pytest
from harmonic_decoder import harmonic_decoder, random_decoder
from sounds import cents, frequency_of, level_db

from manned.engine import Engine
from manned.instrument import Instrument

RATE = 44100


def instrument_at(samplerate=RATE, channels=2, decoder=None, **values):
    instrument = Instrument(Engine(samplerate, channels), decoder or harmonic_decoder())
    for name, value in {"env_attack": 0.01, "env_release": 0.01, **values}.items():
        instrument.set(name.replace("_", "/"), value)
    return instrument


def tail_of(samplerate=RATE, channels=2, note_s=0.2, seconds=1.0, **values):
    """The reverb alone of a burst of noise, from 20 ms after its end on."""
    instrument = instrument_at(samplerate, channels, random_decoder(skip=False), phase="noise", **values)
    instrument.set("reverb/mix", 1.0)
    instrument.engine.render(samplerate // 10)
    instrument.note_on("a", 60, 127)
    instrument.engine.render(int(note_s * samplerate))
    instrument.note_off("a")
    instrument.engine.render(int(0.02 * samplerate))
    return instrument.engine.render(int(seconds * samplerate))


def band(signal, low_hz, high_hz, samplerate=RATE):
    """What of a signal lies between two frequencies [shape as the signal]."""
    spectrum = np.fft.rfft(signal.astype(np.float64), 2 * len(signal), axis=0)
    hertz = np.fft.rfftfreq(2 * len(signal), 1 / samplerate)
    spectrum[(hertz < low_hz) | (hertz > high_hz)] = 0
    return np.fft.irfft(spectrum, axis=0)[: len(signal)]


def reverberation_s(tail, hertz, samplerate=RATE):
    """Time in which an octave decays by 60 dB, from the fall of the energy that is left (Schroeder)."""
    left = np.cumsum((band(tail, hertz / 2**0.5, hertz * 2**0.5, samplerate) ** 2).sum(axis=1)[::-1])[::-1]
    fall_db = 10 * np.log10(left / left[0] + 1e-30)
    begin, end = np.argmax(fall_db < -5), np.argmax(fall_db < -30)
    return -60 / np.polyfit(np.arange(begin, end) / samplerate, fall_db[begin:end], 1)[0]


def bursts(signal, samplerate=RATE):
    """Loudest moment of what lies above 12 kHz, in each 10 ms: where a click stands out."""
    step = samplerate // 100
    high = np.abs(band(signal, 12000, samplerate, samplerate))[: len(signal) // step * step]
    return high.reshape(-1, step * signal.shape[1]).max(axis=1)


def likeness(signal):
    """Correlation of left and right, -1 to 1."""
    left, right = signal.T.astype(np.float64)
    return (left * right).mean() / np.sqrt((left**2).mean() * (right**2).mean())


# -- the width ----------------------------------------------------------------


def widened(width, seconds=1.0, **values):
    instrument = instrument_at(decoder=random_decoder(skip=False), phase="noise", **values)
    instrument.set("width", width)
    instrument.engine.render(RATE // 10)
    instrument.note_on("a", 60, 100)
    return instrument, instrument.engine.render(int(seconds * RATE))


def test_one_note_is_wide_and_both_sides_together_are_what_they_were():
    narrow, wide = widened(0.0)[1], widened(1.0)[1]
    assert np.array_equal(narrow[:, 0], narrow[:, 1])
    assert likeness(wide) < 0.5
    assert wide.mean(axis=1) == pytest.approx(narrow[:, 0], abs=2e-6)
    assert level_db(wide) - level_db(narrow) < 2.0


def test_the_width_leaves_both_sides_as_loud():
    left, right = widened(1.0)[1].T
    assert level_db(left) == pytest.approx(level_db(right), abs=0.5)


def test_what_the_width_holds_ends_in_exact_zeros():
    instrument, _ = widened(1.0, 0.2)
    instrument.note_off("a")
    instrument.engine.render(RATE // 10)
    assert not instrument.engine.render(RATE // 10).any() and instrument.engine.silent


def test_the_width_is_switched_while_a_note_sounds_without_a_click():
    instrument = instrument_at()
    instrument.note_on("a", 60, 100)
    still = bursts(instrument.engine.render(RATE)[RATE // 2 :])
    instrument.set("width", 1.0)
    on = bursts(instrument.engine.render(RATE // 2))
    instrument.set("width", 0.0)
    off = instrument.engine.render(RATE // 2)
    assert max(on.max(), bursts(off).max()) < 3 * still.max() + 1e-6
    assert np.array_equal(*off[RATE // 4 :].T)


# -- the reverb ---------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0.5, 2.0, 8.0])
def test_the_reverb_dies_away_in_its_time(seconds):
    tail = tail_of(seconds=0.7 * seconds + 0.1, reverb_time=seconds)
    assert reverberation_s(tail, 1000) == pytest.approx(seconds, rel=0.1)


def test_damping_shortens_high_frequencies_alone():
    times = []
    for damping in (0.0, 0.5, 1.0):
        tail = tail_of(seconds=2.0, reverb_time=2.0, reverb_damping=damping)
        times.append([reverberation_s(tail, hertz) for hertz in (1000, 8000)])
    low, high = np.array(times).T
    np.testing.assert_allclose(low, 2.0, rtol=0.1)
    assert high[0] > 1.5 > 1.1 > high[1] > 0.6 > high[2]


def test_the_tail_is_wide_and_nothing_of_it_is_lost_in_mono():
    tail = tail_of(note_s=0.5, seconds=1.5, reverb_time=3.0).astype(np.float64)
    assert abs(likeness(tail)) < 0.1
    mono = level_db(tail.mean(axis=1)) - level_db(tail)
    assert -4.0 < mono < -2.0
    assert abs(level_db(tail[:, 0]) - level_db(tail[:, 1])) < 1.0
    assert abs(tail.mean()) < 1e-5


def test_one_channel_is_the_mean_of_two():
    mono, stereo = (tail_of(channels=channels, seconds=0.5) for channels in (1, 2))
    np.testing.assert_array_equal(mono[:, 0], np.float32(0.5) * (stereo[:, 0] + stereo[:, 1]))


def test_the_tail_is_dense():
    """After a tenth of a second, as many samples lie beyond the standard deviation as of noise (Abel & Huang 2006)."""
    tail = tail_of(note_s=0.02, seconds=1.0, reverb_time=4.0, reverb_damping=0.0, reverb_predelay=0.0)
    for begin in np.arange(0.1, 0.6, 0.1):
        window = tail[int(begin * RATE) : int((begin + 0.05) * RATE)]
        assert np.mean(np.abs(window) > window.std(axis=0)) / 0.3173 == pytest.approx(1.0, abs=0.15)


def test_the_level_is_kept_when_the_mix_moves():
    levels = []
    for mix in (0.0, 0.3, 0.7, 1.0):
        instrument = instrument_at(
            decoder=random_decoder(skip=False), phase="noise", reverb_mix=mix, reverb_time=1.0, reverb_damping=0.0
        )
        instrument.note_on("a", 60, 100)
        instrument.engine.render(2 * RATE)
        levels.append(level_db(instrument.engine.render(2 * RATE)))
    assert max(levels) - min(levels) < 2.5


def test_a_predelay_comes_before_the_reverb():
    heard = []
    for predelay in (0.0, 0.1, 0.25):
        instrument = instrument_at(reverb_mix=1.0, reverb_predelay=predelay)
        instrument.engine.render(RATE // 10)
        instrument.note_on("a", 60, 127)
        heard.append(np.flatnonzero(np.abs(instrument.engine.render(RATE // 2)).max(axis=1) > 1e-4)[0] / RATE)
    assert heard[0] < 0.05
    np.testing.assert_allclose(np.array(heard) - heard[0], [0.0, 0.1, 0.25], atol=0.0001)


# -- nothing to do ------------------------------------------------------------


def phrase(instrument):
    """Two notes on two sides, one after the other has ended."""
    instrument.set("spread", 1.0, when=500)
    instrument.note_on("a", 57, 110, when=1001)
    instrument.note_on("b", 64, 110, when=1501)
    instrument.all_notes_off(when=9001)
    instrument.note_on("c", 60, 110, when=20011)
    return instrument.engine.render(30000)


def test_off_is_the_sound_without_any_effect_bit_for_bit():
    plain = phrase(instrument_at())
    assert np.abs(plain).max() > 0.05
    instrument = instrument_at(
        reverb_time=9.0, reverb_damping=0.1, reverb_predelay=0.2, chorus_rate=4.0, chorus_depth=1
    )
    assert np.array_equal(phrase(instrument), plain)
    instrument = instrument_at()
    for name in ("reverb/mix", "chorus/mix"):
        instrument.set(name, 0.8, when=2000)
        instrument.set(name, 0.0, when=15000)
    sound = phrase(instrument)
    assert np.abs(sound[9500:15000]).max() > 0.001 and not np.array_equal(sound[:9000], plain[:9000])
    assert np.array_equal(sound[17300:], plain[17300:])


@pytest.mark.parametrize("effects", [{"reverb_mix": 0.5, "reverb_time": 0.5}, {"chorus_mix": 0.5}])
def test_a_tail_ends_in_exact_zeros_without_denormals_on_the_way(effects):
    instrument = instrument_at(**effects)
    instrument.engine.render(5000)
    assert instrument.engine.silent
    instrument.note_on("a", 60, 127)
    instrument.engine.render(5000)
    instrument.note_off("a")
    instrument.engine.render(882)
    assert not instrument.engine.voices() and not instrument.engine.silent
    tail = instrument.engine.render(3 * RATE)
    assert instrument.engine.silent
    heard = np.flatnonzero(tail.any(axis=1))
    assert (0.5 if "reverb_mix" in effects else 0.0) < heard[-1] / RATE < 2.0
    assert np.abs(tail[tail != 0]).min() > np.finfo(np.float32).tiny
    assert np.abs(tail[heard[-1] - 1000 :]).max() < 10 ** (-110 / 20) or "chorus_mix" in effects


@pytest.mark.parametrize("samplerate", [8000, 192000])
def test_every_rate_has_the_same_reverb(samplerate):
    tail = tail_of(samplerate, seconds=2.0, reverb_time=0.6, chorus_mix=0.5)
    assert reverberation_s(tail, 1000, samplerate) == pytest.approx(0.6, rel=0.1)
    assert not tail[-samplerate // 100 :].any()


def test_all_sound_off_ends_the_tail_within_milliseconds_and_without_a_click():
    instrument = instrument_at(reverb_mix=0.7, reverb_time=8.0, chorus_mix=0.5)
    for note in (50, 57, 62):
        instrument.note_on(note, note, 110)
    instrument.engine.render(RATE // 2)
    instrument.all_notes_off()
    before = instrument.engine.render(RATE // 2)
    end = instrument.engine.clock + 1000
    instrument.all_sound_off(when=end)
    instrument.note_on("new", 60, 110, when=end + RATE // 2)
    after = instrument.engine.render(RATE // 2)
    heard = np.flatnonzero(after.any(axis=1))
    assert 1000 < heard[-1] <= 1000 + 0.005 * RATE + 2
    assert bursts(np.concatenate([before, after])).max() < 1.5 * bursts(before).max() + 1e-5
    assert np.abs(instrument.engine.render(RATE // 2)).max() > 0.05


# -- in motion ----------------------------------------------------------------


def moved(blocksize, samplerate=RATE):
    """Everything that can be set, changed at samples of no block, over notes, gaps, silence and a panic."""
    instrument = instrument_at(samplerate, spread=0.5)
    changes = (
        ("reverb/mix", 0.6), ("chorus/mix", 0.5), ("reverb/time", 0.3), ("reverb/predelay", 0.1), ("chorus/rate", 3.0),
        ("reverb/predelay", 0.02), ("reverb/predelay", 0.0), ("chorus/depth", 1.0), ("reverb/damping", 0.1),
        ("reverb/mix", 0.0), ("chorus/mix", 0.0), ("reverb/mix", 1.0), ("chorus/mix", 0.7), ("reverb/time", 0.2),
    )  # fmt: skip
    for k, (name, value) in enumerate(changes):
        instrument.set(name, value, when=1501 + 1733 * k)
    for k in range(4):
        instrument.note_on(k, 50 + 5 * k, 100, when=2003 + 5501 * k)
        instrument.note_off(k, when=5003 + 5501 * k)
    instrument.all_sound_off(when=27001)
    instrument.note_on("panic", 60, 100, when=27100)
    instrument.note_off("panic", when=29000)
    instrument.set("reverb/time", 0.1, when=50003)
    instrument.note_on("late", 52, 1, when=90001)
    instrument.note_off("late", when=90500)
    return instrument.engine.render(100000, blocksize)


def test_the_sound_does_not_depend_on_the_block_size():
    sound = moved(16)
    assert np.abs(sound[95000:]).max() > 0 and not sound[85000:90000].any()
    for blocksize in (1, 7, 13):
        assert np.array_equal(moved(blocksize), sound)


def test_blocks_of_a_device_have_the_bits_of_a_render():
    """A tail in long blocks: no voice sounds, so nothing has to be decoded in between."""
    takes = []
    for blocksize in (16, 64, 1024, 2500):
        instrument = instrument_at(reverb_mix=0.5, chorus_mix=0.5, reverb_time=0.4)
        instrument.note_on("a", 60, 110)
        instrument.engine.render(8000)
        instrument.note_off("a")
        instrument.engine.render(882)
        assert not instrument.engine.voices()
        instrument.set("reverb/predelay", 0.2, when=10_001)
        instrument.set("reverb/time", 0.6, when=20_003)
        output = np.zeros((100_000, 2), np.float32)
        for at in range(0, len(output), blocksize):
            instrument.engine.play_into(output[at : at + blocksize])
        takes.append(output)
    assert np.abs(takes[0]).max() > 0.01 and not takes[0][-1].any()
    for take in takes[1:]:
        assert np.array_equal(take, takes[0])


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("reverb/mix", (0.0, 1.0, 0.0, 0.5)),
        ("reverb/time", (0.2, 20.0, 0.5, 8.0)),
        ("reverb/damping", (0.0, 1.0, 0.3, 0.9)),
        ("reverb/predelay", (0.0, 0.25, 0.01, 0.1)),
        ("chorus/mix", (0.0, 1.0, 0.0, 0.5)),
        ("chorus/rate", (0.1, 5.0, 0.3, 2.0)),
        ("chorus/depth", (0.0, 1.0, 0.2, 0.9)),
    ],
)
def test_nothing_clicks_when_it_is_set(name, values):
    """A low sound, whose effects have nothing above 12 kHz."""
    sines = harmonic_decoder(octaves=range(2, 6), lower=range(1, 3))
    instrument = instrument_at(decoder=sines, reverb_mix=0.5, chorus_mix=0.5, gain=0.3, env_attack=0.1)
    instrument.set("latent/1", 0.0)
    instrument.set(name, values[0])
    for note in (48, 55, 60):
        instrument.note_on(note, note, 100)
    instrument.engine.render(2 * RATE)
    sounds = []
    for value in values:
        instrument.set(name, value)
        sounds.append(instrument.engine.render(RATE // 2))
    high = bursts(np.concatenate(sounds))[5:-5]
    assert level_db(np.concatenate(sounds)) > -30
    assert high.max() < 10 ** (-75 / 20)


# -- the chorus ---------------------------------------------------------------


def test_the_chorus_is_wide_and_stays_in_tune():
    sines = harmonic_decoder(octaves=range(2, 6), lower=range(1, 2))
    instrument = instrument_at(decoder=sines, chorus_mix=0.5, chorus_depth=1.0, chorus_rate=0.7)
    instrument.set("latent/1", 0.0)
    for key, note in enumerate((57, 69, 76)):
        instrument.note_on(key, note, 100)
    instrument.engine.render(RATE)
    sound = instrument.engine.render(6 * RATE)
    assert likeness(sound) < 0.9
    for hertz in (220.0, 440.0):
        assert abs(cents(frequency_of(sound[:, 0], hertz), hertz)) < 1.0
    pieces = sound[:, 1].reshape(-1, RATE // 2)
    found = [cents(frequency_of(piece, 440.0), 440.0) for piece in pieces]
    assert np.median(np.abs(found)) < 4.0


def test_the_chorus_keeps_the_level():
    levels = []
    for mix in (0.0, 0.5, 1.0):
        instrument = instrument_at(decoder=random_decoder(skip=False), phase="noise", chorus_mix=mix)
        instrument.note_on("a", 60, 100)
        instrument.engine.render(RATE // 2)
        levels.append(level_db(instrument.engine.render(2 * RATE)))
    assert max(levels) - min(levels) < 2.0
