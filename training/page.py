"""The page of results: what the paper reports beside what was measured here, and what of its findings holds.

Everything on it follows from two tables, the paper's (``paper.toml``) and the
results kept so far; nothing is typed in by hand.
"""

from __future__ import annotations

import math

from manned.model.pitch import CLASS_NAMES

from .posterior import verdict as posterior_verdict

CLOSE = 0.03
"""Ratios nearer to 1 than this are called too close to tell."""

_EMBEDDING = {"correlation": "largest_correlation", "evenness": "evenness"}

_POINTS = ("classes of the corpus", "unheard classes", "test sounds")

_CONTENT = (
    "The mean is over the classes that the corpus holds; unheard classes are the others. A class can also be hit by a lump "
    "of noise, which no musician would call a note, or by one lone partial, which has no timbre. So the next table tells "
    "what share of the energy lies on harmonics of one note of the class, vibrato allowed for, and on how many of them: "
    "the effective number of partials, 1 for a lone one (`training/harmonics.py`). Both are means over all points, and "
    "beside them those of the test sounds."
)

TARGET = 0.7
"""Of the error by the paper's recipe: what the other recipes aim at."""

HARMONIC_TARGET = 0.95
"""Share of the energy on harmonics of the class asked for: what the other recipes aim at."""


def render_page(paper: dict, titles: dict[str, str], kept: dict) -> str:
    """The page in Markdown.

    Parameters
    ----------
    paper : dict
        ``paper.toml``: the tables and figures by name, and ``findings``.
    titles : dict
        Of the recipes, by name; the paper's comes first.
    kept : dict
        ``corpora``: frames and sounds by name; ``results``: by ``model/recipe`` what `training.experiments.perform`
        gave, with ``epochs`` and ``whole_epochs``; ``figures``: files by name.
    """
    results = {"/".join(key): kept["results"][chosen] for key, chosen in best_known(kept["results"]).items()}
    shown = {**kept, "results": results}
    sections = [_introduction(results)]
    sections += [
        section
        for name, table in paper.items()
        if name != "findings" and (section := _section(name, table, titles, shown))
    ]
    sections += [
        _findings(paper, titles, results),
        _improvement(paper, titles, results),
        _rounding(titles, kept["results"]),
        _corpora(kept["corpora"]),
    ]
    return "\n\n".join(filter(None, sections)) + "\n"


def best_known(results: dict) -> dict[tuple[str, str], str]:
    """Key of the result to show of each model and recipe: the longest fit, in float32 rather than in bfloat16."""
    chosen = {}
    for key in sorted(results, key=lambda key: (results[key]["epochs"], not key.endswith("/bfloat16"))):
        model, recipe, *_ = key.split("/")
        chosen[model, recipe] = key
    return chosen


def _introduction(results: dict) -> str:
    lines = [
        "# The paper's results, and ours",
        "",
        "Written by `manned-train reproduce`. Errors are mean squared errors on test sets, × 10⁻⁴. The paper's "
        "recordings were never published, so the sounds here are others, and so are the test patches: compare the "
        "order and the ratios of the rows, not the errors themselves. Minutes are wall-clock time, whatever else the "
        "machine had to do.",
    ]
    cut = [result for result in results.values() if result["epochs"] < result["whole_epochs"]]
    if cut:
        lines += [
            "",
            f"**Epochs were cut:** {len(cut)} of the {len(results)} fits on this page had fewer epochs than their "
            "recipe asks for; the column of epochs says how many, and `--epochs` with that number makes one again. Their "
            "errors are higher than they would become.",
        ]
    rounded = sum(result.get("mixed_bfloat16", False) for result in results.values())
    if rounded:
        lines += [
            "",
            f"{rounded} of the {len(results)} fits computed their wide layers in bfloat16 (`--mixed-bfloat16`), with "
            "weights and updates in float32.",
        ]
    return "\n".join(lines)


def _section(name: str, table: dict, titles: dict, kept: dict) -> str | None:
    results = kept["results"]
    shown = [results[key] for row in table["rows"] for key in _keys(row["model"], titles) if key in results]
    tabulate = {"errors": _errors, "matches": _matches, "collapse": _collapse}.get(table["shows"])
    body = [tabulate(table["rows"], titles, results)] if tabulate and shown else []
    body += [
        f"**{titles[recipe].capitalize()}**\n\n![{table['title']}, {titles[recipe]}]({figure['file']})"
        for recipe in titles
        if (figure := kept["figures"].get(f"{name}/{recipe}"))
    ]
    return "\n\n".join([f"## {table['title']}", f"`{command(name, shown)}`", *body]) if body else None


