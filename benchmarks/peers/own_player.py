"""A peer that is one of the programs of our own in `players`."""

from __future__ import annotations

import sys

from manned.control.osc.packet import write_message

from .peer import Osc, Peer


def own_player(*, name: str, sound: str, module: str, client: str, library: str, package: str) -> Peer:
    """The peer of a module of `players`.

    Parameters
    ----------
    name, sound : str
        As of a `Peer`.
    module, client : str
        The module, and what it calls itself on the JACK server.
    library, package : str
        What it cannot play without, as it is imported and as it is installed.
    """
    words = (sys.executable, "-m", f"benchmarks.peers.players.{module}")
    return Peer(
        name=name,
        sound=sound,
        module=library,
        package=package,
        command=(*words, "--osc-port", "{osc_port}", "--samplerate", "{samplerate}"),
        outputs=f"^{client}:out",
        keys=f"^{client}:midi",
        osc=Osc(
            note_on=lambda key: write_message("/mnote", key, 100),
            note_off=lambda key: write_message("/mnote", key, 0),
            move=lambda place: write_message("/timbre", place),
        ),
        notes=1,
    )
