"""Training a harmonic network: a compiled step, checkpoints by which a stopped fit goes on, a log.

A fit is a folder of ``fit.json`` (its settings), ``checkpoint.safetensors`` (where it stands) and ``log.csv``.
Every random choice follows from the seed and the step's number, so a fit that was stopped goes on as if it
had not been.
"""

from __future__ import annotations

import csv
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from manned import files
from manned.errors import TrainingError
from manned.model.harmonic.decoder_file import HarmonicDecoder
from manned.model.harmonic.topology import KIND, HarmonicTopology
from training.corpus.harmonic.corpus import HarmonicCorpus
from training.files import make_folder, replacing, write_json
from training.network.backend import Tensor, keras, tf
from training.network.fit_folder import CHECKPOINT, LOG, SETTINGS, held, read_settings, read_tensors, write_tensors
from training.network.harmonic.fit_folder import HarmonicFit, load
from training.network.harmonic.network import HarmonicAutoencoder
from training.network.harmonic.objective import Targets, loss, targets
from training.network.step_tensorflow import apply_adam

_COLUMNS = ("step", "seconds", "loss", "harmonic", "erb", "noise", "stiffness")
_VALIDATION = tuple(f"validation_{name}" for name in _COLUMNS[2:])
_VALIDATION_FRAMES = 2000


@dataclass(frozen=True)
class HarmonicRecipe:
    """How to train.

    Attributes
    ----------
    learning_rate : float
        Of Adam; it falls to 0 along half a cosine.
    batch : int
        Frames a step.
    steps : int
    seed : int
    save_every : int
        Steps from one checkpoint and row of the log to the next.
    """

    learning_rate: float = 2e-3
    batch: int = 500
    steps: int = 24000
    seed: int = 1
    save_every: int = 500


def fit(
    corpus: HarmonicCorpus,
    folder: Path,
    topology: HarmonicTopology,
    recipe: HarmonicRecipe,
    start: HarmonicDecoder | None = None,
    progress: Callable[[float], object] = lambda _part: None,
) -> HarmonicFit:
    """Train a network, or go on training it when the folder holds an unfinished fit.

    Parameters
    ----------
    corpus : HarmonicCorpus
    folder : Path
    topology : HarmonicTopology
    recipe : HarmonicRecipe
    start : HarmonicDecoder, optional
        Of this topology; a new fit begins with its weights, and with an encoder that knows nothing.
    progress : callable(part)
        Told after every step which part of them is done, 0–1.

    Raises
    ------
    TrainingError
        When there is no frame to train on, when the folder holds a fit of other settings, when another process
        trains it, or when the loss is no longer finite.
    """
    if not len(corpus.rows("train")):
        raise TrainingError(f"corpus {files.shown(corpus.folder)}: no frame to train on")
    folder = Path(folder)
    make_folder(folder)
    _settle(folder, corpus, topology, recipe)
    with held(folder):
        _train(corpus, folder, topology, recipe, start, progress)
    return load(folder)


def _train(
    corpus: HarmonicCorpus,
    folder: Path,
    topology: HarmonicTopology,
    recipe: HarmonicRecipe,
    start: HarmonicDecoder | None,
    progress: Callable[[float], object],
) -> None:
    keras.utils.set_random_seed(recipe.seed)
    network = HarmonicAutoencoder(topology)
    if start:
        network.set_weights_by_name({**network.weights_by_name(), **start.tensors()})
    stepper = _Stepper(network, recipe, corpus)
    log: list[dict] = []
    first, seconds = 0, 0.0
    if (folder / CHECKPOINT).is_file():
        state, facts = read_tensors(folder / CHECKPOINT)
        stepper.restore(state)
        first, log, seconds = facts["step"], facts["log"], facts["seconds"]
    started = time.monotonic() - seconds
    sums = np.zeros(5)
    since = first
    steps = range(first, recipe.steps)
    for step in tqdm(steps, "training", recipe.steps, initial=first, disable=None, unit="step"):
        sums += stepper.train(step)
        progress((step + 1) / recipe.steps)
        if not math.isfinite(sums[0]):
            raise TrainingError(f"fit {folder}: the loss is no number at step {step + 1}; lower the learning rate")
        if (step + 1) % recipe.save_every == 0 or step + 1 == recipe.steps:
            values = (step + 1, time.monotonic() - started, *(sums / (step + 1 - since)), *stepper.validation())
            log.append(dict(zip(_COLUMNS + _VALIDATION, map(float, values))))
            sums, since = np.zeros(5), step + 1
            _write(folder, stepper.state(), {"step": step + 1, "log": log, "seconds": log[-1]["seconds"]})


