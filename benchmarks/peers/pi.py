"""What a Raspberry Pi would carry: an estimate from operation counts, not a measurement.

Counts what a note needs in a second: two operations for each weight of the decoder in every frame (86 frames
of 512 samples); and for the synthesis of each frame the inverse transform (2.5 n log2 n for n = 4,096), 30
operations for each of its 2,049 bins and three for each sample of the window.  The time that 32 such notes
take on this machine, all latents moving, tells how many of these operations it does in a cycle of its clock.
A core of the Pi 4 (Cortex-A72, 1.8 GHz) is taken to do between 0.3 and 0.5 as many in a cycle, one of the Pi
5 (Cortex-A76, 2.4 GHz) between 0.5 and 0.8; these shares are guesses.
Nothing of it was heard on a Pi.  What was run is the program itself on an emulated Cortex-A72, by `make
test-arm`; emulation tells what it computes, not how fast.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

from manned.engine.sizes import BINS, FFT
from manned.library import SHIPPED
from manned.model.kinds import load_decoder

from ..load import RATE, load
from ..section import Section
from ..show import show

HOP = 512
PER_BIN, PER_WINDOW_SAMPLE = 30, 3
BOARDS = (
    ("Raspberry Pi 4, Cortex-A72", 1.8e9, (0.3, 0.5)),
    ("Raspberry Pi 5, Cortex-A76", 2.4e9, (0.5, 0.8)),
)
ARM = Path(__file__).parents[2] / "build" / "arm.json"


def operations() -> tuple[float, float]:
    """Operations that a note of the shipped decoder needs in a second: those of the decoder, those of the synthesis."""
    decoder = load_decoder(SHIPPED / "atlas.safetensors")
    weights = sum(weight.size for weight, _ in decoder.weights)
    synthesis = 2.5 * FFT * math.log2(FFT) + PER_BIN * BINS + PER_WINDOW_SAMPLE * FFT
    return 2 * weights * RATE / HOP, synthesis * RATE / HOP


def clock_hz() -> float:
    """The clock of this machine's first core, as Linux tells it."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("cpu MHz"):
            return float(line.partition(":")[2]) * 1e6
    raise RuntimeError("/proc/cpuinfo tells no clock")


def measure(seconds: float = 5.0, voices: int = 32) -> Section:
    """Render so many seconds of so many voices, count, and estimate."""
    section = Section()
    decoding, synthesis = operations()
    share = load(voices, 128, seconds).together / voices
    per_cycle = (decoding + synthesis) / (share * clock_hz())
    section.text(
        f"A note: {decoding / 1e6:.0f} million operations a second in the decoder, {synthesis / 1e6:.0f} million "
        f"in the synthesis. Here it takes {share:.2%} of a core: {per_cycle:.1f} operations a cycle at "
        f"{clock_hz() / 1e9:.1f} GHz."
    )
    rows = [
        (name, f"{hertz / 1e9:g} GHz", "{:.0f} to {:.0f}".format(*_notes(hertz, ratios, per_cycle)), "estimate")
        for name, hertz, ratios in BOARDS
    ]
    section.table(("board", "clock", "notes per core, latents moving", ""), [*rows, _here(share)])
    if ARM.exists():
        found = json.loads(ARM.read_text())
        section.text(
            "`make test-arm`, a short score on the emulated Cortex-A72 beside this machine: "
            + "; ".join(f"{model}: {each['told']}" for model, each in found.items())
            + ". Why they differ was not looked into."
        )
    return section


def _notes(hertz: float, ratios: tuple[float, float], per_cycle: float) -> list[float]:
    return [hertz * ratio * per_cycle / sum(operations()) for ratio in ratios]


def _here(share: float) -> tuple[str, str, str, str]:
    return "this machine", f"{clock_hz() / 1e9:.1f} GHz", f"{1 / share:.0f}", "measured"


if __name__ == "__main__":
    show(measure)
