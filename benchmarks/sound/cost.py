"""Cost: what a voice costs, and how many one core carries

The engine renders 5 s offline at 44.1 kHz by the callback that plays, all latents moving all
the time, so that every voice gets a new spectrum at every hop.  Callback times come from the
engine's own clock, the decoder's from around its work.  "Together" is both over the time
that is played; one core carries as many voices as fit below 100 %, along the line through the
measured loads, which says nothing about a single late block: for that there is the
callback's slowest in a thousand.  A machine is named by a reference in the same run:
one inverse real FFT of 4096 points by SciPy, single precision.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import scipy.fft

from manned.limits import ENVELOPES, HOPS, LFOS, MAX_UNISON, MAX_VOICES
from manned.table.value import Value

from ..load import Load, load
from ..section import Section
from .frames import METHODS
from .plots import COLOURS, DASHES, MARKERS, axes_grid, save
from .signals import RATE

BLOCKS = (64, 128, 256)
VOICES = (1, 8, 16, 32, MAX_VOICES)
SECONDS = 5
AIM_VOICES, AIM_BLOCK = 128, 128

GESTURE = "violin"
LFO_VALUES: dict[str, Value] = {f"lfo/{k}/depth": 0.1 for k in range(1, LFOS + 1)} | {
    "lfo/1/target": "level",
    "lfo/2/target": "pitch",
    "lfo/3/target": "pan",
    "lfo/4/target": "brightness",
}
ENVELOPE_VALUES: dict[str, Value] = {f"env/{e}/depth": 0.2 for e in range(1, ENVELOPES + 1)}
UNISON: dict[str, Value] = {"unison": MAX_UNISON, "unison/latents": 0.1}
PARTS: dict[str, tuple[dict[str, Value], str]] = {
    "nothing more": ({}, ""),
    "a gesture": ({}, GESTURE),
    f"{ENVELOPES} envelopes": (ENVELOPE_VALUES, ""),
    f"{LFOS} LFOs, of level, pitch, pan and brightness": (LFO_VALUES, ""),
    "all three": (ENVELOPE_VALUES | LFO_VALUES, GESTURE),
    "width": ({"width": 0.5}, ""),
    "chorus": ({"chorus/mix": 0.5}, ""),
    "reverb": ({"reverb/mix": 0.5}, ""),
}
"""What is added to plain notes, in stereo: values, and a gesture."""


def reference_us() -> float:
    """Median time of the reference in microseconds."""
    spectrum = np.random.default_rng(0).standard_normal((2049, 2)).astype(np.float32).view(np.complex64)[:, 0]
    times = []
    for _ in range(2000):
        begin = time.perf_counter()
        scipy.fft.irfft(spectrum, overwrite_x=False)
        times.append(time.perf_counter() - begin)
    return float(np.median(times)) * 1e6


def _measure_life(section: Section, reference: float) -> None:
    """What gestures, envelopes, LFOs, unison and effects add, and whether 64 voices fit with all that moves them."""
    found = {
        name: load(16, AIM_BLOCK, 2.0, values=values, gesture=gesture, channels=2)
        for name, (values, gesture) in PARTS.items()
    }
    plain = _block_us(found["nothing more"])
    section.text(
        f"What is added to 16 voices, in stereo: µs of a block of {AIM_BLOCK} frames, callback and decoding "
        f"together. The reference took {reference:.1f} µs."
    )
    section.table(
        ("", "16 voices, µs a block", "more than nothing, µs", "× the reference"),
        [
            (
                name,
                f"{_block_us(one):.0f}",
                f"{_block_us(one) - plain:.0f}",
                f"{(_block_us(one) - plain) / reference:.1f}",
            )
            for name, one in found.items()
        ],
    )
    values, gesture = PARTS["all three"]
    full = {
        f"{MAX_VOICES} voices with gestures, {ENVELOPES} envelopes and {LFOS} LFOs": load(
            MAX_VOICES, AIM_BLOCK, SECONDS, values=values, gesture=gesture, channels=2
        ),
        f"9 notes of {MAX_UNISON} voices": load(9 * MAX_UNISON, AIM_BLOCK, SECONDS, values=UNISON, channels=2),
    }
    for name, one in full.items():
        section.promise(
            f"{name}, {AIM_BLOCK}-frame blocks, share of one core", "< 100 %", f"{one.together:.0%}", one.together < 1.0
        )


def _block_us(found: Load) -> float:
    return found.together * AIM_BLOCK / RATE * 1e6


def measure(pictures: Path) -> Section:
    """Render with every number of voices, then by every method at every hop."""
    section = Section()
    reference = reference_us()
    rows, loads = [], {}
    for blocksize in BLOCKS:
        for voices in VOICES:
            found = load(voices, blocksize, SECONDS)
            loads.setdefault(blocksize, []).append((voices, found.together, found.callback))
            median, high = found.of_a_block
            rows.append(
                (
                    blocksize,
                    voices,
                    f"{found.callback:.1%}",
                    f"{found.decoding:.1%}",
                    f"{found.together:.1%}",
                    f"{median:.1%}",
                    f"{high:.1%}",
                )
            )
    carried = {}
    for blocksize, points in loads.items():
        voices, together, _ = np.array(points).T
        slope, start = np.polyfit(voices[1:], together[1:], 1)
        carried[blocksize] = int((1.0 - start) / slope)
    section.promise(
        f"voices one core carries at {AIM_BLOCK}-frame blocks, all latents moving, decoding included",
        f"≥ {AIM_VOICES}",
        f"{carried[AIM_BLOCK]}",
        carried[AIM_BLOCK] >= AIM_VOICES,
    )
    section.table(("block", *map(str, BLOCKS)), [("voices one core carries", *carried.values())])
    section.table(
        (
            "block",
            "voices",
            "callback, of a core",
            "decoding",
            "together",
            "callback median, of the block",
            "callback p99.9",
        ),
        rows,
    )
    _measure_life(section, reference)
    costs = []
    for hop in sorted(HOPS, reverse=True):
        for method in METHODS:
            found = load(16, 128, 2.0, method, hop)
            hop_us = hop / RATE / 16 * 1e6
            callback, decode = found.callback * hop_us, found.decoding * hop_us
            costs.append(
                (
                    method,
                    hop,
                    f"{callback:.0f}",
                    f"{callback / reference:.1f}",
                    f"{decode:.0f}",
                    f"{decode / reference:.1f}",
                    f"{(callback + decode) * 1e-6 * RATE / hop:.2%}",
                )
            )
    section.text(f"Per voice and hop, 16 voices in blocks of 128. The reference took {reference:.1f} µs.")
    section.table(
        (
            "method",
            "hop",
            "callback, µs",
            "× the reference",
            "decoding, µs",
            "× the reference",
            "both, of a core per voice",
        ),
        costs,
    )
    figure, axes = axes_grid(1, 2, height=2.8)
    for (blocksize, points), colour, dash, marker in zip(loads.items(), COLOURS, DASHES, MARKERS):
        voices, together, callback = np.array(points).T
        label = f"blocks of {blocksize}"
        axes[0, 0].plot(voices, 100 * together, marker + dash, color=colour, markersize=4, label=label)
        axes[0, 1].plot(
            voices, 100 * callback / voices, marker + dash, color=colour, markersize=4, label=f"callback, {blocksize}"
        )
    axes[0, 0].axhline(100, color="black", linewidth=0.8)
    axes[0, 0].set(xlabel="voices", ylabel="callback and decoding, % of a core")
    axes[0, 1].set(xlabel="voices", ylabel="callback, % of a core per voice", ylim=(0, None))
    for axis in axes[0]:
        axis.grid(True, color="0.9")
        axis.legend(fontsize=8, frameon=False)
    path = save(figure, pictures / "cost.svg")
    section.picture(path, "Load of one core; the black line is all of it.")
    return section
