"""Pitch in motion: do bend, vibrato and portamento follow their curves?

Notes of the shipped decoder at three random points of its latent space: a vibrato of half a
semitone at 6 Hz, as it comes in over half a second; a portamento of an octave in half a second, a
straight line in semitones; a bend of two semitones up and down once a second, set every
5 ms as a wheel does.  The first six partials are turned back along the ideal curve
and what turning is left, through a Hann window of 46 ms, or of six periods where that is longer,
is the deviation: a shorter one would let the partials of a low note into each other.  The output
is late by the limiter's look-ahead, and a bend, which is evened out between its steps, by some
milliseconds more: the lag that fits the first note best is told, and allowed for in all.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from manned.instrument import Instrument
from manned.model.pitch import note_to_hz

from ..instrument import shipped_instrument
from ..section import Section, quantiles
from .plots import COLOURS, axes_grid, save
from .signals import RATE, deviation_cents

POINTS = 3
NOTES = (48, 60, 72, 84)
SECONDS = 1.5
MOST_CENTS = 2.0
ONSET = round(0.05 * RATE)
VIBRATO_HZ, VIBRATO_DEPTH, VIBRATO_DELAY_S = 6.0, 0.5, 0.5
GLIDE_S, GLIDE_FROM = 0.5, -12
BEND_HZ, BEND_RANGE, BEND_STEP = 1.0, 2.0, 220
SHORTEST, PERIODS = 2048, 6
TIMES = np.arange(round(SECONDS * RATE)) / RATE


def vibrato(instrument: Instrument, note: int) -> np.ndarray:
    """A note with vibrato [shape=(n, 1)]."""
    instrument.set("vibrato/rate", VIBRATO_HZ)
    instrument.set("vibrato/depth", VIBRATO_DEPTH)
    instrument.set("vibrato/delay", VIBRATO_DELAY_S)
    instrument.engine.render(4096)
    instrument.note_on("a", note, 100)
    return instrument.engine.render(len(TIMES))


def ideal_vibrato(lag_s: float) -> np.ndarray:
    """Its pitch in semitones from the note."""
    t = TIMES - lag_s
    return VIBRATO_DEPTH * np.clip(t / VIBRATO_DELAY_S, 0, 1) * np.sin(2 * np.pi * VIBRATO_HZ * t)


def portamento(instrument: Instrument, note: int) -> np.ndarray:
    """A note that is reached by portamento [shape=(n, 1)]."""
    instrument.set("portamento", GLIDE_S)
    instrument.note_on("before", note + GLIDE_FROM, 100)
    instrument.engine.render(8192)
    instrument.all_sound_off()
    instrument.engine.render(4096)
    instrument.note_on("a", note, 100)
    return instrument.engine.render(len(TIMES))


def ideal_portamento(lag_s: float) -> np.ndarray:
    """Its pitch in semitones from the note."""
    return GLIDE_FROM * (1 - np.clip((TIMES - lag_s) / GLIDE_S, 0, 1))


def bend(instrument: Instrument, note: int) -> np.ndarray:
    """A note that is bent up and down [shape=(n, 1)]."""
    instrument.set("bend/range", BEND_RANGE)
    instrument.note_on("a", note, 100)
    instrument.engine.render(4096)
    start = instrument.engine.clock
    for n in range(0, len(TIMES), BEND_STEP):
        instrument.set("bend", np.sin(2 * np.pi * BEND_HZ * n / RATE), when=start + n)
    return instrument.engine.render(len(TIMES))


def ideal_bend(lag_s: float) -> np.ndarray:
    """Its pitch in semitones from the note."""
    return BEND_RANGE * np.sin(2 * np.pi * BEND_HZ * (TIMES - lag_s))


CURVES = {"vibrato": (vibrato, ideal_vibrato), "portamento": (portamento, ideal_portamento), "bend": (bend, ideal_bend)}
LAGS_S = np.arange(0, 0.008, 0.00025)


def deviation(signal: np.ndarray, note: int, curve: np.ndarray) -> np.ndarray:
    """Distance from the curve in cents, the onset left out; NaN where it cannot be told."""
    curve_hz = note_to_hz(note) * 2 ** (curve / 12)
    cents = deviation_cents(signal, curve_hz, max(SHORTEST, round(PERIODS * RATE / curve_hz.min())))
    cents[:ONSET] = np.nan
    return cents


def measure(pictures: Path) -> Section:
    """Play the notes of each curve."""
    section = Section()
    points = np.random.default_rng(5).random((POINTS, 3))
    rows, shown = [], {}
    for name, (play, ideal) in CURVES.items():
        lags, worst, every = [], [], []
        for point in points:
            for note in NOTES:
                instrument = shipped_instrument(RATE)
                instrument.set("glide", 0.0)
                instrument.set_latents(point)
                signal = play(instrument, note)[:, 0].astype(np.float64)
                lag = (
                    lags[0]
                    if lags
                    else min(LAGS_S, key=lambda lag: np.nanmean(deviation(signal, note, ideal(lag)) ** 2))
                )
                cents = deviation(signal, note, ideal(lag))
                lags.append(lag)
                every.append(np.abs(cents[np.isfinite(cents)]))
                worst.append(every[-1].max())
                if name not in shown or note == 72:
                    shown[name] = (100 * ideal(lag), cents)
        found = max(worst)
        section.promise(
            f"{name} follows its curve, largest deviation",
            f"≤ {MOST_CENTS:g} cents",
            f"{found:.2f} cents",
            found <= MOST_CENTS,
        )
        rows.append((name, len(worst), quantiles(np.concatenate(every)), quantiles(worst), f"{1000 * lags[0]:.2f}"))
    section.table(
        (
            "curve",
            "notes",
            "deviation over all samples in cents, median / p95 / max",
            "worst of each note, median / p95 / max",
            "lag allowed for, ms",
        ),
        rows,
    )
    figure, axes = axes_grid(2, 3, height=1.8, sharex=True, sharey="row")
    for (above, below), (name, (curve, cents)) in zip(axes.T, shown.items()):
        above.plot(TIMES[::50], curve[::50], color="black", linewidth=2.5, alpha=0.3, label="ideal")
        above.plot(
            TIMES[::50], (curve + cents)[::50], color=COLOURS[0], linewidth=0.9, linestyle="--", label="measured"
        )
        above.set_title(name, fontsize=10)
        below.plot(TIMES[::50], cents[::50], color=COLOURS[1], linewidth=0.8)
        below.set(xlabel="seconds")
        for edge in (-MOST_CENTS, MOST_CENTS):
            below.axhline(edge, color="black", linewidth=0.8)
        below.set_ylim(-2.5 * MOST_CENTS, 2.5 * MOST_CENTS)
        for axis in (above, below):
            axis.grid(True, color="0.9")
    axes[0, 0].set_ylabel("cents from the note")
    axes[0, 0].legend(fontsize=8, frameon=False)
    axes[1, 0].set_ylabel("deviation in cents")
    path = save(figure, pictures / "curves.svg")
    section.picture(
        path,
        "One note of each: the pitch that was measured on the ideal curve, and the distance between them; black, what "
        "is promised.",
    )
    return section
