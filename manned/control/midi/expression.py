"""What fingers do to notes that sound: bend, pressure and timbre."""

from __future__ import annotations

from .channels import Channel
from .meaning import Meaning, Message
from .performance import Performance
from .sharing import BEND, EXPRESSION

WHEEL_UP, WHEEL_DOWN = 8191, 8192
"""The wheel's ends: it has one step more below its middle than above."""

MIDDLE = 64
"""Value of a controller that stands in the middle."""

TIMBRE = 74


def pitch_bend(performance: Performance, channel: Channel, message: Message) -> None:
    """Bend the notes of a channel, or those of an MPE zone."""
    channel.bend = message.pitch / (WHEEL_UP if message.pitch > 0 else WHEEL_DOWN)
    if channel.master is None and performance.sharing.tell(channel):
        performance.sharing.set(BEND, channel.bend)
    else:
        performance.bend_notes(channel)


def channel_pressure(performance: Performance, channel: Channel, message: Message) -> None:
    """Press all keys of a channel."""
    pressure = channel.pressure = message.value / 127
    for note in channel.sounding:
        performance.press_note(channel, note, pressure)


def key_pressure(performance: Performance, channel: Channel, message: Message) -> None:
    """Press one key."""
    if message.note in channel.sounding:
        performance.press_note(channel, message.note, message.value / 127)


def timbre(performance: Performance, channel: Channel, message: Message) -> None:
    """Slide along a key of an MPE member channel."""
    set_timbre(performance, channel, (message.value - MIDDLE) / (63 if message.value > MIDDLE else 64))


def set_timbre(performance: Performance, channel: Channel, amount: float) -> None:
    """Move the timbre of a member channel's notes by −1…1."""
    channel.timbre = amount
    for note in channel.sounding:
        performance.slide_note(channel, note, amount)


def reset_expression(performance: Performance, channel: Channel) -> None:
    """Put back what a channel has told of its notes: wheel, expression, pressure and timbre."""
    channel.bend, channel.pressure, channel.expression = 0.0, None, None
    if channel.master is None and performance.sharing.tell(channel):
        performance.sharing.reset(BEND)
        performance.sharing.reset(EXPRESSION)
    if channel.timbre:
        set_timbre(performance, channel, 0.0)
    for note, told in channel.notes.items():
        if told.pressure:
            performance.press_note(channel, note, 0.0)
    performance.bend_notes(channel)
    performance.level_notes(channel)


MEANINGS = (
    Meaning("message", "pitchwheel", "pitch bend", "Bends the notes of the channel, or of the MPE zone.", pitch_bend),
    Meaning(
        "message",
        "polytouch",
        "aftertouch of a key",
        "Moves a macro, a latent or the level of that note alone.",
        key_pressure,
    ),
    Meaning(
        "message",
        "aftertouch",
        "channel aftertouch",
        "The same for all keys of the channel, or what it is bound to.",
        channel_pressure,
    ),
    Meaning(
        "member controller", TIMBRE, "CC 74", "Moves a macro or latent of the note of an MPE member channel.", timbre
    ),
)
