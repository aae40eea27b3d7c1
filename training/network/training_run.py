"""The loop of a fit: steps, epochs, checkpoints, and stopping in good order."""

from __future__ import annotations

import csv
import io
import math
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from manned import files
from manned.errors import TrainingError
from manned.model import analysis
from manned.model.decoder_file import Decoder
from manned.model.topology import Topology
from training.corpus.corpus import Corpus
from training.files import write_text
from training.network.backend import device, keras
from training.network.fit_folder import BEST, CHECKPOINT, LOG, Fitted, read_tensors, write_tensors
from training.network.network import Autoencoder
from training.network.objective import divergence_weight
from training.network.recipe import Recipe
from training.network.step import TrainingStep
from training.network.transposition import Transposition
from training.network.vae import VariationalAutoencoder

_VALIDATION_BATCH = 1000
SAVING_SHARE = 0.1  # of the time; beside a GPU an epoch can take less than saving what it made
_OF_TRANSPOSITION = 12  # sets its random numbers apart from the objective's
_PARTS = ("train_mse", "inconsistency", "inharmonicity", "divergence")
_LOG_COLUMNS = ("epoch", "step", "learning_rate", *_PARTS, "validation_mse", "validation_divergence")


class Interrupted(TrainingError):
    """A fit that was asked to stop by a signal and has saved where it stands."""

    def __init__(self, folder: Path, step: int, total: int, signal_number: int) -> None:
        super().__init__(f"fit {files.shown(folder)}: stopped at step {step} of {total}, run the same command to go on")
        self.exit_code = 128 + signal_number


