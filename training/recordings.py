"""From audio files to mono passages at the corpus's sample rate, with their notes if known.

A folder may hold ``notes.csv`` (columns ``file,clip,start_s,end_s,note`` and, if
it decides what is kept for validation and test, ``set``), which says what is
played where; then only the listed notes are read.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile
import soxr

from manned.errors import CorpusError

SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")
NOTES_FILE = "notes.csv"
NOTES_COLUMNS = ("file", "clip", "start_s", "end_s", "note")
_LARGEST_SAMPLE = 1e6  # larger ones would overflow in the spectrum
SETS = ("train", "validation", "test")


class UnreadableRecording(CorpusError):
    """One audio file that cannot be used; the others may."""


@dataclass(frozen=True)
class Note:
    """One stretch of a file, from ``start_s`` to ``end_s`` seconds.

    Attributes
    ----------
    clip : str
        What belongs together, such as all notes of a patch.
    start_s, end_s : float
    note : int or None
        MIDI note, if one is known to sound all through.
    into : str
        The set that the clip must go to, out of `SETS`; empty when it is dealt out.
    """

    clip: str
    start_s: float
    end_s: float
    note: int | None = None
    into: str = ""


@dataclass(frozen=True)
class Recording:
    """An audio file, the name its clips go by, and its notes (None for all of it)."""

    path: Path
    name: str
    notes: tuple[Note, ...] | None = None


@dataclass(frozen=True)
class Passage:
    """Mono audio [shape=(samples,)] of one clip, full scale ±1, its MIDI note and its set if known."""

    clip: str
    signal: np.ndarray
    note: int | None = None
    into: str = ""


def find_recordings(paths) -> list[Recording]:
    """Audio files named in ``paths`` or lying in folders named there, each once, in a fixed order.

    Raises
    ------
    CorpusError
        When a path does not exist, nothing is found, or a ``notes.csv`` is wrong.
    """
    found = []
    for path in map(Path, paths):
        if path.is_dir():
            found += _in_folder(path)
        elif path.is_file():
            found.append(Recording(path, path.name))
        else:
            raise CorpusError(f"{path}: no such file or folder")
    if not found:
        raise CorpusError(
            f"{', '.join(map(str, paths))}: no audio found, allowed are files and folders of {' '.join(SUFFIXES)}"
        )
    once: dict[Path, Recording] = {}
    for recording in found:
        once.setdefault(recording.path.resolve(), recording)
    return list(once.values())


def _in_folder(root: Path) -> list[Recording]:
    audio = sorted(path for path in root.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    listed = {sheet.parent: read_notes(sheet) for sheet in sorted(root.rglob(NOTES_FILE))}
    described = set(listed)
    found = [
        Recording(path, f"{root.resolve().name}/{path.relative_to(root)}")
        for path in audio
        if not described.intersection(path.parents)
    ]
    for folder, files in listed.items():
        for name, notes in files.items():
            notes = [replace(note, clip=f"{folder.resolve().name}/{note.clip}") for note in notes]
            found.append(Recording(folder / name, name, tuple(notes)))
    return found


def read_notes(sheet: Path) -> dict[str, list[Note]]:
    """Notes of a ``notes.csv`` by file name, in order of appearance.

    Raises
    ------
    CorpusError
        Naming the line, when it cannot be; naming the clip, when it is in two
        sets or shares sound with another clip.
    """
    files: dict[str, list[Note]] = {}
    sets: dict[str, str] = {}
    try:
        with open(sheet, newline="", encoding="utf-8") as text:
            rows = csv.DictReader(text)
            missing = [column for column in NOTES_COLUMNS if column not in (rows.fieldnames or ())]
            if missing:
                raise CorpusError(
                    f"{sheet}: column {missing[0]} is missing, its columns must be {','.join(NOTES_COLUMNS)}"
                )
            for row in rows:
                note = _note(row, f"{sheet}, line {rows.line_num}")
                if sets.setdefault(note.clip, note.into) != note.into:
                    raise CorpusError(
                        f"{sheet}, line {rows.line_num}: clip {note.clip} is in set {note.into!r} here and in "
                        f"{sets[note.clip]!r} before; a clip is in one set"
                    )
                files.setdefault(row["file"], []).append(note)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CorpusError(f"{sheet}: cannot be read ({error})") from None
    for name, notes in files.items():
        for before, after in pairwise(sorted(notes, key=lambda note: note.start_s)):
            if after.clip != before.clip and after.start_s < before.end_s:
                raise CorpusError(
                    f"{sheet}: clips {before.clip} and {after.clip} share the sound of {name} from {after.start_s} s; "
                    "what is in two clips could be in two sets"
                )
    return files


def _note(row: dict, where: str) -> Note:
    try:
        note = Note(row["clip"], float(row["start_s"]), float(row["end_s"]), int(row["note"]), row.get("set") or "")
        valid = 0.0 <= note.start_s < note.end_s and 0 <= note.note <= 127 and row["file"]
    except (TypeError, ValueError):
        valid = False
    if not valid:
        raise CorpusError(
            f"{where}: found {','.join(str(row[c]) for c in NOTES_COLUMNS)}, "
            "allowed are 0 <= start_s < end_s in seconds and a MIDI note 0–127"
        )
    if note.into not in ("", *SETS):
        raise CorpusError(f"{where}: set is {note.into!r}, allowed are {', '.join(SETS)} or nothing")
    return note


def copies(recordings: list[Recording]) -> dict[Path, Path]:
    """Files among recordings whose bytes are those of an earlier one, with that one."""
    by_size: dict[int, list[Path]] = {}
    for path in dict.fromkeys(recording.path for recording in recordings):
        if path.is_file() and path.stat().st_size:
            by_size.setdefault(path.stat().st_size, []).append(path)
    found, first = {}, {}
    for path in (path for paths in by_size.values() if len(paths) > 1 for path in paths):
        original = first.setdefault(_digest(path), path)
        if original != path:
            found[path] = original
    return found


def _digest(path: Path) -> bytes:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.digest()


def passages(recording: Recording, samplerate: int, passage_s: float) -> Iterator[Passage]:
    """Read a recording piece by piece: its notes, or passages of ``passage_s`` seconds.

    Each passage of a recording without notes is a clip of its own, so that one
    long recording still has something to hold out.  Memory is bound by the
    longest piece, not by the file.

    Raises
    ------
    UnreadableRecording
        When the file cannot be decoded, is empty or holds NaN.
    """
    try:
        with soundfile.SoundFile(recording.path) as file:
            if file.frames == 0:
                raise UnreadableRecording(f"{recording.path}: holds no sound")
            if recording.notes is None:
                yield from _in_passages(recording, file, samplerate, passage_s)
            else:
                yield from _in_notes(recording, file, samplerate)
    except (soundfile.SoundFileError, OSError) as error:
        raise UnreadableRecording(f"{recording.path}: cannot be read as audio ({error})") from None


def _in_passages(recording, file, samplerate, passage_s) -> Iterator[Passage]:
    resampler = soxr.ResampleStream(file.samplerate, samplerate, 1, dtype="float32")
    count = -(-file.frames // int(passage_s * file.samplerate))
    for number in range(1, count + 1):
        signal = resampler.resample_chunk(
            _read_mono(recording, file, int(passage_s * file.samplerate)), number == count
        )
        yield Passage(recording.name if count == 1 else f"{recording.name}#{number}", signal)


def _in_notes(recording, file, samplerate) -> Iterator[Passage]:
    for note in recording.notes:
        start = round(note.start_s * file.samplerate)
        if start >= file.frames:
            raise UnreadableRecording(
                f"{recording.path}: a note starts at {note.start_s} s, the file ends at "
                f"{file.frames / file.samplerate:.3f} s"
            )
        file.seek(start)
        signal = _read_mono(recording, file, round(note.end_s * file.samplerate) - start)
        yield Passage(note.clip, soxr.resample(signal, file.samplerate, samplerate), note.note, note.into)


def _read_mono(recording, file, frames: int) -> np.ndarray:
    signal = file.read(frames, dtype="float32", always_2d=True).mean(axis=1)
    if not np.isfinite(signal).all():
        raise UnreadableRecording(f"{recording.path}: holds NaN or infinite samples")
    if len(signal) and np.abs(signal).max() > _LARGEST_SAMPLE:
        raise UnreadableRecording(f"{recording.path}: holds samples above {_LARGEST_SAMPLE:.0e}, where 1 is full scale")
    return signal
