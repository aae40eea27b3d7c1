"""The page of results: what the paper reports beside what was measured here, and what of its findings holds.

Everything on it follows from two tables, the paper's (``paper.toml``) and the
results kept so far; nothing is typed in by hand.
"""

from __future__ import annotations

import math

from manned.model.pitch import CLASS_NAMES

from .posterior import verdict as posterior_verdict
from .results import best_known, by_class, gain, heard_and_unheard, mean, paper_ratios, ratios_of, value

CLOSE = 0.03
"""Ratios nearer to 1 than this are called too close to tell."""

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
    titles = _tried(titles, {recipe for row in rows for recipe in titles if f"{row['model']}/{recipe}" in results})
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
                    _ratio(gain(errors)),
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
            _row([row["label"], "paper", row["mesh"], *map(_share, row["match"]), _share(mean(row["match"])), "–", 300])
        )
        for recipe in titles:
            result = results.get(f"{row['model']}/{recipe}")
            if not result:
                continue
            evaluation = result["evaluation"]
            matches.append(
                _row([
                    "", titles[recipe], evaluation["mesh"]["length"], *map(_share, by_class(result, "matches")),
                    *map(_share, heard_and_unheard(result, "matches")), result["epochs"],
                ])
            )  # fmt: skip
            contents.append(
                _row([
                    row["label"], titles[recipe],
                    *map(_share, heard_and_unheard(result, "harmonic_shares")),
                    _share(evaluation.get("test_harmonic_share")),
                    *map(_count, heard_and_unheard(result, "partials_of")), _count(evaluation.get("test_partials")),
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
                    _numbers(measures["divergence_nats"]), _share(mean(changes)), result["epochs"],
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
    found = {recipe: [ratios_of(results, recipe, *what) for _, *what in tried] for recipe in titles}
    shown = _tried(titles, {recipe for recipe in titles if any(found[recipe])})
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
        in_paper = _numbers(paper_ratios(reported, *what)) or "in words"
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
    gains = {model: gain([value(results.get(key), "error") for key in _keys(model, titles)]) for model in models}
    gains = {model: ratio for model, ratio in gains.items() if ratio}
    lines = ["## Better than the paper's recipe", ""]
    if not gains:
        return "\n".join([*lines, "The recipes have not been compared yet."])
    reached = sum(ratio <= TARGET for ratio in gains.values())
    first = [results[_keys(model, titles)[0]] for model in gains]
    cut = sum(result["epochs"] < result["whole_epochs"] for result in first)
    lines.append(
        f"The best of the other recipes has {min(gains.values()):.2f} to {max(gains.values()):.2f} times the error of the "
        f"paper's recipe, model by model on the same test sets; {reached} of {len(gains)} models are at least "
        f"{1 - TARGET:.0%} better. By the paper's recipe {cut} of these had fewer epochs than it asks for."
    )
    sampled = [
        row["model"] for table in paper.values() if isinstance(table, dict) for row in table["rows"] if "match" in row
    ]
    keys = [key for model in sampled for key in _keys(model, titles)[1:]]
    shares = [results[key]["evaluation"]["mesh"]["harmonic_share"] for key in keys if key in results]
    if shares:
        lines.append(
            f"In their meshes of Table V, {min(shares):.1%} to {max(shares):.1%} of the energy lies on harmonics of the "
            f"class asked for, over all twelve classes; {sum(share >= HARMONIC_TARGET for share in shares)} of "
            f"{len(shares)} meshes reach {HARMONIC_TARGET:.0%}."
        )
    return "\n".join(lines)


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


def _tried(titles: dict, recipes: set[str]) -> dict:
    """Titles of the first recipe, and of those others that are among ``recipes``."""
    first = next(iter(titles))
    return {recipe: title for recipe, title in titles.items() if recipe == first or recipe in recipes}


def _keys(model: str, titles) -> list[str]:
    return [f"{model}/{recipe}" for recipe in titles]


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
