"""The paper's tables and figures, made again: sounds, corpora, fits and evaluations as far as they are missing.

Results are kept in ``results.json`` beside the page; a later run adds to them,
and a shorter fit never displaces a longer one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from manned import files
from manned.errors import ConfigError, TrainingError
from training.corpus.build import build_corpus
from training.corpus.corpus import Corpus
from training.corpus.sounds.render import render
from training.corpus.sounds.source_list import read_source_list
from training.corpus.split import SETS
from training.files import make_folder, read_json, write_json, write_text
from training.network.fit_folder import Fitted
from training.paper import grid
from training.paper.experiments import MODELS, PAPER, SHIPPED, Experiment, read_experiments, read_toml
from training.paper.page import render_page
from training.paper.results import best_known

KEPT, PAGE = "results.json", "README.md"


def reproduce(
    names: Iterable[str],
    work: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    recipes: Iterable[str] = (),
    epochs: int | None = None,
    share: float | None = None,
    jobs: int = 1,
    threads: int | None = None,
    scheduler: str | None = None,
    mixed_bfloat16: bool = False,
    folder: Path = SHIPPED,
    log: Callable[[str], object] = print,
) -> Path:
    """Make tables and figures of the paper again and write the page of results.

    Parameters
    ----------
    names : iterable of str
        ``table1`` … ``figure5``, ``collapse`` or ``all``; or a model of theirs.
    work : path
        Holds ``corpora`` and ``models``; what stands there is not made again.
    output : path
        Folder of the page.
    recipes : iterable of str, optional
        Only by these recipes.
    epochs : int, optional
        Fewer epochs than the recipes ask for; the page says so.
    share : float, optional
        The same as a share of them, 0–1.
    jobs, threads, scheduler
        See `training.paper.grid.run`.
    mixed_bfloat16 : bool
        Compute wide layers in bfloat16; the page marks such results.
    folder : Path
        Holds ``models.toml`` and ``paper.toml``; by default those that come with the program.
    log : callable
        Takes messages for people, one text each.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    ConfigError
        When a name or the data is wrong.
    CorpusError, TrainingError
        When something cannot be made.
    """
    names = list(names)
    paper, described = read_toml(folder / PAPER), read_toml(folder / MODELS)
    wanted = _wanted(names, paper, described["models"])
    models = dict.fromkeys(row["model"] for name in wanted for row in paper[name]["rows"])
    models.update(dict.fromkeys(name for name in names if name in described["models"]))
    experiments = read_experiments(models, folder, epochs, share, recipes, mixed_bfloat16)
    work, output = Path(work), Path(output)
    corpora = {
        name: _corpus(name, described, work / "corpora", jobs)
        for name in dict.fromkeys(experiment.corpus for experiment in experiments)
    }
    tasks = [experiment.task(work / "corpora", work / "models") for experiment in experiments]
    results = grid.run(tasks, jobs, scheduler, threads)

    make_folder(output)
    kept = _read_kept(output / KEPT)
    for name, corpus in corpora.items():
        _forget_other_sounds(kept, name, corpus, log)
        kept["corpora"][name] = _facts(corpus)
    fits = {}
    for experiment, result in zip(experiments, results):
        if _keep(kept["results"], experiment, result):
            fits[experiment.key] = (Fitted(result["task"]["folder"]), corpora[experiment.corpus])
    for name in wanted:
        for recipe in described["recipes"]:
            _draw(name, paper[name], recipe, fits, kept, output)
    write_json(output / KEPT, kept)
    titles = {name: recipe["title"] for name, recipe in described["recipes"].items()}
    write_text(output / PAGE, render_page(paper, titles, kept))
    return output / PAGE


def _wanted(names: list[str], paper: dict, models: dict) -> list[str]:
    """The tables and figures among ``names``, in the paper's order."""
    known = [name for name in paper if name != "findings"]
    for name in names:
        if name not in (*known, *models, "all"):
            raise ConfigError(
                f"there is no {name!r} in the paper, allowed are {', '.join(known)} and all, and the models "
                f"{', '.join(models)}"
            )
    return [name for name in known if name in names or "all" in names]


