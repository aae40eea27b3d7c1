"""RAVE v2: a neural decoder of samples, in PyTorch; its structure written anew, with random weights."""

from __future__ import annotations

from .own_player import own_player

PEER = own_player(
    name="RAVE v2",
    sound="128 latents, frames of 2,048 samples, random weights",
    module="rave",
    client="rave",
    library="torch",
    package="torch",
)
