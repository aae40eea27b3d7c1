"""Whole notes: General MIDI, encoded and played again by the instrument

Twenty-four notes of all families of Debian's FluidR3 soundfont, two seconds each at
velocity 100, dry, go through `manned encode`, which is not told their notes, and the
score that it writes through `manned render`.  LSD is the RMS difference in dB over the
bins of a Hann window of 4096 samples, both cut 60 dB below the note's loudest bin, mean
over the frames within 40 dB of the loudest; one gain is found for the whole note.  Bins
in which both are silent count as equal there, which flatters dark sounds, so LSD over
the bins alone that sound in one of the two stands beside it.  Level is the RMS difference
of the level contours in dB over the moments within 40 dB of the loudest.  The analysis
alone is what was heard, played without a network and without the instrument.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

from manned.model.pitch import class_and_octave, note_name
from training.measure.timbre.general_midi import sounds
from training.measure.timbre.played import Likeness, likeness
from training.measure.timbre.replayed import replay

from ..section import Section
from ..sound.plots import axes_grid, save, spectrogram
from .encoded import RATE, again
from .shipped import HARMONIC_NAME, SPECTRUM_NAME, shipped

LSD_DB, CONTOUR_DB, WRONG = 2.8, 3.0, 1
SHOWN = ((0, 8, 14, 24, 32, 40, 47), (52, 56, 71, 73, 81, 104, 114))
"""Programs of each picture."""

PLAYERS = (HARMONIC_NAME, SPECTRUM_NAME)
SEEN = (
    "What the pictures showed when they were last looked at, on 2026-11-27. The decay of piano, celesta, guitar, "
    "sitar and steel drums comes back, and so do the "
    "partials that a clarinet leaves out and the vibrato of violin and flute. What does not: the noise of an attack "
    "lasts a tenth of a second, the length of the window it is heard through, where the source has a click. The "
    "celesta begins a semitone high and the bells on other partials, until their pitch is found. Noise goes up and "
    "down with the vibrato of the violin, and in the choir it takes the place of a steady formant near 3 kHz. "
    "Beating, as of the saw wave's two oscillators, "
    f"becomes a steady tone. {SPECTRUM_NAME} begins celesta, bells and bass with partials that they have not, "
    "and draws little of the drum's noise."
)


class Played(NamedTuple):
    """One note, what was heard in it and what was made of it.

    Attributes
    ----------
    program, note : int
    name : str
        Of the soundfont's program.
    source : np.ndarray [shape=(n,)]
    ceiling : Likeness
        Of the analysis alone.
    heard : dict of int
        Note that was heard, by decoder.
    again : dict of np.ndarray [shape=(m,)]
        What was rendered, by decoder.
    alike : dict of Likeness
        By decoder.
    """

    program: int
    note: int
    name: str
    source: np.ndarray
    ceiling: Likeness
    heard: dict[str, int]
    again: dict[str, np.ndarray]
    alike: dict[str, Likeness]


def play() -> list[Played]:
    """Encode and render all notes with both decoders."""
    both, found = shipped(), []
    models = {
        HARMONIC_NAME: (both.harmonic, both.harmonic_encoder),
        SPECTRUM_NAME: (both.spectrum, both.spectrum_encoder),
    }
    with tempfile.TemporaryDirectory(prefix="manned-notes-") as folder:
        for patch, note, sound in sounds(RATE):
            program = patch.settings["program"]
            path = Path(folder, f"{program}.wav")
            soundfile.write(path, sound, RATE, subtype="FLOAT")
            made = {name: again(path, name, *model) for name, model in models.items()}
            one = Played(
                program,
                note,
                patch.name.split(" ", 1)[1],
                sound,
                likeness(sound, replay(sound, None, None)[0]),
                {name: answer.heard.note for name, answer in made.items()},
                {name: answer.sound for name, answer in made.items()},
                {name: likeness(sound, answer.sound) for name, answer in made.items()},
            )
            found.append(one)
    return found


def measure(pictures: Path) -> Section:
    """Play all notes, and draw some."""
    section = Section()
    found = play()
    means = {name: _means([one.alike[name] for one in found]) for name in PLAYERS}
    wrong = {name: [one for one in found if one.heard[name] != one.note] for name in PLAYERS}
    mean = means[HARMONIC_NAME]
    section.promise(
        f"{len(found)} General MIDI notes encoded and played: LSD",
        f"≤ {LSD_DB} dB",
        f"{mean[0]:.2f} dB",
        mean[0] <= LSD_DB,
    )
    section.promise("their level contour", f"≤ {CONTOUR_DB:g} dB", f"{mean[2]:.2f} dB", mean[2] <= CONTOUR_DB)
    right = len(found) - len(wrong[HARMONIC_NAME])
    section.promise(
        "their right pitch, without `--note`",
        f"≥ {len(found) - WRONG} of {len(found)}",
        f"{right} of {len(found)}",
        right >= len(found) - WRONG,
    )
    section.text("Means of all notes, in dB; less is nearer.")
    ceiling = _means([one.ceiling for one in found])
    section.table(
        ("", "LSD", "LSD, sounding bins", "level", "right pitch"),
        [
            ("the analysis alone", *(f"{value:.2f}" for value in ceiling), ""),
            *(
                (name, *(f"{value:.2f}" for value in means[name]), f"{len(found) - len(wrong[name])} of {len(found)}")
                for name in PLAYERS
            ),
        ],
    )
    section.text(
        f"Each note: LSD / LSD over sounding bins / level. {SPECTRUM_NAME} was trained on programs of this "
        f"soundfont, and these may be among them; {HARMONIC_NAME} was trained on none of these."
    )
    section.table(
        ("program", "note", "the analysis alone", *PLAYERS),
        [
            (
                f"{one.program} {one.name}",
                _named(one.note),
                _figures(one.ceiling),
                *(_figures(one.alike[name]) + _remark(one, name) for name in PLAYERS),
            )
            for one in found
        ],
    )
    _remarks(section, found)
    section.text(SEEN)
    for number, programs in enumerate(SHOWN, 1):
        _draw(section, pictures / f"notes-{number}.png", [one for one in found if one.program in programs])
    return section


def _remarks(section: Section, found: list[Played]) -> None:
    """The notes that come out worst, by name."""
    far = [one for one in found if one.alike[HARMONIC_NAME].lsd_db > LSD_DB]
    flat = [one for one in found if one.alike[HARMONIC_NAME].contour_db > CONTOUR_DB]
    behind = [one for one in found if one.alike[HARMONIC_NAME].lsd_db > one.alike[SPECTRUM_NAME].lsd_db]
    told = [
        (f"farther than {LSD_DB} dB in LSD", far),
        (f"farther than {CONTOUR_DB:g} dB in level", flat),
        (f"farther than {SPECTRUM_NAME} in LSD", behind),
    ]
    lines = [f"- {what}: {', '.join(one.name for one in notes) or 'none'}" for what, notes in told]
    section.text(f"Notes that {HARMONIC_NAME} plays\n\n" + "\n".join(lines))


def _means(found: list[Likeness]) -> tuple[float, float, float]:
    rows = np.array([(each.lsd_db, each.sounding_lsd_db, each.contour_db) for each in found])
    lsd_db, sounding_db, contour_db = rows.mean(axis=0)
    return float(lsd_db), float(sounding_db), float(contour_db)


def _figures(found: Likeness) -> str:
    return f"{found.lsd_db:.1f} / {found.sounding_lsd_db:.1f} / {found.contour_db:.1f}"


def _remark(one: Played, name: str) -> str:
    return "" if one.heard[name] == one.note else f", heard as {_named(one.heard[name])}"


def _named(note: int) -> str:
    return note_name(*class_and_octave(note))


def _draw(section: Section, path: Path, notes: list[Played]) -> None:
    figure, axes = axes_grid(len(notes), 3, height=1.05, sharex=True, sharey=True)
    for row, one in zip(axes, notes):
        shown = spectrogram(row[0], one.source)
        for axis, name in zip(row[1:], PLAYERS):
            sound = one.again[name][: len(one.source)]
            gain = np.linalg.norm(one.source) / max(float(np.linalg.norm(sound)), 1e-9)
            spectrogram(axis, gain * sound).set_clim(*shown.get_clim())
        row[0].set_ylabel(f"{one.name}\n{_named(one.note)}", fontsize=8)
    for axis, title in zip(axes[0], ("source", *PLAYERS)):
        axis.set_title(title, fontsize=10)
    for axis in axes[-1]:
        axis.set_xlabel("seconds", fontsize=8)
    save(figure, path)
    names = ", ".join(one.name for one in notes)
    section.picture(path, f"{names}: 0 to 6 kHz, 70 dB from dark to light, one gain for each note.")
