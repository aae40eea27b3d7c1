"""A part: one decoder, what is set for it, and its voices.

There is one part today.  Functions take it beside the memory that all parts share,
so that there can be several.
"""

from __future__ import annotations

import numpy as np

from ..limits import MAX_UNISON
from . import words
from .controls import CONTROLS, set_defaults
from .decode import MODEL, REQUEST
from .frames_ahead import AHEAD
from .keys import KEY, KEYS
from .sizes import VOICES
from .voice import VOICE

PART = np.dtype(
    [
        ("words", "i8", words.PART_WORDS),
        ("controls", CONTROLS),  # audio
        ("models", MODEL, 2),  # control; the one that plays is ``words[MODEL] % 2``
        ("settled_model", "i8"),  # the last one that every voice was found to play
        ("mode", "i4"),  # that the voices play in, as an index into limits.MODES
        ("keys", KEY, KEYS),  # held in mono and legato mode
        ("key_count", "i4"),
        ("mono_voices", "i4", MAX_UNISON),  # indices of the voices of the mono line; 0 where there was none yet
        ("voices", VOICE, VOICES),
        ("mail_state", "i8", VOICES),  # one mailbox per voice between audio and decode
        ("mail", REQUEST, VOICES),
        ("ahead", AHEAD, 2),  # decode: frames for the hops of the next block
    ],
    align=True,
)


def set_up_part(part: np.void) -> None:
    """Fill a part as it is before the first event."""
    set_defaults(part["controls"])
    part["voices"]["next_slot"] = -1
