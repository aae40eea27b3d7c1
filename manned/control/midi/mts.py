"""MIDI's tuning messages (MTS): single keys, whole keyboards, and the twelve notes of an octave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...limits import CLASSES
from .channels import Port
from .performance import Performance

BULK, SINGLE, BULK_BANK, SINGLE_BANK, OCTAVE, OCTAVE_FINE = 0x01, 0x02, 0x04, 0x07, 0x08, 0x09
NO_CHANGE = (0x7F, 0x7F, 0x7F)
KEYS_TUNED = 128
BULK_HEAD = 17
"""Bytes of a bulk dump before its keys: the number of the program and 16 of its name."""


def tune(performance: Performance, port: Port, now: bool, data: Sequence[int]) -> None:
    """Take a tuning message.

    Parameters
    ----------
    performance : Performance
    port : Port
        Its keys are tuned: those of the tuning program that the message names, which is played by the channels that
        chose it by RPN 3, or that chose none.
    now : bool
        Whether notes that sound follow; else it counts from the next note on.
    data : sequence of int
        The message from the kind of tuning message on.
    """
    kind, rest = data[0] if data else None, data[1:]
    if kind in (OCTAVE, OCTAVE_FINE):
        cents = _octave(kind, rest[3:])
        if cents is None:
            return
        for number in _channels(rest[:3]):
            port.channel(number).octave_cents[:] = cents
    elif kind in (BULK, BULK_BANK, SINGLE, SINGLE_BANK):
        bank, rest = (rest[0], rest[1:]) if kind in (BULK_BANK, SINGLE_BANK) and rest else (0, rest)
        if not rest:
            return
        if kind in (BULK, BULK_BANK):
            dump = rest[BULK_HEAD : BULK_HEAD + 3 * KEYS_TUNED]
            _take(port, (bank, rest[0]), enumerate(_triples(dump)) if len(dump) == 3 * KEYS_TUNED else iter(()))
        else:
            changes = rest[2:]
            keys = ((changes[i], tuple(changes[i + 1 : i + 4])) for i in range(0, len(changes) - 3, 4))
            _take(port, (bank, rest[0]), keys)
    if now:
        for channel in [*port.channels.values()]:
            performance.bend_notes(channel)


def _take(port: Port, program: tuple[int, int], keys: Iterator[tuple[int, tuple[int, ...]]]) -> None:
    for key, pitch in keys:
        if pitch != NO_CHANGE:
            port.pitches[key] = pitch[0] + (pitch[1] << 7 | pitch[2]) / 16384
            port.tunings.setdefault(program, {})[key] = port.pitches[key]


def _triples(data: Sequence[int]) -> Iterator[tuple[int, ...]]:
    return (tuple(data[i : i + 3]) for i in range(0, len(data), 3))


def _octave(kind: int | None, data: Sequence[int]) -> list[float] | None:
    """Cents of each pitch class, C first; None when there are not twelve."""
    if kind == OCTAVE:
        return [float(value - 64) for value in data] if len(data) == CLASSES else None
    if len(data) != 2 * CLASSES:
        return None
    return [((data[i] << 7 | data[i + 1]) - 8192) / 8192 * 100 for i in range(0, len(data), 2)]


def _channels(mask: Sequence[int]) -> list[int]:
    """Channels, 1–16, of the three bytes that choose them: 15 and 16, then 8–14, then 1–7."""
    if len(mask) < 3:
        return []
    bits = mask[2] | mask[1] << 7 | (mask[0] & 3) << 14
    return [number for number in range(1, 17) if bits >> (number - 1) & 1]
