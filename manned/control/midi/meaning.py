"""A row of the table of meanings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import mido

from .channels import Channel, Port
from .performance import Performance

Message: TypeAlias = Any
"""A ``mido.Message``; which attributes it has depends on its type, so that a type checker knows none of them."""

Handler: TypeAlias = Callable[[Performance, Channel, Message], None]
"""Plays a message that came in on a channel."""

SystemHandler: TypeAlias = Callable[[Performance, Port, Message], None]
"""Plays a message that came in at a port and belongs to no channel."""


def read_message(data: Sequence[int]) -> Message:
    """The message that bytes of a port mean, one at a time; a `ValueError` when they mean none, or a part of one."""
    try:
        return mido.Message.from_bytes(data)
    except IndexError:  # mido misses what a driver has cut off
        raise ValueError(f"{bytes(data[:8]).hex(' ')}: a message that was cut off") from None


@dataclass(frozen=True)
class Meaning:
    """What one kind of message means when nothing else is bound to it.

    Attributes
    ----------
    kind : {'message', 'controller', 'member controller', 'rpn'}
        What ``number`` counts.  A member controller has its meaning on the
        member channels of MPE's zones, where it comes before a binding.
    number : str, int or (int, int)
        A type of mido's messages, a controller 0–127, or the two bytes of a
        registered parameter.
    name : str
        What the MIDI standard calls it, in the words of docs/midi.md.
    description : str
        What it does, in one line for musicians.
    play : Handler
    """

    kind: Literal["message", "controller", "member controller", "rpn"]
    number: str | int | tuple[int, int]
    name: str
    description: str
    play: Handler


@dataclass(frozen=True)
class SystemMeaning:
    """What one kind of message that belongs to no channel means.

    Attributes
    ----------
    number : str
        A type of mido's messages.
    name : str
        What the MIDI standard calls it, in the words of docs/midi.md.
    description : str
        What it does, in one line for musicians.
    play : SystemHandler
    """

    number: str
    name: str
    description: str
    play: SystemHandler
