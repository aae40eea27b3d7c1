"""Is the shipped decoder in tune, and how do its notes begin?

Twelve notes in octaves 3, 4 and 5, at the centre of the latent space and at 20
random points, rendered by the engine: the frequency of the fundamental against
the note; the level from the end of the attack (3 ms) to 20 ms against the steady
tone; and the sharpest bend of the first 20 ms (largest second difference)
against the steady tone's.
"""

from __future__ import annotations

import numpy as np

from manned.model.pitch import note_to_hz

from ..instrument import shipped_instrument
from ..section import Section, quantiles
from ..show import show

RATE = 44100
NOTES = range(48, 84)
POINTS = 20
AUDIBLE = 1e-3  # a fundamental 60 dB below the strongest partial is not one


def fundamental(signal: np.ndarray, wanted_hz: float) -> float:
    """Frequency of the highest spectral peak within a semitone of a note; NaN when there is none to speak of."""
    size = 4 * len(signal)
    spectrum = np.abs(np.fft.rfft(signal * np.hanning(len(signal)), size))
    step = RATE / size
    low, high = int(wanted_hz * 2 ** (-1 / 12) / step), int(wanted_hz * 2 ** (1 / 12) / step) + 1
    k = low + int(spectrum[low:high].argmax())
    if spectrum[k] < AUDIBLE * spectrum.max() or k in (low, high - 1):
        return np.nan
    a, b, c = np.log(spectrum[k - 1 : k + 2])
    return (k + 0.5 * (a - c) / (a - 2 * b + c)) * step


def level_db(signal: np.ndarray) -> float:
    """RMS level in decibels."""
    return 20 * np.log10(np.sqrt(np.mean(signal**2)) + 1e-12)


def measure(points: int = POINTS) -> Section:
    """Play the notes at the centre and at so many random points."""
    section = Section()
    instrument = shipped_instrument(RATE)
    rng = np.random.default_rng(0)
    places = [np.full(instrument.latents, 0.5), *rng.random((points, instrument.latents))]
    instrument.set("glide", 0.0)
    cents, onsets, clicks = [], [], []
    for place in places:
        instrument.set_latents(place)
        instrument.engine.render(64)
        for note in NOTES:
            instrument.note_on("note", note, 100)
            signal = instrument.engine.render(RATE)[:, 0]
            steady = signal[8192:]
            cents.append(1200 * np.log2(fundamental(steady, note_to_hz(note)) / note_to_hz(note)))
            onsets.append(level_db(signal[132:882]) - level_db(steady))
            clicks.append(np.abs(np.diff(signal[:882], 2)).max() / np.abs(np.diff(steady, 2)).max())
            instrument.all_sound_off()
            instrument.engine.render(1024)
    off = np.abs(cents)
    off[np.isnan(off)] = np.inf
    section.text(
        f"{len(cents)} notes of {instrument.status()['model']}: C3 to B5, the centre and {points} random points"
    )
    found = off[np.isfinite(off)]
    section.table(
        ("measure", "figure"),
        [
            ("fundamental within 5 cents of the note", f"{np.mean(off <= 5):.1%}"),
            ("fundamental within 1 cent", f"{np.mean(off <= 1):.1%}"),
            ("deviation in cents, median / p95 / max", quantiles(found)),
            ("no audible fundamental", f"{np.mean(np.isinf(off)):.1%}"),
            ("3 to 20 ms within 1.5 dB of the steady level", f"{np.mean(np.abs(onsets) <= 1.5):.1%}"),
            ("3 to 20 ms against steady in dB, median / p95 / max", quantiles(np.abs(onsets))),
            ("sharpest bend of the onset over the steady tone's, median / p95 / max", quantiles(clicks)),
        ],
    )
    return section


if __name__ == "__main__":
    show(measure)
