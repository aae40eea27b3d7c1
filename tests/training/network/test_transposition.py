"""Transposition: the notes that a corpus lacks are taught, in tune and with the timbre of their neighbours."""

from dataclasses import replace

import numpy as np
import pytest
from tones import tone

from manned.errors import TrainingError
from manned.model import analysis
from manned.model.topology import Topology
from training.measure.coding import decode
from training.measure.mesh import harmonic_content
from training.network.fit import fit
from training.network.fit_folder import Fitted
from training.network.recipe import Recipe
from training.network.transposition import Transposition, transpose

C_MAJOR = np.array([0, 2, 4, 5, 7, 9, 11])


def frame(note):
    return analysis.normalise(analysis.magnitudes(tone(note, 0.5)))[:1]


def random_numbers():
    return np.random.default_rng(7)


@pytest.mark.parametrize(("semitones", "most"), [(1, 0.01), (-1, 0.01), (-6, 0.12), (6, 0.12)])
@pytest.mark.parametrize("note", [48, 60, 69, 77])
def test_a_transposed_frame_is_that_of_the_other_note(note, semitones, most):
    wanted = frame(note + semitones)
    error = np.mean((transpose(frame(note), semitones) - wanted) ** 2)
    assert error < most * np.mean(wanted**2)
    assert error < 0.1 * np.mean((frame(note) - wanted) ** 2)


def test_frames_keep_their_kind_and_their_maximum():
    frames = np.random.default_rng(1).random((3, 2049)).astype(np.float16)
    moved = transpose(frames, 12)
    assert moved.dtype == np.float16 and moved.min() >= 0
    np.testing.assert_array_equal(moved.max(axis=1), 1.0)
    assert not np.any(transpose(frames, -12)[:, 1100:])  # nothing is known of what would come from above the last bin


def test_a_scale_becomes_chromatic():
    classes = np.tile(C_MAJOR, 300)
    octaves = np.full(len(classes), 4)
    frames = np.concatenate([frame(60 + pitch_class) for pitch_class in classes[:7]]).repeat(300, axis=0)
    classes = C_MAJOR.repeat(300)
    moved, new, _ = Transposition(classes, octaves)(frames, classes, octaves, random_numbers())
    counts = np.bincount(new, minlength=12)
    assert counts.min() > 0.4 * counts.max()
    np.testing.assert_array_equal(analysis.pitch_classes(moved), new)
    stayed = new == classes
    assert 0.4 < stayed.mean() < 0.8
    np.testing.assert_array_equal(moved[stayed], frames[stayed])
    assert set(zip(classes[~stayed].tolist(), new[~stayed].tolist())) == {
        (0, 1), (2, 1), (2, 3), (4, 3), (5, 6), (7, 6), (7, 8), (9, 8), (9, 10), (11, 10),
    }  # fmt: skip


def test_one_note_keeps_half_of_its_frames_and_teaches_an_octave_around():
    classes, octaves = np.full(2000, 0), np.full(2000, 4)
    frames = np.repeat(frame(60), 2000, axis=0)
    _, new, into = Transposition(classes, octaves, (2, 3, 4))(frames, classes, octaves, random_numbers())
    notes = 12 * (into + 1) + new
    assert 0.45 < np.mean(notes == 60) < 0.55
    assert set(notes.tolist()) == set(range(48, 72))  # octave 2 lies more than an octave away


def test_without_octaves_frames_stay_in_theirs():
    """The instrument plays such a network from one octave; the harmonicity loss looks for its notes in those held."""
    classes, octaves = np.array([0, 2, 4] * 100), np.full(300, 4)
    frames = np.concatenate([frame(60), frame(62), frame(64)] * 100)
    moved, new, into = Transposition(classes, octaves)(frames, classes, octaves, random_numbers())
    assert set(new.tolist()) == set(range(12)) and set(into.tolist()) == {4}
    assert harmonic_content(moved, new, [4])[0].min() > 0.95


def test_where_nothing_lacks_nothing_moves():
    classes = np.arange(12).repeat(20)
    octaves = np.full(len(classes), 4)
    frames = np.random.default_rng(2).random((len(classes), 2049)).astype(np.float16)
    moved, new, into = Transposition(classes, octaves)(frames, classes, octaves, random_numbers())
    np.testing.assert_array_equal(moved, frames)
    np.testing.assert_array_equal(new, classes)
    np.testing.assert_array_equal(into, octaves)


def test_stray_frames_do_not_make_a_class_known():
    classes = np.array([0] * 1000 + [1] * 3)
    octaves = np.full(len(classes), 4)
    frames = np.concatenate([frame(60).repeat(1000, axis=0), frame(61).repeat(3, axis=0)])
    _, new, _ = Transposition(classes, octaves)(frames, classes, octaves, random_numbers())
    assert np.sum(new == 1) > 20


def ask(folder, pitch_class):
    """Frames of a fit at 20 points of its space, asked for a class in octave 4."""
    fitted = Fitted(folder)
    points = np.random.default_rng(0).random((20, fitted.topology.bottleneck), dtype=np.float32)
    return decode(fitted, points, analysis.condition([pitch_class] * 20, [4] * 20, fitted.topology.octaves))


def test_a_network_learns_the_notes_that_its_corpus_lacks(corpus, topology, tmp_path):
    """The corpus holds C, E and G; asked for the others, each point should sound as C, E and G do there, transposed."""
    recipe = Recipe(learning_rate=3e-3, cosine=True, batch=50, epochs=60, seed=3)
    errors = {}
    for transposed in (False, True):
        folder = tmp_path / f"transpose {transposed}"
        fit(corpus, folder, topology, replace(recipe, transpose=transposed))
        pairs = [(0, 1), (4, 3), (4, 5), (7, 6), (7, 8)]
        errors[transposed] = [
            float(np.mean((ask(folder, lacking) - transpose(ask(folder, held), lacking - held)) ** 2))
            for held, lacking in pairs
        ]
    assert np.mean(errors[True]) < 0.3 * np.mean(errors[False])


def test_it_needs_a_note_to_ask_for(corpus, tmp_path):
    with pytest.raises(TrainingError, match="needs the chroma skip"):
        fit(corpus, tmp_path / "no", Topology(skip=False), Recipe(transpose=True))
