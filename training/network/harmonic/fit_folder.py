"""A harmonic fit as it stands in its folder, read without TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from manned import files
from manned.errors import TrainingError
from manned.model.harmonic.forward import Weights
from manned.model.harmonic.topology import HarmonicTopology
from training.corpus.harmonic.corpus import HarmonicCorpus
from training.network.fit_folder import CHECKPOINT, SETTINGS, pairs, read_settings, read_tensors


@dataclass(frozen=True, eq=False)
class HarmonicFit:
    """A fit as it stands in its folder.

    Attributes
    ----------
    folder : Path
    topology : HarmonicTopology
    encoder, decoder : list
        Pairs of weight and bias.
    settings : dict
    log : list of dict
    """

    folder: Path
    topology: HarmonicTopology
    encoder: Weights
    decoder: Weights
    settings: dict
    log: list[dict]

    @property
    def step(self) -> int:
        """How many steps it was trained."""
        return int(self.log[-1]["step"])

    def open_corpus(self) -> HarmonicCorpus:
        """The corpus that it was trained on; a `CorpusError` when it is gone, see also `check`."""
        corpus = HarmonicCorpus(self.settings["corpus"])
        self.check(corpus)
        return corpus

    def check(self, corpus: HarmonicCorpus) -> None:
        """A `TrainingError` when a corpus is not the one that it was trained on."""
        if corpus.info["digest"] != self.settings["corpus_digest"]:
            raise TrainingError(
                f"corpus {files.shown(corpus.folder)}: is not the one that fit {files.shown(self.folder)} "
                "was trained on"
            )


def load(folder: Path) -> HarmonicFit:
    """Open a fit folder for reading; a `TrainingError` when it holds no fit of the kind harmonic."""
    settings = read_settings(folder)
    try:
        topology = HarmonicTopology.from_dict(settings["topology"])
    except (KeyError, TypeError, ValueError):
        raise TrainingError(f"fit {folder}: {SETTINGS} says nothing of its topology") from None
    state, facts = read_tensors(Path(folder) / CHECKPOINT)
    encoder = pairs(state, "encoder", topology.encoder_layers())
    decoder = pairs(state, "decoder", topology.decoder_layers())
    return HarmonicFit(Path(folder), topology, encoder, decoder, settings, facts["log"])
