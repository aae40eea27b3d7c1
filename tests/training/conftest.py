"""A small corpus and a small network that every training test shares."""

import pytest
from tones import write_patches

from manned.model.topology import Topology
from training.corpus.build import build_corpus
from training.corpus.corpus import Corpus

NOTES = (48, 52, 55, 60, 64, 67)
OCTAVES = (3, 4)


@pytest.fixture(scope="session")
def patches(tmp_path_factory):
    """Six patches of six notes, with their notes.csv."""
    return write_patches(tmp_path_factory.mktemp("sounds") / "patches", 6, NOTES)


@pytest.fixture(scope="session")
def corpus(patches, tmp_path_factory) -> Corpus:
    """Four patches to train on, one for validation and one for test; eight frames a note."""
    folder = tmp_path_factory.mktemp("corpora") / "corpus"
    return build_corpus([patches], folder, labels="notes", frames_per_note=8, validation=1, test=1)


@pytest.fixture(scope="session")
def topology() -> Topology:
    """Narrow enough to train in a second."""
    return Topology(widths=(32, 16), bottleneck=2, octaves=OCTAVES, output="square")
