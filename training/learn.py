"""From recordings to a playable decoder of the paper's kind in one go, with settings that suit a few minutes of sound.

A decoder that stands already may be the start, after MidiMe's idea: it knows
how notes are made of harmonics and needs only to learn these sounds.  Its
encoder is learned from nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from manned import files
from manned.errors import CorpusError, MannedError, TrainingError
from manned.model.decoder_file import Decoder
from manned.model.topology import Topology
from training.corpus.build import build_corpus
from training.corpus.corpus import Corpus
from training.corpus.split import TooFewClips
from training.export import export, export_encoder
from training.files import make_folder, refuse_existing, working_folder, write_json
from training.measure.evaluate import evaluate
from training.network.fit import fit
from training.network.fit_folder import EVALUATION, Fitted
from training.network.recipe import Recipe, takes_losses_of_points
from training.network.throughput import matrix_peak
from training.network.throughput import report as throughput
from training.network.training_run import Interrupted

STEPS = 1200
PASSAGE_S = 5.0
LEAST_S = 20.0
_BATCH, _SMALLEST_BATCH = 500, 50
_WORTH_ROUNDING = 2.0
_OCTAVE_SHARE = 0.05
_MESH_POINTS = 1000


def learn(
    recordings: Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    *,
    start: Decoder | None = None,
    latents: int = 2,
    steps: int = STEPS,
    licence: str = "",
    seed: int = 0,
    log: Callable[[str], object] = print,
) -> Decoder:
    """Gather a corpus, fit a network, measure it, and write its decoder with the encoder beside it.

    Nothing else is left.

    Parameters
    ----------
    recordings : sequence of path
        Audio files, or folders of them; 20 seconds of sound at least.
    output : path
        Decoder file to write; must not exist yet.
    start : Decoder, optional
        To start from; its topology is kept, so ``latents`` says nothing then.
    latents : int
        Faders through the space of timbres.
    steps : int
        Training steps of up to 500 frames.
    licence : str
        Licence of the decoder, kept in the file.
    seed : int
    log : callable
        Takes messages for people, one text each.

    Returns
    -------
    Decoder

    Raises
    ------
    CorpusError
        When there is too little to learn from.
    TrainingError
        When the output exists, or it was asked to stop.
    """
    output = Path(output)
    refuse_existing(output)
    make_folder(output.parent)
    with working_folder(output) as folder:
        geometry = start.topology if start else Topology()
        try:
            corpus = build_corpus(recordings, folder / "corpus", topology=geometry, passage_s=PASSAGE_S, seed=seed)
        except TooFewClips:
            raise CorpusError(
                f"{', '.join(map(files.shown, recordings))}: holds too little sound to learn from, "
                f"give {LEAST_S:.0f} seconds at least, or a few recordings"
            ) from None
        log(corpus.summary())
        topology = geometry if start else _topology(corpus, latents)
        try:
            fit(corpus, folder / "fit", topology, _recipe(corpus, topology, steps, seed), start)
        except Interrupted as stopped:
            error = TrainingError(f"{files.shown(output)}: stopped while learning, nothing was written")
            error.exit_code = stopped.exit_code
            raise error from None
        log(throughput(folder / "fit"))
        fitted = Fitted(folder / "fit")
        length = int(_MESH_POINTS ** (1 / topology.bottleneck) + 1e-9)
        measures = evaluate(fitted, corpus, length if length > 1 else None)
        write_json(fitted.folder / EVALUATION, measures)
        decoder = export(fitted, corpus, output, output.stem, licence)
        try:
            export_encoder(fitted, decoder, output)
        except MannedError:
            output.unlink()
            raise
        return decoder


def _topology(corpus: Corpus, latents: int) -> Topology:
    """A network for the octaves that the corpus has more than traces of; a single octave needs no asking for."""
    octaves, counts = np.unique(corpus.octaves, return_counts=True)
    octaves = octaves[counts >= _OCTAVE_SHARE * len(corpus.octaves)]
    return Topology(bottleneck=latents, octaves=tuple(octaves) if len(octaves) > 1 else (), output="square")


def _recipe(corpus: Corpus, topology: Topology, steps: int, seed: int) -> Recipe:
    rows = len(corpus.rows("train", topology.octaves))
    of_points = 1e-4 if takes_losses_of_points(topology) else 0.0
    return Recipe(
        learning_rate=2e-3,
        cosine=True,
        batch=min(_BATCH, max(_SMALLEST_BATCH, rows // 8)),
        steps=steps,
        consistency=of_points,
        harmonicity=of_points,
        transpose=topology.skip,
        mixed_bfloat16=matrix_peak(bfloat16=True) > _WORTH_ROUNDING * matrix_peak(),
        seed=seed,
    )
