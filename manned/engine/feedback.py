"""The reverb's network: sixteen delay lines that feed one another (Jot & Chaigne 1991).

What goes in is smeared by four allpasses a side and goes to the lines, left to the even and right to the odd
ones.  Their lengths are primes, so that no echo falls on another.  A Hadamard matrix hands what comes out of
every line on to all of them, and loses nothing: what is lost is the shelf's at the end of each line, which lets all
lines die away at one rate, and high frequencies sooner.  The lengths sway by a fifth of a millisecond, each in its
own time, so that no resonance stands.

Everything that sways or glides is a pure function of the sample number.
"""

from __future__ import annotations

import math

import numpy as np

from ..limits import DEVICE_RATES
from .delay import between, read_between, ring_length, soft_sine
from .native import native
from .record import Record

LINES = 16
SHORTEST_S, LONGEST_S = 0.0187, 0.0823  # of the lines
ORDER = (0, 10, 8, 2, 4, 14, 12, 6, 3, 9, 11, 1, 7, 13, 15, 5)  # short and long by turns, and as long on both sides
SWAY_S = 0.0002
SWAY_HZ = (0.31, 0.97)  # the slowest line's, and the fastest's
SMEARS_S = ((0.0031, 0.0047, 0.0073, 0.0101), (0.0035, 0.0042, 0.0066, 0.0105))  # allpasses of left and right
SMEARS = len(SMEARS_S[0])
SMEAR = np.float32(0.6)
CELL = 64  # samples in which a sway is a straight line; less than the shortest line at any rate

TURN_HZ = 5000.0  # of the shelf, and the least that it turns at
LEAST_TURN_HZ = 2500.0
TIMED_HZ = 1000.0  # at which the reverberation time holds
LEAST_DAMPED, MOST_DAMPED = 1.0, 8.0  # how many times as fast the highest frequencies die away
LOWEST_HZ = 20.0  # what lies below does not go in


def _ring_lengths(samplerate: float) -> tuple[int, int]:
    """Of a line's ring and of an allpass's."""
    prime = 16  # more or less than wanted
    line = ring_length((LONGEST_S + 2 * SWAY_S) * samplerate + prime)
    return line, ring_length(max(map(max, SMEARS_S)) * samplerate + prime)


def _places(samplerate: float) -> np.ndarray:
    """Where the ring of each line begins, then that of each allpass, then where all end.

    A cell lies between two rings: else all would use the same corner of the processor's cache at a time.
    """
    line, smear = _ring_lengths(samplerate)
    return np.cumsum([0] + LINES * [line + CELL] + 2 * SMEARS * [smear + CELL])


NETWORK = np.dtype(
    [
        ("rings", "f4", int(_places(DEVICE_RATES[1])[-1])),  # of the lines, then of the allpasses
        ("used", "i8"),  # samples of them, at this sample rate
        ("place", "i8", LINES),  # where the ring of each begins
        ("mask", "i8"),  # its length less 1
        ("smear_place", "i8", (2, SMEARS)),
        ("smear_mask", "i8"),
        ("length", "i8", LINES),  # samples
        ("smear_length", "i8", (2, SMEARS)),
        # the sway
        ("sway", "f4"),  # samples
        ("sway_rate", "f8", LINES),  # turns per sample
        ("cell", "i8"),  # of which the next two are
        ("begin", "f4", LINES),  # samples beside the length
        ("step", "f4", LINES),
        # the shelves, on their way from ``start`` to ``target``
        ("start", "f4", (3, LINES)),
        ("slope", "f4", (3, LINES)),
        ("target", "f4", (3, LINES)),
        ("glide_begin", "i8"),
        ("glide_end", "i8"),
        # what filters keep
        ("shelf", "f4", LINES),
        ("low", "f4", 2),
        ("low_step", "f4"),
    ],
    align=True,
)

SCRATCH = np.dtype([("lines", "f4", (LINES, CELL)), ("sides", "f4", (2, CELL)), ("heard", "f4", (2, CELL))], align=True)

