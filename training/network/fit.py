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
from training.network.fit_folder import SETTINGS, Fitted, held, read_settings
from training.network.recipe import Recipe, takes_losses_of_points
from training.network.training_run import TrainingRun


def fit(
    corpus: Corpus,
    folder: str | os.PathLike[str],
    topology: Topology,
    recipe: Recipe,
    start: Decoder | Fitted | None = None,
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
    start : Decoder or Fitted, optional
        Of the same shape, whose weights the network begins with; of a decoder, its encoder begins at random.

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
    if start and not _same_shape(start, topology, recipe):
        name = start.name if isinstance(start, Decoder) else f"fit {files.shown(start.folder)}"
        raise TrainingError(f"the network has another shape than {name}, which it should start from")
    folder = Path(folder)
    _settle(folder, corpus, topology, recipe, start)
    with held(folder):
        return TrainingRun(corpus, folder, topology, recipe, start).run()


def _same_shape(start: Decoder | Fitted, topology: Topology, recipe: Recipe) -> bool:
    if isinstance(start, Decoder):
        return start.topology.decoder_layers() == topology.decoder_layers()
    return start.topology == topology and (start.log_variance is not None) == bool(recipe.beta)


def _check(corpus: Corpus, topology: Topology, recipe: Recipe) -> None:
    for name in ("samplerate", "n_fft", "hop"):
        if corpus.info[name] != getattr(topology, name):
            raise TrainingError(
                f"corpus {files.shown(corpus.folder)}: its {name} is {corpus.info[name]}, "
                f"the network's is {getattr(topology, name)}"
            )
    if (recipe.consistency or recipe.harmonicity or recipe.evenness) and not takes_losses_of_points(topology):
        raise TrainingError(
            "the losses of consistency, harmonicity and evenness need the chroma skip and a sigmoid bottleneck"
        )
    if recipe.evenness and not topology.octaves:
        raise TrainingError("the evenness loss compares keys and needs a network that is told the octave (--octaves)")
    if recipe.transpose and not topology.skip:
        raise TrainingError("transposition teaches notes to ask for, which needs the chroma skip")
    if recipe.beta and topology.bottleneck_activation != "linear":
        raise TrainingError(f"a β-VAE needs a linear bottleneck, found {topology.bottleneck_activation}")
    if not len(corpus.rows("train", topology.octaves)):
        raise TrainingError(f"corpus {files.shown(corpus.folder)}: no frame to train on in octaves {topology.octaves}")


def _settle(folder: Path, corpus: Corpus, topology: Topology, recipe: Recipe, start: Decoder | Fitted | None) -> None:
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
        standards = {"topology": asdict(Topology()), "recipe": asdict(Recipe())}
        for section, standard in standards.items():
            for name, value in {**standard, **settings[section]}.items():
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
    if isinstance(start, Fitted):
        settings["start"] = {"recipe": start.settings["recipe"], "best": start.facts}
    make_folder(folder)
    write_json(folder / SETTINGS, settings)
