"""The pitch of a voice as a pure function of the sample number.

Counted in semitones above the note that the voice's stream is tuned to: the
glide from the note before, the note's own bend, the vibrato, and what all voices
share, the pitch bend and the master tuning.  At every `GRID`-th sample, counted
from the engine's first, the voice works out the speed of reading for the next
such sample; between the two it is interpolated.  So neither the pitch nor its
rounding depends on how the samples are cut into blocks.
"""

from __future__ import annotations

import math

import numba as nb

GRID = 32  # samples
BEND_S = 0.005  # a bend arrives in steps; over this time each of them is evened out
DEPTH_S = 0.02


@nb.njit(error_model="numpy", cache=True)
def line_value(line, now):
    """Value of a line at sample ``now``, not before it began."""
    passed = now - line.begin
    if passed >= line.length:
        return line.target
    return line.start + (line.target - line.start) * (passed / line.length)


@nb.njit(error_model="numpy", cache=True)
def move_line(line, target, now, length):
    """Let a line go from where it is at sample ``now`` to ``target`` in ``length`` samples."""
    line.start = line_value(line, now)
    line.target = target
    line.begin = now
    line.length = length


@nb.njit(error_model="numpy", cache=True)
def rest_line(line, value):
    """Put a line at a value, where it stays."""
    line.start = value
    line.target = value
    line.begin = 0
    line.length = 0


@nb.njit(error_model="numpy", cache=True)
def copy_line(line, source):
    """Make one line another's equal."""
    line.start = source.start
    line.target = source.target
    line.begin = source.begin
    line.length = source.length


@nb.njit(error_model="numpy", cache=True)
def set_shared_pitch(memory, now):
    """Let bend and master tuning take effect from sample ``now`` on."""
    target = memory.bend * memory.bend_range + memory.tuning_offset
    move_line(memory.shared_pitch, target, now, int(BEND_S * memory.samplerate))


@nb.njit(error_model="numpy", cache=True)
def set_vibrato_rate(memory, rate_hz, now):
    """Change the vibrato's speed; it goes on from where it is."""
    memory.vibrato_cycles = _vibrato_cycles(memory, now)
    memory.vibrato_begin = now
    memory.vibrato_hz = rate_hz


@nb.njit(error_model="numpy", cache=True)
def set_vibrato_depth(memory, depth, now):
    """Let the vibrato become ``depth`` semitones wide."""
    move_line(memory.vibrato_depth, depth, now, int(DEPTH_S * memory.samplerate))


@nb.njit(error_model="numpy", cache=True)
def _vibrato_cycles(memory, now):
    return memory.vibrato_cycles + (now - memory.vibrato_begin) * (memory.vibrato_hz / memory.samplerate)


@nb.njit(error_model="numpy", cache=True)
def begin_vibrato(memory, voice, now):
    """Let a voice's vibrato begin at sample ``now``."""
    voice.onset = now
    voice.vibrato_origin = _vibrato_cycles(memory, now)
    voice.vibrato_delay = memory.vibrato_delay


@nb.njit(error_model="numpy", cache=True)
def place_note(memory, voice, pitch, now):
    """Give a new note its pitch: with portamento it comes from where the note before it is."""
    rest_line(voice.glide, pitch)
    if memory.led and memory.portamento > 0:
        voice.glide.start = line_value(memory.lead, now)
        voice.glide.begin = now
        voice.glide.length = memory.portamento
    copy_line(memory.lead, voice.glide)
    memory.led = 1
    rest_line(voice.own_bend, 0.0)
    rest_line(voice.pressure, 1.0)


@nb.njit(error_model="numpy", cache=True)
def pitch_offset(memory, voice, now):
    """Semitones between what a voice's stream is tuned to and what it is to sound at sample ``now``."""
    shared = memory.shared_pitch
    offset = line_value(voice.glide, now) - voice.pitch + line_value(voice.own_bend, now)
    offset += shared.target if voice.onset >= shared.begin else line_value(shared, now)
    depth = line_value(memory.vibrato_depth, now)
    if depth != 0.0:
        passed = now - voice.onset
        if passed < voice.vibrato_delay:
            depth *= passed / voice.vibrato_delay
        offset += depth * math.sin(2.0 * math.pi * (_vibrato_cycles(memory, now) - voice.vibrato_origin))
    return offset


@nb.njit(error_model="numpy", cache=True)
def begin_cells(memory, voice, now):
    """Start a voice's grid at sample ``now``, which need not lie on it."""
    voice.cell_end = now
    voice.offset = pitch_offset(memory, voice, now)
    voice.ratio_next = 2.0 ** (voice.offset / 12.0)
    next_cell(memory, voice)


@nb.njit(error_model="numpy", cache=True)
def next_cell(memory, voice):
    """Go on to the grid's next cell: the factors on the speed of reading at both of its ends."""
    voice.cell_begin = voice.cell_end
    voice.cell_end = (voice.cell_begin // GRID + 1) * GRID
    voice.ratio = voice.ratio_next
    offset = pitch_offset(memory, voice, voice.cell_end)
    if offset != voice.offset:
        voice.offset = offset
        voice.ratio_next = 2.0 ** (offset / 12.0)
