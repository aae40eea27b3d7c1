"""Training: the loop around the compiled step, with validation, checkpoints and resuming.

A fit is a folder of ``fit.json`` (its settings), ``checkpoint.safetensors``
(where it stands), ``best.safetensors`` (best weights by validation) and
``log.csv`` (one row an epoch).  Every random choice follows from the seed and
the step's number, so a fit that was stopped goes on as if it had not been.
"""

from __future__ import annotations

import csv
import json
import math
import signal
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from manned.errors import TrainingError
from manned.model import analysis
from manned.model.decoder_file import Decoder
from manned.model.topology import Topology

from .backend import keras
from .corpus import Corpus
from .network import Autoencoder
from .objective import divergence_weight
from .step import TrainingStep
from .store import (
    BEST,
    CHECKPOINT,
    LOG,
    SETTINGS,
    held,
    make_folder,
    read_settings,
    read_tensors,
    write_tensors,
    write_whole,
)
from .transposition import Transposition
from .vae import VariationalAutoencoder

_VALIDATION_BATCH = 1000
_OF_TRANSPOSITION = 12  # sets its random numbers apart from the objective's
_PARTS = ("train_mse", "inconsistency", "inharmonicity", "divergence")
_LOG_COLUMNS = ("epoch", "step", "learning_rate", *_PARTS, "validation_mse", "validation_divergence")


@dataclass(frozen=True)
class Recipe:
    """How to train; the defaults are the paper's (section IV-C).

    Attributes
    ----------
    learning_rate : float
        Of Adam.
    cosine : bool
        Whether the learning rate falls to 0 along half a cosine.
    batch : int
        Frames a step.
    epochs : int
        Times through the training set.
    steps : int or None
        When given, stop after so many steps instead.
    l2 : float
        Penalty on the sum of squared weights.
    consistency : float
        Weight of the chroma-consistency loss: random points are decoded and
        their chroma compared with the class asked for.  0 for none.
    harmonicity : float
        Weight of the harmonicity loss: of the same points, the share of the
        power that lies on harmonics of one note of the class.  0 for none.
    transpose : bool
        Whether notes that the corpus lacks are taught by transposed frames of
        the nearest ones (`training.transposition.Transposition`).
    beta : float
        Weight of the divergence from the prior: above 0 the network is a β-VAE
        (section VI), 1 weighs as the evidence lower bound of unit variance does.
    beta_warmup : float
        Share of the run, 0–1, in which β rises from 0 to its full weight.
    mixed_bfloat16 : bool
        Compute wide layers in bfloat16.
    seed : int
    """

    learning_rate: float = 5e-4
    cosine: bool = False
    batch: int = 200
    epochs: int = 300
    steps: int | None = None
    l2: float = 1e-7
    consistency: float = 0.0
    harmonicity: float = 0.0
    transpose: bool = False
    beta: float = 0.0
    beta_warmup: float = 0.0
    mixed_bfloat16: bool = False
    seed: int = 0


class Interrupted(TrainingError):
    """A fit that was asked to stop by a signal and has saved where it stands."""

    def __init__(self, folder, step, total, signal_number):
        super().__init__(f"fit {folder}: stopped at step {step} of {total}, run the same command to go on")
        self.exit_code = 128 + signal_number


