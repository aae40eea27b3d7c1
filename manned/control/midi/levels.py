"""Volume and expression: how loud a channel plays."""

from __future__ import annotations

from .channels import Channel
from .meaning import Meaning, Message
from .performance import Performance
from .sharing import EXPRESSION, GAIN

VOLUME_CC, EXPRESSION_CC = 7, 11
OF_CHANNEL = {VOLUME_CC: GAIN, EXPRESSION_CC: EXPRESSION}
"""Controllers whose meaning is the channel's, as long as they are bound to these parameters."""


def volume(performance: Performance, channel: Channel, message: Message) -> None:
    """Set the volume of a channel, or of an MPE zone."""
    channel.leader.volume = message.value / 127
    _play(performance, channel.leader, GAIN, message.value / 127)


def expression(performance: Performance, channel: Channel, message: Message) -> None:
    """Set the expression of a channel, or of an MPE zone."""
    channel.leader.expression = message.value / 127
    _play(performance, channel.leader, EXPRESSION, message.value / 127)


def _play(performance: Performance, channel: Channel, name: str, value: float) -> None:
    if performance.sharing.tell(channel):
        performance.sharing.set(name, value)
    else:
        performance.level_notes(channel)


MEANINGS = (
    Meaning("controller", VOLUME_CC, "volume", "How loud the channel is.", volume),
    Meaning("controller", EXPRESSION_CC, "expression", "A second level for playing.", expression),
)