def _settle(folder: Path, corpus: HarmonicCorpus, topology: HarmonicTopology, recipe: HarmonicRecipe) -> None:
    """Write the settings of a new fit, or make sure that a standing one has the same."""
    settings = {
        "kind": KIND,
        "corpus": str(corpus.folder.resolve()),
        "corpus_digest": corpus.info["digest"],
        "topology": topology.as_dict(),
        "recipe": asdict(recipe),
    }
    settings = json.loads(json.dumps(settings))
    if (folder / SETTINGS).exists():
        before = read_settings(folder)
        for name, value in settings.items():
            if name != "corpus" and before.get(name) != value:
                raise TrainingError(
                    f"fit {folder}: was begun with {name} {before.get(name)}, now it is {value}; "
                    "use the same settings to go on, or another folder"
                )
        return
    write_json(folder / SETTINGS, settings)


class _Stepper:
    """The compiled step on TensorFlow, with the training frames resident and Adam in one update a variable."""

    def __init__(self, network: HarmonicAutoencoder, recipe: HarmonicRecipe, corpus: HarmonicCorpus) -> None:
        self._recipe, self._network = recipe, network
        self._variables = {name: variable.value for name, variable in network.named_variables().items()}
        self._moments = {
            f"adam.{kind}.{name}": tf.Variable(tf.zeros(variable.shape))
            for kind in ("m", "v")
            for name, variable in self._variables.items()
        }
        rows = corpus.rows("train")
        self._count = len(rows)
        self._resident = _tensors(targets(corpus.frames[rows]))
        held = corpus.rows("validation")
        some = np.sort(np.random.default_rng(0).permutation(held)[:_VALIDATION_FRAMES])
        self._held = _tensors(targets(corpus.frames[some])) if len(some) else None
        self._train = tf.function(self._one_step)
        self._measure = tf.function(self._losses)

    def train(self, step: int) -> np.ndarray:
        """Run a step (from 0); the loss and its parts before it."""
        recipe = self._recipe
        rng = np.random.default_rng([recipe.seed, step])
        rows = rng.integers(0, self._count, recipe.batch).astype(np.int32)
        rate = recipe.learning_rate * 0.5 * (1.0 + math.cos(math.pi * step / recipe.steps))
        return np.array(self._train(tf.constant(rows), *(tf.constant(v, tf.float32) for v in (rate, step + 1))))

    def validation(self) -> np.ndarray:
        """Loss and parts of the validation set, of the training set's first frames when there is none."""
        held = self._held or Targets(*(values[:_VALIDATION_FRAMES] for values in vars(self._resident).values()))
        return np.array(self._measure(held))

    def state(self) -> dict[str, np.ndarray]:
        """Weights and Adam's moments by name."""
        return {name: value.numpy() for name, value in {**self._variables, **self._moments}.items()}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go back to a `state`."""
        for name, variable in {**self._variables, **self._moments}.items():
            variable.assign(state[name])

    def _losses(self, batch: Targets) -> Tensor:
        return tf.stack(loss(self._network((batch.inputs, batch.pitch)), batch))

    def _one_step(self, rows: Tensor, rate: Tensor, passed: Tensor) -> Tensor:
        batch = Targets(*(tf.gather(values, rows) for values in vars(self._resident).values()))
        with tf.GradientTape() as tape:
            parts = self._losses(batch)
            total = parts[0]
        gradients = tape.gradient(total, self._variables)
        apply_adam(self._variables, self._moments, gradients, rate, passed)
        return parts


def _tensors(prepared: Targets) -> Targets:
    return replace(prepared, **{name: tf.constant(values) for name, values in vars(prepared).items()})


def _write(folder: Path, state: dict[str, np.ndarray], facts: dict) -> None:
    write_tensors(folder / CHECKPOINT, state, facts)
    with replacing(folder / LOG) as part, open(part, "w", newline="", encoding="utf-8") as text:
        writer = csv.DictWriter(text, _COLUMNS + _VALIDATION)
        writer.writeheader()
        writer.writerows(facts["log"])
