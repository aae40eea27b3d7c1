"""This program, as `manned run` starts it, on the sound that it begins with."""

from __future__ import annotations

import sys

from manned.control.osc.packet import write_message

from .peer import Osc, Peer

SETTINGS = ("osc.port={osc_port}", "midi.api=jack", "web.port=0", "start.env/release=0.001")

PEER = Peer(
    name="manned",
    sound="the sound it starts with: atlas, harmonics and noise",
    module="manned",
    package="manned",
    command=(sys.executable, "-m", "manned", "run", *(word for each in SETTINGS for word in ("--set", each))),
    outputs="^manned:out",
    keys="^manned-midi.*:in-",  # it opens one for each keyboard and connects it
    osc=Osc(
        note_on=lambda key: write_message("/mnote", key, 100),
        note_off=lambda key: write_message("/mnote", key, 0),
        move=lambda place: write_message("/latents", *[place] * 16),
    ),
)
