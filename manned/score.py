"""Scores: what to play and when, from a text file or a standard MIDI file.

A text score has lines ``seconds /address arguments…``::

    # A drone that opens.
    0    /gate 1
    0.5  /latents 0.2 0.8
    4    /gate 0

A score is played through the same OSC namespace and MIDI player as live input,
each entry at its exact audio sample, so that it sounds the same in real time
and rendered to a file.
"""

from __future__ import annotations

import math
import shlex
from dataclasses import dataclass
from pathlib import Path

import mido

from .errors import MannedError, ScoreError
from .schedule import LOOKAHEAD_S

LONGEST_S = 86_400.0
GRID = 16_384
"""A score begins at a multiple of so many samples, where the hops of the engine lie as they lay at sample 0."""


@dataclass(frozen=True)
class Entry:
    """One thing to do.

    Attributes
    ----------
    seconds : float
        From the start of the score.
    where : str
        Its place in the file, for error messages.
    message : mido.Message or tuple of (str, list)
        A MIDI message, or an OSC address and its arguments.
    """

    seconds: float
    where: str
    message: mido.Message | tuple


@dataclass(frozen=True)
class Score:
    """Entries in order of time; those of equal time keep the order of the file.

    Attributes
    ----------
    path : Path
    entries : tuple of Entry
    seconds : float
        Length: the last entry, or the end of the longest MIDI track.
    """

    path: Path
    entries: tuple[Entry, ...]
    seconds: float

    @classmethod
    def load(cls, path) -> Score:
        """Read a score.

        Raises
        ------
        ScoreError
            When the file is missing or a line cannot be read; names file, line,
            what was found and what is allowed.
        """
        path = Path(path)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ScoreError(f"score {path}: {error.strerror or error}") from None
        if content.startswith(b"MThd"):
            entries, seconds = _midi_entries(path)
        else:
            entries = _text_entries(path, content)
            seconds = max((entry.seconds for entry in entries), default=0.0)
        if not entries:
            raise ScoreError(f"score {path}: it holds nothing to play")
        if seconds > LONGEST_S:
            raise ScoreError(f"score {path}: {seconds:g} seconds long, allowed are {LONGEST_S:g}")
        return cls(path, tuple(sorted(entries, key=lambda entry: entry.seconds)), seconds)


def first_sample(clock: int, samplerate: int) -> int:
    """Audio sample at which a score begins that is started when the engine's clock shows ``clock``."""
    earliest = clock + math.ceil(2 * LOOKAHEAD_S * samplerate)
    return -(-earliest // GRID) * GRID


def play(score: Score, schedule, start: int, samplerate: int, osc, midi, failed) -> None:
    """Play a score through a schedule, in real time or offline.

    Only one entry waits in the schedule at a time, so a score may be of any
    length.

    Parameters
    ----------
    score : Score
    schedule : manned.schedule.Schedule
    start : int
        Audio sample of the score's second 0, from `first_sample`.
    samplerate : int
        Hertz.
    osc : callable(address, arguments, when)
        Does what an OSC message says.
    midi : callable(message, when)
        Plays a MIDI message.
    failed : callable(ScoreError)
        Told of every entry that could not be played, with its place in the file.
    """
    waiting = iter(score.entries)

    def next_entry():
        entry = next(waiting, None)
        if entry is None:
            return
        def act(when):
            try:
                if isinstance(entry.message, tuple):
                    osc(*entry.message, when)
                else:
                    midi(entry.message, when)
            except MannedError as error:
                failed(ScoreError(f"{entry.where}: {error}"))
            finally:
                next_entry()

        schedule.add(start + round(entry.seconds * samplerate), act)

    next_entry()


def parse_argument(text: str) -> int | float | bool | str:
    """The OSC argument that a person means: a number, ``true`` or ``false``, or a text.

    Text in quotes stays text, whatever it looks like.
    """
    if len(text) >= 2 and text[0] in "\"'" and text[-1] == text[0]:
        return text[1:-1]
    if text in ("true", "false"):
        return text == "true"
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def _text_entries(path: Path, content: bytes) -> list[Entry]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ScoreError(f"score {path}: neither a MIDI file nor text in UTF-8") from None
    entries = []
    for number, line in enumerate(text.splitlines(), 1):
        where = f"score {path}, line {number}"
        words = _words(line, where)
        if not words:
            continue
        if len(words) < 2 or not words[1].startswith("/"):
            raise ScoreError(f"{where}: found {line.strip()!r}, allowed is 'seconds /address arguments…'")
        entries.append(Entry(_seconds(words[0], where), where, (words[1], [parse_argument(word) for word in words[2:]])))
    return entries


def _words(line: str, where: str) -> list[str]:
    """Words of a line up to its comment; a ``#`` inside a word (``C#``) is none."""
    lexer = shlex.shlex(line, posix=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    words = []
    try:
        for word in lexer:
            if word.startswith("#"):
                break
            words.append(word)
    except ValueError:
        raise ScoreError(f"{where}: found {line.strip()!r}, a closing quotation mark is missing") from None
    return words


def _seconds(word: str, where: str) -> float:
    try:
        seconds = float(word)
    except ValueError:
        seconds = math.nan
    if not 0.0 <= seconds <= LONGEST_S:
        raise ScoreError(f"{where}: found time {word!r}, allowed are seconds from 0 to {LONGEST_S:g}")
    return seconds


def _midi_entries(path: Path) -> tuple[list[Entry], float]:
    entries, seconds = [], 0.0
    try:
        file = mido.MidiFile(path, clip=True)
        if file.ticks_per_beat < 1:
            raise ValueError("its times count film frames, allowed are ticks per beat")
        for message in file:
            seconds += message.time
            if not message.is_meta:
                entries.append(Entry(seconds, f"score {path}, at {seconds:.3f} s", message))
    except (EOFError, OSError, ValueError, TypeError, LookupError, mido.KeySignatureError) as error:
        raise ScoreError(f"score {path}: not a MIDI file that can be played ({error})") from None
    return entries, seconds
