"""Switches that are on while a pedal is down, and put back what they found."""

from __future__ import annotations

from .channels import Channel
from .meaning import Meaning, Message
from .notes import SWITCH_ON
from .performance import Performance


def portamento(performance: Performance, channel: Channel, message: Message) -> None:
    """Switch portamento off below 64 and on again, with the time that was set meanwhile."""
    on = message.value >= SWITCH_ON
    instrument = performance.instrument
    if on and performance.portamento_s is not None:
        instrument.set("portamento", performance.portamento_s)
        performance.portamento_s = None
    elif not on and performance.portamento_s is None:
        performance.portamento_s = float(instrument.get("portamento"))
        instrument.set("portamento", 0.0)


def legato(performance: Performance, channel: Channel, message: Message) -> None:
    """Play legato while the switch is down."""
    on = message.value >= SWITCH_ON
    instrument = performance.instrument
    if on and performance.mode is None:
        performance.mode = str(instrument.get("mode"))
        instrument.set("mode", "legato")
    elif not on and performance.mode is not None:
        instrument.set("mode", performance.mode)
        performance.mode = None


MEANINGS = (
    Meaning("controller", 65, "portamento switch", "Lets notes glide from 64 on, and not below.", portamento),
    Meaning("controller", 68, "legato switch", "Plays legato while it is down.", legato),
)
