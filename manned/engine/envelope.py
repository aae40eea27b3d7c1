"""A voice's envelope: attack, decay, sustain, release, and the fast end of a voice that is stolen."""

from __future__ import annotations

import math

import numpy as np

from ..limits import SHORTEST_NOTE_S
from ..table.parameters import control_index
from .latent_envelope import HELD
from .native import native
from .record import Record
from .tone import release_tone

# Stages of a voice.
STAGE_FREE = 0
STAGE_WAITING = 1  # for its first spectrum
STAGE_ATTACK = 2
STAGE_DECAY = 3
STAGE_SUSTAIN = 4
STAGE_RELEASE = 5
STAGE_KILL = 6  # stolen or silenced: 5 ms to zero

ATTACK, DECAY = control_index("env/attack"), control_index("env/decay")
SUSTAIN, RELEASE = control_index("env/sustain"), control_index("env/release")
KILL_S = 0.005
SHORTEST_ATTACK_S = 0.001
SHORTEST_CUBE_S = 0.01
NEVER = 1 << 62


@native
def enter_stage(memory: Record, part: Record, voice: Record, stage: int, now: int) -> None:
    """Move a voice's envelope to another stage at sample ``now``."""
    voice.stage = stage
    voice.stage_start = now
    voice.stage_level = voice.level
    if stage == STAGE_RELEASE:
        release_tone(part.controls, voice.tone, now)
    elif stage == STAGE_ATTACK:
        voice.tone.release = HELD
    values = part.controls.values
    seconds = 0.0
    if stage == STAGE_ATTACK:
        seconds = max(values[ATTACK], SHORTEST_ATTACK_S)
    elif stage == STAGE_DECAY:
        seconds = values[DECAY]
    elif stage == STAGE_RELEASE:
        seconds = max(values[RELEASE], SHORTEST_ATTACK_S)
    elif stage == STAGE_KILL:
        seconds = KILL_S
    voice.stage_length = int(seconds * memory.samplerate + 0.5) if stage != STAGE_SUSTAIN else NEVER


@native
def apply_envelope(
    memory: Record, part: Record, voice: Record, now: int, buffer: np.ndarray, at: int, count: int
) -> None:
    """Multiply ``count`` samples of a voice from sample ``now`` on by its envelope and velocity.

    Attack is half a raised cosine; decay and release are cubes that reach their end exactly.  A release so
    short that the corner at a cube's beginning would click is half a raised cosine too.
    """
    velocity = voice.tone.velocity
    sustain = np.float32(part.controls.values[SUSTAIN])
    shortest = SHORTEST_CUBE_S * memory.samplerate
    done = 0
    while done < count:
        t = now + done
        if voice.stage == STAGE_FREE:
            for i in range(done, count):
                buffer[at + i] = 0.0
            return
        left = voice.stage_start + voice.stage_length - t
        if voice.stage == STAGE_ATTACK and voice.released:  # before it began
            left = min(left, voice.stage_start + int(SHORTEST_NOTE_S * memory.samplerate) - t)
            if left <= 0:
                enter_stage(memory, part, voice, STAGE_RELEASE, t)
                continue
        if left <= 0:
            _next_stage(memory, part, voice, t)
            continue
        run = min(count - done, left)
        length = float(voice.stage_length)
        begin = voice.stage_level
        for i in range(run):
            x = (t - voice.stage_start + i) / length
            if voice.stage == STAGE_ATTACK:
                level = begin + (1.0 - begin) * (0.5 - 0.5 * math.cos(math.pi * x))
            elif voice.stage == STAGE_DECAY:
                level = sustain + (begin - sustain) * (1.0 - x) ** 3
            elif voice.stage == STAGE_SUSTAIN:
                level = voice.level + (sustain - voice.level) * 0.002
                if abs(level - sustain) < 1e-6:
                    level = sustain
            elif length < shortest:
                level = begin * (0.5 + 0.5 * math.cos(math.pi * x))
            else:
                level = begin * (1.0 - x) ** 3
            voice.level = level
            buffer[at + done + i] *= np.float32(level) * velocity
        done += run


@native
def _next_stage(memory: Record, part: Record, voice: Record, now: int) -> None:
    if voice.stage == STAGE_ATTACK:
        voice.level = 1.0
        enter_stage(memory, part, voice, STAGE_DECAY, now)
    elif voice.stage == STAGE_DECAY:
        voice.level = np.float32(part.controls.values[SUSTAIN])
        enter_stage(memory, part, voice, STAGE_SUSTAIN, now)
    else:
        voice.level = 0.0
        voice.stage = STAGE_FREE
        voice.note_id = 0
