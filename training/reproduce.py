"""The paper's tables and figures, made again: sounds, corpora, fits and evaluations as far as they are missing.

Results are kept in ``results.json`` beside the page; a later run adds to them,
and a shorter fit never displaces a longer one.
"""

from __future__ import annotations

import json
from pathlib import Path

from manned.errors import ConfigError, TrainingError

from . import grid
from .corpus import SETS, Corpus, build_corpus
from .experiments import FOLDER, Experiment, read_experiments, read_toml
from .page import render_page
from .results import best_known
from .sounds.recipe import read as read_sounds
from .sounds.render import render
from .store import Fitted, make_folder, write_whole

KEPT, PAGE = "results.json", "README.md"


def reproduce(
    names, work, output, *, recipes=(), epochs: int | None = None, share: float | None = None, jobs: int = 1,
    threads: int | None = None, scheduler: str | None = None, mixed_bfloat16: bool = False, folder: Path = FOLDER,
    say=print,
) -> Path:  # fmt: skip
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
        See `training.grid.run`.
    mixed_bfloat16 : bool
        Compute wide layers in bfloat16; the page marks such results.
    folder : Path
        Holds ``models.toml`` and ``paper.toml``.
    say : callable
        Takes what there is to tell, a text.

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
    paper, described = read_toml(folder / "paper.toml"), read_toml(folder / "models.toml")
    wanted = _wanted(names, paper, described["models"])
    models = dict.fromkeys(row["model"] for name in wanted for row in paper[name]["rows"])
    models.update(dict.fromkeys(name for name in names if name in described["models"]))
    experiments = read_experiments(models, folder, epochs, share, recipes, mixed_bfloat16)
    work, output = Path(work), Path(output)
    corpora = {
        name: _corpus(name, described, work / "corpora", folder, jobs)
        for name in dict.fromkeys(experiment.corpus for experiment in experiments)
    }
    tasks = [experiment.task(work / "corpora", work / "models") for experiment in experiments]
    results = grid.run(tasks, jobs, scheduler, threads)

    make_folder(output)
    kept = _read_kept(output / KEPT)
    for name, corpus in corpora.items():
        _forget_other_sounds(kept, name, corpus, say)
        kept["corpora"][name] = _facts(corpus)
    fits = {}
    for experiment, result in zip(experiments, results):
        if _keep(kept["results"], experiment, result):
            fits[experiment.key] = (Fitted(result["task"]["folder"]), corpora[experiment.corpus])
    for name in wanted:
        for recipe in described["recipes"]:
            _draw(name, paper[name], recipe, fits, kept, output)
    text = json.dumps(kept, indent=1, ensure_ascii=False)
    write_whole(output / KEPT, lambda part: part.write_text(text, encoding="utf-8"))
    titles = {name: recipe["title"] for name, recipe in described["recipes"].items()}
    page = render_page(paper, titles, kept)
    write_whole(output / PAGE, lambda part: part.write_text(page, encoding="utf-8"))
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


def _corpus(name: str, described: dict, corpora: Path, folder: Path, jobs: int) -> Corpus:
    """A corpus by its name, rendered and built when it does not stand yet."""
    if not (corpora / name).exists():
        sounds = corpora / f"{name}-sounds"
        render(read_sounds(folder / described["corpora"][name]["sounds"]), sounds, jobs)
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
        kept = json.loads(path.read_text(encoding="utf-8"))
        return {part: dict(kept[part]) for part in ("corpora", "results", "figures")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(f"{path}: cannot be read ({error}), delete it to begin a new page") from None


def _forget_other_sounds(kept: dict, name: str, corpus: Corpus, say):
    """Take results of another corpus of the same name off the page: errors on different sounds do not compare."""
    old = [key for key, r in kept["results"].items() if r["corpus"] == name and r["digest"] != corpus.info["digest"]]
    for key in old:
        digest = kept["results"].pop(key)["digest"]
        kept["figures"] = {n: f for n, f in kept["figures"].items() if all(shown[0] != digest for shown in f["of"])}
    if old:
        say(
            f"corpus {corpus.folder}: holds other sounds than the page's {name}; {len(old)} results of that left the page"
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
        **{name: result[name] for name in ("digest", "frames", "seconds", "evaluation")},
    }
    return True


def _draw(name: str, table: dict, recipe: str, fits: dict, kept: dict, output: Path):
    """Draw a figure by one recipe, unless it stands already or not all of its fits are the ones kept."""
    chosen = best_known(kept["results"])
    keys = [chosen.get((row["model"], recipe)) for row in table["rows"]]
    if table["shows"] not in ("embeddings", "mesh") or not fits.keys() >= set(keys):
        return
    from .figures import embeddings_figure, mesh_figure, save

    path = output / f"{name}-{recipe}.svg"
    results = [kept["results"][key] for key in keys]
    shown = [[result["digest"], result["epochs"], result["evaluation"]["test_mse"]] for result in results]
    before = kept["figures"].get(f"{name}/{recipe}", {})
    if before.get("of") == shown and path.exists():
        return
    if table["shows"] == "embeddings":
        figure = embeddings_figure([(row["label"], *fits[key]) for row, key in zip(table["rows"], keys)])
    else:
        figure = mesh_figure(*fits[keys[0]], kept["results"][keys[0]]["evaluation"]["mesh"]["length"])
    save(figure, path)
    kept["figures"][f"{name}/{recipe}"] = {"file": path.name, "of": shown}
