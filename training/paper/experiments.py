"""The paper's experiments as data: every model, and the recipes that each is trained by.

``models.toml`` holds them; `training.paper.task` performs one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from manned import files
from manned.errors import ConfigError
from manned.model.topology import Topology
from training.network.recipe import takes_losses_of_points

SHIPPED = Path(__file__).parent
"""Folder of ``models.toml`` and ``paper.toml``, which come with the program."""

MODELS, PAPER = "models.toml", "paper.toml"
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
        Fields of `training.network.recipe.Recipe`.
    epochs : int
        Epochs that the recipe asks for; ``training`` may have been cut to fewer.
    mesh : int or None
        Points along each latent to sample; None for about ten thousand in all.
    """

    model: str
    recipe: str
    corpus: str
    topology: Topology
    training: dict[str, Any]
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

    def task(self, corpora: Path, fits: Path) -> dict[str, Any]:
        """What `training.paper.task.perform` takes, plain values."""
        return {
            "corpus": str((corpora / self.corpus).resolve()),
            "folder": str((fits / self.name).resolve()),
            "topology": self.topology.as_dict(),
            "training": self.training,
            "mesh": self.mesh,
            "measures": _MEASURES,
        }


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file; a `ConfigError` when it cannot be read."""
    try:
        return files.read_toml(path)
    except OSError as error:
        raise ConfigError(f"{files.shown(path)}: cannot be read ({error.strerror})") from None


def read_experiments(
    models: Iterable[str],
    folder: Path = SHIPPED,
    epochs: int | None = None,
    share: float | None = None,
    recipes: Iterable[str] = (),
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

    Raises
    ------
    ConfigError
        When a model or recipe does not exist, or the file is wrong.
    """
    path = folder / MODELS
    table = read_toml(path)
    recipes = tuple(recipes)
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
                if not takes_losses_of_points(topology):
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