class TrainingRun:
    """A fit under way: the loop around the compiled step, with validation, checkpoints and resuming."""

    def __init__(
        self, corpus: Corpus, folder: Path, topology: Topology, recipe: Recipe, start: Decoder | Fitted | None
    ) -> None:
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
            recipe.harmonicity, np.unique(corpus.octaves[self.train_rows]), recipe.compressed, recipe.evenness,
        )  # fmt: skip
        self.step, self.sums = 0, self._no_sums()
        self.log: list[dict[str, Any]] = []
        self.devices = [device()]
        self._order: np.ndarray | None = None
        notes = corpus.classes[self.train_rows], corpus.octaves[self.train_rows]
        self._transposition = Transposition(*notes, topology.octaves) if recipe.transpose else None
        self._best_weights: dict[str, np.ndarray] = {}
        self._started = self._next_saving = time.monotonic()
        if (folder / CHECKPOINT).exists():
            tensors, facts = read_tensors(folder / CHECKPOINT)
            self.stepper.restore(tensors)
            self.step, self.sums, self.log = facts["step"], facts["sums"], facts["log"]
            self._started -= facts.get("seconds", 0.0)
            self.devices = sorted({*facts.get("devices", []), *self.devices})

    def run(self) -> dict[str, Any]:
        """Train to the end; returns the best epoch's row of the log, and raises as `training.network.fit.fit` does."""
        bar = tqdm(total=self.total, initial=self.step, desc="training", unit="step", disable=None, smoothing=0.05)
        with bar, _stop_signals() as signals:
            while self.step < self.total:
                bar.update(self._some_steps())
                epoch_ends = self.step % self.steps_per_epoch == 0 or self.step == self.total
                if epoch_ends:
                    self._end_epoch()
                    row = self.log[-1]
                    bar.set_postfix_str(
                        f"epoch {row['epoch']}, error {row['train_mse']:.3e}, validation {row['validation_mse']:.3e}"
                    )
                if signals or self.step == self.total or (epoch_ends and time.monotonic() >= self._next_saving):
                    self._save()
                if signals and self.step < self.total:
                    raise Interrupted(self.folder, self.step, self.total, signals[0])
        return self._best()

    def _some_steps(self) -> int:
        """Run as many steps as go at once, all of one epoch and of whole batches; returns their number."""
        epoch, position = divmod(self.step, self.steps_per_epoch)
        if position == 0 or self._order is None:
            self._order = np.random.default_rng([self.recipe.seed, epoch]).permutation(self.train_rows)
        batch = self.recipe.batch
        left = min(len(self.train_rows) // batch - position, self.total - self.step)
        calls = math.ceil(left / max(1, self.stepper.frames_at_once // batch))
        # As long as each other, since each length is compiled anew.
        steps = range(self.step, self.step + (math.ceil(left / calls) if calls > 0 else 1))
        rows = [np.sort(self._order[k * batch : (k + 1) * batch]) for k in range(position, position + len(steps))]
        frames, conditions = map(np.stack, zip(*map(self._batch, rows, steps)))
        rates, betas = [self.learning_rate(step) for step in steps], [self.beta(step) for step in steps]
        for some, parts in zip(rows, self.stepper.train_many(frames, conditions, self.step, rates, betas).tolist()):
            if not all(map(math.isfinite, parts)):
                raise TrainingError(
                    f"fit {self.folder}: the loss is {sum(parts)} at step {self.step + 1}; "
                    "start again with a lower learning rate"
                )
            self.sums = [total + value * len(some) for total, value in zip(self.sums, (*parts, 1.0), strict=True)]
            self.step += 1
        return len(steps)

    def _batch(self, rows: np.ndarray, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Frames to train on in a step, and their conditions."""
        if not self._transposition:
            return self.corpus.batch(rows, self.topology.octaves)
        rng = np.random.default_rng([self.recipe.seed, step, _OF_TRANSPOSITION])
        corpus = self.corpus
        frames, classes, octaves = self._transposition(
            corpus.frames[rows], corpus.classes[rows], corpus.octaves[rows], rng
        )
        return frames, analysis.condition(classes, octaves, self.topology.octaves)

    def _no_sums(self) -> list[float]:
        """Nothing summed up yet: of each part of the loss, and of the frames."""
        return [0.0] * (len(_PARTS) + 1)

    def _frames(self) -> int:
        """Frames trained on so far."""
        epochs, position = divmod(self.step, self.steps_per_epoch)
        return epochs * len(self.train_rows) + position * self.recipe.batch

    def learning_rate(self, step: int) -> float:
        """Adam's learning rate for a step."""
        fall = 0.5 * (1.0 + math.cos(math.pi * step / self.total)) if self.recipe.cosine else 1.0
        return self.recipe.learning_rate * fall

    def beta(self, step: int) -> float:
        """Weight of the divergence for a step."""
        rise = self.recipe.beta_warmup * self.total
        return self.recipe.beta * (min(1.0, step / rise) if rise else 1.0)

    def _end_epoch(self) -> None:
        measured = [
            self.stepper.measure(*self.corpus.batch(rows, self.topology.octaves))
            for rows in _chunks(self.validation_rows)
        ]
        *parts, count = self.sums
        parts = [part / count for part in parts]
        # Without validation frames the training set's own figures choose the best epoch.
        validation = np.concatenate(measured, axis=1).mean(axis=1).tolist() if measured else (parts[0], parts[-1])
        values = (len(self.log) + 1, self.step, self.learning_rate(self.step), *parts, *validation)
        self.log.append(dict(zip(_LOG_COLUMNS, values)))
        self.sums = self._no_sums()
        if self._best() is self.log[-1]:
            self._best_weights = self.stepper.network.weights_by_name()
        self._write_log()

    def _best(self) -> dict:
        return min(self.log, key=self._objective)

    def _objective(self, row: dict) -> float:
        """What validation says of an epoch; a β-VAE pays for divergence in full, also while β still rises."""
        if not self.recipe.beta:
            return row["validation_mse"]
        weight = divergence_weight(self.recipe.beta, self.topology.bins)
        return row["validation_mse"] + weight * row["validation_divergence"]

    def _write_log(self) -> None:
        text = io.StringIO(newline="")
        columns: list[str] = list(_LOG_COLUMNS)
        writer = csv.DictWriter(text, columns)
        writer.writeheader()
        writer.writerows(self.log)
        write_text(self.folder / LOG, text.getvalue())

    def _save(self) -> None:
        began = time.monotonic()
        if self._best_weights:
            write_tensors(self.folder / BEST, self._best_weights, self._best())
            self._best_weights = {}
        facts = {
            "step": self.step,
            "sums": self.sums,
            "log": self.log,
            "frames": self._frames(),
            "seconds": began - self._started,
            "devices": self.devices,
        }
        write_tensors(self.folder / CHECKPOINT, self.stepper.state(), facts)
        self._next_saving = time.monotonic() + (time.monotonic() - began) / SAVING_SHARE


def _chunks(rows: np.ndarray) -> list[np.ndarray]:
    return [rows[first : first + _VALIDATION_BATCH] for first in range(0, len(rows), _VALIDATION_BATCH)]


@contextmanager
def _stop_signals() -> Iterator[list[int]]:
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
