"""scsynth, the server of SuperCollider: a band-limited saw through a low-pass, with an envelope. It takes OSC alone."""

from __future__ import annotations

from manned.control.osc.packet import write_message

from .peer import Osc, Peer
from .synthdef import voice

GROUP = 1
FIRST_NODE = 1000
LOWEST_HZ, HIGHEST_HZ = 400.0, 8000.0


def _note_on(key: int) -> bytes:
    return write_message("/s_new", "voice", FIRST_NODE + key, 0, GROUP, "freq", 440.0 * 2 ** ((key - 69) / 12))


def _move(place: float) -> bytes:
    return write_message("/n_set", GROUP, "cutoff", LOWEST_HZ + place * (HIGHEST_HZ - LOWEST_HZ))


PEER = Peer(
    name="scsynth",
    sound="Saw, LPF and EnvGen",
    program="scsynth",
    package="supercollider-server",
    command=("scsynth", "-u", "{osc_port}", "-R", "0", "-i", "0", "-o", "2"),
    outputs="^SuperCollider.*:out_[12]$",
    osc=Osc(
        note_on=_note_on,
        note_off=lambda key: write_message("/n_set", FIRST_NODE + key, "gate", 0.0),
        move=_move,
        prepare=lambda: [
            write_message("/notify", 1),
            write_message("/g_new", GROUP, 0, 0),
            write_message("/d_recv", voice()),
        ],
    ),
    version=("scsynth", "-v"),
)
