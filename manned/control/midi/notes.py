"""Notes, and the pedals that hold or soften them."""

from __future__ import annotations

from .channels import Channel
from .meaning import Meaning, Message
from .performance import Performance

SWITCH_ON = 64
"""Least value of a pedal or switch that is down."""

SOFT = 2 / 3
"""Share of its velocity that a note has that begins while the soft pedal is down."""


def note_on(performance: Performance, channel: Channel, message: Message) -> None:
    """Start a note; what its channel has told before holds for it from its first sample."""
    if message.velocity == 0:
        return note_off(performance, channel, message)
    note = message.note
    channel.held.add(note)
    channel.deferred.discard(note)
    soft = channel.soft or channel.leader.soft
    performance.start_note(channel, note, max(message.velocity * SOFT, 1.0) if soft else message.velocity)
    return None


def note_off(performance: Performance, channel: Channel, message: Message) -> None:
    """Release a note, unless a pedal holds it."""
    if message.note in channel.held:
        channel.held.remove(message.note)
        _let_go(performance, channel, message.note)


def _let_go(performance: Performance, channel: Channel, note: int) -> None:
    """Release a note whose key is up, or leave it to the pedals."""
    if channel.sustained or channel.caught(note):
        channel.deferred.add(note)
    else:
        channel.deferred.discard(note)
        performance.release(channel, note)


def sustain(performance: Performance, channel: Channel, message: Message) -> None:
    """Move the sustain pedal."""
    channel.sustain = message.value >= SWITCH_ON
    _release_deferred(performance, channel)


def sostenuto(performance: Performance, channel: Channel, message: Message) -> None:
    """Move the sostenuto pedal, which holds the keys that are down when it goes down."""
    down = message.value >= SWITCH_ON
    if down and channel.sostenuto is None:
        channel.sostenuto = {note for member in channel.port.group(channel) for note in member.held}
    elif not down:
        channel.sostenuto = None
        _release_deferred(performance, channel)


def soft(performance: Performance, channel: Channel, message: Message) -> None:
    """Move the soft pedal."""
    channel.soft = message.value >= SWITCH_ON


def lift_pedals(performance: Performance, channel: Channel) -> None:
    """Let all pedals of a channel come up."""
    channel.sustain = channel.soft = False
    channel.sostenuto = None
    _release_deferred(performance, channel)


def _release_deferred(performance: Performance, channel: Channel) -> None:
    """Release notes of a channel, or of a zone, that no pedal holds any longer."""
    for member in channel.port.group(channel):
        for note in [*member.deferred]:
            _let_go(performance, member, note)


def release_keys(performance: Performance, channel: Channel) -> None:
    """Let go of the keys of a channel, or of a zone; a pedal that is down still holds their notes."""
    for member in channel.port.group(channel):
        keys, member.held = member.held, set()
        for note in keys:
            _let_go(performance, member, note)


MEANINGS = (
    Meaning("message", "note_on", "note on", "Starts a note; velocity 0 ends it.", note_on),
    Meaning("message", "note_off", "note off", "Ends a note.", note_off),
    Meaning("controller", 64, "sustain pedal", "Holds the notes of keys that are let go.", sustain),
    Meaning("controller", 66, "sostenuto pedal", "Holds the keys that are down when it goes down.", sostenuto),
    Meaning("controller", 67, "soft pedal", "Notes that begin while it is down are softer.", soft),
)
