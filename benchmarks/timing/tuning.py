"""Is the shipped decoder in tune, and how do its notes begin?

Twelve notes in octaves 3, 4 and 5, at the centre of the latent space and at 20
random points, rendered by the engine: the frequency of the fundamental against
the note, as it sounds and once more without noise, which can be higher than a
weak fundamental; the level from the end of the attack (3 ms) to 20 ms against the steady
tone; and the sharpest bend of the first 20 ms (largest second difference)
against the steady tone's.
"""

from __future__ import annotations

import numpy as np

from manned.instrument import Instrument
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


def off_cents(signal: np.ndarray, note: int) -> float:
    """How far the fundamental lies from a note; NaN when there is none to speak of."""
    return 1200 * np.log2(fundamental(signal, note_to_hz(note)) / note_to_hz(note))


def played(instrument: Instrument, note: int) -> np.ndarray:
    """The first second of a note, one channel."""
    instrument.note_on("note", note, 100)
    signal = instrument.engine.render(RATE)[:, 0]
    instrument.all_sound_off()
    instrument.engine.render(1024)
    return signal


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
    cents, pure, onsets, clicks = [], [], [], []
    for place in places:
        instrument.set_latents(place)
        instrument.engine.render(64)
        for note in NOTES:
            signal = played(instrument, note)
            steady = signal[8192:]
            cents.append(off_cents(steady, note))
            instrument.set("noise/level", 0.0)
            pure.append(off_cents(played(instrument, note)[8192:], note))
            instrument.set("noise/level", 1.0)
            onsets.append(level_db(signal[132:882]) - level_db(steady))
            clicks.append(np.abs(np.diff(signal[:882], 2)).max() / np.abs(np.diff(steady, 2)).max())
    section.text(
        f"{len(cents)} notes of {instrument.status()['model']}: C3 to B5, the centre and {points} random points"
    )
    section.table(
        ("the fundamental", "as it sounds", "without noise"),
        [
            ("within 5 cents of the note", *(f"{np.mean(np.abs(some) <= 5):.1%}" for some in (cents, pure))),
            ("within 1 cent", *(f"{np.mean(np.abs(some) <= 1):.1%}" for some in (cents, pure))),
            (
                "deviation in cents, median / p95 / max",
                *(quantiles(np.abs(some)[np.isfinite(some)]) for some in (cents, pure)),
            ),
            ("none that is audible", *(f"{np.mean(np.isnan(some)):.1%}" for some in (cents, pure))),
        ],
    )
    section.table(
        ("the beginning", "figure"),
        [
            ("3 to 20 ms within 1.5 dB of the steady level", f"{np.mean(np.abs(onsets) <= 1.5):.1%}"),
            ("3 to 20 ms against steady in dB, median / p95 / max", quantiles(np.abs(onsets))),
            ("sharpest bend of the onset over the steady tone's, median / p95 / max", quantiles(clicks)),
        ],
    )
    return section


if __name__ == "__main__":
    show(measure)
