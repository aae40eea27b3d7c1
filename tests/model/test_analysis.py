"""What a frame is, measured on tones whose pitch is known."""

import numpy as np
import pytest
from tones import tone

from manned.model import analysis
from manned.model.pitch import class_and_octave
from manned.model.topology import Topology

LENGTH_S = 0.15  # a little more than one window


def frames_of(signal):
    return analysis.normalise(analysis.magnitudes(signal))


def test_magnitudes_are_one_frame_each_hop_of_whole_windows():
    assert analysis.magnitudes(np.zeros(4096 + 3 * 1024)).shape == (4, 2049)
    assert analysis.magnitudes(np.zeros(4095)).shape == (0, 2049)


def test_magnitudes_can_be_taken_at_chosen_places():
    signal = tone(60, 0.5)
    assert np.array_equal(analysis.magnitudes(signal, starts=[1024, 5000])[0], analysis.magnitudes(signal)[1])


def test_many_frames_are_the_same_as_each_alone():
    signal = np.random.default_rng(0).normal(size=4096 + 1024 * 700).astype(np.float32)
    together = analysis.magnitudes(signal)
    for index in (0, 511, 512, 700):
        alone = analysis.magnitudes(signal[1024 * index : 1024 * index + 4096])
        np.testing.assert_allclose(alone[0], together[index], rtol=1e-5, atol=1e-4)


def test_a_full_scale_sine_reaches_a_quarter_of_the_window():
    time = np.arange(4096)
    assert analysis.magnitudes(np.sin(2 * np.pi * 100 * time / 4096)).max() == pytest.approx(1024, rel=1e-4)


def test_a_constant_offset_leaves_no_trace():
    signal = tone(57, LENGTH_S)
    np.testing.assert_allclose(analysis.magnitudes(signal + 0.3), analysis.magnitudes(signal), atol=0.02)
    assert not analysis.audible(analysis.magnitudes(np.full(4096, 0.3))).any()


def test_frames_are_normalised_to_their_own_maximum():
    frames = frames_of(np.concatenate([tone(60, LENGTH_S), 0.01 * tone(64, LENGTH_S)]))
    assert np.allclose(frames.max(axis=1), 1.0) and frames.min() >= 0.0
    assert not analysis.normalise(np.zeros((2, 2049))).any()


@pytest.mark.parametrize(("level_db", "heard"), [(-59.0, True), (-61.0, False)])
def test_silence_is_what_is_weaker_than_a_sine_of_the_threshold(level_db, heard):
    sine = 10 ** (level_db / 20) * np.sin(2 * np.pi * 40 * np.arange(4096) / 4096)
    assert analysis.audible(analysis.magnitudes(sine)).tolist() == [heard]


@pytest.mark.parametrize(("decay", "odd_only"), [(8.0, False), (2.0, False), (1.0, False), (1.0, True)],
                         ids=["nearly a sine", "soft", "saw", "square"])  # fmt: skip
def test_class_and_octave_of_harmonic_tones_are_heard_from_c2_up(decay, odd_only):
    for note in range(36, 103):
        frames = frames_of(tone(note, LENGTH_S, decay, odd_only, seed=note))
        pitch_class, octave = class_and_octave(note)
        classes = analysis.pitch_classes(frames)
        assert (classes == pitch_class).all(), f"class of note {note}"
        assert (analysis.estimate_octaves(frames, classes) == octave).all(), f"octave of note {note}"


def test_a_tone_a_little_out_of_tune_keeps_its_class():
    for note in range(36, 103, 5):
        for cents in (-20, 20):
            frames = frames_of(tone(note + cents / 100, LENGTH_S))
            assert (analysis.pitch_classes(frames) == note % 12).all(), f"note {note}, {cents} cents off"


def test_octave_is_chosen_among_those_given():
    frames = frames_of(tone(60, LENGTH_S))
    assert (analysis.estimate_octaves(frames, np.zeros(len(frames), dtype=int), octaves=[5, 6]) == 5).all()


def test_class_of_a_live_frame_is_the_maximum_over_its_classes_not_over_time():
    scale = np.concatenate([tone(note, LENGTH_S, 2.0) for note in (60, 64, 67)])
    frames = frames_of(scale)
    together = analysis.pitch_classes(frames)
    assert set(together) == {0, 4, 7}
    for frame, pitch_class in zip(frames, together):
        alone = analysis.pitch_classes(frame[None])
        assert alone.tolist() == [pitch_class]
        assert analysis.condition(alone).sum() == 1.0


def test_filterbank_has_a_row_a_class_and_shares_out_no_bin_twice():
    filterbank = analysis.chroma_filterbank()
    assert filterbank.shape == (12, 2049)
    assert filterbank.min() >= 0.0 and filterbank.sum(axis=0).max() <= 1.0 + 1e-6
    above_c8 = int(4186 * 2 ** (1 / 24) * 4096 / 44100) + 2
    assert not filterbank[:, above_c8:].any()


def test_condition_is_the_class_then_the_octave():
    condition = analysis.condition([0, 11], [3, 5], (2, 3, 5))
    assert condition.shape == (2, 15)
    assert [np.flatnonzero(row).tolist() for row in condition] == [[0, 13], [11, 14]]


@pytest.mark.parametrize("augmentation", ["none", "difference", "chroma"])
def test_encoder_input_has_the_width_of_the_topology(augmentation):
    topology = Topology(augmentation=augmentation, octaves=(3, 4))
    frames = frames_of(tone(60, LENGTH_S))
    inputs = analysis.encoder_input(topology, frames, analysis.condition([0] * len(frames), [4] * len(frames), (3, 4)))
    assert inputs.shape == (len(frames), topology.encoder_inputs)
    if augmentation == "difference":
        assert np.array_equal(inputs[:, 2049:], frames[:, 1:] - frames[:, :-1])
