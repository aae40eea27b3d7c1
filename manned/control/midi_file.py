"""Standard MIDI files of strangers: what can be played of them, and where the rest is wrong.

The format is that of the MIDI Association's *Standard MIDI Files 1.0* (RP-001), inside of RIFF
(RP-029) or behind a MacBinary header too.  Odd meta events, alien chunks and wrong lengths of
chunks stop nothing.  Something is guessed only where the notes are beyond doubt.  Memory and time
are in proportion to the file.  (mido's reader refuses many of these files, so that only its
messages are used.)
"""

from __future__ import annotations

import struct

import mido
import numpy as np

from .midi_track import TRACK, MidiFileError, Track, is_chunk, read_track
from .score_entry import MOST_AT_ONCE

MOST_MESSAGES = 2_000_000
"""In one file."""

DRUMS = 9
"""The channel of General MIDI's drums, counted from 0."""

LONGEST_REST_S = 60.0
"""What is kept of the silence behind the last message, before the end that the file says."""

TEMPO = 500_000
"""Microseconds of a beat until a file says another."""

_FRAME_RATES = {24: 24.0, 25: 25.0, 29: 30_000 / 1001, 30: 30.0}
_HEADER = b"MThd"
_MAC_BINARY_BYTES = 128
_RIFF_CHUNKS = 256


def is_midi_file(content: bytes) -> bool:
    """Whether a file begins as a MIDI file does, in a container or without one."""
    return (
        content.startswith(_HEADER)
        or (content[:4], content[8:12]) == (b"RIFF", b"RMID")
        or content[_MAC_BINARY_BYTES : _MAC_BINARY_BYTES + 4] == _HEADER
    )


class MidiFile:
    """The messages of a MIDI file in order of time, those of equal time in order of tracks.

    Parameters
    ----------
    content : bytes
        The whole file.

    Attributes
    ----------
    messages : Messages
        Channel messages and system exclusive ones.
    seconds : np.ndarray [shape=(n,), dtype=float64]
        When each is due.
    length_s : float
        Until the end that its tracks say, at most `LONGEST_REST_S` after the last message.
    remarks : list of str
        What of it was left out or guessed, a sentence each.

    Raises
    ------
    MidiFileError
        When it cannot be played; names track and byte, what was found and what is allowed.
    """

    def __init__(self, content: bytes):
        self.remarks: list[str] = []
        start = self._unpack(content)
        form, count, division, place = _header(content, start)
        tracks = self._tracks(content, place)
        if form == 2 and len(tracks) > 1:
            raise MidiFileError(f"its format is 2 ({len(tracks)} songs in one file), allowed are 0 and 1")
        if not tracks:
            raise MidiFileError("it has no tracks")
        if len(tracks) != count:
            self.remarks.append(f"its header says {count} tracks, it has {len(tracks)}")
        for track in tracks:
            self.remarks += track.remarks
        self._merge(content, tracks, division)

    def _unpack(self, content: bytes) -> int:
        """Where the header begins."""
        if content.startswith(b"RIFF"):
            return _riff_data(content)
        return 0 if content.startswith(_HEADER) else _MAC_BINARY_BYTES

    def _tracks(self, content: bytes, place: int) -> list[Track]:
        tracks: list[Track] = []
        messages = 0
        while place < len(content):
            name, length = content[place : place + 4], int.from_bytes(content[place + 4 : place + 8], "big")
            if name == TRACK:
                track, place = read_track(content, place + 8, length, len(tracks) + 1, MOST_MESSAGES - messages)
                messages += len(track.ticks)
                tracks.append(track)
            elif is_chunk(content, place) and is_chunk(content, place + 8 + length):
                place += 8 + length  # somebody else's
            else:
                found = content.find(TRACK, place + 1)
                place = len(content) if found < 0 else found
        return tracks

    def _merge(self, content: bytes, tracks: list[Track], division: int | float) -> None:
        ticks = np.concatenate([np.frombuffer(track.ticks, np.int64) for track in tracks])
        offsets = np.concatenate([np.frombuffer(track.offsets, np.int64) for track in tracks])
        statuses = np.concatenate([np.frombuffer(track.statuses, np.uint8) for track in tracks])
        numbers = np.repeat(np.arange(1, len(tracks) + 1), [len(track.ticks) for track in tracks])
        order = np.argsort(ticks, kind="stable")
        ticks = ticks[order]
        seconds = _TempoMap(tracks, division).seconds
        self.seconds = seconds(ticks)
        exclusives: dict[int, bytes] = {}
        for track in tracks:
            exclusives |= track.exclusives
        self.messages = Messages(content, offsets[order], statuses[order], numbers[order], exclusives)
        self._check_density(ticks)
        end = float(seconds(np.array([max(track.end for track in tracks)]))[0])
        last = float(self.seconds[-1]) if len(ticks) else 0.0
        if end > last + LONGEST_REST_S:
            self.remarks.append(
                f"it ends {end - last:.0f} s after its last message, {LONGEST_REST_S:.0f} s of that are kept"
            )
        self.length_s = min(end, last + LONGEST_REST_S)

    def _check_density(self, ticks: np.ndarray) -> None:
        crowded = np.flatnonzero(ticks[MOST_AT_ONCE:] == ticks[:-MOST_AT_ONCE])
        if len(crowded):
            place = int(crowded[0]) + MOST_AT_ONCE
            raise MidiFileError(
                f"{self.messages.where(place)}: more than {MOST_AT_ONCE} messages at one instant, at "
                f"{self.seconds[place]:.3f} s"
            )


