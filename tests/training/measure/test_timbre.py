"""The measures of timbre say what they are meant to say."""

import numpy as np
import pytest
from harmonic_tones import RATE, harmonic_tone

from manned.library import Library
from manned.model.analysis import normalise
from manned.model.harmonic import ear
from manned.model.harmonic.analysis import Frames
from manned.model.harmonic.scale import BANDS, FLOOR_DB, HARMONICS
from manned.model.harmonic.topology import STIFFEST
from manned.model.pitch import note_to_hz
from training.measure.timbre import space
from training.measure.timbre.evaluate import player
from training.measure.timbre.played import likeness
from training.measure.timbre.replayed import replay, sounds_its_note
from training.measure.timbre.rivals import drawn


def frames_of(
    levels: dict[int, float], bands_db: float = -85.0, f0_hz: float = 220.0, stiffness: float = 0.0
) -> np.ndarray:
    harmonics = np.full((1, HARMONICS), FLOOR_DB)
    for number, level in levels.items():
        harmonics[0, number - 1] = level
    bands = np.full((1, BANDS), bands_db)
    return drawn(Frames(harmonics, bands, np.array([f0_hz]), np.array([stiffness]), np.zeros(1)))


F0, STRAIGHT = np.array([220.0]), np.zeros(1)


def test_equal_frames_are_not_apart():
    frame = frames_of({1: 0.0, 2: -6.0})
    assert ear.harm(frame, frame, F0, STRAIGHT) == ear.erb(frame, frame) == ear.lsd(frame, frame) == 0.0


def test_harm_is_the_mean_over_harmonics_that_are_heard():
    source, other = frames_of({1: 0.0, 2: -10.0, 3: -20.0, 4: -75.0}), frames_of({1: 0.0, 2: -16.0, 3: -17.0, 4: -40.0})
    assert ear.harm(source, other, F0, STRAIGHT)[0] == pytest.approx((0.0 + 6.0 + 3.0) / 3.0, abs=0.1)


def test_erb_hears_noise_that_harm_does_not():
    source, other = frames_of({1: 0.0}, -80.0), frames_of({1: 0.0}, -50.0)
    assert ear.harm(source, other, F0, STRAIGHT)[0] < 0.1 and ear.erb(source, other)[0] > 10.0


def test_dimensions_are_counted():
    rng = np.random.default_rng(0)
    assert (
        space.effective_dimensions(rng.standard_normal((4000, 3)) @ rng.standard_normal((3, 3)) @ np.eye(3, 40)) < 3.1
    )
    assert space.effective_dimensions(rng.standard_normal((9000, 6))) == pytest.approx(6.0, abs=0.1)


def test_a_partial_of_another_note_is_foreign_and_noise_is_not():
    frame = frames_of({1: 0.0, 2: -6.0}, -40.0, f0_hz=523.25)
    other = normalise(frame + 1.2 * frames_of({1: 0.0}, f0_hz=523.25 * 1.5))
    found = space.foreign_share(np.concatenate([frame, other]), np.full(2, 523.25))
    assert found[0] < 0.01 and found[1] > 0.3


def test_partials_of_a_stiff_string_are_its_own_and_those_of_a_fifth_are_not():
    frame = frames_of({number: -0.5 * number for number in range(1, 25)}, f0_hz=523.25, stiffness=4e-4)
    fifth = normalise(frame + 3.0 * frames_of({1: 0.0, 2: -3.0, 3: -6.0}, f0_hz=523.25 * 1.5))
    both, f0_hz = np.concatenate([frame, fifth]), np.full(2, 523.25)
    assert np.all(space.foreign_share(both, f0_hz) > 0.1)
    found = space.foreign_share(both, f0_hz, STIFFEST)
    assert found[0] < 0.01 and found[1] > 0.3


def test_a_decoder_whose_points_sound_other_notes_is_found_out():
    decoder = Library().read_decoder("atlas-0.1")
    controls = np.random.default_rng(0).random((300, decoder.latent_count)).astype(np.float32)
    f0_hz = np.full(300, note_to_hz(93))
    shares = space.foreign_share(player(decoder)(controls, f0_hz), f0_hz, STIFFEST)
    assert np.mean(shares > 0.1) > 0.01


def test_pure_and_rough_are_told_apart():
    pure, rough = frames_of({1: 0.0}), frames_of({number: -3.0 * number for number in range(1, 12)}, -25.0)
    partials, beside = space.partials_and_rest(np.concatenate([pure, rough]), np.full(2, 220.0))
    assert partials[0] == 1 and partials[1] >= 10 and beside[0] < 0.001 and beside[1] > 0.05


def test_noise_at_the_place_of_a_harmonic_is_no_partial():
    breathy = frames_of({1: 0.0}, -25.0)
    assert ear.harmonic_levels(breathy, F0, STRAIGHT)[0, 1] > -40.0
    assert space.partials_and_rest(breathy, F0)[0][0] == 1


def test_a_player_whose_keys_agree_is_even():
    def player(controls, f0_hz):
        levels = {number: -float(number) for number in range(1, 17)}
        return np.concatenate([frames_of(levels, f0_hz=hz) for hz in f0_hz])

    found = space.measure(player, 2, points=40)
    assert found.evenness_db < 0.1 and found.foreign == 0.0


def test_a_note_is_like_itself_at_any_gain():
    sound = harmonic_tone(220.0, [0.2, 0.1], noise=1e-3)
    assert likeness(sound, 0.25 * sound).lsd_db < 1e-3 and likeness(sound, 0.25 * sound).contour_db < 1e-3


def test_a_note_that_does_not_decay_is_unlike_one_that_does():
    sound = harmonic_tone(220.0, [0.2, 0.1])
    assert likeness(sound * np.exp(-4.0 * np.arange(RATE) / RATE), sound).contour_db > 8.0


def test_silence_in_both_is_no_likeness_of_what_sounds():
    dark, other = harmonic_tone(220.0, [0.2]), harmonic_tone(220.0, [0.2, 0.1])
    found = likeness(dark, other)
    assert found.sounding_lsd_db > 5.0 * found.lsd_db


def test_the_papers_kind_is_played_at_the_note_that_is_asked_for():
    decoder = Library().read_decoder("atlas-spectrum")
    controls = np.random.default_rng(0).random((3, decoder.latent_count)).astype(np.float32)
    frames = player(decoder)(controls, np.array([note_to_hz(note) for note in (60, 71, 60)]))
    assert np.array_equal(frames[[0, 2]], normalise(decoder.spectra(controls[[0, 2]], 0, 4)))
    assert np.array_equal(frames[[1]], normalise(decoder.spectra(controls[[1]], 11, 4)))


def test_the_analysis_and_back_is_like_the_source():
    sound = harmonic_tone(196.0, [0.2, 0.1, 0.05, 0.02], noise=1e-3) * np.exp(-3.0 * np.arange(RATE) / RATE)
    answer, heard = replay(sound, None, None)
    found = likeness(sound, answer)
    assert sounds_its_note(heard, 196.0) and not sounds_its_note(heard, 98.0)
    assert found.lsd_db < 2.5 and found.contour_db < 1.0