def command(name: str, results: list[dict]) -> str:
    """The command that makes a table or figure again; with fewer epochs where all these results had so few."""
    cut = {result["epochs"] if result["epochs"] < result["whole_epochs"] else None for result in results}
    rounded = any(result.get("mixed_bfloat16") for result in results)
    return (
        f"manned-train reproduce {name}"
        + (f" --epochs {cut.pop()}" if len(cut) == 1 and cut != {None} else "")
        + (" --mixed-bfloat16" if rounded else "")
    )


def _errors(rows, titles, results) -> str:
    titles = _measured(titles, [key for row in rows for key in _keys(row["model"], titles) if key in results])
    heading = ["", "paper", *titles.values(), "best ÷ paper's recipe", "epochs", "minutes (paper's first)"]
    lines = [_row(heading), _row(["---"] + ["--:"] * (len(heading) - 1))]
    for row in rows:
        ours = [results.get(key) for key in _keys(row["model"], titles)]
        errors = [value(result, "error") for result in ours]
        lines.append(
            _row(
                [
                    row["label"],
                    _error(row["error"]),
                    *map(_error, errors),
                    _ratio(_gain(errors)),
                    _each(ours, lambda result: str(result["epochs"])),
                    f"{row['minutes']}, " + _each(ours, lambda result: f"{value(result, 'minutes'):.1f}"),
                ]
            )
        )
    return "\n".join(lines)


def _matches(rows, titles, results) -> str:
    heading = ["", "", "mesh", *CLASS_NAMES, "mean", "unheard classes", "epochs"]
    matches = [_row(heading), _row(["---", "---"] + ["--:"] * (len(heading) - 2))]
    contents = [
        _row(["", "", *(f"{what}, {of}" for what in ("on harmonics", "partials") for of in _POINTS)]),
        _row(["---", "---"] + ["--:"] * 2 * len(_POINTS)),
    ]
    for row in rows:
        matches.append(
            _row([row["label"], "paper", row["mesh"], *map(_share, row["match"]), _share(_mean(row["match"])), "–", 300])
        )
        for recipe in titles:
            result = results.get(f"{row['model']}/{recipe}")
            if not result:
                continue
            evaluation = result["evaluation"]
            matches.append(
                _row([
                    "", titles[recipe], evaluation["mesh"]["length"], *map(_share, _by_class(result, "matches")),
                    *map(_share, _heard_and_unheard(result, "matches")), result["epochs"],
                ])
            )  # fmt: skip
            contents.append(
                _row([
                    row["label"], titles[recipe],
                    *map(_share, _heard_and_unheard(result, "harmonic_shares")),
                    _share(evaluation.get("test_harmonic_share")),
                    *map(_count, _heard_and_unheard(result, "partials_of")), _count(evaluation.get("test_partials")),
                ])
            )  # fmt: skip
    return "\n".join([*matches, "", _CONTENT, "", *contents])


def _collapse(rows, titles, results) -> str:
    heading = ["", "test error", "active latents", "divergence in nats", "sweeps that change the class", "epochs"]
    lines = [_row(heading), _row(["---"] + ["--:"] * (len(heading) - 1))]
    said, collapsed = [], 0
    for row in rows:
        for recipe in titles:
            result = results.get(f"{row['model']}/{recipe}")
            if not result:
                continue
            measures = result["evaluation"]["posterior"]
            active = measures["active"]
            collapsed += not all(active)
            changes = [share for share, alive in zip(measures["class_changes"], active) if alive]
            lines.append(
                _row([
                    row["label"], _error(value(result, "error")), f"{sum(active)} of {len(active)}",
                    _numbers(measures["divergence_nats"]), _share(_mean(changes)), result["epochs"],
                ])
            )  # fmt: skip
            said.append(f"- {row['label']}: {posterior_verdict(measures)}.")
    found = (
        f"The paper saw posterior collapse in all of its models: here {collapsed} of {len(said)} have it. It also saw that "
        "varying any one latent of a model without conditioning changes the note class: here the table says how many of "
        "the sweeps along active latents do that."
    )
    return "\n".join([*lines, "", *said, "", found])


