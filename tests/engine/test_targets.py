"""What LFOs, envelopes and notes move beside the latents: level, pitch, pan, noise, brightness."""

import numpy as np
import pytest
from sounds import cents, frequency_of, level_db, sharpest
from test_harmonic import WHITE_DB
from told_decoder import SAW_DB, told_decoder

from manned.engine import Engine
from manned.errors import ParameterError
from manned.instrument import Instrument
from manned.model.pitch import note_to_hz

RATE = 44100
HERTZ = note_to_hz(60)


def instrument(channels=2, decoder=None, **values):
    made = Instrument(Engine(RATE, channels), decoder or told_decoder())
    for name, value in values.items():
        made.set(name.replace("__", "/"), value)
    return made


def envelope(target, depth, number=1):
    """A held height of 1 from the start, and what it moves."""
    return {
        f"env__{number}__attack": 0.0,
        f"env__{number}__sustain": 1.0,
        f"env__{number}__depth": depth,
        f"env__{number}__target": target,
    }


def played(made, seconds=1.0, velocity=100, note=60, blocksize=64):
    made.note_on("a", note, velocity)
    return made.engine.render(int(seconds * RATE), blocksize).astype(np.float64)


def centroid_hz(signal):
    """Mean frequency of the power, Hertz."""
    power = np.abs(np.fft.rfft(signal * np.hanning(len(signal)))) ** 2
    return float(np.sum(power * np.fft.rfftfreq(len(signal), 1 / RATE)) / power.sum())


