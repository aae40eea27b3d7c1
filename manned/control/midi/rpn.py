"""Parameters chosen by two controllers and set by data entry: registered ones, and those of controllers (NRPN)."""

from __future__ import annotations

from ...table.bindings import NRPN, Binding
from .channels import BEND_RANGE, RPN_NULL, Channel
from .meaning import Meaning, Message
from .performance import Performance
from .sharing import BEND_RANGE as RANGE
from .zones import LOWER_MASTER, UPPER_MASTER

DATA_ENTRY, DATA_ENTRY_LSB = 6, 38
INCREMENT, DECREMENT = 96, 97
NRPN_LSB, NRPN_MSB, RPN_LSB, RPN_MSB = 98, 99, 100, 101
NRPN_CONTROLLERS = (DATA_ENTRY, DATA_ENTRY_LSB, INCREMENT, DECREMENT, NRPN_LSB, NRPN_MSB)
FINE_MIDDLE, COARSE_MIDDLE = 8192, 64
"""Data entry of RPN 1 and 2 that leaves the tuning as it is."""


def choose(performance: Performance, channel: Channel, message: Message) -> None:
    """Choose the registered parameter that data entry sets."""
    msb, lsb = channel.rpn
    channel.rpn = (message.value, lsb) if message.control == RPN_MSB else (msb, message.value)
    channel.nrpn, channel.data = RPN_NULL, (0, 0)


def choose_nrpn(performance: Performance, channel: Channel, message: Message) -> None:
    """Choose the parameter that is not registered."""
    msb, lsb = channel.nrpn
    channel.nrpn = (message.value, lsb) if message.control == NRPN_MSB else (msb, message.value)
    channel.rpn = RPN_NULL


def nrpn(channel: Channel) -> str | None:
    """The parameter that is not registered and that data entry sets, as a table's key has it."""
    msb, lsb = channel.nrpn
    return None if channel.nrpn == RPN_NULL else f"{NRPN}{msb << 7 | lsb}"


def enter_data(performance: Performance, channel: Channel, message: Message) -> None:
    """Set the parameter that was chosen."""
    number = nrpn(channel)
    binding = channel.port.layers.look(channel.number, number) if number else None
    row = REGISTERED.get(channel.rpn)
    if number and binding is not None:
        _move(performance, channel, number, binding, message)
    elif row is not None:
        channel.data = (message.value, 0) if message.control == DATA_ENTRY else (channel.data[0], message.value)
        row.play(performance, channel, message)


def _move(performance: Performance, channel: Channel, number: str, binding: Binding, message: Message) -> None:
    if message.control == DATA_ENTRY:
        performance.controls.move_coarse(channel, number, binding, message.value)
    else:
        performance.controls.move_fine(channel, number, binding, message.value)


def step_data(performance: Performance, channel: Channel, message: Message) -> None:
    """Move the parameter that is not registered and was chosen by a step."""
    number = nrpn(channel)
    binding = channel.port.layers.look(channel.number, number) if number else None
    if number and binding is not None:
        performance.controls.step(channel, number, binding, 1 if message.control == INCREMENT else -1)


def bend_range(performance: Performance, channel: Channel, message: Message) -> None:
    """Set the reach of the wheel in semitones and cents: of a member channel, that of all members of its zone."""
    if message.control == DATA_ENTRY:
        channel.bend_semitones, channel.bend_cents = message.value, 0
    else:
        channel.bend_semitones, channel.bend_cents = channel.bend_semitones or 0, message.value
    master = channel.master
    if master is None:
        if performance.sharing.tell(channel):
            performance.sharing.set(RANGE, channel.bend_range(BEND_RANGE))
        else:
            performance.bend_notes(channel)
        return
    for number in channel.port.zones.members(master.number):
        member = channel.port.channel(number)
        member.bend_semitones, member.bend_cents = channel.bend_semitones, channel.bend_cents
        performance.bend_notes(member)


def fine_tuning(performance: Performance, channel: Channel, message: Message) -> None:
    """Tune a channel, or a zone, by up to a semitone to either side."""
    msb, lsb = channel.data
    channel.leader.fine = ((msb << 7 | lsb) - FINE_MIDDLE) / 8192
    performance.bend_notes(channel.leader)


def coarse_tuning(performance: Performance, channel: Channel, message: Message) -> None:
    """Transpose a channel, or a zone, by semitones."""
    if message.control == DATA_ENTRY:
        channel.leader.coarse = float(message.value - COARSE_MIDDLE)
        performance.bend_notes(channel.leader)


def tuning_program(performance: Performance, channel: Channel, message: Message) -> None:
    """Choose the tuning program of a channel, or a zone: its keys have the pitches that tuning messages gave to it."""
    if message.control == DATA_ENTRY:
        channel.leader.tuning_program = message.value
        performance.bend_notes(channel.leader)


def tuning_bank(performance: Performance, channel: Channel, message: Message) -> None:
    """Choose the bank of tuning programs of a channel, or a zone."""
    if message.control == DATA_ENTRY:
        channel.leader.tuning_bank = message.value
        performance.bend_notes(channel.leader)


def configure_zone(performance: Performance, channel: Channel, message: Message) -> None:
    """Take MPE's configuration message: the channels concerned begin anew."""
    if message.control != DATA_ENTRY or channel.number not in (LOWER_MASTER, UPPER_MASTER):
        return
    port = channel.port
    for number in port.zones.configure(channel.number, message.value):
        if number in port.channels:
            performance.forget_channel(port.channels[number])
    if performance.sharing.free:
        performance.instrument.set(RANGE, BEND_RANGE)


MEANINGS = (
    Meaning("controller", DATA_ENTRY, "data entry", "Sets the parameter that was chosen.", enter_data),
    Meaning("controller", DATA_ENTRY_LSB, "data entry", "The same, in finer steps.", enter_data),
    Meaning("controller", INCREMENT, "data increment", "Moves the NRPN that was chosen a step up.", step_data),
    Meaning("controller", DECREMENT, "data decrement", "Moves the NRPN that was chosen a step down.", step_data),
    Meaning("controller", NRPN_LSB, "NRPN", "Chooses a controller for data entry.", choose_nrpn),
    Meaning("controller", NRPN_MSB, "NRPN", "Chooses a controller for data entry.", choose_nrpn),
    Meaning("controller", RPN_LSB, "RPN", "Chooses a registered parameter for data entry.", choose),
    Meaning("controller", RPN_MSB, "RPN", "Chooses a registered parameter for data entry.", choose),
    Meaning("rpn", (0, 0), "RPN 0", "Reach of the pitch bend, in semitones and cents.", bend_range),
    Meaning("rpn", (0, 1), "RPN 1", "Tunes the channel by up to a semitone to either side.", fine_tuning),
    Meaning("rpn", (0, 2), "RPN 2", "Transposes the channel by semitones.", coarse_tuning),
    Meaning("rpn", (0, 3), "RPN 3", "Chooses the tuning program of the channel.", tuning_program),
    Meaning("rpn", (0, 4), "RPN 4", "Chooses the bank of tuning programs.", tuning_bank),
    Meaning("rpn", (0, 6), "RPN 6", "MPE's configuration message: makes a zone of so many channels.", configure_zone),
)

REGISTERED = {row.number: row for row in MEANINGS if row.kind == "rpn"}
