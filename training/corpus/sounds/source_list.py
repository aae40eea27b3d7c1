"""A source list: what to render, read from a TOML file.

Lists come with the program (`shipped`) and are taken by name or as a file.

``samplerate`` and ``seed`` stand at the top; then come ``[notes]`` (see `Notes`), ``[check]`` (the `Limits` that a
note must keep to be listed), ``[split]`` or ``[melodies]`` (see `Split` and `Melodies`) and one ``[[sources]]`` per
source of sounds (see `Selection`), each with the `Limits` of its audition under ``[sources.melodic]``.
"""

from __future__ import annotations

import itertools
import os
import re
import zlib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import numpy as np

from manned import files
from manned.errors import ConfigError
from manned.model.pitch import CLASS_NAMES

SHIPPED = Path(__file__).parents[1] / "source_lists"
"""Folder of the lists that come with the program."""

SUFFIX = ".toml"


@dataclass(frozen=True)
class Limits:
    """What makes a sound a note of the pitch that was played; see `training.corpus.sounds.tuning.Tuning`.

    Attributes
    ----------
    cents : float
        Largest deviation from the note.
    harmonic, odd : float
        Least share of the energy at harmonics, and of the odd ones in it.
    fundamental_db, below_db : float
        Least level of the first partial, greatest of anything below it, under the strongest.
    class_db : float
        Least energy of the note's own pitch class over that of any other.
    level_db : float
        Least level, under the loudest note of the patch.
    """

    cents: float = 10.0
    harmonic: float = 0.8
    odd: float = 0.05
    fundamental_db: float = -40.0
    below_db: float = -25.0
    class_db: float = -120.0
    level_db: float = -45.0


@dataclass(frozen=True)
class Notes:
    """Which notes every patch plays, one after another.

    Attributes
    ----------
    first, last : str
        Lowest and highest note, such as ``C2`` (C4 is MIDI note 60).
    classes : tuple of str
        Pitch classes played, out of `CLASS_NAMES`; all by default.
    velocities : tuple of int
        Every note is played once at each.
    held_s, spacing_s : float
        Seconds from note-on to note-off, and from one note-on to the next.
    drawn : int
        When above 0, each patch plays only so many of these notes, drawn for it with the recipe's seed:
        one from each of as many equal parts of the range, each at one of the velocities.
    """

    first: str
    last: str
    classes: tuple[str, ...] = CLASS_NAMES
    velocities: tuple[int, ...] = (100,)
    held_s: float = 0.6
    spacing_s: float = 0.65
    drawn: int = 0

    def played(self) -> list[tuple[int, int]]:
        """MIDI note and velocity of every note, in the order of playing."""
        span = range(midi_note(self.first), midi_note(self.last) + 1)
        return [
            (note, velocity) for note in span if CLASS_NAMES[note % 12] in self.classes for velocity in self.velocities
        ]

    def played_by(self, patch_name: str, seed: int) -> list[tuple[int, int]]:
        """The notes of `played` that a patch plays: all, or those drawn for it, whatever other patches there are."""
        played = self.played()
        if not self.drawn:
            return played
        rng = np.random.default_rng([seed, zlib.crc32(patch_name.encode())])
        edges = np.linspace(0, len(played), self.drawn + 1)
        return [played[int(rng.uniform(low, high))] for low, high in itertools.pairwise(edges)]


@dataclass(frozen=True)
class Split:
    """How many patches are kept apart, drawn with the list's seed (paper, section IV-A: 5 and 5 of 80).

    Attributes
    ----------
    validation, test : int
    """

    validation: int = 0
    test: int = 0


@dataclass(frozen=True)
class Melodies:
    """Random melodies that each patch plays for validation and test; its `Notes` are then for training.

    A melody walks through the list's notes by random intervals, its notes last ``shortest_s`` to
    ``longest_s`` and its velocities lie within those of the list.

    Attributes
    ----------
    validation_s, test_s : float
        Length of each patch's melody in seconds; 0 for none.
    shortest_s, longest_s : float
    """

    validation_s: float = 0.0
    test_s: float = 0.0
    shortest_s: float = 0.25
    longest_s: float = 1.5


