"""The folder of a fit: what it remembers of its corpus."""

import os
import shutil

import pytest

from manned.errors import CorpusError
from manned.model.topology import Topology
from training.corpus.build import build_corpus
from training.network.fit import fit
from training.network.fit_folder import Fitted
from training.network.recipe import Recipe


def test_a_corpus_may_lie_in_a_folder_whose_name_is_no_utf_8(patches, tmp_path):
    folder = os.fsdecode(os.path.join(os.fsencode(tmp_path), b"\xfb"))
    corpus = build_corpus([patches], folder, labels="notes", frames_per_note=2, validation=1, test=1)
    fit(corpus, tmp_path / "fit", Topology(widths=(8,)), Recipe(batch=50, steps=1))
    assert Fitted(tmp_path / "fit").open_corpus().info == corpus.info


def test_a_fit_knows_the_corpus_it_was_trained_on(patches, tmp_path):
    first, second = (
        build_corpus(
            [patches], tmp_path / str(seed), labels="notes", frames_per_note=2, validation=1, test=1, seed=seed
        )
        for seed in (0, 1)
    )
    fit(first, tmp_path / "fit", Topology(widths=(8,)), Recipe(batch=50, steps=1))
    fitted = Fitted(tmp_path / "fit")
    assert fitted.open_corpus().info == first.info
    assert fitted.trained_on(first) and not fitted.trained_on(second)
    shutil.rmtree(first.folder)
    second.folder.rename(first.folder)
    with pytest.raises(CorpusError, match="is not the one that fit .* was trained on"):
        fitted.open_corpus()
