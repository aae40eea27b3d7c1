"""Tuning: is every note where it should be?

Every MIDI note from 24 to 108 (C1 to C8) of the shipped decoder at 50 random points of its
latent space, held still, and again while all latents glide from one of the points to
the next during the note: 0.75 s each, the first 0.15 s left
out, and without the noise of the decoder, which has no pitch.  A note's pitch is
the power-weighted median deviation of those of its first ten partials that are within
40 dB of the strongest; the fundamental alone is told beside it, which is stricter,
because a decoder may draw it faint and out of place.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from manned.instrument import Instrument
from manned.model.pitch import note_to_hz

from ..instrument import shipped_instrument
from ..section import Section, quantiles
from .plots import COLOURS, DASHES, axes_grid, save
from .signals import RATE, partials

NOTES = range(24, 109)
POINTS = 50
SECONDS = 0.75
LEFT_OUT = round(0.15 * RATE)
MEDIAN_CENTS, MOST_CENTS, SHARE = 0.5, 5.0, 0.99
HEARD_DB = -40.0


def weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    """The value at which half of the weight is reached."""
    order = np.argsort(values)
    return float(values[order][np.searchsorted(np.cumsum(weights[order]), 0.5 * weights.sum())])


def pitch_and_fundamental(signal: np.ndarray, note_hz: float) -> tuple[float, float]:
    """Deviation in cents of a note and of its fundamental; infinite when no partial is found."""
    cents, heights = partials(signal, note_hz)
    heard = np.isfinite(cents) & (heights > heights.max() * 10 ** (HEARD_DB / 20))
    pitch = weighted_median(cents[heard], heights[heard] ** 2) if heard.any() else np.inf
    return pitch, cents[0] if heard[0] else np.nan


def play(instrument: Instrument, note: int, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """A note whose latents move from one point to another while it lasts."""
    engine = instrument.engine
    instrument.set("glide", 0.0)
    instrument.set_latents(start.tolist())
    engine.render(64)
    instrument.note_on("note", note, 100)
    if end is not start:
        instrument.set("glide", SECONDS)
        instrument.set_latents(end.tolist())
    signal = engine.render(round(SECONDS * RATE))[LEFT_OUT:, 0]
    instrument.all_sound_off()
    engine.render(512)
    return signal


def measure(pictures: Path) -> Section:
    """Play every note, held still and while it moves."""
    section = Section()
    instrument = shipped_instrument(RATE)
    instrument.set("noise/level", 0.0)
    points = np.random.default_rng(36).random((POINTS + 1, instrument.latents))
    found = {}
    for name, ends in (("static", points[:-1]), ("moving", points[1:])):
        found[name] = np.array(
            [
                [
                    pitch_and_fundamental(
                        play(instrument, note, start, start if name == "static" else end), note_to_hz(note)
                    )
                    for start, end in zip(points[:-1], ends)
                ]
                for note in NOTES
            ]
        )  # [notes, points, (pitch, fundamental)]
    rows = []
    for name, values in found.items():
        off = np.abs(values[..., 0]).ravel()
        median, share = np.median(off), np.mean(off <= MOST_CENTS)
        section.promise(
            f"tuning, {name} latents: median of {off.size} notes",
            f"≤ {MEDIAN_CENTS} cents",
            f"{median:.2f} cents",
            median <= MEDIAN_CENTS,
        )
        section.promise(
            f"tuning, {name} latents: notes within {MOST_CENTS:g} cents",
            f"≥ {SHARE:.0%}",
            f"{share:.2%}",
            share >= SHARE,
        )
        first = np.abs(values[..., 1]).ravel()
        heard = np.isfinite(first)
        rows.append(
            (
                name,
                quantiles(off[np.isfinite(off)]),
                f"{np.quantile(off, 0.99):.2f}",
                f"{share:.2%}",
                f"{heard.mean():.1%}",
                quantiles(first[heard]),
                f"{np.mean(first[heard] <= MOST_CENTS):.2%}",
            )
        )
    section.table(
        (
            "latents",
            "deviation in cents, median / p95 / max",
            "p99",
            f"within {MOST_CENTS:g} cents",
            "fundamental heard",
            "its deviation, median / p95 / max",
            f"within {MOST_CENTS:g} cents",
        ),
        rows,
    )
    figure, axes = axes_grid(1, 2, height=2.9)
    for (name, values), colour, dash in zip(found.items(), COLOURS[::2], DASHES):
        off = np.sort(np.abs(values[..., 0]).ravel())
        axes[0, 0].plot(
            np.maximum(off, 1e-3)[::-5],
            (1 - np.arange(off.size) / off.size)[::-5],
            color=colour,
            linestyle=dash,
            label=name,
        )
        axes[0, 1].plot(
            NOTES, np.quantile(np.abs(values[..., 0]), 0.99, axis=1), color=colour, linestyle=dash, label=name
        )
    axes[0, 0].axvline(MOST_CENTS, color="black", linewidth=0.8)
    axes[0, 0].axhline(1 - SHARE, color="black", linewidth=0.8)
    axes[0, 0].set(
        xscale="log", yscale="log", xlabel="deviation in cents", ylabel="share of notes that are further off"
    )
    axes[0, 1].axhline(MOST_CENTS, color="black", linewidth=0.8)
    axes[0, 1].set(yscale="log", xlabel="MIDI note", ylabel="cents that 99 % of points stay within")
    for axis in axes[0]:
        axis.grid(True, which="both", color="0.9")
        axis.legend(fontsize=8, frameon=False)
    path = save(figure, pictures / "tuning.svg")
    section.picture(
        path,
        "Left: how many notes are further off than so many cents; the black lines meet at the promise. Right: by note.",
    )
    return section
