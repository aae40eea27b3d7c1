"""Keys: do notes of the engine sound their pitch, by all their energy?

Every third MIDI note from 24 to 108 (C1 to C8) is played by the instrument at random
points of each decoder's faders, held still.  The power of windows of 16384 samples over
1.5 s is averaged, and told apart: on harmonics, within 2.5 bins (7 Hz) of a multiple of the
note; foreign, in peaks that stand out by 25 dB and are partials neither of it nor of a stiff
string of its pitch; noise, all the rest.  A note sounds when less than a tenth is foreign;
the next row counts whole multiples of the note alone.  The fundamental is measured once more with
`/noise/level` 0, when it is within 40 dB of the strongest partial, and beside it the note's
pitch: the power-weighted median deviation of the first ten partials.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from manned.instrument import Instrument
from manned.model.analysis import magnitudes
from manned.model.harmonic.ear import foreign_share
from manned.model.harmonic.topology import STIFFEST
from manned.model.kinds import AnyDecoder
from manned.model.pitch import note_to_hz
from training.measure.timbre import space

from ..instrument import compose
from ..section import Section
from ..show import show
from ..sound.signals import RATE
from ..sound.tuning import pitch_and_fundamental
from .shipped import HARMONIC_NAME, SPECTRUM_NAME, shipped

NOTES = range(24, 109, 3)
POINTS = 12
SECONDS, LEFT_OUT_S = 1.75, 0.25
N_FFT, HOP = 16384, 4096
FOREIGN, CENTS = 0.1, 5.0


class Keys(NamedTuple):
    """What notes sound, each [shape=(notes, points)].

    Attributes
    ----------
    on_harmonics, foreign, off_multiples : np.ndarray
        Share of the energy; the last one is what is foreign if only whole multiples of the note are its own.
    pitch, fundamental : np.ndarray
        Deviation in cents; NaN where the fundamental is not heard.
    """

    on_harmonics: np.ndarray
    foreign: np.ndarray
    off_multiples: np.ndarray
    pitch: np.ndarray
    fundamental: np.ndarray


def play(decoder: AnyDecoder, points: int, seed: int = 24) -> Keys:
    """Play all notes with one decoder."""
    instrument = compose(RATE, decoder=decoder).instrument
    instrument.set("glide", 0.0)
    places = np.random.default_rng(seed).random((points, instrument.latents))
    rows = [[_measured(instrument, note, place) for place in places] for note in NOTES]
    return Keys(*np.moveaxis(np.array(rows), -1, 0))


def _measured(instrument: Instrument, note: int, place: np.ndarray) -> tuple[float, ...]:
    hertz = note_to_hz(note)
    power = np.square(magnitudes(_sound(instrument, note, place, 1.0), N_FFT, HOP), dtype=np.float64).mean(axis=0)
    frame, f0_hz = np.sqrt(power / power.max())[None], np.array([hertz])
    _, beside = space.partials_and_rest(frame, f0_hz)
    pitch, fundamental = pitch_and_fundamental(_sound(instrument, note, place, 0.0), hertz)
    foreign, off_multiples = (foreign_share(frame, f0_hz, stiffest)[0] for stiffest in (STIFFEST, 0.0))
    return 1.0 - beside[0], foreign, off_multiples, pitch, fundamental


def _sound(instrument: Instrument, note: int, place: np.ndarray, noise: float) -> np.ndarray:
    engine = instrument.engine
    instrument.set("noise/level", noise)
    instrument.set_latents(place.tolist())
    engine.render(64)
    instrument.note_on("note", note, 100)
    sound = engine.render(round(SECONDS * RATE))[round(LEFT_OUT_S * RATE) :, 0]
    instrument.all_sound_off()
    engine.render(1024)
    return sound


def measure(points: int = POINTS) -> Section:
    """Play both decoders."""
    section = Section()
    both = shipped()
    found = {HARMONIC_NAME: play(both.harmonic, points), SPECTRUM_NAME: play(both.spectrum, points)}
    wrong = np.mean(found[HARMONIC_NAME].foreign > FOREIGN)
    section.promise("notes of the engine that do not sound their pitch, C1 to C8", "none", f"{wrong:.1%}", wrong == 0.0)
    section.table(
        ("", *found),
        [
            ("notes", *(keys.foreign.size for keys in found.values())),
            (
                "a tenth of the energy or more is foreign",
                *(f"{np.mean(k.foreign > FOREIGN):.1%}" for k in found.values()),
            ),
            (
                "the same, whole multiples of the note alone",
                *(f"{np.mean(k.off_multiples > FOREIGN):.1%}" for k in found.values()),
            ),
            ("energy on harmonics, mean", *(f"{k.on_harmonics.mean():.1%}" for k in found.values())),
            (
                "energy that is foreign, mean / most",
                *(f"{k.foreign.mean():.2%} / {k.foreign.max():.0%}" for k in found.values()),
            ),
            (
                "energy of noise, mean",
                *(f"{np.mean(1 - k.on_harmonics - k.off_multiples):.1%}" for k in found.values()),
            ),
            (f"pitch within {CENTS:g} cents", *(_within(k.pitch) for k in found.values())),
            (
                "fundamental within 40 dB of the strongest",
                *(f"{np.isfinite(k.fundamental).mean():.1%}" for k in found.values()),
            ),
            (
                f"of these, within {CENTS:g} cents",
                *(_within(k.fundamental[np.isfinite(k.fundamental)]) for k in found.values()),
            ),
        ],
    )
    octaves = np.array(NOTES) // 12 - 1
    section.text("Notes of which a tenth of the energy or more is foreign, by octave.")
    section.table(
        ("octave", *np.unique(octaves)),
        [
            (name, *(f"{np.mean(keys.foreign[octaves == octave] > FOREIGN):.1%}" for octave in np.unique(octaves)))
            for name, keys in found.items()
        ],
    )
    return section


def _within(cents: np.ndarray) -> str:
    return f"{np.mean(np.abs(cents) <= CENTS):.1%}"


if __name__ == "__main__":
    show(measure)
