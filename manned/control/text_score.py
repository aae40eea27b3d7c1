"""Scores as text: lines ``seconds /address arguments…``, and in takes ``seconds midi "port" bytes…``."""

from __future__ import annotations

import math
import shlex
from collections import Counter

from ..errors import ScoreError
from .midi.meaning import read_message
from .osc.client import parse_word
from .osc.packet import Message, PacketError, read_packet, write_message
from .score_entry import LONGEST_S, MOST_AT_ONCE, Entry


def read_lines(name: str, content: bytes) -> list[Entry]:
    """The entries of a text score in the order of its lines.

    Parameters
    ----------
    name : str
        Of the score, for messages.
    content : bytes
        Text in UTF-8, with or without a byte order mark.

    Raises
    ------
    ScoreError
        Naming the line, what was found and what is allowed.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ScoreError(f"{name}: neither a MIDI file nor text in UTF-8") from None
    entries = []
    at_once: Counter[float] = Counter()
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{name}, line {number}"
        entry = _entry(line, where)
        if entry is None:
            continue
        entries.append(entry)
        at_once[entry.seconds] += 1
        if at_once[entry.seconds] > MOST_AT_ONCE:
            raise ScoreError(f"{where}: more than {MOST_AT_ONCE} lines at one instant, at {entry.seconds:g} s")
    return entries


def _entry(line: str, where: str) -> Entry | None:
    """What a line says; None for one that says nothing."""
    words = _words(line, where)
    if not words:
        return None
    if words[1:2] == ["midi"]:
        return _midi_entry(words, where)
    if len(words) < 2 or not words[1].startswith("/"):
        raise ScoreError(f"{where}: found {line.strip()!r}, allowed is 'seconds /address arguments…'")
    try:
        # Through a packet, so that numbers are what they would be if a controller had sent them.
        message = read_packet(write_message(words[1], *map(_argument, words[2:])))
    except PacketError as error:
        raise ScoreError(f"{where}: {error}") from None
    assert isinstance(message, Message)  # a bundle has no address to begin with '/'
    return Entry(_seconds(words[0], where), where, message)


def _midi_entry(words: list[str], where: str) -> Entry:
    """A MIDI message as it came in while a take was recorded."""
    allowed = "'seconds midi \"port\" bytes…', with bytes such as 90 3c 64"
    try:
        port = _argument(words[2])
        message = read_message([int(byte, 16) for byte in words[3:]])
    except (IndexError, ValueError):
        raise ScoreError(f"{where}: found {' '.join(words)!r}, allowed is {allowed}") from None
    return Entry(_seconds(words[0], where), where, message, str(port) or "midi")


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
