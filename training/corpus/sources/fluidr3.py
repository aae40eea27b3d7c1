"""The General MIDI programs of the FluidR3 soundfont, played by FluidSynth's command line."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import mido
import numpy as np
import soundfile

from manned.errors import CorpusError
from training.corpus.sources.patch import Patch, Played

SOUNDFONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
PACKAGES = ("fluid-soundfont-gm", "fluidsynth")
LICENCE = "The FluidR3 soundfont is MIT; FluidSynth is LGPL-2.1-or-later"

# No terminal, no MIDI input, no reverberation, no chorus, a gain of 0.6, 32-bit WAV.
_COMMAND = "fluidsynth -niq -R 0 -C 0 -g 0.6 -T wav -O float".split()
_TICKS_PER_SECOND = 960  # at the default tempo, 120 beats a minute, and 480 ticks a beat
_ALL_SOUND_OFF = 120
_CUT_S = 0.01  # the tail is cut so long before the next note


def patches() -> list[Patch]:
    """The 128 programs of General MIDI's melodic bank."""
    if shutil.which("fluidsynth") is None:
        raise CorpusError("the program fluidsynth is not installed: apt install fluidsynth")
    if not SOUNDFONT.is_file():
        raise CorpusError(f"the soundfont {SOUNDFONT} is not installed: apt install fluid-soundfont-gm")
    return list(_programs(SOUNDFONT))


@cache
def _programs(soundfont: Path) -> tuple[Patch, ...]:
    listing = subprocess.run(
        ["fluidsynth", "-q", "-n", "-a", "file", "-o", "audio.file.name=/dev/null", str(soundfont)],
        input="inst 1\nquit\n",
        capture_output=True,
        text=True,
        errors="replace",
    )
    found = re.findall(r"^000-(\d{3}) (.+)$", listing.stdout, flags=re.MULTILINE)
    if not found:
        raise CorpusError(f"fluidsynth finds no programs in {soundfont}: {listing.stderr.strip()}")
    return tuple(
        Patch("fluidr3", f"fluidr3/{number} {name.strip()}", {"program": int(number)}) for number, name in found
    )


def render(patch: Patch, notes: Sequence[Played], samplerate: int) -> np.ndarray:
    """Play the notes, each cut before the next begins; no reverberation, no chorus."""
    with tempfile.TemporaryDirectory(prefix="manned-sounds-") as folder:
        score, sound = Path(folder, "notes.mid"), Path(folder, "notes.wav")
        _score(patch.settings["program"], notes, samplerate).save(score)
        done = subprocess.run(
            [*_COMMAND, "-r", str(samplerate), "-F", str(sound), str(SOUNDFONT), str(score)],
            capture_output=True,
            text=True,
            errors="replace",
        )
        if done.returncode != 0 or not sound.is_file():
            raise CorpusError(f"fluidsynth could not render {patch.name}: {done.stderr.strip() or done.returncode}")
        audio, _ = soundfile.read(sound, dtype="float32", always_2d=True)
    frames = sum(each.spacing for each in notes)
    mono = audio[:frames].mean(axis=1)
    return np.pad(mono, (0, frames - len(mono)))


def _score(program: int, notes: Sequence[Played], samplerate: int) -> mido.MidiFile:
    dated = [(0, mido.Message("program_change", program=program))]
    start = 0
    for each in notes:
        dated.append((start, mido.Message("note_on", note=each.note, velocity=each.velocity)))
        dated.append((start + each.held, mido.Message("note_off", note=each.note)))
        start += each.spacing
        cut = start - round(_CUT_S * samplerate)
        dated.append((cut, mido.Message("control_change", control=_ALL_SOUND_OFF)))
    track, now = mido.MidiTrack(), 0
    for date, message in dated:
        tick = round(date * _TICKS_PER_SECOND / samplerate)
        track.append(message.copy(time=tick - now))
        now = tick
    return mido.MidiFile(ticks_per_beat=_TICKS_PER_SECOND // 2, tracks=[track])
