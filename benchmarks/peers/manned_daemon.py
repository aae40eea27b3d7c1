"""This program, as `manned run` starts it, on the sound that it begins with."""

from __future__ import annotations

import sys

from manned.control.osc.packet import write_message

from .peer import Osc, Peer, Place


def _command(place: Place) -> list[str]:
    settings = {"osc.port": place.osc_port, "midi.api": "jack", "web.port": 0, "start.env/release": 0.001}
    words = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    return [sys.executable, "-m", "manned", "run", *words]


PEER = Peer(
    name="manned",
    sound="the sound it starts with: atlas, harmonics and noise",
    module="manned",
    package="manned",
    command=_command,
    outputs="^manned:out",
    keys="^manned-midi.*:in-",  # it opens one for each keyboard and connects it
    osc=Osc(
        note_on=lambda key: write_message("/mnote", key, 100),
        note_off=lambda key: write_message("/mnote", key, 0),
        move=lambda place: write_message("/latents", *[place] * 16),
    ),
)