def envelope_db(signal, step=441):
    power = np.square(signal[: len(signal) // step * step]).reshape(-1, step).mean(axis=1)
    return 10 * np.log10(power + 1e-20)


def moved(target, offset):
    """An instrument whose note is moved from its first sample on, by the event that moves one note alone."""
    made = instrument()
    with made.together():
        made.note_on("a", 60, 100)
        made.note_target("a", target, offset)
    return made.engine.render(RATE).astype(np.float64)


# -- level --------------------------------------------------------------------


def test_an_lfo_moves_the_level_to_either_side():
    made = instrument(lfo__1__target="level", lfo__1__depth=0.5, lfo__1__rate=4.0, lfo__1__start="note")
    levels = 10 ** (envelope_db(played(made, 1.5)[RATE // 2 :, 0]) / 20)
    still = 10 ** (level_db(played(instrument(), 1.5)[RATE // 2 :, 0]) / 20)
    assert levels.max() / still == pytest.approx(1.5, rel=0.05)
    assert levels.min() / still == pytest.approx(0.5, rel=0.1)


@pytest.mark.parametrize(("depth", "factor"), [(-1.0, 0.0), (-0.5, 0.5), (1.0, 2.0)])
def test_an_envelope_moves_the_level(depth, factor):
    loud = np.abs(played(instrument(gain=0.2), 0.5)).max()
    assert np.abs(played(instrument(gain=0.2, **envelope("level", depth)), 0.5)).max() == pytest.approx(
        factor * loud, rel=0.02, abs=1e-6
    )


def test_a_note_can_have_a_level_of_its_own():
    assert level_db(moved("level", -0.5)[RATE // 2 :, 0]) == pytest.approx(
        level_db(played(instrument())[RATE // 2 :, 0]) - 6.02, abs=0.05
    )


# -- pitch --------------------------------------------------------------------


def test_an_envelope_moves_the_pitch_by_semitones():
    signal = played(instrument(**envelope("pitch", 0.25)), 1.0)[RATE // 2 :, 0]
    assert cents(frequency_of(signal, note_to_hz(63)), note_to_hz(63)) == pytest.approx(0.0, abs=1.0)


def test_an_lfo_moves_the_pitch_of_each_note_from_its_beginning():
    made = instrument(lfo__1__target="pitch", lfo__1__depth=1 / 12, lfo__1__rate=0.25, lfo__1__start="note")
    signal = played(made, 1.2)[RATE - 4096 : RATE + 4096, 0]  # a quarter of a turn after the note began
    assert cents(frequency_of(signal, note_to_hz(61)), note_to_hz(61)) == pytest.approx(0.0, abs=3.0)


def test_a_note_can_have_a_pitch_of_its_own():
    signal = moved("pitch", -1.0)[RATE // 2 :, 0]
    assert cents(frequency_of(signal, note_to_hz(48)), note_to_hz(48)) == pytest.approx(0.0, abs=1.0)


# -- pan ----------------------------------------------------------------------


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_an_envelope_moves_the_sound_to_one_side(side):
    left, right = played(instrument(**envelope("pan", side)), 0.5)[RATE // 4 :].T
    quiet, loud = (right, left) if side < 0 else (left, right)
    assert np.abs(quiet).max() < 1e-4 * np.abs(loud).max()
    middle = played(instrument(), 0.5)[RATE // 4 :]
    assert level_db(loud) == pytest.approx(level_db(middle[:, 0]) + 3.01, abs=0.05)


def test_what_lies_in_the_middle_is_the_same_on_both_sides():
    made = instrument(lfo__1__target="pan", lfo__1__depth=0.0)
    left, right = played(made, 0.3).T
    assert np.array_equal(left, right) and left.any()


# -- noise and brightness -------------------------------------------------------


def test_an_envelope_moves_the_noise_by_decibels():
    noisy = told_decoder(bands_db=WHITE_DB - 30.0)
    still, moved_up = (
        played(instrument(decoder=noisy, gain=0.3, **envelope("noise", depth)), 1.0)[RATE // 2 :, 0]
        for depth in (0.0, 0.5)
    )

    def between_harmonics_db(signal):
        power = np.abs(np.fft.rfft(signal * np.hanning(len(signal)))) ** 2
        hertz = np.fft.rfftfreq(len(signal), 1 / RATE)
        off = np.abs(hertz / HERTZ - np.round(hertz / HERTZ)) > 0.3
        return 10 * np.log10(power[off & (hertz > 3000)].sum())

    assert between_harmonics_db(moved_up) - between_harmonics_db(still) == pytest.approx(12.0, abs=1.0)


@pytest.mark.parametrize("value", [-1.0, -0.5, 0.5])
def test_brightness_tilts_the_harmonics_by_six_decibels_an_octave(value):
    signal = played(instrument(brightness=value), 1.0)[RATE // 4 :, 0]
    spectrum = np.abs(np.fft.rfft(signal * np.hanning(len(signal)), 8 * len(signal)))
    heights = [
        20 * np.log10(spectrum[int(0.97 * n * HERTZ * 8 * len(signal) / RATE) :][: int(0.06 * n * HERTZ * 8)].max())
        for n in (1, 2, 4, 8)
    ]
    wanted = [SAW_DB[2**octave - 1] + 6.02 * value * octave for octave in range(4)]
    assert np.subtract(heights, heights[0]) == pytest.approx(wanted, abs=0.2)


def test_brightness_leaves_the_loudness():
    loudness = [level_db(played(instrument(brightness=value), 0.5)[RATE // 4 :, 0]) for value in (-0.5, 0.0, 0.5)]
    assert np.ptp(loudness) < 3.0


def test_hard_notes_are_brighter_and_soft_ones_duller():
    def centroid(velocity, **values):
        return centroid_hz(played(instrument(**values), 0.5, velocity)[RATE // 4 :, 0])

    soft, usual, hard = (centroid(velocity) for velocity in (20, 100, 127))
    still = centroid(20, velocity__brightness=0.0)
    assert soft < 0.75 * usual < 0.75 * hard
    assert usual == pytest.approx(still, rel=1e-3)


def test_the_drone_has_no_velocity():
    made = instrument()
    made.set("chroma", 0), made.set("octave", 4), made.set("gate", True)
    assert centroid_hz(made.engine.render(RATE // 2)[RATE // 4 :, 0]) == pytest.approx(
        centroid_hz(played(instrument(), 0.5)[RATE // 4 :, 0]), rel=0.01
    )


def test_a_note_can_have_a_brightness_of_its_own():
    still, own = played(instrument()), moved("brightness", 0.5)
    assert centroid_hz(own[RATE // 2 :, 0]) > 1.3 * centroid_hz(still[RATE // 2 :, 0])


# -- depth by key, bits -----------------------------------------------------------


def test_the_depth_of_an_envelope_grows_with_the_key():
    def loudest(note):
        made = instrument(gain=0.2, env__1__key=1.0, **envelope("level", -0.4))
        return np.abs(played(made, 0.5, note=note)).max() / np.abs(played(instrument(gain=0.2), 0.5, note=note)).max()

    assert loudest(60) == pytest.approx(0.6, rel=0.02)
    assert loudest(90) == pytest.approx(0.4, rel=0.02)
    assert loudest(0) == pytest.approx(1.0, rel=0.02)


def test_the_sound_is_the_same_in_blocks_of_any_length():
    def one(blocksize):
        made = instrument(lfo__1__target="pan", lfo__1__depth=0.8, lfo__1__rate=5.0, spread=0.3)
        made.set("lfo/2/target", "level"), made.set("lfo/2/depth", 0.4), made.set("lfo/2/rate", 3.0)
        for name, value in envelope("pitch", 0.1).items():
            made.set(name.replace("__", "/"), value)
        made.set("env/1/decay", 0.3), made.set("env/1/sustain", 0.0)
        made.note_on("a", 60, 80, 100)
        made.note_on("b", 67, 80, 3333)
        made.note_off("a", 9000)
        made.set("lfo/1/depth", 0.0, 7001)
        return made.engine.render(20000, blocksize)

    reference = one(1)
    assert reference.any()
    assert all(np.array_equal(one(blocksize), reference) for blocksize in (7, 16))


@pytest.mark.parametrize("target", ["volume", "", "lat"])
def test_no_other_word_is_a_target(target):
    with pytest.raises(ParameterError, match="level, pitch, pan, noise, brightness"):
        instrument().set("lfo/1/target", target)


@pytest.mark.parametrize(("name", "value"), [("lfo/1/depth", 0.0), ("lfo/1/target", "brightness"), ("lfo/1/target", 1)])
def test_a_pan_that_is_no_longer_moved_goes_back_without_a_click(name, value):
    made = instrument(decoder=told_decoder([0.0]), lfo__1__target="pan", lfo__1__depth=0.8, lfo__1__rate=0.5)
    made.note_on("a", 60, 100)
    before = made.engine.render(RATE // 2)[RATE // 4 :]
    made.set(name, value)
    after = made.engine.render(RATE // 2)
    assert max(map(sharpest, after.T)) < 1.3 * max(map(sharpest, before.T))
    assert np.array_equal(*after[RATE // 4 :].T)
