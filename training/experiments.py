"""The paper's experiments as data, and one experiment run in a process of its own.

``configs/experiments/models.toml`` holds every model of the paper and the
recipes that each is trained by; ``python -m training.experiments`` fits and
evaluates one, which it reads as JSON from its standard input.  A process of its
own gives each experiment the same seeds, threads and memory wherever it runs,
so that a result does not depend on what ran beside it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from manned.errors import ConfigError, MannedError
from manned.model.topology import Topology

from .store import write_whole

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).parents[1] / "configs" / "experiments"
RESULT = "result.json"
_MEASURES = 4  # a higher number has every fit evaluated again


@dataclass(frozen=True)
class Experiment:
    """One model, trained by one recipe.

    Attributes
    ----------
    model, recipe : str
        Their names in ``models.toml``.
    corpus : str
        Name of the corpus.
    topology : Topology
    training : dict
        Fields of `training.fit.Recipe`.
    epochs : int
        Epochs that the recipe asks for; ``training`` may have been cut to fewer.
    mesh : int or None
        Points along each latent to sample; None for about ten thousand in all.
    """

    model: str
    recipe: str
    corpus: str
    topology: Topology
    training: dict
    epochs: int
    mesh: int | None = None

    @property
    def key(self) -> str:
        """Its name among the results."""
        return f"{self.model}/{self.recipe}" + ("/bfloat16" if self.training.get("mixed_bfloat16") else "")

    @property
    def name(self) -> str:
        """Name of its folder: cut experiments are others than whole ones."""
        cut = "" if self.training["epochs"] == self.epochs else f"-{self.training['epochs']}-epochs"
        return self.key.replace("/", "-") + cut

    def task(self, corpora: Path, fits: Path) -> dict:
        """What `perform` takes, plain values."""
        return {
            "corpus": str((corpora / self.corpus).resolve()),
            "folder": str((fits / self.name).resolve()),
            "topology": self.topology.as_dict(),
            "training": self.training,
            "mesh": self.mesh,
            "measures": _MEASURES,
        }


def read_toml(path: Path) -> dict:
    """A TOML file; a `ConfigError` when it cannot be read."""
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})") from None


def read_experiments(
    models,
    folder: Path = FOLDER,
    epochs: int | None = None,
    share: float | None = None,
    recipes=(),
    mixed_bfloat16: bool = False,
) -> list[Experiment]:
    """The experiments of some models, each by every recipe that is meant for it.

    Parameters
    ----------
    models : iterable of str
        Their names in ``models.toml``.
    folder : Path
        Where ``models.toml`` lies.
    epochs : int, optional
        Train for so many epochs at most, instead of what the recipe asks for.
    share : float, optional
        Train for this share of the recipe's epochs, 0–1.
    recipes : iterable of str, optional
        Only by these recipes.
    mixed_bfloat16 : bool
        Compute wide layers in bfloat16, whatever the recipe says.
    """
    path = folder / "models.toml"
    table = read_toml(path)
    found = []
    try:
        for name in recipes:
            if name not in table["recipes"]:
                raise ConfigError(f"{path}: there is no recipe {name!r}, allowed are {', '.join(table['recipes'])}")
        for model in models:
            if model not in table["models"]:
                raise ConfigError(f"{path}: there is no model {model!r}, allowed are {', '.join(table['models'])}")
            entry = table["models"][model]
            for name, recipe in table["recipes"].items():
                corpus = recipe.get("corpora", {}).get(entry["corpus"], entry["corpus"])
                meant = model in recipe.get("models", [model]) and name in entry.get("recipes", [name])
                meant &= entry["corpus"] in recipe.get("corpora", [entry["corpus"]])
                if not meant or (recipes and name not in recipes):
                    continue
                topology = Topology.from_dict({**entry["topology"], **recipe.get("topology", {})})
                training = {**recipe["training"], **entry.get("training", {})}
                if not (topology.skip and topology.bottleneck_activation == "sigmoid"):
                    training.pop("consistency", None)
                    training.pop("harmonicity", None)
                if mixed_bfloat16:
                    training["mixed_bfloat16"] = True
                whole = training["epochs"]
                wanted = whole if share is None else max(1, round(share * whole))
                training["epochs"] = min(wanted, epochs or wanted)
                found.append(Experiment(model, name, corpus, topology, training, whole, entry.get("mesh")))
    except (KeyError, TypeError) as error:
        raise ConfigError(f"{path}: {error!r} is missing or of the wrong kind") from None
    return found


def perform(task: dict) -> dict:
    """Fit and evaluate, or only what is missing of it.

    Returns
    -------
    dict
        ``task``, ``frames`` of the three sets, ``seconds`` of training, ``step`` of the weights that were kept and
        ``evaluation``.
    """
    from .corpus import SETS, Corpus
    from .evaluate import evaluate
    from .fit import Recipe, fit
    from .store import Fitted
    from .throughput import read_seconds

    corpus, folder = Corpus(task["corpus"]), Path(task["folder"])
    fit(corpus, folder, Topology.from_dict(task["topology"]), Recipe(**task["training"]))
    fitted = Fitted(folder)
    result = {
        "task": task,
        "digest": corpus.info["digest"],
        "frames": {name: len(corpus.rows(name)) for name in SETS},
        "seconds": read_seconds(folder),
        "evaluation": evaluate(fitted, corpus, task["mesh"]),
    }
    write_whole(folder / RESULT, lambda part: part.write_text(json.dumps(result, indent=1), encoding="utf-8"))
    return result


def finished(task: dict) -> dict | None:
    """The result of a task that was performed before on the same corpus, else None."""
    try:
        result = json.loads((Path(task["folder"]) / RESULT).read_text(encoding="utf-8"))
        corpus = json.loads((Path(task["corpus"]) / "corpus.json").read_text(encoding="utf-8"))
        same = result["task"] == json.loads(json.dumps(task)) and result["digest"] == corpus["digest"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return result if same else None


def _stop_with_parent():
    """End as Ctrl-C would, everything saved, when whoever holds the other end of standard input is gone."""

    def watch():
        sys.stdin.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def main():
    """Perform the task on standard input's first line; its result goes to standard output."""
    task = json.loads(sys.stdin.readline())
    _stop_with_parent()
    try:
        print(json.dumps(perform(task)))
    except MannedError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
