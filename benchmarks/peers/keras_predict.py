"""The paper's way to play: Keras' ``predict`` in a loop, written anew around a decoder of the paper's kind."""

from __future__ import annotations

from .own_player import own_player

PEER = own_player(
    name="Keras predict",
    sound="atlas-spectrum, frames of 1,024 samples",
    module="keras_predict",
    client="keras",
    library="tensorflow",
    package="tensorflow-cpu",
)