@dataclass(frozen=True)
class Selection:
    """Which patches of a source are rendered.

    Attributes
    ----------
    name : str
        The source: ``amsynth``, ``fluidr3`` or ``zynaddsubfx``.
    patches : str
        Pattern of file-name style that the patch's name must match; all by default.
    count : int
        How many at most, drawn with the list's seed; 0 takes all.
    more : int
        Further patches, drawn after ``count`` of them and all for training whatever the split says: the
        same validation and test, more to learn from.
    apart_db : float
        Patches whose partials at the audition's notes differ by less, root mean square, are copies.
    share : float
        Share of the audition's notes that must pass, 0..1.
    melodic : Limits or None
        The audition; without it patches are taken as they come.
    """

    name: str
    patches: str = "*"
    count: int = 0
    more: int = 0
    apart_db: float = 0.0
    share: float = 1.0
    melodic: Limits | None = None


@dataclass(frozen=True)
class SourceList:
    """What to render; `read_source_list` makes one of a file."""

    notes: Notes
    sources: tuple[Selection, ...]
    samplerate: int = 44100
    seed: int = 1
    check: Limits = field(default_factory=Limits)
    split: Split = field(default_factory=Split)
    melodies: Melodies = field(default_factory=Melodies)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for comparing and keeping beside the sounds."""
        values = asdict(self)
        if not self.notes.drawn:  # so that folders from before there was such a key are told to be the same
            del values["notes"]["drawn"]
        return values


def midi_note(name: str) -> int:
    """MIDI number of a note such as ``C4`` (60) or ``F#3``; raises `ConfigError`."""
    match = re.fullmatch(r"([A-G]#?)(-?\d)", name)
    if match is None or match[1] not in CLASS_NAMES:
        raise ConfigError(f"note {name!r} is not of the form C4 or F#3")
    note = 12 * (int(match[2]) + 1) + CLASS_NAMES.index(match[1])
    if not 0 <= note <= 127:
        raise ConfigError(f"note {name!r} is outside MIDI's range, C-1 to G9")
    return note


def shipped() -> list[str]:
    """Names of the lists that come with the program."""
    return [files.stem(path, SUFFIX) for path in files.entries(SHIPPED) if files.has_suffix(path, SUFFIX)]


def is_source_list(name: str | os.PathLike[str]) -> bool:
    """Whether this is a file that should hold a source list, or the name of one that comes with the program.

    A file or folder of that name goes first.
    """
    return files.has_suffix(name, SUFFIX) or (os.fspath(name) in shipped() and not os.path.exists(name))


def find_source_list(name: str | os.PathLike[str]) -> Path:
    """File of a source list: a path, or a name of `shipped`.

    Raises
    ------
    ConfigError
        When it is neither.
    """
    if os.fspath(name) in shipped() and not files.is_file(name):
        return SHIPPED / f"{os.fspath(name)}{SUFFIX}"
    if not files.is_file(name):
        raise ConfigError(
            f"source list {files.shown(name)}: no such file, and none that comes with the program; "
            f"those are {', '.join(shipped())}"
        )
    return Path(name)


def read_source_list(name: str | os.PathLike[str]) -> SourceList:
    """Read a source list by its path, or by a name of `shipped`.

    Raises
    ------
    ConfigError
        When it is missing or no TOML, or a key or value is not allowed.
    """
    path = find_source_list(name)
    shown = files.shown(path)
    try:
        return _source_list(files.read_toml(path))
    except OSError as error:
        raise ConfigError(f"source list {shown}: cannot be read ({error.strerror})") from None
    except ConfigError as error:
        raise ConfigError(f"source list {shown}: {error}") from None


