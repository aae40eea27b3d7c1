"""RAVE v2: a neural decoder of samples, in PyTorch; its structure written anew, with random weights."""

from __future__ import annotations

from .keras_predict import OSC, player_command
from .peer import Peer

PEER = Peer(
    name="RAVE v2",
    sound="128 latents, frames of 2,048 samples, random weights",
    package="torch",
    command=lambda place: player_command("rave", place),
    outputs="^rave:out",
    keys="^rave:midi",
    osc=OSC,
    notes=1,
    module="torch",
)
