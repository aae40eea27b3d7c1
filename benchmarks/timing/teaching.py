"""Teaching beside the music: does the sound suffer while the page has a decoder learned?

The engine on a JACK device at 64 frames with four voices.  Beside it `manned-train learn` runs as the page runs it, a
process of the lowest priority, on a minute of plain tones, from its start to its verdict.  The callbacks that are late
are compared with those of an idle client in the same time, a process of its own on the same JACK server whose native
callback only counts.  How long learning takes is told too, since it gets the time that is left.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from manned.control.web.workshop.process import LowProcess
from manned.service.daemon import SWITCH_S

from ..section import Section
from ..show import show
from .idle_client import idle_client, promise_no_later
from .machine import jack_server
from .served import Served, served

PERIOD = 64
RATE = 44100
NOTES = range(48, 73)
NOTE_S = 0.8
TAKES = 3


def sounds(folder: Path) -> None:
    """Fill a folder with takes of tones, each duller than the one before."""
    time_s = np.arange(int(NOTE_S * RATE)) / RATE
    for take in range(TAKES):
        notes = []
        for note in NOTES:
            hertz = 440.0 * 2.0 ** ((note - 69) / 12.0)
            harmonics = [np.sin(2.0 * np.pi * k * hertz * time_s) / k ** (1.0 + take) for k in range(1, 12)]
            notes.append(0.2 * np.exp(-2.0 * time_s) * np.sum(harmonics, axis=0))
        soundfile.write(folder / f"take {take}.wav", np.concatenate(notes), RATE)


def measure(seconds: float = 60.0, steps: int = 1500) -> Section:
    """Run idle for so many seconds, and while so many training steps are made."""
    sys.setswitchinterval(SWITCH_S)  # as the daemon does
    section = Section()
    with jack_server(PERIOD), idle_client(RATE, PERIOD) as idle_late:
        asyncio.run(_measure(section, seconds, steps, idle_late))
    return section


async def _measure(section: Section, seconds: float, steps: int, idle_late: Callable[[], int]) -> None:
    async with served(RATE) as playing:
        await _compare(section, playing, seconds, steps, idle_late)


async def _compare(section: Section, playing: Served, seconds: float, steps: int, idle_late: Callable[[], int]) -> None:
    stream = playing.open(RATE, PERIOD)

    def late() -> tuple[int, int, int]:
        status = playing.engine.status()
        return status["late_callbacks"], status["late_spectra"], idle_late()

    await asyncio.sleep(2)
    before = late()
    await asyncio.sleep(seconds)
    idle = np.subtract(late(), before)
    with tempfile.TemporaryDirectory() as folder:
        takes = Path(folder, "takes")
        takes.mkdir()
        sounds(takes)
        words = ["-m", "training.cli", "learn", "--events", f"--steps={steps}", f"--output={folder}/made.safetensors"]
        process = LowProcess([*words, str(takes)], lambda _line: None)
        before, begin = late(), time.monotonic()
        code = await process.run()
        lasted = time.monotonic() - begin
    busy = np.subtract(late(), before)
    stream.close()
    if code:
        raise RuntimeError(f"learning failed: {process.complaint}")
    section.text(f"4 voices, {PERIOD} frames; {steps} training steps took {lasted:.0f} s, all stages together")
    names = ("late callbacks", "late spectra", "late callbacks of an idle client")
    minutes = np.array([seconds, lasted]) / 60.0
    section.table(
        ("a minute", "idle", "while it learns"),
        [(name, *(f"{count:.1f}" for count in (idle[row], busy[row]) / minutes)) for row, name in enumerate(names)],
    )
    promise_no_later(section, "late callbacks while it learns", int(busy[0]), int(busy[2]))


if __name__ == "__main__":
    show(measure)