def _source_list(table: dict[str, Any]) -> SourceList:
    table = dict(table)
    selections = table.pop("sources", None)
    if not isinstance(selections, list) or not selections:
        raise ConfigError("[[sources]] is missing: name at least one source")
    sources = []
    for entry in selections:
        entry = dict(entry)
        if "melodic" in entry:
            entry["melodic"] = _build(Limits, entry["melodic"], "sources.melodic")
        sources.append(_build(Selection, entry, "sources"))
    table["sources"] = tuple(sources)
    table["notes"] = notes = _build(Notes, table.get("notes", {}), "notes")
    for key, kind in (("check", Limits), ("split", Split), ("melodies", Melodies)):
        table[key] = _build(kind, table.get(key, {}), key)
    found = _build(SourceList, table, "the list")
    if not notes.played():
        raise ConfigError(f"[notes] holds no note from {notes.first} to {notes.last}")
    wrong = [name for name in notes.classes if name not in CLASS_NAMES]
    if wrong:
        raise ConfigError(f"notes.classes names {wrong[0]!r}; allowed are {', '.join(CLASS_NAMES)}")
    if any(not 1 <= velocity <= 127 for velocity in notes.velocities):
        raise ConfigError(f"notes.velocities is {list(notes.velocities)}; a velocity is 1 to 127")
    if notes.drawn < 0 or notes.drawn > len(notes.played()):
        raise ConfigError(f"notes.drawn is {notes.drawn}; allowed is 0 (all) to {len(notes.played())}")
    if not 0.1 <= notes.held_s <= notes.spacing_s - 0.02:
        raise ConfigError(
            f"notes.held_s is {notes.held_s} and notes.spacing_s {notes.spacing_s}; "
            "a note is held for 0.1 s at least and ends 0.02 s before the next"
        )
    split, melodies = found.split, found.melodies
    if min(split.validation, split.test, melodies.validation_s, melodies.test_s) < 0:
        raise ConfigError("[split] and [melodies] hold a negative number")
    if max(split.validation, split.test) > 0 and max(melodies.validation_s, melodies.test_s) > 0:
        raise ConfigError("[split] and [melodies] cannot both say what is kept for validation and test")
    if not 0.15 <= melodies.shortest_s <= melodies.longest_s:
        raise ConfigError(
            f"melodies.shortest_s is {melodies.shortest_s} and longest_s {melodies.longest_s}; "
            "a note of a melody lasts 0.15 s at least"
        )
    if not 44100 <= found.samplerate <= 192000:
        raise ConfigError(f"samplerate is {found.samplerate}; allowed is 44100 to 192000")
    return found


_Kind = TypeVar("_Kind")


def _build(kind: type[_Kind], table: dict[str, Any], where: str) -> _Kind:
    """An instance of a dataclass from a TOML table, every key and type checked."""
    if not isinstance(table, dict):
        raise ConfigError(f"{where} is {table!r}; it should be a table")
    hints = get_type_hints(kind)
    known = [entry.name for entry in fields(kind)]  # type: ignore[arg-type]
    values = {}
    for key, value in table.items():
        if key not in known:
            raise ConfigError(f"{where} has no key {key!r}; allowed are {', '.join(known)}")
        expected = hints[key]
        if isinstance(value, list):
            value = tuple(value)
        if expected is float and type(value) is int:
            value = float(value)
        element = {tuple[str, ...]: str, tuple[int, ...]: int}.get(expected)
        if element is not None:
            fits = isinstance(value, tuple) and value and all(type(each) is element for each in value)
        else:
            fits = expected not in (int, float, str) or type(value) is expected
        if not fits:
            raise ConfigError(f"{where}.{key} is {table[key]!r}, which is not of type {expected}")
        values[key] = value
    try:
        return kind(**values)
    except TypeError as error:
        missing = ", ".join(name for name in ("first", "last", "name") if name in known and name not in values)
        raise ConfigError(f"{where} lacks {missing}") from error
