"""Notes, and the pedal that holds them."""

from __future__ import annotations

from .channels import Channel
from .expression import bend_note
from .meaning import Meaning, Message
from .performance import Performance

SWITCH_ON = 64
"""Least value of a pedal or switch that is down."""


def note_on(performance: Performance, channel: Channel, message: Message) -> None:
    """Start a note; what an MPE member channel has told before holds for it from its first sample."""
    if message.velocity == 0:
        return note_off(performance, channel, message)
    note = message.note
    channel.held.add(note)
    channel.deferred.discard(note)
    performance.instrument.note_on(channel.key(note), note, message.velocity)
    if channel.master is not None:
        if channel.bend:
            bend_note(performance, channel, note)
        if channel.pressure is not None:
            performance.press(channel, note, channel.pressure)
        if channel.timbre:
            performance.slide(channel, note, channel.timbre)
    return None


def note_off(performance: Performance, channel: Channel, message: Message) -> None:
    """Release a note, unless a pedal holds it."""
    if message.note in channel.held:
        channel.held.remove(message.note)
        if channel.sustained:
            channel.deferred.add(message.note)
        else:
            performance.release(channel, message.note)


def sustain(performance: Performance, channel: Channel, message: Message) -> None:
    """Move the sustain pedal."""
    press_pedal(performance, channel, message.value >= SWITCH_ON)


def press_pedal(performance: Performance, channel: Channel, down: bool) -> None:
    """Press or lift a channel's pedal, which is the whole zone's on a leading channel.

    Notes that no pedal holds any longer are released.
    """
    channel.sustain = down
    if down:
        return
    for member in channel.port.group(channel):
        if not member.sustained:
            for note in member.deferred:
                performance.release(member, note)
            member.deferred.clear()


def release_keys(performance: Performance, channel: Channel) -> None:
    """Let go of the keys of a channel, or of a zone; a pedal that is down still holds their notes."""
    for member in channel.port.group(channel):
        if member.sustained:
            member.deferred |= member.held
        else:
            for note in member.held:
                performance.release(member, note)
        member.held.clear()


MEANINGS = (
    Meaning("message", "note_on", "note on", "Starts a note; velocity 0 ends it.", note_on),
    Meaning("message", "note_off", "note off", "Ends a note.", note_off),
    Meaning("controller", 64, "sustain pedal", "Holds the notes of keys that are let go.", sustain),
)