FED = np.array([(1, 1, -1, 1, 1, -1, -1, -1)[k // 2] for k in range(LINES)], np.float32) / np.float32(8**0.5)
HEARD = np.array([(1, -1, 1, 1, -1, 1, 1, 1)[k // 2] for k in range(LINES)], np.float32)
"""Factors on what goes into each line and on what is heard of it: signs, so that lines do not add up to a comb."""

KEPT = np.float32(LINES**-0.5)
TINY = np.float32(1e-20)  # what decays below it is nothing, before it is denormal


def set_up_network(network: np.void, samplerate: float) -> None:
    """Fill a network that holds nothing."""
    network["length"] = _primes(np.linspace(SHORTEST_S, LONGEST_S, LINES)[list(ORDER)] * samplerate)
    network["smear_length"] = np.array([_primes(np.array(side) * samplerate) for side in SMEARS_S])
    network["mask"], network["smear_mask"] = np.array(_ring_lengths(samplerate)) - 1
    places = _places(samplerate)
    network["place"], network["smear_place"] = places[:LINES], places[LINES:-1].reshape(2, SMEARS)
    network["used"] = places[-1]
    network["sway"] = SWAY_S * samplerate
    slow, fast = SWAY_HZ
    network["sway_rate"] = slow * (fast / slow) ** (np.arange(LINES) * 5 % LINES / (LINES - 1)) / samplerate
    network["cell"] = -1
    network["low_step"] = 1.0 - math.exp(-2 * math.pi * LOWEST_HZ / samplerate)


def _primes(wanted: np.ndarray) -> np.ndarray:
    """Whole numbers near those wanted, all of them different primes."""
    found: list[int] = []
    for samples in wanted:
        number = int(samples)
        while number in found or any(number % k == 0 for k in range(2, math.isqrt(number) + 1)):
            number += 1
        found.append(number)
    return np.array(found)


@native
def aim_network(network: Record, time_s: float, damping: float, now: int, glide: int, samplerate: float) -> float:
    """Let the shelves glide to a reverberation time and a damping, 0–1, in ``glide`` samples from sample ``now`` on.

    Returns the share of its energy that sound loses on the way through a line, 0–1, in the mean of the lines.

    Audio thread: no locks, no allocation, no Python objects.
    """
    passed = np.float32(now - network.glide_begin)
    gliding = now < network.glide_end
    times = LEAST_DAMPED * (MOST_DAMPED / LEAST_DAMPED) ** damping
    timed = math.tan(math.pi * TIMED_HZ / samplerate)
    kept = 0.0
    for k in range(LINES):
        seconds = (network.length[k] + 1 + network.sway) / samplerate
        gain = 10.0 ** (-3.0 * seconds / time_s)
        high = 10.0 ** (-3.0 * seconds * (times - 1.0) / time_s)
        # Of a first-order shelf the middle lies where zero and pole are as far apart; a deep one is a lowpass.
        turn_hz = min(max(TURN_HZ * math.sqrt(high), LEAST_TURN_HZ), 0.4 * samplerate)
        turn = math.tan(math.pi * turn_hz / samplerate)
        x = (timed / turn) ** 2
        gain /= math.sqrt((1.0 + high * high * x) / (1.0 + x))
        kept += 10.0 ** (-6.0 * seconds / time_s)
        for c in range(3):
            if c == 0:
                target = gain * (turn + high) / (turn + 1.0)
            elif c == 1:
                target = gain * (turn - high) / (turn + 1.0)
            else:
                target = (1.0 - turn) / (1.0 + turn)
            value = network.target[c, k]
            if gliding:
                value = network.start[c, k] + network.slope[c, k] * passed
            network.target[c, k] = target
            network.start[c, k] = value if glide > 0 else target
            network.slope[c, k] = (target - value) / glide if glide > 0 else 0.0
    network.glide_begin = now
    network.glide_end = now + glide
    return 1.0 - kept / LINES


@native
def forget_filters(network: Record) -> None:
    """Take out what the filters keep; the rings are the caller's."""
    for k in range(LINES):
        network.shelf[k] = 0.0
    for side in range(2):
        network.low[side] = 0.0


@native
def next_bend(network: Record, now: int) -> int:
    """The first sample after ``now`` at which a sway or a glide takes another direction: a stretch ends there."""
    end = now - now % CELL + CELL
    return min(end, network.glide_end) if now < network.glide_end else end


@native
def run_network(network: Record, scratch: Record, now: int, count: int) -> None:
    """Put ``count`` samples of ``scratch.sides`` in, and what comes out from sample ``now`` on into ``scratch.heard``.

    No further than `next_bend`.

    Audio thread: no locks, no allocation, no Python objects.
    """
    _smear(network, scratch.sides, now, count)
    _sway(network, now)
    _settle(network, now)
    lines, sides, heard = scratch.lines, scratch.sides, scratch.heard
    for k in range(LINES):
        _read_line(network, k, lines[k], now, count)
    _shelve(network, lines, now, count)
    for side in range(2):
        for i in range(count):
            heard[side, i] = 0.0
    for k in range(LINES):
        _add(heard[k % 2], lines[k], HEARD[k], count)
    _mix_lines(lines, count)
    for k in range(LINES):
        _add(lines[k], sides[k % 2], FED[k], count)
        begin = network.place[k] + (now & network.mask)  # a stretch lies in one cell, and a ring is made of cells
        ring, line = network.rings[begin : begin + count], lines[k]
        for i in range(count):
            ring[i] = line[i]


@native
def _add(line: np.ndarray, other: np.ndarray, factor: float, count: int) -> None:
    for i in range(count):
        line[i] += factor * other[i]


@native
def _smear(network: Record, sides: np.ndarray, now: int, count: int) -> None:
    """Take out what lies below hearing, and spread the rest in time."""
    rings, mask = network.rings, network.smear_mask
    for side in range(2):
        low = network.low[side]
        for i in range(count):
            low += network.low_step * (sides[side, i] - low)
            if abs(low) < TINY:
                low = np.float32(0)
            sides[side, i] -= low
        network.low[side] = low
        for k in range(SMEARS):
            place = network.smear_place[side, k]
            length = network.smear_length[side, k]
            for i in range(count):
                late = rings[place + ((now + i - length) & mask)]
                kept = sides[side, i] + SMEAR * late
                if abs(kept) < TINY:
                    kept = np.float32(0)
                rings[place + ((now + i) & mask)] = kept
                sides[side, i] = late - SMEAR * kept


@native
def _sway(network: Record, now: int) -> None:
    """Find how the lengths of the lines sway in the cell that sample ``now`` is in."""
    cell = now // CELL
    if cell == network.cell:
        return
    network.cell = cell
    for k in range(LINES):
        begin = 1.0 + network.sway * (1.0 + soft_sine(network.sway_rate[k] * (cell * CELL) + k / LINES))
        end = 1.0 + network.sway * (1.0 + soft_sine(network.sway_rate[k] * ((cell + 1) * CELL) + k / LINES))
        network.begin[k] = begin
        network.step[k] = (end - begin) / CELL


@native
def _settle(network: Record, now: int) -> None:
    """Let the shelves rest at the end of a glide."""
    if network.glide_end == 0 or now < network.glide_end:
        return
    network.glide_end = 0
    for c in range(3):
        for k in range(LINES):
            network.start[c, k] = network.target[c, k]
            network.slope[c, k] = 0.0


@native
def _read_line(network: Record, k: int, line: np.ndarray, now: int, count: int) -> None:
    """Take what comes out of line ``k``."""
    mask, place = network.mask, network.place[k]
    behind, begin, step, into = now - network.length[k], network.begin[k], network.step[k], now % CELL
    whole = int(begin + step * np.float32(into))
    first = (behind - whole) & mask
    if int(begin + step * np.float32(into + count - 1)) == whole and 2 <= first < mask - count:
        # The common case, of which the compiler makes vectors.
        ring = network.rings[place + first - 2 : place + first + count + 1]
        for i in range(count):
            fraction = begin + step * np.float32(into + i) - np.float32(whole)
            line[i] = between(ring[i], ring[i + 1], ring[i + 2], ring[i + 3], fraction)
        return
    for i in range(count):
        more = begin + step * np.float32(into + i)
        whole = int(more)
        line[i] = read_between(network.rings, place, mask, behind + i - whole, more - np.float32(whole))


@native
def _shelve(network: Record, lines: np.ndarray, now: int, count: int) -> None:
    """Let all lines through their shelves, side by side: each has to wait for its own sample before."""
    start, slope, shelf = network.start, network.slope, network.shelf
    for i in range(count):
        glided = np.float32(now - network.glide_begin + i)
        for k in range(LINES):
            value = lines[k, i]
            out = (start[0, k] + slope[0, k] * glided) * value + shelf[k]
            shelf[k] = (start[1, k] + slope[1, k] * glided) * value + (start[2, k] + slope[2, k] * glided) * out
            lines[k, i] = out


@native
def _mix_lines(lines: np.ndarray, count: int) -> None:
    """The Hadamard matrix, as butterflies; the factor at the end makes it keep the energy."""
    half = 1
    while half < LINES:
        for k in range(LINES):
            if k & half == 0:
                _butterfly(lines[k], lines[k + half], count)
        half *= 2
    for k in range(LINES):
        line = lines[k]
        for i in range(count):
            line[i] *= KEPT


@native
def _butterfly(one: np.ndarray, other: np.ndarray, count: int) -> None:
    for i in range(count):
        a, b = one[i], other[i]
        one[i] = a + b
        other[i] = a - b