class Messages:
    """The messages of a file; each is made when it is asked for.

    Parameters
    ----------
    content : bytes
        The whole file.
    offsets : np.ndarray [shape=(n,), dtype=int64]
        Where the data of each begins.
    statuses : np.ndarray [shape=(n,), dtype=uint8]
    tracks : np.ndarray [shape=(n,), dtype=int64]
        Number of the track of each, from 1.
    exclusives : dict
        Data of the system exclusive ones, by their offsets.
    """

    def __init__(
        self,
        content: bytes,
        offsets: np.ndarray,
        statuses: np.ndarray,
        tracks: np.ndarray,
        exclusives: dict[int, bytes],
    ):
        self.statuses = statuses
        self._content, self._offsets, self._tracks, self._exclusives = content, offsets, tracks, exclusives

    def __len__(self) -> int:
        return len(self._offsets)

    def __getitem__(self, place: int) -> mido.Message:
        offset, status = int(self._offsets[place]), int(self.statuses[place])
        if status == 0xF0:
            return mido.Message("sysex", data=self._exclusives[offset])
        count = 1 if status & 0xE0 == 0xC0 else 2
        data = (min(byte, 127) for byte in self._content[offset : offset + count])
        return mido.Message.from_bytes([status, *data])

    def only(self, kept: np.ndarray) -> Messages:
        """Those whose place is True in ``kept`` [shape=(n,), dtype=bool]."""
        return Messages(self._content, self._offsets[kept], self.statuses[kept], self._tracks[kept], self._exclusives)

    def on_channel(self, channel: int) -> np.ndarray:
        """Which belong to a channel, 0–15: bool [shape=(n,)]."""
        return (self.statuses & 0x0F == channel) & (self.statuses < 0xF0)

    def configure_zones(self) -> bool:
        """Whether one of them may make a channel a member of an MPE zone: RPN 6 on channel 1 or 16."""
        chosen = np.isin(self.statuses, (0xB0, 0xBF))
        return any(self._content[offset : offset + 2] == b"\x64\x06" for offset in self._offsets[chosen].tolist())

    def where(self, place: int) -> str:
        """Where in the file a message stands."""
        return f"track {self._tracks[place]}, byte {self._offsets[place]}"


class _TempoMap:
    """From ticks to seconds.

    Parameters
    ----------
    tracks : list of Track
        Their tempos count for all.
    division : int or float
        Ticks of a beat, or seconds of a tick where the file counts film frames.
    """

    def __init__(self, tracks: list[Track], division: int | float):
        changes = sorted((tick, tempo) for track in tracks for tick, tempo in track.tempos)
        if isinstance(division, float):
            changes, self._tick_s = [], np.array([division])
        else:
            self._tick_s = np.array([TEMPO, *(tempo for _, tempo in changes)]) / (1e6 * division)
        self._ticks = np.array([0, *(tick for tick, _ in changes)], np.int64)
        self._starts = np.concatenate([[0.0], np.cumsum(np.diff(self._ticks) * self._tick_s[:-1])])

    def seconds(self, ticks: np.ndarray) -> np.ndarray:
        place = np.searchsorted(self._ticks, ticks, side="right") - 1
        return self._starts[place] + (ticks - self._ticks[place]) * self._tick_s[place]


def _riff_data(content: bytes) -> int:
    """Where the MIDI file inside of a RIFF file begins."""
    place = 12
    for _ in range(_RIFF_CHUNKS):
        name, length = content[place : place + 4], int.from_bytes(content[place + 4 : place + 8], "little")
        if name == b"data":
            break
        place += 8 + length + length % 2
    if content[place + 8 : place + 12] != _HEADER:
        raise MidiFileError("it is a RIFF file without a MIDI file inside")
    return place + 8


def _header(content: bytes, start: int) -> tuple[int, int, int | float, int]:
    """Format, number of tracks, division as `_TempoMap` takes it, and where the first chunk begins."""
    length = int.from_bytes(content[start + 4 : start + 8], "big")
    if len(content) < start + 14:
        raise MidiFileError(f"byte {len(content)}: it ends in its header")
    form, count, division = struct.unpack_from(">HHH", content, start + 8)
    if form > 2:
        raise MidiFileError(f"byte {start + 8}: its format is {form}, allowed are 0 and 1")
    place = start + 8 + length
    if length < 6 or not is_chunk(content, place):
        place = start + 14
    if not division & 0x8000:
        if not division:
            raise MidiFileError(f"byte {start + 12}: 0 ticks per beat, allowed are 1–32767")
        return form, count, division, place
    frames, ticks = 256 - (division >> 8), division & 0xFF
    if frames not in _FRAME_RATES or not ticks:
        raise MidiFileError(
            f"byte {start + 12}: its times count {frames} film frames a second with {ticks} ticks each, "
            "allowed are 24, 25, 29 and 30 with 1–255"
        )
    return form, count, 1.0 / (_FRAME_RATES[frames] * ticks), place