def fit(corpus: Corpus, folder, topology: Topology, recipe: Recipe, start: Decoder | None = None) -> dict:
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
    Interrupted
        After Ctrl-C or SIGTERM, with everything saved.
    """
    _check(corpus, topology, recipe)
    if start and start.topology.decoder_layers() != topology.decoder_layers():
        raise TrainingError(f"the network's decoder has another shape than {start.name}, which it should start from")
    folder = Path(folder)
    _settle(folder, corpus, topology, recipe)
    with held(folder):
        return _Fit(corpus, folder, topology, recipe, start).run()


def _check(corpus: Corpus, topology: Topology, recipe: Recipe):
    for name in ("samplerate", "n_fft", "hop"):
        if corpus.info[name] != getattr(topology, name):
            raise TrainingError(
                f"corpus {corpus.folder}: its {name} is {corpus.info[name]}, the network's is {getattr(topology, name)}"
            )
    if (recipe.consistency or recipe.harmonicity) and not (
        topology.skip and topology.bottleneck_activation == "sigmoid"
    ):
        raise TrainingError("the consistency and harmonicity losses need the chroma skip and a sigmoid bottleneck")
    if recipe.transpose and not topology.skip:
        raise TrainingError("transposition teaches notes to ask for, which needs the chroma skip")
    if recipe.beta and topology.bottleneck_activation != "linear":
        raise TrainingError(f"a β-VAE needs a linear bottleneck, found {topology.bottleneck_activation}")
    if not len(corpus.rows("train", topology.octaves)):
        raise TrainingError(f"corpus {corpus.folder}: no frame to train on in octaves {topology.octaves}")


def _settle(folder: Path, corpus: Corpus, topology: Topology, recipe: Recipe):
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
                        f"fit {folder}: was begun with {name} {begun}, now it is {value}; "
                        "use the same settings to go on, or another folder"
                    )
        if before["corpus_digest"] != settings["corpus_digest"]:
            raise TrainingError(f"fit {folder}: was begun with another corpus, {before['corpus']}; use another folder")
        return
    make_folder(folder)
    write_whole(folder / SETTINGS, lambda part: part.write_text(json.dumps(settings, indent=1), encoding="utf-8"))


class _Fit:
    """One fit under way."""

    def __init__(self, corpus: Corpus, folder: Path, topology: Topology, recipe: Recipe, start: Decoder | None):
        self.corpus, self.folder, self.topology, self.recipe = corpus, folder, topology, recipe
        self.train_rows = corpus.rows("train", topology.octaves)
        self.validation_rows = corpus.rows("validation", topology.octaves)
        self.steps_per_epoch = math.ceil(len(self.train_rows) / recipe.batch)
        self.total = recipe.steps or recipe.epochs * self.steps_per_epoch
        keras.utils.set_random_seed(recipe.seed)
        network = (VariationalAutoencoder if recipe.beta else Autoencoder)(topology, recipe.mixed_bfloat16)
        if start:
            network.set_weights_by_name({**network.weights_by_name(), **start.tensors()})
        self.stepper = TrainingStep(
            network, recipe.l2, recipe.consistency, recipe.seed,
            recipe.harmonicity, np.unique(corpus.octaves[self.train_rows]),
        )  # fmt: skip
        self.step, self.sums, self.log = 0, self._no_sums(), []
        self._order = None
        held = corpus.classes[self.train_rows], corpus.octaves[self.train_rows]
        self._transposition = Transposition(*held, topology.octaves) if recipe.transpose else None
        self._started = time.monotonic()
        if (folder / CHECKPOINT).exists():
            tensors, facts = read_tensors(folder / CHECKPOINT)
            self.stepper.restore(tensors)
            self.step, self.sums, self.log = facts["step"], facts["sums"], facts["log"]
            self._started -= facts.get("seconds", 0.0)

    def run(self) -> dict:
        bar = tqdm(total=self.total, initial=self.step, desc="training", unit="step", disable=None, smoothing=0.05)
        with bar, _asked_to_stop() as signals:
            while self.step < self.total:
                self._one_step()
                bar.update()
                if self.step % self.steps_per_epoch == 0 or self.step == self.total:
                    self._end_epoch()
                    row = self.log[-1]
                    bar.set_postfix_str(
                        f"epoch {row['epoch']}, error {row['train_mse']:.3e}, validation {row['validation_mse']:.3e}"
                    )
                    self._checkpoint()
                elif signals:
                    self._checkpoint()
                if signals and self.step < self.total:
                    raise Interrupted(self.folder, self.step, self.total, signals[0])
        return self._best()

    def _one_step(self):
        epoch, position = divmod(self.step, self.steps_per_epoch)
        if position == 0 or self._order is None:
            self._order = np.random.default_rng([self.recipe.seed, epoch]).permutation(self.train_rows)
        rows = np.sort(self._order[position * self.recipe.batch : (position + 1) * self.recipe.batch])
        frames, conditions = self._batch(rows)
        parts = self.stepper.train(frames, conditions, self.step, self.learning_rate(), self.beta())
        if not all(map(math.isfinite, parts)):
            raise TrainingError(
                f"fit {self.folder}: the loss is {sum(parts)} at step {self.step + 1}; "
                "start again with a lower learning rate"
            )
        self.sums = [total + value * len(rows) for total, value in zip(self.sums, (*parts, 1.0), strict=True)]
        self.step += 1

    def _batch(self, rows):
        """Frames to train on and their conditions."""
        if not self._transposition:
            return self.corpus.batch(rows, self.topology.octaves)
        rng = np.random.default_rng([self.recipe.seed, self.step, _OF_TRANSPOSITION])
        corpus = self.corpus
        frames, *notes = self._transposition(corpus.frames[rows], corpus.classes[rows], corpus.octaves[rows], rng)
        return frames, analysis.condition(*notes, self.topology.octaves)

    def _no_sums(self) -> list[float]:
        """Nothing summed up yet: of each part of the loss, and of the frames."""
        return [0.0] * (len(_PARTS) + 1)

    def _frames(self) -> int:
        """Frames trained on so far."""
        epochs, position = divmod(self.step, self.steps_per_epoch)
        return epochs * len(self.train_rows) + position * self.recipe.batch

    def learning_rate(self) -> float:
        """Adam's learning rate for the step to come."""
        fall = 0.5 * (1.0 + math.cos(math.pi * self.step / self.total)) if self.recipe.cosine else 1.0
        return self.recipe.learning_rate * fall

    def beta(self) -> float:
        """Weight of the divergence for the step to come."""
        rise = self.recipe.beta_warmup * self.total
        return self.recipe.beta * (min(1.0, self.step / rise) if rise else 1.0)

    def _end_epoch(self):
        measured = [
            self.stepper.measure(*self.corpus.batch(rows, self.topology.octaves))
            for rows in _chunks(self.validation_rows)
        ]
        *parts, count = self.sums
        parts = [part / count for part in parts]
        # Without validation frames the training set's own figures choose the best epoch.
        validation = np.concatenate(measured, axis=1).mean(axis=1).tolist() if measured else (parts[0], parts[-1])
        values = (len(self.log) + 1, self.step, self.learning_rate(), *parts, *validation)
        self.log.append(dict(zip(_LOG_COLUMNS, values)))
        self.sums = self._no_sums()
        if self._best() is self.log[-1]:
            weights = {name: value for name, value in self.stepper.state().items() if not name.startswith("adam.")}
            write_tensors(self.folder / BEST, weights, self.log[-1])
        write_whole(self.folder / LOG, self._write_log)

    def _best(self) -> dict:
        return min(self.log, key=self._objective)

    def _objective(self, row: dict) -> float:
        """What validation says of an epoch; a β-VAE pays for divergence in full, also while β still rises."""
        if not self.recipe.beta:
            return row["validation_mse"]
        weight = divergence_weight(self.recipe.beta, self.topology.bins)
        return row["validation_mse"] + weight * row["validation_divergence"]

    def _write_log(self, path: Path):
        with open(path, "w", newline="", encoding="utf-8") as text:
            writer = csv.DictWriter(text, _LOG_COLUMNS)
            writer.writeheader()
            writer.writerows(self.log)

    def _checkpoint(self):
        facts = {
            "step": self.step,
            "sums": self.sums,
            "log": self.log,
            "frames": self._frames(),
            "seconds": time.monotonic() - self._started,
        }
        write_tensors(self.folder / CHECKPOINT, self.stepper.state(), facts)


def _chunks(rows: np.ndarray):
    return [rows[first : first + _VALIDATION_BATCH] for first in range(0, len(rows), _VALIDATION_BATCH)]


@contextmanager
def _asked_to_stop():
    """A list that gets the number of the first SIGINT or SIGTERM; a step is never cut in two."""
    signals: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: signals.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
