"""Determinism: does the same score give the same bytes?

A score of dated notes, releases, bends, vibrato, portamento, latent jumps and glides, an LFO, a
drone that changes its class, gain moves, a gesture, a unison, envelopes, width, chorus and
reverb, 1.6 seconds long, is rendered twice and at four
block sizes, by every phase method at every hop, by the renderer that `manned render` uses.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from manned.instrument import GESTURE
from manned.limits import HOPS

from ..instrument import shipped_instrument
from ..section import Section
from .frames import METHODS
from .plots import COLOURS, axes_grid, save, spectrogram
from .signals import RATE

BLOCKS = (32, 64, 100, 1024)
SECONDS = 1.6
HEARD = 0.01  # of full scale: silence would have the same bytes too


def play(method: str, hop: int, blocksize: int) -> tuple[np.ndarray, int]:
    """The score's sound [shape=(n, 2)], and how many spectra came too late."""
    instrument = shipped_instrument(RATE, channels=2)
    for name, value in {
        "phase": method,
        "hop": str(hop),
        "voices": 8,
        "spread": 0.7,
        "vibrato/depth": 0.3,
        "portamento": 0.08,
        "lfo/1/depth": 0.2,
        "lfo/1/rate": 1.3,
        "lfo/2/shape": "wander",
        "lfo/2/depth": 0.2,
        "lfo/2/target": 2,
        "velocity/latent/1": 0.4,
        "key/latent/3": -0.3,
        "formant": 0.5,
        "env/release": 0.3,
        "lfo/3/target": "level",
        "lfo/3/depth": 0.2,
        "lfo/3/start": "note",
        "lfo/4/target": "pan",
        "lfo/4/depth": 0.5,
        "env/1/target": "brightness",
        "env/1/depth": 0.5,
        "env/2/target": "pitch",
        "env/2/depth": 0.1,
        "unison/latents": 0.1,
        "width": 0.4,
        "chorus/mix": 0.3,
        "reverb/mix": 0.3,
    }.items():
        instrument.set(name, value)
    instrument.tree.set_text(GESTURE, "violin")
    for k in range(10):
        when = 2000 + 6151 * k
        instrument.note_on(k % 12, 33 + 53 * k % 61 + 0.1 * (k % 3), 40 + 3 * k, when=when)
        instrument.set("latent/1", 0.37 * k % 1, when=when + 777)
        instrument.set("glide", 0.1 * (k % 2), when=when + 1200)
        instrument.set("latent/2", 0.61 * k % 1, when=when + 1301)
        instrument.set("bend", (k % 5 - 2) / 2, when=when + 1500)
        instrument.note_off(k % 12, when=when + 17_777)
    for name, value, when in (
        ("gate", True, 20_011),
        ("chroma", 7, 40_013),
        ("octave", 5, 50_021),
        ("unison", 2, 30_001),
        ("gesture/speed", 2.0, 35_003),
        ("mode", "legato", 60_003),
        ("gain", 0.3, 64_001),
        ("mode", "poly", 66_007),
        ("gate", False, 68_001),
    ):
        instrument.set(name, value, when=when)
    signal = instrument.engine.render(round(SECONDS * RATE), blocksize)
    return signal, instrument.status()["late_spectra"]


def measure(pictures: Path) -> Section:
    """Render the score again and again."""
    section = Section()
    rows, same, total, shown = [], 0, 0, {}
    for hop in sorted(HOPS, reverse=True):
        for method in METHODS:
            renders = {f"{blocksize}": play(method, hop, blocksize) for blocksize in BLOCKS}
            renders["64 again"] = play(method, hop, 64)
            reference = shown[method, hop] = renders["64"][0]
            heard = np.abs(reference).max() > HEARD
            others = [
                f"{name} differs by {np.abs(signal - reference).max():.1e}"
                for name, (signal, _) in renders.items()
                if signal.tobytes() != reference.tobytes()
            ]
            verdict = (
                "**not the same**: " + ", ".join(others) if others else "the same bytes" if heard else "**silent**"
            )
            same, total = same + (heard and not others), total + 1
            late = sum(late for _, late in renders.values())
            rows.append((method, hop, f"`{hashlib.sha256(reference.tobytes()).hexdigest()[:12]}`", verdict, late))
    section.promise(
        "methods and hops whose score has the same bytes twice and in blocks of 32, 64, 100, 1024",
        "all",
        f"{same} of {total}",
        same == total,
    )
    section.table(
        ("method", "hop", "first digits of SHA-256", "blocks of 32, 64, 100, 1024, and twice", "late spectra"), rows
    )
    signal = shown["peaks", 512].mean(axis=1)
    figure, axes = axes_grid(2, 1, height=2.0, sharex=True)
    axes[0, 0].plot(np.arange(0, len(signal), 16) / RATE, signal[::16], color=COLOURS[0], linewidth=0.4)
    axes[0, 0].set_ylabel("sample")
    image = spectrogram(axes[1, 0], signal, hop=512)
    axes[1, 0].set(xlabel="seconds", ylabel="frequency in kHz")
    figure.colorbar(image, ax=axes[:, 0], label="dB")
    path = save(figure, pictures / "determinism.png")
    section.picture(path, "The score, by peaks at hop 512.")
    return section
