"""Training a network on a corpus, or going on with it.

A fit is a folder of ``fit.json`` (its settings), ``checkpoint.safetensors``
(where it stands), ``best.safetensors`` (best weights by validation) and
``log.csv`` (one row an epoch).  Every random choice follows from the seed and
the step's number, so a fit that was stopped goes on as if it had not been.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from manned import files
from manned.errors import TrainingError
from manned.model.decoder_file import Decoder
from manned.model.topology import Topology
from training.corpus.corpus import Corpus
from training.files import make_folder, write_json
from training.network.fit_folder import SETTINGS, held, read_settings
from training.network.recipe import Recipe, takes_losses_of_points
from training.network.training_run import TrainingRun


def fit(
    corpus: Corpus,
    folder: str | os.PathLike[str],
    topology: Topology,
    recipe: Recipe,
    start: Decoder | None = None,
) -> dict[str, Any]:
    """Train a network, or go on training it when ``folder`` holds an unfinished fit.

    Parameters
    ----------
    corpus : Corpus
        Frames whose octave the topology does not know are left out.
    folder : path
        Where the fit lives.
    topology : Topology
    recipe : Recipe
    start : Decoder, optional
        Whose weights the decoder begins with, of the same shape; the encoder begins at random.

    Returns
    -------
    dict
        The best epoch's row of the log.

    Raises
    ------
    TrainingError
        When the settings contradict each other, the corpus or the folder's fit;
        when another process trains it; when the loss is no longer finite.
    training.network.training_run.Interrupted
        After Ctrl-C or SIGTERM, with everything saved.
    """
    _check(corpus, topology, recipe)
    if start and start.topology.decoder_layers() != topology.decoder_layers():
        raise TrainingError(f"the network's decoder has another shape than {start.name}, which it should start from")
    folder = Path(folder)
    _settle(folder, corpus, topology, recipe)
    with held(folder):
        return TrainingRun(corpus, folder, topology, recipe, start).run()


def _check(corpus: Corpus, topology: Topology, recipe: Recipe) -> None:
    for name in ("samplerate", "n_fft", "hop"):
        if corpus.info[name] != getattr(topology, name):
            raise TrainingError(
                f"corpus {files.shown(corpus.folder)}: its {name} is {corpus.info[name]}, "
                f"the network's is {getattr(topology, name)}"
            )
    if (recipe.consistency or recipe.harmonicity) and not takes_losses_of_points(topology):
        raise TrainingError("the consistency and harmonicity losses need the chroma skip and a sigmoid bottleneck")
    if recipe.transpose and not topology.skip:
        raise TrainingError("transposition teaches notes to ask for, which needs the chroma skip")
    if recipe.beta and topology.bottleneck_activation != "linear":
        raise TrainingError(f"a β-VAE needs a linear bottleneck, found {topology.bottleneck_activation}")
    if not len(corpus.rows("train", topology.octaves)):
        raise TrainingError(f"corpus {files.shown(corpus.folder)}: no frame to train on in octaves {topology.octaves}")


def _settle(folder: Path, corpus: Corpus, topology: Topology, recipe: Recipe) -> None:
    """Write the settings of a new fit, or make sure that a standing one has the same."""
    settings = {
        "corpus": str(corpus.folder.resolve()),
        "corpus_digest": corpus.info["digest"],
        "topology": topology.as_dict(),
        "recipe": asdict(recipe),
    }
    settings = json.loads(json.dumps(settings))
    if (folder / SETTINGS).exists():
        before = read_settings(folder)
        standards = {"topology": {}, "recipe": asdict(Recipe())}
        for section, standard in standards.items():
            for name, value in settings[section].items():
                begun = before[section].get(name, standard.get(name))
                if begun != value:
                    raise TrainingError(
                        f"fit {files.shown(folder)}: was begun with {name} {begun}, now it is {value}; "
                        "use the same settings to go on, or another folder"
                    )
        if before["corpus_digest"] != settings["corpus_digest"]:
            raise TrainingError(
                f"fit {files.shown(folder)}: was begun with another corpus, {before['corpus']}; use another folder"
            )
        return
    make_folder(folder)
    write_json(folder / SETTINGS, settings)
