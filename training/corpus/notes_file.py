"""``notes.csv``: which notes lie where in the sound files of its folder.

Its columns are ``file,clip,start_s,end_s,note`` and, if it decides what is kept
for validation and test, ``set``.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from manned import files
from manned.errors import CorpusError
from training.corpus.split import SETS

NOTES_FILE = "notes.csv"
REQUIRED = ("file", "clip", "start_s", "end_s", "note")
COLUMNS = (*REQUIRED, "set")
_MAX_BYTES = 256 << 20


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


def read_notes(path: Path) -> dict[str, list[Note]]:
    """Notes of a ``notes.csv`` by file name, in order of appearance; raises as `read_rows`."""
    found: dict[str, list[Note]] = {}
    for row, note in read_rows(path):
        found.setdefault(row["file"], []).append(note)
    return found


def read_rows(path: Path) -> list[tuple[dict[str, str], Note]]:
    """Rows of a ``notes.csv`` as they stand there, each with the note that it says.

    Raises
    ------
    CorpusError
        Naming the line, when it cannot be read; naming the clip, when it is in two
        sets or shares sound with another clip.
    """
    found: list[tuple[dict[str, str], Note]] = []
    of_file: defaultdict[str, list[Note]] = defaultdict(list)
    sets: dict[str, str] = {}
    shown = files.shown(path)
    try:
        rows = csv.DictReader(io.StringIO(files.read_text(path, _MAX_BYTES), newline=""))
        missing = [column for column in REQUIRED if column not in (rows.fieldnames or ())]
        if missing:
            raise CorpusError(f"{shown}: column {missing[0]} is missing, its columns must be {','.join(REQUIRED)}")
        for row in rows:
            note = _note(row, f"{shown}, line {rows.line_num}")
            if sets.setdefault(note.clip, note.into) != note.into:
                raise CorpusError(
                    f"{shown}, line {rows.line_num}: clip {note.clip} is in set {note.into!r} here and in "
                    f"{sets[note.clip]!r} before; a clip is in one set"
                )
            found.append((row, note))
            of_file[row["file"]].append(note)
    except OSError as error:
        raise CorpusError(f"{shown}: cannot be read ({error.strerror})") from None
    except csv.Error as error:
        raise CorpusError(f"{shown}: cannot be read ({error})") from None
    for name, notes in of_file.items():
        _check_overlap(shown, name, notes)
    return found


def write_notes(path: Path, rows: Iterable[dict]) -> None:
    """Write rows of `COLUMNS`, whole or not at all; raises `OSError`."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    files.write_text(path, text.getvalue())


def _check_overlap(shown: str, name: str, notes: list[Note]) -> None:
    for before, after in pairwise(sorted(notes, key=lambda note: note.start_s)):
        if after.clip != before.clip and after.start_s < before.end_s:
            raise CorpusError(
                f"{shown}: clips {before.clip} and {after.clip} share the sound of {name} from {after.start_s} s; "
                "what is in two clips could be in two sets"
            )


def _note(row: dict, place: str) -> Note:
    note = None
    try:
        note = Note(row["clip"], float(row["start_s"]), float(row["end_s"]), int(row["note"]), row.get("set") or "")
        valid = 0.0 <= note.start_s < note.end_s < float("inf") and 0 <= int(row["note"]) <= 127 and row["file"]
    except (TypeError, ValueError):
        valid = False
    if note is None or not valid:
        raise CorpusError(
            f"{place}: found {','.join(str(row[column]) for column in REQUIRED)}, "
            "allowed are 0 <= start_s < end_s in seconds and a MIDI note 0–127"
        )
    if note.into not in ("", *SETS):
        raise CorpusError(f"{place}: set is {note.into!r}, allowed are {', '.join(SETS)} or nothing")
    return note
