"""The paper's way to play: Keras' ``predict`` in a loop, written anew around a decoder of the paper's kind."""

from __future__ import annotations

import sys

from manned.control.osc.packet import write_message

from .peer import Osc, Peer, Place

OSC = Osc(
    note_on=lambda key: write_message("/mnote", key, 100),
    note_off=lambda key: write_message("/mnote", key, 0),
    move=lambda place: write_message("/timbre", place),
)
"""How the players of our own are played."""


def player_command(name: str, place: Place) -> list[str]:
    """The words that start one of `players`."""
    words = [sys.executable, "-m", f"benchmarks.peers.players.{name}"]
    return [*words, "--osc-port", str(place.osc_port), "--samplerate", str(place.samplerate)]


PEER = Peer(
    name="Keras predict",
    sound="atlas-spectrum, frames of 1,024 samples",
    package="tensorflow-cpu",
    command=lambda place: player_command("keras_predict", place),
    outputs="^keras:out",
    keys="^keras:midi",
    osc=OSC,
    notes=1,
    module="tensorflow",
)
