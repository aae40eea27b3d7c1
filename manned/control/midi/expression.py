"""What fingers do to notes that sound: bend, pressure and timbre."""

from __future__ import annotations

from ...table.bindings import LEVEL, PRESSURE
from .channels import Channel
from .meaning import Meaning, Message
from .performance import Performance

WHEEL_UP, WHEEL_DOWN = 8191, 8192
"""The wheel's ends: it has one step more below its middle than above."""

MIDDLE = 64
"""Value of a controller that stands in the middle."""

TIMBRE = 74


def pitch_bend(performance: Performance, channel: Channel, message: Message) -> None:
    """Bend all notes, or those of an MPE member channel alone."""
    position = message.pitch / (WHEEL_UP if message.pitch > 0 else WHEEL_DOWN)
    if channel.master is None:
        channel.bent = message.pitch != 0
        performance.instrument.set("bend", position)
    else:
        channel.bend = position
        bend_notes(performance, channel)


def bend_notes(performance: Performance, channel: Channel) -> None:
    """Bend every note of a member channel as its wheel says."""
    for note in channel.sounding:
        bend_note(performance, channel, note)


def bend_note(performance: Performance, channel: Channel, note: int) -> None:
    """Bend one note of a member channel as its wheel says."""
    performance.instrument.note_pitch(channel.key(note), channel.bend * channel.bend_range)


def channel_pressure(performance: Performance, channel: Channel, message: Message) -> None:
    """Press all keys of a channel, or move what channel pressure is bound to."""
    amount = message.value / 127
    bound = performance.bindings.find(channel.number, PRESSURE)
    if bound is not None and channel.master is None:
        performance.move(bound, amount)
    else:
        channel.pressure = amount
        for note in channel.sounding:
            performance.press(channel, note, amount)


def key_pressure(performance: Performance, channel: Channel, message: Message) -> None:
    """Press one key."""
    if message.note in channel.sounding:
        performance.press(channel, message.note, message.value / 127)


def timbre(performance: Performance, channel: Channel, message: Message) -> None:
    """Slide along a key of an MPE member channel."""
    set_timbre(performance, channel, (message.value - MIDDLE) / (63 if message.value > MIDDLE else 64))


def set_timbre(performance: Performance, channel: Channel, amount: float) -> None:
    """Move the timbre of a member channel's notes by −1…1."""
    channel.timbre = amount
    for note in channel.sounding:
        performance.slide(channel, note, amount)


def reset_expression(performance: Performance, channel: Channel) -> None:
    """Put back what a channel has told of its own notes."""
    if channel.bend:
        channel.bend = 0.0
        bend_notes(performance, channel)
    if channel.timbre:
        set_timbre(performance, channel, 0.0)
    if channel.pressure is not None:
        channel.pressure = None
        for note in channel.sounding:
            performance.press(channel, note, 1.0 if performance.pressure == LEVEL else 0.0)


MEANINGS = (
    Meaning(
        "message", "pitchwheel", "pitch bend", "Bends all notes, or the note of an MPE member channel.", pitch_bend
    ),
    Meaning(
        "message",
        "polytouch",
        "aftertouch of a key",
        "Moves a macro, a latent or the level of that note alone.",
        key_pressure,
    ),
    Meaning("message", "aftertouch", "channel aftertouch", "The same for all keys of the channel.", channel_pressure),
    Meaning(
        "member controller", TIMBRE, "CC 74", "Moves a macro or latent of the note of an MPE member channel.", timbre
    ),
)
