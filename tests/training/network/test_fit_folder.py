"""The folder of a fit: what it remembers of its corpus."""

import shutil

import pytest

from manned.errors import CorpusError
from manned.model.topology import Topology
from training.corpus.build import build_corpus
from training.network.fit import fit
from training.network.fit_folder import Fitted
from training.network.recipe import Recipe


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
