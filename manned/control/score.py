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

import logging
import math
import os
import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import mido

from ..errors import MannedError, ScoreError
from ..instrument import Instrument
from ..settings import MidiSettings
from ..state.morph import Morph
from ..state.schedule import LOOKAHEAD_S, Schedule
from ..state.tree import Source
from ..table.commands import ERROR, FAIL
from .midi.player import Player
from .osc.client import parse_word
from .osc.namespace import Namespace
from .osc.packet import Message, PacketError, read_packet, write_message

log = logging.getLogger(__name__)

LONGEST_S = 86_400.0
DRUMS = 10
"""The channel, counted from 1, that General MIDI plays drums on: its keys mean instruments, not pitches."""

PORT = "score"
"""Name under which the notes of a score's MIDI messages are kept apart from those of real ports."""


@dataclass(frozen=True)
class Entry:
    """One thing to do.

    Attributes
    ----------
    seconds : float
        From the start of the score.
    where : str
        Its place in the file, for error messages.
    message : mido.Message or manned.control.osc.packet.Message
    """

    seconds: float
    where: str
    message: mido.Message | Message

    @property
    def is_drums(self) -> bool:
        """Whether it is a MIDI message of General MIDI's channel of drums."""
        return not isinstance(self.message, Message) and getattr(self.message, "channel", None) == DRUMS - 1

    def error(self, reason: object) -> ScoreError:
        """What was wrong with this entry, and where it stands."""
        what = f"{self.message.address}: " if isinstance(self.message, Message) else ""
        return ScoreError(f"{self.where}: {what}{str(reason).removeprefix(what)}")


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
    def load(cls, path: str | os.PathLike[str]) -> Score:
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


def first_sample(clock: int, samplerate: float) -> int:
    """Audio sample at which a score begins that is started when the engine's clock shows ``clock``.

    Twice the lookahead away, so that its first notes are told ahead as all others are.
    """
    return clock + math.ceil(2 * LOOKAHEAD_S * samplerate)


def play(
    score: Score,
    start: int,
    instrument: Instrument,
    schedule: Schedule,
    midi: MidiSettings,
    failed: Callable[[ScoreError], object],
    morph: Morph,
) -> Namespace:
    """Play a score through the schedule of an instrument, in real time or offline.

    Only one entry waits in the schedule at a time, so a score may be of any
    length.  Models that a score loads and ways that it morphs along come in when
    they are ready, which is no exact sample.

    Parameters
    ----------
    score : Score
    start : int
        Audio sample of the score's second 0, from `first_sample`.
    instrument : manned.instrument.Instrument
    schedule : manned.state.schedule.Schedule
        Whoever owns it runs it `LOOKAHEAD_S` ahead of the audio clock.
    midi : manned.settings.MidiSettings
        What the messages of a MIDI file move, which channels are heard, and whether that of the drums is.  What is
        left out of those is logged.
    failed : callable(ScoreError)
        Told of every entry that could not be played, with its place in the file.
    morph : manned.state.morph.Morph
        The instrument's, with its presets.

    Returns
    -------
    Namespace
        Of the score alone; it knows when what takes a while is done.
    """
    namespace = Namespace(instrument, instrument.status, morph)
    # A file's programs name General MIDI instruments, not presets, and its controllers are no faders.
    player = Player(instrument, replace(midi, takeover="jump", controllers={}))
    entries = score.entries if midi.drums else [entry for entry in score.entries if not entry.is_drums]
    if len(entries) < len(score.entries):
        drums = sum(entry.is_drums and _begins_note(entry.message) for entry in score.entries)
        log.info(
            "score %s: %d notes of channel %d, drums, are left out; midi.drums plays them", score.path, drums, DRUMS
        )
    waiting = iter(entries)

    def perform(entry: Entry, when: int) -> None:
        with instrument.together(when, Source("score", entry.where)):
            if isinstance(entry.message, Message):
                namespace.perform(entry.message, _Sender(entry, failed))
            else:
                player.play(PORT, entry.message)

    def next_entry() -> None:
        entry = next(waiting, None)
        if entry is not None:
            schedule.add(start + instrument.clock.samples(entry.seconds), lambda when: act(entry, when))

    def act(entry: Entry, when: int) -> None:
        try:
            perform(entry, when)
        except MannedError as error:
            failed(entry.error(error))
        finally:
            next_entry()

    next_entry()
    return namespace


def _begins_note(message: Any) -> bool:
    return message.type == "note_on" and message.velocity > 0


class _Sender:
    """Who sends the messages of a score: it hears of failures, and does not ask."""

    def __init__(self, entry: Entry, failed: Callable[[ScoreError], object]):
        self._entry = entry
        self._failed = failed

    outlet = None

    @property
    def key(self) -> str:
        """Its place in the file."""
        return self._entry.where

    def send(self, address: str, *arguments: object) -> None:
        """Hear an answer."""
        if address in (ERROR, FAIL):
            self._failed(self._entry.error(arguments[-1]))


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
        try:
            # Through a packet, so that numbers are what they would be if a controller had sent them.
            message = read_packet(write_message(words[1], *map(_argument, words[2:])))
        except PacketError as error:
            raise ScoreError(f"{where}: {error}") from None
        assert isinstance(message, Message)  # a bundle has no address to begin with '/'
        entries.append(Entry(_seconds(words[0], where), where, message))
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


def _argument(word: str) -> int | float | bool | str:
    """The OSC argument that a word means; text in quotes stays text, whatever it looks like."""
    if len(word) >= 2 and word[0] in "\"'" and word[-1] == word[0]:
        return word[1:-1]
    return parse_word(word)


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
