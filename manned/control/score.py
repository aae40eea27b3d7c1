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

import functools
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import overload

import numpy as np

from .. import files
from ..errors import MannedError, ScoreError
from ..instrument import Instrument
from ..settings import MidiSettings
from ..state.morph import Morph
from ..state.schedule import LOOKAHEAD_S, Schedule
from ..state.tree import Source
from ..table.commands import ERROR, FAIL
from .midi.commands import MidiCommands
from .midi.learned import Learned
from .midi.player import Player
from .midi_file import DRUMS, Messages, MidiFile, is_midi_file
from .midi_track import MidiFileError
from .osc.namespace import Namespace
from .osc.packet import Message
from .score_entry import LONGEST_S, Entry
from .text_score import read_lines

MOST_BYTES = 32 << 20
"""Of a file."""

NOTE_ON = 0x90
PORT = "score"
"""Name under which the notes of a score's MIDI messages are kept apart from those of real ports."""


@dataclass(frozen=True)
class Score:
    """Entries in order of time; those of equal time keep the order of the file.

    Attributes
    ----------
    path : Path
    entries : sequence of Entry
    seconds : float
        Length: the last entry, or the end of the longest MIDI track.
    remarks : tuple of str
        What of a MIDI file was left out or guessed, a sentence each.
    """

    path: Path
    entries: Sequence[Entry]
    seconds: float
    remarks: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: str | os.PathLike[str], drums: bool = False) -> Score:
        """Read a score.

        Parameters
        ----------
        path : path
        drums : bool
            Whether channel 10 of a MIDI file is played, which holds drums in General MIDI.

        Raises
        ------
        ScoreError
            When the file is missing or cannot be read; names file and line, or track
            and byte, what was found and what is allowed.
        """
        path = Path(path)
        name = f"score {files.shown(path)}"
        try:
            with open(path, "rb") as file:
                content = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise ScoreError(f"{name}: {error.strerror or error}") from None
        if len(content) > MOST_BYTES:
            raise ScoreError(f"{name}: it is larger than {MOST_BYTES} bytes")
        score = _midi_score(path, name, content, drums) if is_midi_file(content) else _text_score(path, name, content)
        if not score.entries:
            raise ScoreError(f"{name}: it holds nothing to play")
        if score.seconds > LONGEST_S:
            raise ScoreError(f"{name}: {score.seconds:g} seconds long, allowed are {LONGEST_S:g}")
        return score


def _text_score(path: Path, name: str, content: bytes) -> Score:
    entries = sorted(read_lines(name, content), key=lambda entry: entry.seconds)
    return Score(path, tuple(entries), entries[-1].seconds if entries else 0.0)


def _midi_score(path: Path, name: str, content: bytes, drums: bool) -> Score:
    try:
        file = MidiFile(content)
    except MidiFileError as error:
        raise ScoreError(f"{name}: {error}") from None
    messages, seconds = file.messages, file.seconds
    remarks = [f"{name}: {remark}" for remark in file.remarks]
    of_drums = messages.on_channel(DRUMS)
    struck = int((of_drums & (messages.statuses & 0xF0 == NOTE_ON)).sum())
    if struck and not drums and not messages.configure_zones():
        remarks.append(f"{name}: {struck} notes of channel 10 are drums and left out, --drums plays them")
        messages, seconds = messages.only(~of_drums), seconds[~of_drums]
        if not (messages.statuses & 0xF0 == NOTE_ON).any():
            raise ScoreError(f"{name}: it holds nothing but the drums of channel 10, --drums plays them")
    return Score(path, _MidiEntries(name, messages, seconds), file.length_s, tuple(remarks))


class _MidiEntries(Sequence[Entry]):
    """The messages of a MIDI file as entries, each made when it is asked for."""

    def __init__(self, name: str, messages: Messages, seconds: np.ndarray):
        self._name, self._messages, self._seconds = name, messages, seconds

    def __len__(self) -> int:
        return len(self._messages)

    @overload
    def __getitem__(self, place: int) -> Entry: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Entry]: ...
    def __getitem__(self, place: int | slice) -> Entry | Sequence[Entry]:
        if isinstance(place, slice):
            return [self[index] for index in range(*place.indices(len(self)))]
        message, seconds = self._messages[place], float(self._seconds[place])
        return Entry(seconds, f"{self._name}, {self._messages.where(place)}, at {seconds:.3f} s", message)


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
    learned: Learned | None = None,
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
        What the messages of a MIDI file move, and which channels are heard.
    failed : callable(ScoreError)
        Told of every entry that could not be played, with its place in the file.
    morph : manned.state.morph.Morph
        The instrument's, with its presets.
    learned : Learned, optional
        What the controllers of a take's ports were learned to move.

    Returns
    -------
    Namespace
        Of the score alone; it knows when what takes a while is done.
    """
    namespace = Namespace(instrument, instrument.status, morph)
    # A file's programs name General MIDI instruments, not presets, and its controllers are no faders.
    player = Player(instrument, replace(midi, takeover="jump", controllers={}))
    waiting = iter(score.entries)

    @functools.cache
    def player_of_take() -> Player:  # its messages mean what they did when they were played
        return Player(instrument, midi, morph, MidiCommands(namespace), learned)

    def perform(entry: Entry, when: int) -> None:
        with instrument.together(when, Source("score", entry.where)):
            if isinstance(entry.message, Message):
                namespace.perform(entry.message, _Sender(entry, failed))
            elif entry.port:
                player_of_take().play(entry.port, entry.message)
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
