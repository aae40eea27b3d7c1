"""The measures of a fit as tables for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from manned.model.pitch import CLASS_NAMES
from training.corpus.split import SETS
from training.measure.posterior import verdict

_NAME = 24


def report(measures: dict[str, Any]) -> str:
    """What `evaluate` measured, as text."""
    lines = [*_errors(measures)]
    for name, section in (("embedding", _embedding), ("posterior", _posterior), ("mesh", _mesh)):
        if name in measures:
            lines += ["", *section(measures[name], measures)]
    return "\n".join(lines)


def _errors(measures: dict[str, Any]) -> Iterator[str]:
    for name in SETS:
        if measures[f"{name}_frames"]:
            yield f"{name} set: {measures[f'{name}_frames']} frames, mean squared error {measures[f'{name}_mse']:.3e}"
    yield _heading()
    for name in SETS:
        if measures[f"{name}_frames"]:
            errors = measures[f"{name}_mse_per_class"]
            yield _row(f"{name} error × 10⁻⁴", errors, lambda value: f"{value * 1e4:7.2f}")


def _embedding(statistics: dict[str, Any], measures: dict[str, Any]) -> Iterator[str]:
    yield _latents("embedding of train set", len(statistics["low"]))
    for title, name in (("lowest", "low"), ("1 of 100 below", "p1"), ("1 of 100 above", "p99"), ("highest", "high")):
        yield f"{title:<{_NAME}}" + "".join(f"{value:10.3f}" for value in statistics[name])
    if len(statistics["low"]) > 1:
        yield f"largest correlation of two latents: {statistics['largest_correlation']:.3f}"
    yield (
        f"it occupies {statistics['occupied']:.1%} of the cells of a grid of {statistics['grid']} a side "
        f"(as many random points: {statistics['occupied_by_uniform']:.1%})"
    )
    yield (
        f"entropy over those cells {statistics['entropy_bits']:.2f} bits "
        f"(as many random points: {statistics['entropy_bits_of_uniform']:.2f}), evenness {statistics['evenness']:.3f}"
    )


def _posterior(posterior: dict[str, Any], measures: dict[str, Any]) -> Iterator[str]:
    yield _latents("β-VAE", len(posterior["active"]))
    for title, name in (
        ("divergence in nats", "divergence_nats"),
        ("variance of the means", "variance_of_means"),
        ("mean of the variances", "mean_variance"),
    ):
        yield f"{title:<{_NAME}}" + "".join(f"{value:10.3f}" for value in posterior[name])
    yield f"{'sweeps changing class':<{_NAME}}" + "".join(f"{value:10.3f}" for value in posterior["class_changes"])
    yield f"{'active':<{_NAME}}" + "".join(f"{'yes' if active else 'no':>10}" for active in posterior["active"])
    yield verdict(posterior)


def _mesh(mesh: dict[str, Any], measures: dict[str, Any]) -> Iterator[str]:
    yield (
        f"mesh of {mesh['length']} points a latent: {mesh['match']:.3f} sound the class asked for, "
        f"{mesh['harmonic_share']:.3f} of the energy lies on its harmonics, {mesh['partials']:.1f} of which sound "
        f"(of the test sounds {measures['test_harmonic_share']:.3f} and {measures['test_partials']:.1f})"
    )
    held = [frames is not None for frames in measures["train_mse_per_class"]]
    if any(held) and not all(held):
        for title, chosen in (("the corpus holds", True), ("the corpus lacks", False)):
            columns = [k for k in range(len(held)) if held[k] == chosen]
            share, partials = (
                sum(row[k] for row in mesh[table] for k in columns) / len(columns) / len(mesh[table])
                for table in ("matches", "partials_of")
            )
            yield (
                f"of the {len(columns)} classes that {title}: {share:.3f} sound as asked for, "
                f"in {partials:.1f} partials"
            )
    yield _heading()
    for title, table in (
        ("class matches", "matches"),
        ("on harmonics", "harmonic_shares"),
        ("partials", "partials_of"),
    ):
        for octave, values in zip(mesh["octaves"] or [None], mesh[table]):
            name = title if octave is None else f"{title}, octave {octave}"
            yield _row(name, values, lambda value: f"{value:7.3f}")


def _heading() -> str:
    return " " * _NAME + "".join(f"{name:>7}" for name in CLASS_NAMES)


def _latents(name: str, count: int) -> str:
    return f"{name:<{_NAME}}" + "".join(f"{f'latent {k + 1}':>10}" for k in range(count))


def _row(name, values, text) -> str:
    return f"{name:<{_NAME}}" + "".join("      –" if value is None else text(value) for value in values)
