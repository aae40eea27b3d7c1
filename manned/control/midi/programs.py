"""Program changes: presets by number, and models in bank 1."""

from __future__ import annotations

from ...errors import PresetError
from .channels import Channel
from .meaning import Meaning, Message
from .performance import Performance

BANK, BANK_LSB = 0, 32
OF_MODELS = ((1, 0), (0, 1), (1, 1))
"""Bank 1 as devices write it: in the one byte, in the other, or in both."""


def bank_select(performance: Performance, channel: Channel, message: Message) -> None:
    """Choose the bank of the next program."""
    msb, lsb = channel.bank
    channel.bank = (message.value, lsb) if message.control == BANK else (msb, message.value)


def program_change(performance: Performance, channel: Channel, message: Message) -> None:
    """Load the preset, or the model, of a number; a member channel of MPE changes nothing."""
    if channel.master is not None:
        return
    if channel.bank in OF_MODELS:
        if performance.commands is not None:
            performance.commands.perform("model", message.program)
        return
    if performance.programs is None:
        return
    try:
        performance.programs.load(message.program)
    except PresetError as error:
        performance.log_once(f"program {message.program} changes nothing ({error})")


MEANINGS = (
    Meaning("controller", BANK, "bank select", "Chooses what programs are: 0 presets, 1 models.", bank_select),
    Meaning("controller", BANK_LSB, "bank select", "The same, by the other byte.", bank_select),
    Meaning(
        "message", "program_change", "program change", "Loads the preset of that number; in bank 1 the model.",
        program_change,
    ),
)  # fmt: skip
