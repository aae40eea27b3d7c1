"""From audio files to mono passages at the corpus's sample rate, with their notes if known.

A folder may hold a ``notes.csv`` (`training.corpus.notes_file`); then only the notes it lists are read.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from manned import files
from manned.errors import AudioError, CorpusError
from manned.sound_file import SoundFile, is_sound, left_out, open_sound
from training.corpus.notes_file import NOTES_FILE, Note, read_notes

_NAMED = (".wav", ".flac", ".ogg", ".mp3", ".aiff")
"""Suffixes that an error names, of many."""


class UnreadableRecording(CorpusError):
    """One audio file that cannot be used; the others may."""


@dataclass(frozen=True)
class Recording:
    """An audio file.

    Attributes
    ----------
    path : Path
    name : str
        What its clips are called.
    notes : tuple of Note or None
        None for all of it.
    problem : str
        Why it cannot be used, empty when it may be.
    """

    path: Path
    name: str
    notes: tuple[Note, ...] | None = None
    problem: str = ""


@dataclass(frozen=True)
class Passage:
    """Mono audio of one clip.

    Attributes
    ----------
    clip : str
    signal : np.ndarray [shape=(samples,), dtype=float32]
        Full scale is ±1.
    note : int or None
        MIDI note, if known.
    into : str
        The set that the clip must go to, see `Note`.
    """

    clip: str
    signal: np.ndarray
    note: int | None = None
    into: str = ""


def find_recordings(paths: Iterable[str | os.PathLike[str]]) -> list[Recording]:
    """Audio files named in ``paths`` or lying in folders named there, each once, in a fixed order.

    Files of a folder that look like sound and cannot be read carry their problem.

    Raises
    ------
    CorpusError
        When a path does not exist, nothing is found, or a ``notes.csv`` is wrong.
    """
    paths = [Path(path) for path in paths]
    found: list[Recording] = []
    for path in paths:
        if os.path.isdir(path):
            found += _in_folder(path)
        elif files.is_file(path):
            found.append(Recording(path, files.shown(path.name)))
        else:
            raise CorpusError(f"{files.shown(path)}: no such file or folder")
    if not any(not recording.problem for recording in found):
        why = f"; {found[0].problem}" if found else ""
        raise CorpusError(
            f"{', '.join(map(files.shown, paths))}: no audio found, allowed are files and folders of "
            f"{' '.join(_NAMED)} and others{why}"
        )
    once: dict[str, Recording] = {}
    for recording in found:
        once.setdefault(os.path.realpath(recording.path), recording)
    return list(once.values())


def _in_folder(root: Path) -> list[Recording]:
    everything = sorted(path for path in root.rglob("*") if files.is_file(path))
    listed = {path.parent: read_notes(path) for path in everything if path.name.lower() == NOTES_FILE}
    folder_name = files.shown(root.resolve().name)
    found = []
    for path in everything:
        if listed.keys() & set(path.parents):
            continue
        name = f"{folder_name}/{files.shown(path.relative_to(root))}"
        if is_sound(path):
            found.append(Recording(path, name))
        elif problem := left_out(path):
            found.append(Recording(path, name, problem=f"{files.shown(path)}: {problem}"))
    for folder, notes_of in listed.items():
        for name, notes in notes_of.items():
            clips = files.shown(folder.resolve().name)
            named = tuple(replace(note, clip=f"{clips}/{note.clip}") for note in notes)
            found.append(Recording(folder / name, name, named))
    return found


def copies(recordings: list[Recording]) -> dict[Path, Path]:
    """Files among recordings whose bytes are those of an earlier one, with that one."""
    by_size: dict[int, list[Path]] = {}
    for path in dict.fromkeys(recording.path for recording in recordings if not recording.problem):
        if files.is_file(path) and (size := os.stat(path).st_size):
            by_size.setdefault(size, []).append(path)
    found: dict[Path, Path] = {}
    first: dict[bytes, Path] = {}
    for path in (path for paths in by_size.values() if len(paths) > 1 for path in paths):
        try:
            original = first.setdefault(_digest(path), path)
        except OSError:
            continue  # it is named when its turn to be read comes
        if original != path:
            found[path] = original
    return found


def _digest(path: Path) -> bytes:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.digest()


def look_at(path: Path) -> tuple[int, str]:
    """Sample rate of a sound file in Hertz, and what is unusual about it; raises `AudioError`."""
    with open_sound(path) as sound:
        return sound.samplerate, sound.remark


def passages(recording: Recording, samplerate: int, passage_s: float) -> Iterator[Passage]:
    """Read a recording piece by piece: its notes, or passages of ``passage_s`` seconds.

    Each passage of a recording without notes is a clip of its own, so that one
    long recording still has something to hold out.  Memory is bound by the
    longest piece, not by the file.

    Parameters
    ----------
    recording : Recording
    samplerate : int
        Of the passages, Hertz.
    passage_s : float

    Raises
    ------
    UnreadableRecording
        When the file cannot be decoded, is empty, or says or holds what no sound does.
    """
    if recording.problem:
        raise UnreadableRecording(recording.problem)
    try:
        with open_sound(recording.path) as sound:
            if recording.notes is None:
                yield from _in_passages(recording, sound, samplerate, passage_s)
            else:
                yield from _in_notes(recording, sound, samplerate)
    except AudioError as error:
        raise UnreadableRecording(str(error)) from None


def _in_passages(recording: Recording, sound: SoundFile, samplerate: int, passage_s: float) -> Iterator[Passage]:
    resample = sound.resampler(samplerate)
    frames = int(passage_s * sound.samplerate)
    count = -(-sound.frames // frames)
    for number in range(1, count + 1):
        block = sound.read(frames)
        last = number == count or len(block) < frames  # a file may be shorter than its header says
        yield Passage(recording.name if count == 1 else f"{recording.name}#{number}", resample(block, last))
        if last:
            return


def _in_notes(recording: Recording, sound: SoundFile, samplerate: int) -> Iterator[Passage]:
    for note in recording.notes or ():
        start = round(note.start_s * sound.samplerate)
        if start >= sound.frames:
            raise UnreadableRecording(
                f"{files.shown(recording.path)}: a note starts at {note.start_s} s, the file ends at "
                f"{sound.seconds:.3f} s"
            )
        sound.seek(start)
        end = min(round(note.end_s * sound.samplerate), sound.frames)
        signal = sound.resampler(samplerate)(sound.read(end - start), True)
        yield Passage(note.clip, signal, note.note, note.into)
