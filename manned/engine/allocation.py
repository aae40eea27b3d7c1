"""Which voice takes a note: the stealing rule, spare voices, and who takes which pan position.

There is one measure of how loud a voice is, `loudness`; another stealing rule is
another `to_steal`.
"""

from __future__ import annotations

import numpy as np

from .envelope import STAGE_ATTACK, STAGE_FREE, STAGE_WAITING
from .fade import fade_gain, fading
from .motion import PAN_POSITIONS
from .native import native
from .record import Record
from .sizes import VOICES

NOBODY = -1


@native
def loudness(voice: Record, now: int, samplerate: float) -> float:
    """How loud a voice is to the ear that would miss it: level × velocity × pressure × motion × crossfade."""
    level = voice.level * voice.tone.velocity * np.float32(voice.pressure.target)
    level *= max(voice.motion.left_next, voice.motion.right_next)
    return level * fade_gain(voice, now, samplerate)


@native
def to_steal(memory: Record, part: Record, now: int) -> int:
    """The stealing rule: index of the note that ends first when there are too many, or `NOBODY`.

    The quietest; of those that have only just begun, the oldest, and only when nothing else sounds.
    """
    quietest, least = NOBODY, np.float32(1e9)
    for index in range(1, VOICES):
        voice = part.voices[index]
        if voice.stage != STAGE_FREE and not fading(voice):
            level = loudness(voice, now, memory.samplerate)
            if voice.stage == STAGE_WAITING or voice.stage == STAGE_ATTACK:
                level = np.float32(1e6) + index
            if level < least:
                quietest, least = index, level
    return quietest


@native
def count_notes(part: Record) -> int:
    """Notes that sound or are about to, the drone and those on their way out left aside."""
    count = 0
    for index in range(1, VOICES):
        voice = part.voices[index]
        count += voice.stage != STAGE_FREE and not fading(voice)
    return count


@native
def spare_voice(memory: Record, part: Record, now: int) -> int:
    """Index of a voice that nobody will miss: a free one, or the quietest that fades out."""
    best, least = 1, np.float32(1e9)
    for index in range(1, VOICES):
        voice = part.voices[index]
        if voice.stage == STAGE_FREE and voice.next_slot < 0:
            return index
        if fading(voice):
            level = loudness(voice, now, memory.samplerate)
            if level < least:
                best, least = index, level
    return best


@native
def pan_of(part: Record, note_id: int) -> int:
    """The pan position of a note: that of its first voice, or of the fewest notes that are there to stay.

    Of several, the innermost.
    """
    for index in range(1, VOICES):
        voice = part.voices[index]
        if voice.stage != STAGE_FREE and voice.note_id == note_id:
            return voice.pan
    best, fewest = 0, VOICES
    for pan in range(PAN_POSITIONS):
        notes = 0
        for index in range(1, VOICES):
            voice = part.voices[index]
            notes += voice.stage != STAGE_FREE and voice.pan == pan and not fading(voice)
        if notes < fewest:
            best, fewest = pan, notes
    return best
