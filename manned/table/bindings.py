"""Which controller moves which parameter, and how."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from ..errors import ConfigError
from ..limits import MAX_LATENTS
from .commands import COMMANDS
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

FINE = 32
"""A controller 0–31 has a finer partner, so many numbers above it."""

NRPN, NOTE = "nrpn:", "note:"
"""Before the number of a parameter that is not registered, and of a key that counts as a button."""

ALLOWED_CONTROLLERS = (
    'a controller 0–119, a pair such as 1/33, nrpn:0–16383, note:0–127 or "pressure", '
    "or channel:controller with channel 1–16"
)

TAKEOVERS = ("jump", "pickup", "scale")
"""What a fader does that stands elsewhere than its parameter: move it at once, wait until it is met, or approach it."""

ENCODERS = ("absolute", "twos", "offset", "sign")
"""What a controller's number means: a position, or steps as two's complement, around 64, or with a bit for the sign."""

TOGGLE = "toggle"
"""Word of a button that goes on to the next value each time it is pressed."""

BUTTONS = tuple(row.name for row in COMMANDS if not row.arguments and not row.asks)
"""Commands that a button can do."""


class Controller(NamedTuple):
    """What is moved.

    Attributes
    ----------
    channel : int or None
        1–16; None is every channel.
    number : int or str
        0–119, a pair such as ``1/33``, ``nrpn:123``, ``note:60`` or `PRESSURE`.
    """

    channel: int | None
    number: int | str

    @property
    def text(self) -> str:
        """As a table's key has it."""
        return str(self.number) if self.channel is None else f"{self.channel}:{self.number}"


@dataclass(frozen=True)
class Binding:
    """What a controller moves, and how.

    Attributes
    ----------
    target : str
        Name of a parameter, or one of `BUTTONS`; empty is nothing.
    takeover : str
        One of `TAKEOVERS`; empty is that of its port.
    encoder : str
        One of `ENCODERS`; empty is absolute.
    toggle : bool
        Whether it is a button that goes on to the next value.
    """

    target: str
    takeover: str = ""
    encoder: str = ""
    toggle: bool = False

    @property
    def text(self) -> str:
        """As a table's value has it."""
        return " ".join(filter(None, (self.target, self.takeover, self.encoder, TOGGLE if self.toggle else "")))


class Bindings:
    """Binding of each controller.

    Parameters
    ----------
    table : mapping of str to str
        ``{"1": "latent/1", "10:74": "latent/2 pickup"}``: a controller, for all
        channels or for one (1–16), and the name of a parameter with words that
        say how it is moved; an empty name unbinds.  120–127 are no controllers
        but channel mode messages.

    Raises
    ------
    ConfigError
        For a controller or a parameter that does not exist.
    """

    def __init__(self, table: Mapping[str, str]):
        self._bindings = {parse_controller(key): parse_binding(key, text) for key, text in table.items()}

    def __iter__(self) -> Iterator[tuple[Controller, Binding]]:
        return iter(self._bindings.items())

    def look(self, channel: int, number: int | str) -> Binding | None:
        """What is said of a controller on a channel (1–16), or None.

        What is said of that channel alone comes first, also that it is unbound there.
        """
        return self._bindings.get(Controller(channel, number)) or self._bindings.get(Controller(None, number))

    def find(self, channel: int, number: int | str) -> str | None:
        """Parameter that a controller moves on a channel (1–16), or None."""
        binding = self.look(channel, number)
        return (binding and binding.target) or None


def parse_controller(key: str) -> Controller:
    """What a table's key stands for, e.g. ``74``, ``10:74``, ``10:pressure``, ``1/33`` or ``16:nrpn:5``.

    Raises
    ------
    ConfigError
        When it is no controller.
    """
    text = str(key)
    channel, separator, rest = text.partition(":")
    if not separator or f"{channel}:" in (NRPN, NOTE):
        channel, separator, rest = "", "", text
    number = _number(rest)
    if number is None or (separator and not _within(channel, 1, 16)):
        raise ConfigError(f"midi.cc: {key!r} is no controller, allowed is {ALLOWED_CONTROLLERS}")
    return Controller(int(channel) if separator else None, number)


def _number(text: str) -> int | str | None:
    """The part of a key behind the channel; None when it is none."""
    coarse, pair, fine = text.partition("/")
    if pair:
        good = _within(coarse, 0, FINE - 1) and _within(fine, 0, 119) and int(fine) == int(coarse) + FINE
        return f"{int(coarse)}/{int(fine)}" if good else None
    for word, most in ((NRPN, 16383), (NOTE, 127)):
        if text.startswith(word):
            rest = text.removeprefix(word)
            return f"{word}{int(rest)}" if _within(rest, 0, most) else None
    if text == PRESSURE:
        return text
    return int(text) if _within(text, 0, 119) else None


def parse_binding(key: str, text: object) -> Binding:
    """What a table's value stands for: a name, and words of `TAKEOVERS`, `ENCODERS` or `TOGGLE` behind it.

    Raises
    ------
    ConfigError
        For a parameter that does not exist, which names the nearest, and for other words.
    """
    name, *words = text.split() if isinstance(text, str) and text.split() else (text,)
    if isinstance(name, str):
        name = name.removeprefix("/")
    check_target(key, name)
    takeover = encoder = ""
    for word in words:
        if word in TAKEOVERS:
            takeover = word
        elif word in ENCODERS:
            encoder = word
        elif word != TOGGLE:
            allowed = ", ".join((*TAKEOVERS, *ENCODERS, TOGGLE))
            raise ConfigError(f"midi.cc.{key}: found {word!r} behind the parameter, allowed are {allowed}")
    return Binding(str(name), takeover, encoder, TOGGLE in words)


def check_target(key: str, name: object) -> str:
    """Return ``name`` when it is empty, a button's command, or a parameter of a model with enough latents.

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
            f"latent/1 to latent/{MAX_LATENTS}, macro/1 to macro/{MACROS} and {others}; for buttons also "
            f"{', '.join(BUTTONS)}"
        )
    return name


@cache
def _targets() -> frozenset[str]:
    return frozenset((*parameter_table(MAX_LATENTS), *BUTTONS))


def _within(text: str, minimum: int, maximum: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10 and minimum <= int(text) <= maximum
