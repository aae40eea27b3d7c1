"""Program changes: presets by number."""

from __future__ import annotations

from ...errors import PresetError
from .channels import Channel
from .meaning import Meaning, Message
from .performance import Performance


def program_change(performance: Performance, channel: Channel, message: Message) -> None:
    """Load the preset of a number; a member channel of MPE changes nothing."""
    if performance.programs is None or channel.master is not None:
        return
    try:
        performance.programs.load(message.program)
    except PresetError as error:
        performance.log_once(f"program {message.program} changes nothing ({error})")


MEANINGS = (Meaning("message", "program_change", "program change", "Loads the preset of that number.", program_change),)
