"""What is to be known of a synthesizer to run it on a JACK server, play it and measure it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """Where a peer is to run.

    Attributes
    ----------
    folder : Path
        Its home, empty at first.
    osc_port : int
        A UDP port that nobody uses.
    samplerate, period : int
        Those of the JACK server, in Hertz and frames.
    """

    folder: Path
    osc_port: int
    samplerate: int
    period: int


@dataclass(frozen=True)
class Osc:
    """The packets that play a peer.

    Attributes
    ----------
    note_on, note_off : callable
        Packet that begins or ends a key, 0 to 127.
    move : callable
        Packet that moves the timbre to a place from 0 to 1.
    prepare : callable
        Packets that are sent once, when it runs.
    """

    note_on: Callable[[int], bytes]
    note_off: Callable[[int], bytes]
    move: Callable[[float], bytes]
    prepare: Callable[[], Sequence[bytes]] = tuple


@dataclass(frozen=True)
class Peer:
    """One synthesizer.

    Attributes
    ----------
    name, sound : str
        Its name, and what it plays here.
    package : str
        What to install when it is missing.
    command : sequence of str
        The words that start it; ``{osc_port}`` and ``{samplerate}`` stand for those of its `Place`.
    outputs : str
        Regular expression of its JACK outputs.
    keys : str
        Regular expression of its MIDI input; empty when it has none.
    osc : Osc or None
        None when it takes no OSC.
    program, module : str
        What is found when it is installed: a program, or a module of Python.
    program_change : int or None
        MIDI program that it plays; None for the one it starts with.
    notes : int
        How many notes are held to find what one costs.
    version : sequence of str
        Command that tells the version of the program.
    """

    name: str
    sound: str
    package: str
    command: Sequence[str]
    outputs: str
    keys: str = ""
    osc: Osc | None = None
    program: str = ""
    module: str = ""
    program_change: int | None = None
    notes: int = 32
    version: Sequence[str] = ()

    @property
    def is_there(self) -> bool:
        """Whether it can run here."""
        return bool(shutil.which(self.program) if self.program else find_spec(self.module))

    def words(self, place: Place) -> list[str]:
        """The words that start it in a place."""
        return [word.format(osc_port=place.osc_port, samplerate=place.samplerate) for word in self.command]

    def told_version(self) -> str:
        """Its version, as its program or its package tells."""
        if self.module:
            return metadata.version(self.package)
        told = subprocess.run(self.version, capture_output=True, text=True, timeout=30)
        found = re.search(r"\d+\.\d+(\.\d+)*", told.stdout + told.stderr)
        return found[0] if found else "?"