def _findings(paper: dict, titles: dict, results: dict) -> str:
    reported = {}
    for name, table in paper.items():
        if name != "findings":
            for row in table["rows"]:
                reported.setdefault(row["model"], {}).update(row)
    tried = [(finding["says"], finding["measure"], finding["pairs"]) for finding in paper["findings"]]
    found = {recipe: [_ratios(results, recipe, *what) for _, *what in tried] for recipe in titles}
    shown = _measured(titles, [f"/{recipe}" for recipe in titles if any(found[recipe])])
    lines = [
        "## What the paper found, and what holds here",
        "",
        f"Each finding is a set of comparisons; a ratio below 1 agrees with the paper. Ratios within {CLOSE:.0%} of 1 "
        "are called too close to tell. Each model was trained from one seed, and another may change its error by more. "
        "Only models trained for as many epochs are compared.",
        "",
        _row(["finding", "in the paper", *shown.values()]),
        _row(["---"] * (2 + len(shown))),
    ]
    for number, (says, *what) in enumerate(tried):
        in_paper = _numbers(_paper_ratios(reported, *what)) or "in words"
        lines.append(_row([says, in_paper, *(verdict(found[recipe][number]) for recipe in shown)]))
    return "\n".join(lines)


def verdict(ratios: list[float]) -> str:
    """What some ratios, below 1 where they agree with the paper, say of its finding."""
    if not ratios:
        return "not measured"
    agree = sum(ratio < 1 - CLOSE for ratio in ratios)
    against = sum(ratio > 1 + CLOSE for ratio in ratios)
    if not agree and not against:
        word = "**too close to tell**"
    elif not against:
        word = "**holds**"
    elif not agree:
        word = "**does not hold**"
    else:
        word = f"**holds in part**: {agree} agree, {against} disagree, {len(ratios) - agree - against} too close"
    return f"{word} ({_numbers(ratios)})"


def _improvement(paper: dict, titles: dict, results: dict) -> str:
    """How many models the other recipes improve and by how much, and how many sound their notes."""
    models = dict.fromkeys(key.split("/")[0] for key in results)
    gains = {model: _gain([value(results.get(key), "error") for key in _keys(model, titles)]) for model in models}
    gains = {model: gain for model, gain in gains.items() if gain}
    lines = ["## Better than the paper's recipe", ""]
    if not gains:
        return "\n".join([*lines, "The recipes have not been compared yet."])
    reached = sum(gain <= TARGET for gain in gains.values())
    first = [results[_keys(model, titles)[0]] for model in gains]
    cut = sum(result["epochs"] < result["whole_epochs"] for result in first)
    lines.append(
        f"The best of the other recipes has {min(gains.values()):.2f} to {max(gains.values()):.2f} times the error of the "
        f"paper's recipe, model by model on the same test sets; {reached} of {len(gains)} models are at least "
        f"{1 - TARGET:.0%} better. By the paper's recipe {cut} of these had fewer epochs than it asks for."
    )
    sampled = [row["model"] for table in paper.values() if isinstance(table, dict) for row in table["rows"] if "match" in row]
    keys = [key for model in sampled for key in _keys(model, titles)[1:]]
    shares = [results[key]["evaluation"]["mesh"]["harmonic_share"] for key in keys if key in results]
    if shares:
        lines.append(
            f"In their meshes of Table V, {min(shares):.1%} to {max(shares):.1%} of the energy lies on harmonics of the "
            f"class asked for, over all twelve classes; {sum(share >= HARMONIC_TARGET for share in shares)} of "
            f"{len(shares)} meshes reach {HARMONIC_TARGET:.0%}."
        )
    return "\n".join(lines)


def _gain(errors: list[float | None]) -> float | None:
    """Lowest error of the other recipes, of that of the first."""
    first, others = errors[0], [error for error in errors[1:] if error]
    return min(others) / first if first and others else None


def _rounding(titles: dict, results: dict) -> str | None:
    """The models that were trained both in float32 and in bfloat16, as long."""
    pairs = [
        (key, results[key], results[f"{key}/bfloat16"])
        for key in results
        if f"{key}/bfloat16" in results and results[key]["epochs"] == results[f"{key}/bfloat16"]["epochs"]
    ]
    if not pairs:
        return None
    lines = ["## Float32 and bfloat16", "", _row(["model", "recipe", "float32", "bfloat16", "bfloat16 ÷ float32"])]
    lines.append(_row(["---", "---", "--:", "--:", "--:"]))
    for key, exact, rounded in pairs:
        model, recipe = key.split("/")
        errors = [value(result, "error") for result in (exact, rounded)]
        lines.append(_row([model, titles[recipe], *map(_error, errors), _ratio(errors[1] / errors[0])]))
    return "\n".join(lines)


