"""Steadiness: does a held note flutter, and are all timbres equally loud?

Every pitch class in octaves 3, 4 and 5 of the shipped decoder, at 25 random points of
its latent space, held for two seconds by each method at the default hop.  Flutter is the
standard deviation over the mean of the level (RMS through a Hann window of 93 ms), the
first 0.3 s left out, and of the harmonics alone (`/noise/level 0`): noise is never steady.
Loudness is K-weighted (ITU-R BS.1770, by pyloudnorm) of the same second and a half, noise
included; what is promised is the distance of the loudest from the quietest note of an
octave, over all points and classes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyloudnorm  # pyright: ignore[reportMissingImports]  # comes with the extra 'sound'

from manned.instrument import Instrument
from manned.model.pitch import CLASS_NAMES

from ..instrument import shipped_instrument
from ..section import Section
from .frames import METHODS
from .plots import COLOURS, DASHES, axes_grid, save
from .signals import RATE, flutter, level_curve

OCTAVES = (3, 4, 5)
POINTS = 25
SECONDS = 2.0
LEFT_OUT = round(0.3 * RATE)
FLUTTER, LEVEL_DB = 0.005, 3.0


def hold(instrument: Instrument, note: int, point: np.ndarray) -> np.ndarray:
    """A held note, its beginning left out."""
    engine = instrument.engine
    instrument.set_latents(point.tolist())
    engine.render(64)
    instrument.note_on("note", note, 100)
    signal = engine.render(round(SECONDS * RATE))[LEFT_OUT:, 0]
    instrument.all_sound_off()
    engine.render(512)
    return signal


def measure(pictures: Path) -> Section:
    """Hold every note."""
    section = Section()
    instrument = shipped_instrument(RATE)
    instrument.set("glide", 0.0)
    meter = pyloudnorm.Meter(RATE, block_size=0.4)
    points = np.random.default_rng(9).random((POINTS, instrument.latents))
    fluttering, loudness, shown = {}, np.zeros((len(OCTAVES), 12, POINTS)), {}
    for method in METHODS:
        instrument.set("phase", method)
        for o, octave in enumerate(OCTAVES):
            for pitch_class in range(12):
                for p, point in enumerate(points if method == "peaks" else points[:5]):
                    note = 12 * (octave + 1) + pitch_class
                    instrument.set("noise/level", 0.0)
                    shown[method] = hold(instrument, note, point)
                    fluttering.setdefault(method, []).append(flutter(shown[method]))
                    if method == "peaks":
                        instrument.set("noise/level", 1.0)
                        signal = hold(instrument, note, point)
                        loudness[o, pitch_class, p] = meter.integrated_loudness(signal.astype(np.float64))
    held = np.array(fluttering["peaks"])
    section.promise(
        f"flutter of a held note, worst of {held.size}", f"≤ {FLUTTER:.1%}", f"{held.max():.2%}", held.max() <= FLUTTER
    )
    spreads = np.ptp(loudness, axis=(1, 2))
    section.promise(
        "loudness across latents and classes, loudest over quietest, worst octave",
        f"≤ {LEVEL_DB:g} dB",
        f"{spreads.max():.1f} dB",
        spreads.max() <= LEVEL_DB,
    )
    section.table(
        ("method", "notes", "flutter, median", "p95", "worst"),
        [(method, len(v), *(f"{np.quantile(v, q):.3%}" for q in (0.5, 0.95, 1.0))) for method, v in fluttering.items()],
    )
    section.table(
        ("octave", "mean, LUFS", "standard deviation, dB", "loudest over quietest, dB", "p95 over p5, dB"),
        [
            (
                octave,
                f"{values.mean():.1f}",
                f"{values.std():.2f}",
                f"{np.ptp(values):.2f}",
                f"{np.ptp(np.quantile(values, [0.05, 0.95])):.2f}",
            )
            for octave, values in zip(OCTAVES, loudness)
        ],
    )
    _draw(section, pictures, shown, loudness)
    return section


def _draw(section: Section, pictures: Path, shown: dict, loudness: np.ndarray) -> None:
    figure, axes = axes_grid(1, 2, height=2.8)
    for (method, signal), colour, dash in zip(shown.items(), COLOURS, DASHES):
        levels = level_curve(signal)
        axes[0, 0].plot(
            np.arange(len(levels)) * 512 / RATE,
            20 * np.log10(levels / levels.mean()),
            color=colour,
            linestyle=dash,
            linewidth=1.3,
            label=method,
        )
    axes[0, 0].set(xlabel="seconds", ylabel="level over its mean in dB")
    axes[0, 0].legend(fontsize=8, frameon=False)
    for o, octave in enumerate(OCTAVES):
        middle = np.median(loudness[o])
        axes[0, 1].boxplot(
            (loudness[o] - middle).T,
            positions=np.arange(12) + 0.27 * (o - 1),
            widths=0.2,
            whis=(0, 100),
            manage_ticks=False,
            patch_artist=True,
            boxprops={"facecolor": COLOURS[o], "linewidth": 0.6},
            medianprops={"color": "white", "linewidth": 1.2},
            label=f"octave {octave}",
        )
    axes[0, 1].set_xticks(range(12), CLASS_NAMES)
    axes[0, 1].set(xlabel="pitch class", ylabel="loudness over the octave's median in dB")
    axes[0, 1].legend(fontsize=8, frameon=False, ncols=len(OCTAVES), loc="upper center")
    axes[0, 1].set_ylim(top=axes[0, 1].get_ylim()[1] + 0.8)
    for axis in axes[0]:
        axis.grid(True, color="0.9")
        axis.set_axisbelow(True)
    path = save(figure, pictures / "steadiness.svg")
    section.picture(
        path,
        "Left: the level of one held note by each method. Right: loudness of every class at 25 points of the latent "
        "space; boxes hold half of them, whiskers all.",
    )
