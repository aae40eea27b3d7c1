"""The pitch of a recording is one track, its level is what is heard."""

import numpy as np
import pytest
from harmonic_tones import RATE, harmonic_tone, level_db

from manned.model.harmonic.pitch_track import HOP, track_pitch, without_offset
from manned.model.harmonic.track import follow, levels_db


def cents(found: np.ndarray, wanted: np.ndarray | float) -> np.ndarray:
    return np.abs(1200.0 * np.log2(found / wanted))


@pytest.mark.parametrize("f0_hz", [41.2, 110.0, 392.0, 1568.0])
def test_a_tone_is_heard_at_its_octave_though_its_third_harmonic_is_the_loudest(f0_hz):
    frames, voiced = follow(harmonic_tone(f0_hz, [0.1, 0.05, 0.2, 0.05], seconds=0.7), RATE)
    inner = slice(3, -3)
    assert voiced[inner].all() and cents(frames.f0_hz[inner], f0_hz).max() < 1.0


def test_a_glide_is_followed():
    seconds = np.arange(2 * RATE) / RATE
    frequency = 220.0 * 2.0 ** (seconds / 2.0)
    phase = 2.0 * np.pi * np.cumsum(frequency) / RATE
    sound = sum(0.1 / number * np.sin(number * phase) for number in range(1, 6))
    frames, _ = follow(sound, RATE)
    inner = np.arange(4, len(frames) - 4)
    assert np.median(cents(frames.f0_hz[inner], frequency[inner * HOP])) < 5.0


def test_noise_and_silence_are_not_voiced_and_keep_a_pitch():
    sound = np.concatenate([harmonic_tone(220.0, [0.2, 0.1], seconds=0.5), np.zeros(RATE // 2)])
    track = track_pitch(sound, RATE)
    assert not track.voiced[-8:].any() and cents(track.f0_hz[-8:], 220.0).max() < 60.0
    noise = np.random.default_rng(0).standard_normal(RATE // 2)
    assert not track_pitch(0.1 * noise, RATE).voiced.any()
    assert not track_pitch(np.zeros(RATE // 2), RATE).voiced.any()


@pytest.mark.parametrize("f0_hz", [32.70, 32.70 * 2 ** (0.3 / 12), 65.41, 1046.5, 2093.0 * 2 ** (-0.4 / 12), 4186.0])
def test_all_notes_from_c1_to_c8_are_heard_and_how_far_they_are_out_of_tune(f0_hz):
    track = track_pitch(harmonic_tone(f0_hz, [0.1, 0.05, 0.03, 0.02], seconds=0.6), RATE)
    inner = slice(4, -4)
    assert track.voiced[inner].all() and cents(track.f0_hz[inner], f0_hz).max() < 8.0


def test_a_hum_in_the_pauses_is_no_pitch():
    hum = 1e-5 * harmonic_tone(50.0, [1.0, 0.5], seconds=1.0)
    hum[RATE // 2 :] += harmonic_tone(330.0, [0.3, 0.1], seconds=0.5)
    track = track_pitch(hum, RATE)
    assert not track.voiced[2:18].any() and cents(track.f0_hz[2:18], 330.0).max() < 10.0


def test_a_track_in_pieces_is_that_of_the_whole():
    notes = [harmonic_tone(f0_hz, [0.2, 0.1, 0.05], seconds=1.3) for f0_hz in (110.0, 233.1, 55.0, 440.0, 330.0)]
    sound = np.concatenate(notes)
    whole, cut = track_pitch(sound, RATE), track_pitch(sound, RATE, length=2 * 44 * 1024)
    assert len(whole.f0_hz) == len(cut.f0_hz) == 1 + len(sound) // HOP
    assert np.mean(cents(cut.f0_hz, whole.f0_hz) > 5.0) < 0.02 and np.mean(cut.voiced != whole.voiced) < 0.02


def test_a_note_that_is_given_is_taken():
    frames, voiced = follow(harmonic_tone(150.0, [0.2], seconds=0.4), RATE, note_hz=151.0)
    assert voiced.all() and cents(frames.f0_hz[3:-3], 150.0).max() < 1.0


def test_the_level_of_a_decay_is_kept():
    decay = np.exp(-np.arange(RATE) / (0.15 * RATE))
    sound = harmonic_tone(220.0, [0.3, 0.1]) * decay
    frames, _ = follow(sound, RATE, note_hz=220.0)
    fall_db = 20.0 * np.log10(np.exp(-HOP / (0.15 * RATE)))
    assert np.diff(frames.level_db)[2:30] == pytest.approx(fall_db, abs=0.3)


def test_an_offset_has_no_level():
    sound = harmonic_tone(220.0, [0.01]) + 0.4
    frames, _ = follow(sound, RATE, note_hz=220.0)
    assert frames.level_db[5:-5] == pytest.approx(level_db(0.01), abs=0.3)
    assert np.abs(without_offset(np.full(1000, 0.7), RATE)).max() < 1e-6


def test_an_attack_shows_in_the_level_within_some_twenty_milliseconds():
    sound = np.concatenate([np.zeros(RATE // 2), harmonic_tone(440.0, [0.3], seconds=0.5)])
    centres = np.array([RATE // 2 - 800, RATE // 2 + 800])
    before, after = levels_db(sound, centres, np.full(2, 440.0), RATE)
    assert before < -100.0 and after == pytest.approx(level_db(0.3), abs=0.3)