def _corpora(corpora: dict) -> str:
    lines = [
        "## The corpora",
        "",
        _row(["corpus", "frames to train on", "validation", "test", "from", "sounds and their licences"]),
        _row(["---", "--:", "--:", "--:", "---", "---"]),
    ]
    for name, facts in corpora.items():
        sounds = "; ".join(f"{source} ({origin['licence']})" for source, origin in facts["origins"].items())
        lines.append(_row([name, *facts["frames"].values(), ", ".join(facts["sources"]), sounds or "–"]))
    return "\n".join(lines)


def value(result: dict | None, measure: str) -> float | None:
    """One measure of a result; None when there is none.

    ``error`` is that of the test set, ``minutes`` those of training, ``match`` the mean over the classes in the corpus;
    ``mismatch_at_boundary`` and ``mismatch_inside`` the shares of these points that sound another one, near the boundary
    of the space and elsewhere; ``correlation`` and ``evenness`` are of the embedding (see
    `training.embedding.embedding_statistics`).
    """
    if result is None:
        return None
    evaluation = result["evaluation"]
    if measure == "error":
        return evaluation["test_mse"]
    if measure == "minutes":
        return result["seconds"] / 60
    if measure in _EMBEDDING:
        return evaluation["embedding"][_EMBEDDING[measure]]
    if "mesh" not in evaluation:
        return None
    match = _heard_and_unheard(result, "matches")[0]
    if measure == "match":
        return match
    if "boundary" not in evaluation["mesh"]:
        return None
    share, at_boundary = evaluation["mesh"]["boundary"], _heard_and_unheard(result, "matches_at_boundary")[0]
    if measure == "mismatch_at_boundary":
        return 1.0 - at_boundary
    return 1.0 - (match - share * at_boundary) / (1.0 - share) if share < 1.0 else None


def _heard_and_unheard(result: dict, table: str) -> list[float]:
    """Means of a table of the mesh over the classes that the corpus holds, and over those that it lacks."""
    pairs = list(zip(_by_class(result, table), _heard(result)))
    return [_mean([value for value, known in pairs if known == held]) for held in (True, False)]


def _measured(titles: dict, keys) -> dict:
    """The first recipe, and the others that some results are of."""
    recipes = {next(iter(titles)), *(key.split("/")[1] for key in keys)}
    return {recipe: title for recipe, title in titles.items() if recipe in recipes}


def _by_class(result: dict, table: str) -> list[float]:
    """A table of the mesh, of all octaves together; not numbers where an older version measured without it."""
    octaves = result["evaluation"]["mesh"].get(table, [[math.nan] * len(CLASS_NAMES)])
    return [_mean(values) for values in zip(*octaves)]


def _heard(result: dict) -> list[bool]:
    """Whether the corpus holds each class."""
    return [error is not None for error in result["evaluation"]["train_mse_per_class"]]


def _ratios(results: dict, recipe: str, measure, pairs) -> list[float]:
    """Ratios of the pairs of models that were trained for as many epochs, and on the same sounds if on the same corpus.

    A pair of measures compares these two of a pair of models.
    """
    fits = [[results.get(f"{model}/{recipe}") for model in pair] for pair in pairs]
    measures = [measure] * 2 if isinstance(measure, str) else measure
    values = [[value(*of) for of in zip(pair, measures)] for pair in fits if None not in pair and _alike(*pair)]
    return [less / more for less, more in values if less and more]


def _alike(one: dict, other: dict) -> bool:
    """Whether two results can be compared."""
    same_sounds = one["corpus"] != other["corpus"] or one["digest"] == other["digest"]
    return same_sounds and one["epochs"] == other["epochs"]


def _paper_ratios(reported: dict, measure, pairs) -> list[float]:
    def number(model):
        found = reported[model].get(measure) if isinstance(measure, str) else None
        return _mean(found) if isinstance(found, list) else found

    values = [[number(model) for model in pair] for pair in pairs]
    return [less / more for less, more in values if less and more]


def _keys(model: str, titles) -> list[str]:
    return [f"{model}/{recipe}" for recipe in titles]


def _mean(values) -> float:
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan


def _each(results, text) -> str:
    return ", ".join(text(result) if result else "–" for result in results)


def _numbers(ratios) -> str:
    return ", ".join(f"{ratio:.2f}" for ratio in ratios)


def _error(number) -> str:
    return "–" if number is None else f"{number * 1e4:.3f}"


def _ratio(number) -> str:
    return "–" if number is None else f"{number:.2f} ({round(number - 1, 2) + 0.0:+.0%})".replace("-", "−")


def _share(number) -> str:
    return "–" if number is None or math.isnan(number) else f"{number:.3f}"


def _count(number) -> str:
    return "–" if number is None or math.isnan(number) else f"{number:.1f}"


def _row(cells) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"
