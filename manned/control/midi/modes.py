"""Channel mode messages: silence, reset, all notes off, mono and poly."""

from __future__ import annotations

from .channels import RPN_NULL, Channel
from .expression import reset_expression
from .meaning import Meaning, Message
from .notes import lift_pedals, release_keys
from .performance import Performance


def all_sound_off(performance: Performance, channel: Channel, message: Message) -> None:
    """Silence everything, of every controller; a pedal that is down stays down."""
    for port in performance.ports.values():
        for other in port.channels.values():
            other.held.clear()
            other.deferred.clear()
            other.notes.clear()
            other.tails.clear()
    performance.instrument.all_sound_off()


def reset(performance: Performance, channel: Channel, message: Message) -> None:
    """Reset what MIDI's RP-015 asks for, as far as it has a meaning here; the leader of a zone resets its members."""
    for member in channel.port.group(channel):
        lift_pedals(performance, member)
        member.rpn = member.nrpn = RPN_NULL
        reset_expression(performance, member)
    for held in (performance.no_portamento, performance.legato):
        held.turn(False, channel)


def all_notes_off(performance: Performance, channel: Channel, message: Message) -> None:
    """Let go of the channel's keys, or of those of its zone."""
    release_keys(performance, channel)


def mono(performance: Performance, channel: Channel, message: Message) -> None:
    """Play one note at a time."""
    _choose_mode(performance, channel, "mono")


def poly(performance: Performance, channel: Channel, message: Message) -> None:
    """Play chords."""
    _choose_mode(performance, channel, "poly")


def _choose_mode(performance: Performance, channel: Channel, mode: str) -> None:
    release_keys(performance, channel)
    if channel.master is None:
        performance.instrument.set("mode", mode)


MEANINGS = (
    Meaning(
        "controller", 120, "all sound off", "Silence now: all notes and the drone, of every controller.", all_sound_off
    ),
    Meaning("controller", 121, "reset all controllers", "Bend to the middle, expression full, pedals up.", reset),
    Meaning("controller", 123, "all notes off", "Lets go of the channel's keys.", all_notes_off),
    Meaning("controller", 124, "all notes off", "Omni off: lets go of the channel's keys.", all_notes_off),
    Meaning("controller", 125, "all notes off", "Omni on: lets go of the channel's keys.", all_notes_off),
    Meaning("controller", 126, "mono", "Lets go of the channel's keys; one note at a time from now on.", mono),
    Meaning("controller", 127, "poly", "Lets go of the channel's keys; chords from now on.", poly),
)
