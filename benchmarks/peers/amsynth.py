"""amsynth: two oscillators, a filter and effects, modelled after analog synthesizers."""

from __future__ import annotations

from .peer import Peer

PEER = Peer(
    name="amsynth",
    sound="its first preset",
    program="amsynth",
    package="amsynth",
    command=("amsynth", "-x", "-a", "jack", "-m", "jack", "-p", "32", "--jack_autoconnect=false"),
    outputs="^amsynth:[LR] out",
    keys="^amsynth:midi_in",
    version=("amsynth", "-x", "-v"),
)
