"""Registered parameters: chosen by two controllers, set by data entry."""

from __future__ import annotations

from .channels import BEND_RANGE, RPN_NULL, Channel
from .expression import bend_notes
from .meaning import Meaning, Message
from .performance import Performance
from .zones import LOWER_MASTER, UPPER_MASTER

DATA_ENTRY, DATA_ENTRY_LSB = 6, 38
NRPN_LSB, NRPN_MSB, RPN_LSB, RPN_MSB = 98, 99, 100, 101


def choose(performance: Performance, channel: Channel, message: Message) -> None:
    """Choose the registered parameter that data entry sets."""
    msb, lsb = channel.rpn
    channel.rpn = (message.value, lsb) if message.control == RPN_MSB else (msb, message.value)


def choose_none(performance: Performance, channel: Channel, message: Message) -> None:
    """Let data entry set nothing: no parameter that is not registered has a meaning here."""
    channel.rpn = RPN_NULL


def enter_data(performance: Performance, channel: Channel, message: Message) -> None:
    """Set the registered parameter that was chosen."""
    row = REGISTERED.get(channel.rpn)
    if row is not None:
        row.play(performance, channel, message)


def bend_range(performance: Performance, channel: Channel, message: Message) -> None:
    """Set the reach of the wheel in semitones and cents: of a member channel, that of all members of its zone."""
    if message.control == DATA_ENTRY:
        channel.bend_semitones, channel.bend_cents = message.value, 0
    else:
        channel.bend_cents = message.value
    master = channel.master
    if master is None:
        performance.instrument.set("bend/range", channel.bend_range)
        return
    for number in channel.port.zones.members(master.number):
        member = channel.port.channel(number)
        member.bend_semitones, member.bend_cents = channel.bend_semitones, channel.bend_cents
        if member.bend:
            bend_notes(performance, member)


def configure_zone(performance: Performance, channel: Channel, message: Message) -> None:
    """Take MPE's configuration message: the channels concerned begin anew."""
    if message.control != DATA_ENTRY or channel.number not in (LOWER_MASTER, UPPER_MASTER):
        return
    port = channel.port
    for number in port.zones.configure(channel.number, message.value):
        if number in port.channels:
            performance.forget_channel(port.channels[number])
    performance.instrument.set("bend/range", BEND_RANGE)


MEANINGS = (
    Meaning("controller", DATA_ENTRY, "data entry", "Sets the registered parameter that was chosen.", enter_data),
    Meaning("controller", DATA_ENTRY_LSB, "data entry", "The same, in finer steps.", enter_data),
    Meaning("controller", NRPN_LSB, "NRPN", "Chooses nothing that data entry would set.", choose_none),
    Meaning("controller", NRPN_MSB, "NRPN", "Chooses nothing that data entry would set.", choose_none),
    Meaning("controller", RPN_LSB, "RPN", "Chooses a registered parameter for data entry.", choose),
    Meaning("controller", RPN_MSB, "RPN", "Chooses a registered parameter for data entry.", choose),
    Meaning("rpn", (0, 0), "RPN 0", "Reach of the pitch bend, in semitones and cents.", bend_range),
    Meaning("rpn", (0, 6), "RPN 6", "MPE's configuration message: makes a zone of so many channels.", configure_zone),
)

REGISTERED = {row.number: row for row in MEANINGS if row.kind == "rpn"}