def _corpus(name: str, described: dict[str, Any], corpora: Path, jobs: int) -> Corpus:
    """A corpus by its name, rendered and built when it does not stand yet."""
    if not (corpora / name).exists():
        sounds = corpora / f"{name}-sounds"
        render(read_source_list(described["corpora"][name]["sounds"]), sounds, jobs)
        build_corpus([sounds], corpora / name, labels="notes")
    return Corpus(corpora / name)


def _facts(corpus: Corpus) -> dict:
    return {
        "sources": [Path(source).name for source in corpus.info["sources"]],
        "digest": corpus.info["digest"],
        "frames": {name: len(corpus.rows(name)) for name in SETS},
        "origins": corpus.info["origins"],
    }


def _read_kept(path: Path) -> dict:
    if not path.exists():
        return {"corpora": {}, "results": {}, "figures": {}}
    try:
        kept = read_json(path)
        return {part: dict(kept[part]) for part in ("corpora", "results", "figures")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(f"{files.shown(path)}: cannot be read ({error}), delete it to begin a new page") from None


def _forget_other_sounds(kept: dict, name: str, corpus: Corpus, log: Callable[[str], object]) -> None:
    """Take results of another corpus of the same name off the page: errors on different sounds do not compare."""
    old = [key for key, r in kept["results"].items() if r["corpus"] == name and r["digest"] != corpus.info["digest"]]
    for key in old:
        digest = kept["results"].pop(key)["digest"]
        kept["figures"] = {n: f for n, f in kept["figures"].items() if all(shown[0] != digest for shown in f["of"])}
    if old:
        log(
            f"corpus {files.shown(corpus.folder)}: holds other sounds than the page's {name}; "
            f"{len(old)} results of that left the page"
        )


def _keep(results: dict, experiment: Experiment, result: dict) -> bool:
    """Take a result among those kept; False when a longer fit stands there."""
    before = results.get(experiment.key)
    epochs = experiment.training["epochs"]
    if before and before["epochs"] > epochs:
        return False
    results[experiment.key] = {
        "corpus": experiment.corpus,
        "epochs": epochs,
        "whole_epochs": experiment.epochs,
        "mixed_bfloat16": experiment.training.get("mixed_bfloat16", False),
        "devices": result.get("devices", []),
        **{name: result[name] for name in ("digest", "frames", "seconds", "evaluation")},
    }
    return True


def _draw(name: str, table: dict, recipe: str, fits: dict, kept: dict, output: Path) -> None:
    """Draw a figure by one recipe, unless it stands already or not all of its fits are the ones kept."""
    chosen = best_known(kept["results"])
    keys = [chosen.get((row["model"], recipe)) for row in table["rows"]]
    if table["shows"] not in ("embeddings", "mesh") or not fits.keys() >= set(keys):
        return
    from training.measure.picture import save
    from training.measure.space_figures import embeddings_figure, mesh_figure

    path = output / f"{name}-{recipe}.svg"
    results = [kept["results"][key] for key in keys]
    shown = [[result["digest"], result["epochs"], result["evaluation"]["test_mse"]] for result in results]
    before = kept["figures"].get(f"{name}/{recipe}", {})
    if before.get("of") == shown and path.exists():
        return
    if table["shows"] == "embeddings":
        figure = embeddings_figure([(row["label"], *fits[key]) for row, key in zip(table["rows"], keys)])
    else:
        fitted, corpus = fits[keys[0]]
        figure = mesh_figure(fitted, corpus, kept["results"][keys[0]]["evaluation"]["mesh"]["length"])
    save(figure, path)
    kept["figures"][f"{name}/{recipe}"] = {"file": path.name, "of": shown}
