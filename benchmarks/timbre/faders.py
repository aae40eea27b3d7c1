"""What the faders hold: how many kinds of sound, how pure, how rough, and whether keys agree

Four thousand random points of all that the faders reach are drawn by each decoder
(`training.measure.timbre.space`).  Colour is the mean change of the levels of the first
16 harmonics from C4 to C♯4, faders still.  A point does not sound its note when a tenth
of its energy or more lies in partials that are not those of the note it was asked for, C2 to
B6; noise may lie anywhere.  A stiff string's partials count as the note's own, since real
strings have them; the next row counts whole multiples of the note alone.  Effective
dimensions are the participation ratio of the variances of loudness spectra.  The purest and
the roughest are the twentieth of the points with the fewest partials within 40 dB of the
strongest, and with the most energy beside harmonics.  What `manned-train learn` reaches with
recordings of your own is measured by `make bench` ([measured.md](measured.md)).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.measure.timbre import space
from training.measure.timbre.evaluate import player

from ..section import Section
from ..show import show
from ..sound.plots import axes_grid, save
from .shipped import HARMONIC_NAME, SPECTRUM_NAME, Shipped, shipped

COLOUR_DB, DIMENSIONS, PARTIALS, BESIDE = 1.2, 5.0, 2, 0.05


def measure(pictures: Path = Path("build/timbre")) -> Section:
    """Listen to both decoders."""
    section = Section()
    both = shipped()
    found = {
        name: space.measure(player(decoder), decoder.latent_count)
        for name, decoder in ((HARMONIC_NAME, both.harmonic), (SPECTRUM_NAME, both.spectrum))
    }
    held = found[HARMONIC_NAME]
    section.promise(
        "colour from C4 to C♯4 on still faders",
        f"≤ {COLOUR_DB} dB",
        f"{held.evenness_db:.2f} dB",
        held.evenness_db <= COLOUR_DB,
    )
    section.promise("points that do not sound their note", "none", f"{held.foreign:.1%}", held.foreign == 0.0)
    section.promise(
        "effective dimensions of random faders, C3 / C4 / C5",
        f"≥ {DIMENSIONS:g} each",
        _dimensions(held),
        min(held.dimensions) >= DIMENSIONS,
    )
    section.promise(
        "partials of the purest 5 %", f"≤ {PARTIALS}", f"{held.purest_partials:.0f}", held.purest_partials <= PARTIALS
    )
    section.promise(
        "energy beside harmonics of the roughest 5 %",
        f"≥ {BESIDE:.0%}",
        f"{held.roughest_beside:.0%}",
        held.roughest_beside >= BESIDE,
    )
    section.table(
        ("", *found),
        [
            ("colour from C4 to C♯4", *(f"{each.evenness_db:.2f} dB" for each in found.values())),
            ("points that do not sound their note", *(f"{each.foreign:.1%}" for each in found.values())),
            ("the same, whole multiples of the note alone", *(f"{each.off_multiples:.1%}" for each in found.values())),
            ("effective dimensions at C3 / C4 / C5", *map(_dimensions, found.values())),
            ("partials of the purest 5 %", *(f"{each.purest_partials:.0f}" for each in found.values())),
            ("energy beside harmonics, roughest 5 %", *(f"{each.roughest_beside:.0%}" for each in found.values())),
        ],
    )
    _chart(section, pictures, both)
    _mesh(section, both)
    return section


def _dimensions(held: space.Space) -> str:
    return " / ".join(f"{value:.1f}" for value in held.dimensions)


def _chart(section: Section, pictures: Path, both: Shipped) -> None:
    """How far the faders of the kind harmonic are apart, and what lies on its chart."""
    chart, info = both.harmonic.chart, both.harmonic.info
    assert chart is not None
    names = ", ".join(f"{number} {name}" for number, name in enumerate(both.harmonic.latent_names, 1) if name)
    section.text(
        f"{HARMONIC_NAME} has {both.harmonic.latent_count} faders ({names}). On its training frames the two most alike "
        f"correlate by {info['correlation']:.2f}, and frames lie at {chart.occupied:.0%} of the points of its chart, "
        "which `/xy` goes about. `manned-train learn` calls faders alike from 0.3 on, and a chart thin below 60 %."
    )
    figure, axes = axes_grid(1, 2, height=3.0)
    axes[0, 0].bar(np.arange(1, both.harmonic.latent_count + 1), info["changes_db"], color="0.5")
    axes[0, 0].set(xlabel="fader", ylabel="mean change of levels in dB")
    shown = axes[0, 1].imshow(
        np.log10(1.0 + chart.counts.T), origin="lower", cmap="viridis", extent=(0, 1, 0, 1), interpolation="nearest"
    )
    axes[0, 1].set(xlabel="/xy, first number", ylabel="second number")
    figure.colorbar(shown, ax=axes[0, 1], label="log₁₀ (1 + training frames)")
    path = save(figure, pictures / "chart.png")
    section.picture(
        path,
        "Left: how much each fader changes, one standard deviation of its latent. Right: training frames on the chart.",
    )


def _mesh(section: Section, both: Shipped) -> None:
    """What the file of the paper's kind keeps of its own measures."""
    mesh = both.spectrum.info["test"]["mesh"]
    shares = " / ".join(f"{np.mean(row):.2f}" for row in mesh["harmonic_shares"])
    section.text(
        f"{SPECTRUM_NAME} was measured when it was made, on a mesh of the whole cube of its latents, {mesh['length']} "
        "points along each, beyond what the faders reach, and all notes of its octaves: the drawn pitch class is the "
        f"one asked for (the paper's Table V) at a share of {mesh['match']:.5f}; the energy within 1.5 bins of a "
        f"harmonic of the note is {mesh['harmonic_share']:.2f} of all, {shares} in octaves "
        f"{' / '.join(map(str, mesh['octaves']))}. {HARMONIC_NAME} is given the pitch and has no such table: what "
        "stands above and the keys below are asked of it instead."
    )


if __name__ == "__main__":
    show(measure)
