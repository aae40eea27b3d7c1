"""Switches that are on while a pedal is down, and put back what they found."""

from __future__ import annotations

from .channels import Channel
from .meaning import Meaning, Message
from .notes import SWITCH_ON
from .performance import Performance


def portamento(performance: Performance, channel: Channel, message: Message) -> None:
    """Switch portamento off below 64 and on again, with the time that was set meanwhile."""
    performance.no_portamento.turn(message.value < SWITCH_ON, channel)


def legato(performance: Performance, channel: Channel, message: Message) -> None:
    """Play legato while the switch is down."""
    performance.legato.turn(message.value >= SWITCH_ON, channel)


MEANINGS = (
    Meaning("controller", 65, "portamento switch", "Lets notes glide from 64 on, and not below.", portamento),
    Meaning("controller", 68, "legato switch", "Plays legato while it is down.", legato),
)
