"""Gestures: do they go as their recordings go?

The notes of General MIDI of the section above are made gestures with atlas by `manned encode`, which is told their
notes.  *Played* is the instrument: a note of velocity 100 that replays the gesture once, at the pitch of the recording,
with the latents where the gesture has them.  *Level* is the RMS difference between the envelopes of what was played and
of the recording, in dB, over the moments within 40 dB of the loudest and within 60 dB; an envelope is the root mean
square of whole periods, 10 ms or a little more.  *Attack* is the time from 20 dB to 3 dB below the loudest.  LSD and
level contour are those of the section above.  *Ends* tells how far the loop's ends are apart over its crossfade, RMS:
in latents, dB and semitones.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

from manned.encode.gesture import Made, make_gesture
from manned.encode.recording import encode
from manned.model.gesture import Gesture
from manned.model.pitch import class_and_octave, note_name, note_to_hz
from training.measure.timbre.general_midi import sounds
from training.measure.timbre.played import likeness

from ..instrument import shipped_instrument
from ..section import Section
from .encoded import RATE
from .shipped import HARMONIC_NAME, shipped

LEVEL_DB, LSD_DB, ATTACK_S, ATTACK_SHARE = 3.0, 2.8, 0.01, 0.2
_HEARD_DB = (-40.0, -60.0)
_ATTACK_DB = (-20.0, -3.0)
_ENVELOPE_S = 0.01
_STEPS = 64


class Compared(NamedTuple):
    """A gesture beside its recording.

    Attributes
    ----------
    name : str
    note : int
    made : Made
    level_db : tuple of float
        Down to 40 and to 60 dB below the loudest.
    attack_s : (float, float)
        Of the recording and of what was played.
    lsd_db, contour_db : float
        Played.
    ends : (float, float, float)
        Latents, dB, semitones.
    """

    name: str
    note: int
    made: Made
    level_db: tuple[float, ...]
    attack_s: tuple[float, float]
    lsd_db: float
    contour_db: float
    ends: tuple[float, float, float]

    @property
    def quick(self) -> bool:
        """Whether its attack is that of the recording."""
        source, found = self.attack_s
        return abs(found - source) <= max(ATTACK_S, ATTACK_SHARE * source)


def compare() -> list[Compared]:
    """Make all notes gestures."""
    both, found = shipped(), []
    with tempfile.TemporaryDirectory(prefix="manned-gestures-") as folder:
        for patch, note, sound in sounds(RATE):
            path = Path(folder, "note.wav")
            soundfile.write(path, sound, RATE, subtype="FLOAT")
            heard = encode(path, both.harmonic_encoder, both.harmonic, note)
            made = make_gesture(path, heard, "note", HARMONIC_NAME)
            found.append(_compared(patch.name.split(" ", 1)[1], note, made, sound))
    return found


def _compared(name: str, note: int, made: Made, sound: np.ndarray) -> Compared:
    gesture = made.gesture
    again = _played(made, len(sound))
    envelope, level = (_envelope(each, note_to_hz(gesture.note)) for each in (sound, again))
    level *= np.sum(envelope * level) / np.sum(level * level)
    source_db, level_db = (20.0 * np.log10(np.maximum(each / envelope.max(), 1e-4)) for each in (envelope, level))
    apart = np.square(level_db - source_db)
    played = likeness(sound, again)
    return Compared(
        name,
        note,
        made,
        tuple(float(np.sqrt(apart[source_db >= below].mean())) for below in _HEARD_DB),
        (_attack(envelope), _attack(level)),
        played.lsd_db,
        played.contour_db,
        _ends(gesture),
    )


def _envelope(sound: np.ndarray, f0_hz: float) -> np.ndarray:
    """Root mean square [shape=(n,)] around every sample."""
    period = RATE / f0_hz
    window = round(np.ceil(_ENVELOPE_S * RATE / period) * period)
    sums = np.cumsum(np.pad(np.square(sound, dtype=np.float64), (window // 2 + 1, window - window // 2)))
    return np.sqrt(np.maximum(sums[window:] - sums[:-window], 0.0) / window)[: len(sound)]


def _attack(level: np.ndarray) -> float:
    first, full = (int(np.argmax(level >= level.max() * 10.0 ** (below / 20.0))) for below in _ATTACK_DB)
    return (full - first) / RATE


def _played(made: Made, length: int) -> np.ndarray:
    """What the instrument makes of a gesture [shape=(length,)], placed where the recording has it."""
    instrument = shipped_instrument(RATE)
    engine = instrument.engine
    instrument.set("env/attack", 0.0)
    instrument.set("gesture/loop", "once")
    instrument.use_gesture(made.gesture)
    instrument.set_latents(made.gesture.anchor.tolist(), glide_s=0.0)
    engine.render(RATE // 10)
    instrument.note_on("note", made.gesture.note, 100, when=engine.clock + round(made.begins_s * RATE))
    return engine.render(length)[:, 0]


def _ends(gesture: Gesture) -> tuple[float, float, float]:
    before = np.linspace(0.0, gesture.crossfade_s, _STEPS)
    begin, end = (gesture.at(place - before) for place in gesture.loop)
    levels = [20.0 * np.log10(np.maximum(each.level, 1e-4)) for each in (begin, end)]
    apart = (begin.latents - end.latents, levels[0] - levels[1], begin.pitch - end.pitch)
    latents, level_db, semitones = (float(np.sqrt(np.mean(np.square(each)))) for each in apart)
    return latents, level_db, semitones


def measure(pictures: Path) -> Section:
    """Make all notes gestures, and compare."""
    section, found = Section(), compare()
    means = np.mean([one.level_db for one in found], axis=0)
    worst = max(found, key=lambda one: one.level_db[0])
    section.promise(
        f"level of {len(found)} General MIDI notes played as gestures",
        f"≤ {LEVEL_DB:g} dB RMS each",
        f"{means[0]:.2f} dB; worst {worst.level_db[0]:.2f} dB, {worst.name}",
        worst.level_db[0] <= LEVEL_DB,
    )
    slow = [one for one in found if not one.quick]
    section.promise(
        "their attack time",
        f"within {1000 * ATTACK_S:g} ms or {ATTACK_SHARE:.0%}",
        f"{len(found) - len(slow)} of {len(found)}" + (f"; not: {', '.join(one.name for one in slow)}" if slow else ""),
        not slow,
    )
    lsd = float(np.mean([one.lsd_db for one in found]))
    section.promise("their LSD, level included", f"≤ {LSD_DB} dB", f"{lsd:.2f} dB", lsd <= LSD_DB)
    section.table(
        ("", "level, 40 dB", "level, 60 dB", "played: LSD", "played: level"),
        [
            (
                "mean, dB",
                *(f"{mean:.2f}" for mean in means),
                f"{np.mean([one.lsd_db for one in found]):.2f}",
                f"{np.mean([one.contour_db for one in found]):.2f}",
            )
        ],
    )
    section.text("Each note. Loop and hold are in seconds from its beginning; *fades* where nothing sustains.")
    section.table(
        ("program", "note", "level, dB", "attack, ms: source / played", "played: LSD / level", "loop", "hold", "ends"),
        [_row(one) for one in found],
    )
    return section


def _row(one: Compared) -> tuple[str, ...]:
    gesture = one.made.gesture
    begin, end = gesture.loop
    latents, level_db, semitones = one.ends
    return (
        one.name,
        note_name(*class_and_octave(one.note)),
        " / ".join(f"{value:.2f}" for value in one.level_db),
        " / ".join(f"{1000 * value:.0f}" for value in one.attack_s),
        f"{one.lsd_db:.1f} / {one.contour_db:.2f}",
        f"{begin:.2f}–{end:.2f}" + ("" if one.made.sustains else ", fades"),
        f"{gesture.hold:.2f}",
        f"{latents:.3f} / {level_db:.1f} / {semitones:.2f}",
    )
