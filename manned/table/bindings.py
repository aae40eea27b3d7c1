"""Which controller moves which parameter."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache

from ..errors import ConfigError
from ..limits import MAX_LATENTS
from .macros import MACRO_NAMES, MACROS
from .note_targets import OFFSET_WORDS
from .parameters import PARAMETERS, PER_ENVELOPE, PER_LATENT, PER_LFO, parameter_table

# 7, 11, 5 and the sound controllers 71–75 keep the meanings that the MIDI standards give them.  What has no fixed one
# there moves a macro, which each preset puts to what matters in it.  The wheel that every keyboard has is macro 3,
# vibrato where a preset says nothing else, as the standard and most players expect.  16–19 are the standard's general
# purpose controllers; it leaves 21–28 free, and the eight knobs of common keyboards send them.
DEFAULT_BINDINGS = {
    "1": "macro/3",
    "2": "macro/1",
    "5": "portamento",
    "7": "gain",
    "11": "expression",
    "16": "macro/1",
    "17": "macro/2",
    "18": "macro/3",
    "19": "macro/4",
    "21": "macro/1",
    "22": "macro/2",
    "23": "macro/3",
    "24": "macro/4",
    "25": "macro/5",
    "26": "macro/6",
    "27": "macro/7",
    "28": "macro/8",
    "71": "macro/2",
    "72": "env/release",
    "73": "env/attack",
    "74": "macro/1",
    "75": "env/decay",
}

DEFAULT_PRESSURE = DEFAULT_TIMBRE = "macro/1"
"""What a finger moves of its own note by pressing, and by sliding along the key."""

PRESSURE = "pressure"
"""The controller that channel pressure counts as."""

LEVEL = "level"
NOTE_TARGETS = ("", *OFFSET_WORDS, *MACRO_NAMES, *(f"latent/{i}" for i in range(1, MAX_LATENTS + 1)))
"""What a finger can move of its own note: nothing, its level, pan …, what a macro moves, a latent."""

ALLOWED_CONTROLLERS = 'a controller 0–119 or "pressure", or channel:controller with channel 1–16'


class Bindings:
    """Parameter of each controller.

    Parameters
    ----------
    table : mapping of str to str
        ``{"1": "latent/1", "10:74": "latent/2"}``: a controller number or
        ``pressure``, for all channels or for one (1–16), and the name of a
        parameter; an empty name unbinds.  120–127 are no controllers but
        channel mode messages.

    Raises
    ------
    ConfigError
        For a controller or a parameter that does not exist.
    """

    def __init__(self, table: Mapping[str, str]):
        self._names: dict[tuple[int | None, int | str], str] = {}
        for key, name in table.items():
            self._names[parse_controller(key)] = check_target(key, name)

    def find(self, channel: int, controller: int | str) -> str | None:
        """Parameter that a controller moves on a channel (1–16), or None.

        What is said of that channel alone comes first, also that it is unbound there.
        """
        name = self._names.get((channel, controller))
        return (self._names.get((None, controller)) if name is None else name) or None


def parse_controller(key: str) -> tuple[int | None, int | str]:
    """Channel (1–16, None for all) and controller of a table's key, e.g. ``74``, ``10:74`` or ``10:pressure``."""
    channel, separator, controller = str(key).rpartition(":")
    known = controller == PRESSURE or _within(controller, 0, 119)
    if not known or (separator and not _within(channel, 1, 16)):
        raise ConfigError(f"midi.cc: {key!r} is no controller, allowed is {ALLOWED_CONTROLLERS}")
    return (int(channel) if separator else None), controller if controller == PRESSURE else int(controller)


def check_target(key: str, name: object) -> str:
    """Return ``name`` when it is empty, or a model with enough latents has such a parameter.

    Raises
    ------
    ConfigError
        For any other; it names the nearest parameter.
    """
    known = _targets()
    if not isinstance(name, str) or (name and name not in known):
        nearest = difflib.get_close_matches(str(name), known, n=1, cutoff=0.0)[0]
        others = ", ".join(row.name for row in (*PARAMETERS, *PER_LATENT, *PER_LFO, *PER_ENVELOPE))
        raise ConfigError(
            f"midi.cc.{key}: {name!r} is no parameter, the nearest is {nearest!r}; allowed are "
            f"latent/1 to latent/{MAX_LATENTS}, macro/1 to macro/{MACROS} and {others}"
        )
    return name


@cache
def _targets() -> frozenset[str]:
    return frozenset(parameter_table(MAX_LATENTS))


def _within(text: str, minimum: int, maximum: int) -> bool:
    return text.isascii() and text.isdecimal() and minimum <= int(text) <= maximum
