"""Teaching beside the music: does the sound suffer while the page has a decoder learned?

The engine on a JACK device at 64 frames with four voices.  Beside it `manned-train learn` runs as the page runs it, a
process of the lowest priority, on a minute of plain tones, from its start to its verdict.  The callbacks that are late
in that time are compared with those of the same program idle.  How long learning takes is told too, since it gets the
time that is left.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from manned.control.web.workshop.process import LowProcess
from manned.service.daemon import SWITCH_S

from ..section import Section
from ..show import show
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
    with jack_server(PERIOD):
        asyncio.run(_measure(section, seconds, steps))
    return section


async def _measure(section: Section, seconds: float, steps: int) -> None:
    async with served(RATE) as playing:
        await _compare(section, playing, seconds, steps)


async def _compare(section: Section, playing: Served, seconds: float, steps: int) -> None:
    stream = playing.open(RATE, PERIOD)

    def late() -> tuple[int, int]:
        status = playing.engine.status()
        return status["late_callbacks"], status["late_spectra"]

    await asyncio.sleep(2)
    before = late()
    await asyncio.sleep(seconds)
    idle = np.subtract(late(), before) * 60.0 / seconds
    with tempfile.TemporaryDirectory() as folder:
        takes = Path(folder, "takes")
        takes.mkdir()
        sounds(takes)
        words = ["-m", "training.cli", "learn", "--events", f"--steps={steps}", f"--output={folder}/made.safetensors"]
        process = LowProcess([*words, str(takes)], lambda _line: None)
        before, begin = late(), time.monotonic()
        code = await process.run()
        lasted = time.monotonic() - begin
    busy = np.subtract(late(), before) * 60.0 / lasted
    stream.close()
    if code:
        raise RuntimeError(f"learning failed: {process.complaint}")
    section.text(f"4 voices, {PERIOD} frames; {steps} training steps took {lasted:.0f} s, all stages together")
    section.table(
        ("measure", "idle", "while it learns"),
        (
            ("late callbacks a minute", f"{idle[0]:.1f}", f"{busy[0]:.1f}"),
            ("late spectra a minute", f"{idle[1]:.1f}", f"{busy[1]:.1f}"),
        ),
    )
    aim = idle[0] + 1.0
    section.promise(
        "late callbacks a minute while it learns",
        f"no more than idle and one ({aim:.1f})",
        f"{busy[0]:.1f}",
        busy[0] <= aim,
    )


if __name__ == "__main__":
    show(measure)
