"""One track of a MIDI file: its bytes to messages, with the place of whatever is wrong."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

from ..errors import MannedError
from .score_entry import MOST_AT_ONCE

MOST_LENGTH_BYTES = 4
"""Of a time or a length, which is 28 bits then; the format allows no more."""

TRACK = b"MTrk"
META, END_OF_TRACK, SET_TEMPO = 0xFF, 0x2F, 0x51
EXCLUSIVE, GOES_ON = 0xF0, 0xF7
_SYSTEM_DATA = {0xF1: 1, 0xF2: 2, 0xF3: 1}
"""Data bytes of system messages, which have no place in a file and are found there; the others have none."""


class MidiFileError(MannedError):
    """A MIDI file that cannot be played."""


@dataclass
class Track:
    """What was read of a track.

    Attributes
    ----------
    number : int
        From 1.
    ticks, offsets, statuses : array
        Of each message its time from the start, where its data begins in the file, and its status byte.
    exclusives : dict
        Data of the system exclusive messages, by offset.
    tempos : list of (int, int)
        Ticks, and microseconds of a beat from there on.
    end : int
        Ticks of its end.
    ended : bool
        Whether it says that it ends.
    remarks : list of str
    """

    number: int
    ticks: array[int] = field(default_factory=lambda: array("q"))
    offsets: array[int] = field(default_factory=lambda: array("q"))
    statuses: array[int] = field(default_factory=lambda: array("B"))
    exclusives: dict[int, bytes] = field(default_factory=dict)
    tempos: list[tuple[int, int]] = field(default_factory=list)
    end: int = 0
    ended: bool = False
    remarks: list[str] = field(default_factory=list)

    def error(self, place: int, problem: str) -> MidiFileError:
        """What is wrong at a byte of the file."""
        return MidiFileError(f"track {self.number}, byte {place}: {problem}")

    def remark(self, place: int, text: str) -> None:
        """Note what was left out or guessed."""
        self.remarks.append(f"track {self.number}, byte {place}: {text}")


class _CutOff(Exception):
    """The data ends inside of an event."""


def is_chunk(content: bytes, place: int) -> bool:
    """Whether a chunk can begin at a place: a name in ASCII and a length that fits, or the end of the file."""
    if place == len(content):
        return True
    name = content[place : place + 4]
    if len(content) < place + 8 or not all(0x20 <= byte < 0x7F for byte in name):
        return False
    return name == TRACK or place + 8 + int.from_bytes(content[place + 4 : place + 8], "big") <= len(content)


def read_track(content: bytes, start: int, length: int, number: int, most: int) -> tuple[Track, int]:
    """Read a track, whatever length its chunk claims.

    Parameters
    ----------
    content : bytes
        The whole file.
    start : int
        Where the track's data begins.
    length : int
        As its chunk says.
    number : int
        From 1, for messages.
    most : int
        Messages that it may hold.

    Returns
    -------
    Track
    int
        Where the next chunk begins, or is to be looked for.

    Raises
    ------
    MidiFileError
    """
    said = end = start + length
    if end > len(content):
        end = len(content)
    track, place = _read(content, start, end, number, most)
    if not track.ended and not is_chunk(content, end):  # it goes on behind its end
        following = content.find(TRACK, end)
        end = len(content) if following < 0 else following
        track, place = _read(content, start, end, number, most)
    if track.ended and place != said and (content.startswith(TRACK, place) or not is_chunk(content, said)):
        end = place
    if end != said:
        track.remark(start - 4, f"it says that it is {length} bytes long, {end - start} are there")
    return track, end


def _read(content: bytes, start: int, end: int, number: int, most: int) -> tuple[Track, int]:
    """Events of a track up to its end, or as far as its data goes; and the place behind the last one."""
    track = Track(number)
    try:
        return track, _Events(content, end, track, most).read(start)
    except _CutOff as cut:
        track.remark(cut.args[0], "it ends inside of an event, which is left out")
        return track, end


class _Events:
    """Reads the events of one track.

    Parameters
    ----------
    content : bytes
    end : int
        Where the data ends.
    track : Track
        Takes what was read.
    most : int
        Messages that it may hold.
    """

    def __init__(self, content: bytes, end: int, track: Track, most: int):
        self._content, self._end, self._track, self._most = content, end, track, most
        self._open: tuple[int, int, bytearray] | None = None  # a system exclusive message that may go on
        self._instant, self._at_once = -1, 0
        self._clipped = False

    def read(self, place: int) -> int:
        """Read from a place to the end; returns the place behind the last event."""
        content, end, track = self._content, self._end, self._track
        tick = status = 0
        while place < end and not track.ended:
            first = place
            delta, place = self._number(place, first)
            tick += delta
            track.end = tick
            if place >= end:
                raise _CutOff(first)
            byte = content[place]
            if byte >= 0x80:
                place += 1
            elif status:  # also behind meta events and exclusive ones, where the format has none
                byte = status
            else:
                raise track.error(place, f"found data byte {byte} where a status is due, allowed are 128–255")
            if byte != GOES_ON:
                self._close()
            if byte < EXCLUSIVE:
                status = byte
                place = self._channel(tick, status, place, first)
            elif byte == META:
                place = self._meta(tick, place, first)
            elif byte in (EXCLUSIVE, GOES_ON):
                place = self._exclusive(tick, byte, place, first)
            else:
                place += _SYSTEM_DATA.get(byte, 0)
        self._close()
        return place

    def _number(self, place: int, first: int) -> tuple[int, int]:
        """A time or a length of 7 bits a byte, and the place behind it."""
        value = 0
        for at in range(place, place + MOST_LENGTH_BYTES):
            if at >= self._end:
                raise _CutOff(first)
            byte = self._content[at]
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value, at + 1
        raise self._track.error(first, f"a time or a length of more than {MOST_LENGTH_BYTES} bytes")

    def _channel(self, tick: int, status: int, place: int, first: int) -> int:
        behind = place + (1 if status & 0xE0 == 0xC0 else 2)
        if behind > self._end:
            raise _CutOff(first)
        if not self._clipped and (self._content[place] > 127 or self._content[behind - 1] > 127):
            self._clipped = True
            self._track.remark(place, "it holds values above 127, which are played as 127")
        self._take(tick, place, status)
        return behind

    def _meta(self, tick: int, place: int, first: int) -> int:
        if place >= self._end:
            raise _CutOff(first)
        kind = self._content[place]
        length, place = self._number(place + 1, first)
        if kind == END_OF_TRACK:
            self._track.ended = True
            return min(place + length, self._end)
        if place + length > self._end:
            raise _CutOff(first)
        if kind == SET_TEMPO:
            tempo = int.from_bytes(self._content[place : place + 3], "big")
            if length >= 3 and tempo:
                self._track.tempos.append((tick, tempo))
            else:
                reason = f"is {length} bytes long, allowed are 3" if length < 3 else "is 0, allowed are 1–16777215"
                self._track.remark(first, f"a tempo that {reason}; it is left out")
        return place + length

    def _exclusive(self, tick: int, byte: int, place: int, first: int) -> int:
        length, place = self._number(place, first)
        if place + length > self._end:
            raise _CutOff(first)
        data = self._content[place : place + length]
        if byte == EXCLUSIVE:
            self._open = tick, place, bytearray(data)
        elif self._open is not None:
            self._open[2].extend(data)
        if data.endswith(b"\xf7"):
            self._close()
        return place + length

    def _close(self) -> None:
        """Take an exclusive message that is whole; one that holds no data bytes but others is nobody's."""
        if self._open is not None:
            tick, place, data = self._open
            self._open = None
            data = bytes(data.removesuffix(b"\xf7"))
            if data and max(data) < 0x80:
                self._track.exclusives[place] = data
                self._take(tick, place, EXCLUSIVE)

    def _take(self, tick: int, place: int, status: int) -> None:
        track = self._track
        self._at_once = self._at_once + 1 if tick == self._instant else 1
        self._instant = tick
        if self._at_once > MOST_AT_ONCE:
            raise track.error(place, f"more than {MOST_AT_ONCE} messages at one instant")
        if len(track.ticks) >= self._most:
            raise track.error(place, "more messages than a score may have")
        track.ticks.append(tick)
        track.offsets.append(place)
        track.statuses.append(status)
