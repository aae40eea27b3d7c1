"""Quality: how close synthesis comes to the frames it was given

Fourteen notes of Debian's FluidR3 soundfont, played dry by FluidSynth, are cut
into magnitude frames (Hann, 4096 samples) and given to the engine's own synthesis,
frame by frame, by every phase method at every hop.  The sound that comes out is cut
into frames the same way.  Spectral convergence is 20 log10(‖|STFT(y)| − M‖ / ‖M‖)
over all frames from the silence before the attack to the silence after the tail, and
once more over the held part alone (150 ms after note-on to note-off, whole windows).
Log-spectral distance is the RMS difference of levels in dB, both cut off 60 dB below
the recording's loudest bin.  Flutter is the standard deviation over the mean of the
level of one frame from 0.7 s, held for two seconds.  Lower is better throughout.
Beside them: librosa's Griffin-Lim with 32 iterations, classic (momentum 0) and fast
(0.99, librosa's default); both see all frames, past and future, and work offline.
"Snapped" is peaks as a note is played: told its pitch, it moves every partial near a
harmonic exactly onto it, and so leaves the recording where that is not harmonic.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import librosa
import numpy as np

from manned.limits import HOPS
from manned.model.analysis import magnitudes

from ..section import Section
from .frames import METHODS, synthesise
from .plots import COLOURS, DASHES, MARKERS, axes_grid, save, spectrogram
from .recordings import HELD_S, Recording, recordings
from .signals import FFT, RATE, flutter, level_curve, log_spectral_distance_db, spectral_convergence_db

Way = Callable[[np.ndarray], np.ndarray]
"""Makes a signal of magnitude frames."""

HELD_AT_S = 0.7
HOLD_S = 2.0
ONSET_S = 0.15
SHOWN = "Violin"
PROMISES = {("peaks", 512): -27.0, ("rtpghi", 1024): -23.0}


def griffin_lim(frames: np.ndarray, hop: int, momentum: float) -> np.ndarray:
    """The sound of frames, all of which are known, by librosa's Griffin-Lim."""
    return librosa.griffinlim(
        frames.T, n_iter=32, hop_length=hop, n_fft=FFT, window="hann", center=False, momentum=momentum, random_state=0
    ).astype(np.float64)


def ways(note_hz: float) -> dict[tuple[str, int], Way]:
    """Every way to turn frames into sound, by name and hop: ``f(frames) -> signal``."""
    found: dict[tuple[str, int], Way] = {}
    for hop in HOPS:
        for method in METHODS:
            found[method, hop] = partial(synthesise, method=method, hop=hop)
        found["peaks, snapped", hop] = partial(synthesise, method="peaks", hop=hop, note_hz=note_hz)
        found["Griffin-Lim", hop] = partial(griffin_lim, hop=hop, momentum=0.0)
        found["fast Griffin-Lim", hop] = partial(griffin_lim, hop=hop, momentum=0.99)
    return found


def held_frame(signal: np.ndarray, hop: int) -> np.ndarray:
    """One frame from the middle of a note, for two seconds."""
    frame = magnitudes(signal, FFT, hop, [FFT + round(HELD_AT_S * RATE)])
    return np.repeat(frame, round((HOLD_S * RATE + 2 * FFT) / hop), axis=0)


def held(signal: np.ndarray, hop: int, way: Way) -> np.ndarray:
    """The sound of that frame, its beginning and end left out."""
    return way(held_frame(signal, hop))[FFT : FFT + round(HOLD_S * RATE) - hop]


def figures(signal: np.ndarray, hop: int, way: Way) -> tuple[float, float, float, float]:
    """Spectral convergence of the whole and of the held part, log-spectral distance, flutter."""
    wanted = magnitudes(signal, FFT, hop)
    found = magnitudes(way(wanted), FFT, hop)
    wanted = wanted[: len(found)]
    first, last = (FFT + round(ONSET_S * RATE)) // hop + 1, round(HELD_S * RATE) // hop
    return (
        spectral_convergence_db(found, wanted),
        spectral_convergence_db(found[first:last], wanted[first:last]),
        log_spectral_distance_db(found, wanted),
        flutter(held(signal, hop, way)),
    )


def measure(pictures: Path) -> Section:
    """Turn the recordings into frames and back in every way."""
    section = Section()
    sounds = recordings()
    rows_of: dict[tuple[str, int], list[tuple[float, ...]]] = {}
    for sound in sounds:
        for key, way in ways(sound.hz).items():
            rows_of.setdefault(key, []).append(figures(sound.signal, key[1], way))
    measured = {key: np.array(rows) for key, rows in rows_of.items()}
    for (method, hop), aim in PROMISES.items():
        if (method, hop) in measured:
            found = measured[method, hop][:, 0]
            section.promise(
                f"spectral convergence of `{method}` at hop {hop}, mean of 14 recordings, attacks included",
                f"≤ {aim:.0f} dB",
                f"{found.mean():.2f} dB",
                found.mean() <= aim,
            )
    section.text("Means of the fourteen sounds; in brackets the worst sound.")
    section.table(
        (
            "method",
            "hop",
            "convergence, dB",
            "held part alone, dB",
            "log-spectral distance, dB",
            "flutter of a held frame",
        ),
        [
            (
                method,
                hop,
                *(f"{v[:, i].mean():.1f} ({v[:, i].max():.1f})" for i in range(3)),
                f"{v[:, 3].mean():.2%} ({v[:, 3].max():.2%})",
            )
            for (method, hop), v in sorted(measured.items(), key=lambda item: (_order(item[0][0]), -item[0][1]))
        ],
    )
    section.text("Spectral convergence of each sound in dB, attacks included.")
    shown = [(method, hop) for hop in sorted(HOPS, reverse=True) for method in METHODS if method != "noise"]
    section.table(
        ("sound", *(f"{method} {hop}" for method, hop in shown)),
        [(sound.name, *(f"{measured[key][i, 0]:.1f}" for key in shown)) for i, sound in enumerate(sounds)],
    )
    _draw(section, pictures, sounds, measured)
    return section


def _order(method: str) -> int:
    return (*METHODS, "peaks, snapped", "Griffin-Lim", "fast Griffin-Lim").index(method)


def _draw(
    section: Section, pictures: Path, sounds: list[Recording], measured: dict[tuple[str, int], np.ndarray]
) -> None:
    methods = [m for m in ("peaks", "rtpghi", "noise", "Griffin-Lim", "fast Griffin-Lim") if (m, HOPS[0]) in measured]
    hops = sorted(HOPS, reverse=True)
    figure, axes = axes_grid(1, len(hops), height=2.9, sharey=True)
    for axis, hop in zip(axes[0], hops):
        for x, method in enumerate(methods):
            values = np.sort(measured[method, hop][:, 0])
            axis.plot(
                x + np.linspace(-0.3, 0.3, len(values)),
                values,
                MARKERS[x],
                markersize=4,
                color=COLOURS[x % len(COLOURS)],
                fillstyle="full" if x % 2 == 0 else "none",
            )
            axis.hlines(values.mean(), x - 0.4, x + 0.4, color="black", linewidth=1.2)
        axis.set_xticks(range(len(methods)), [m.replace(" ", "\n") for m in methods], fontsize=8)
        axis.set_title(f"hop {hop}", fontsize=10)
        axis.grid(True, axis="y", color="0.9")
        axis.set_axisbelow(True)
    axes[0, 0].set_ylabel("spectral convergence in dB")
    path = save(figure, pictures / "quality-convergence.svg")
    section.picture(path, "Spectral convergence: a dot for each sound, a line for their mean. Lower is better.")

    sound = next(sound for sound in sounds if sound.name == SHOWN)
    hop = 512
    table = ways(sound.hz)
    frames = magnitudes(sound.signal, FFT, hop)
    panels = {"recording": sound.signal}
    panels |= {method: table[method, hop](frames) for method in methods if method != "fast Griffin-Lim"}
    figure, axes = axes_grid(1, len(panels), height=3.0, sharey=True)
    for axis, (name, signal) in zip(axes[0], panels.items()):
        spectrogram(axis, signal[FFT // 2 : FFT + round(1.9 * RATE)])
        axis.set_title(name, fontsize=10)
        axis.set_xlabel("seconds")
    axes[0, 0].set_ylabel("frequency in kHz")
    figure.colorbar(axes[0, -1].images[0], ax=axes[0, -1], label="dB")
    path = save(figure, pictures / "quality-spectrograms.png")
    section.picture(path, f"{SHOWN}, note {sound.note}: the recording, and what came back by each method at hop {hop}.")

    tones = {method: held(sound.signal, hop, table[method, hop]) for method in methods if method != "fast Griffin-Lim"}
    figure, axes = axes_grid(len(tones), 2, height=1.2, sharex="col")
    for (wave, level), (method, tone), colour, dash in zip(axes, tones.items(), COLOURS, DASHES):
        times = np.arange(round(0.03 * RATE)) / RATE * 1000
        wave.plot(times, tone[RATE : RATE + len(times)] / np.abs(tone).max(), color=colour, linewidth=0.9)
        wave.set(ylim=(-1.05, 1.05), yticks=(-1, 0, 1), ylabel=method)
        levels = level_curve(tone)
        level.plot(
            np.arange(len(levels)) * 512 / RATE, levels / levels.mean(), color=colour, linestyle=dash, linewidth=1.2
        )
        level.set(ylim=(0.6, 1.4), yticks=(0.75, 1, 1.25))
        for axis in (wave, level):
            axis.grid(True, color="0.9")
    axes[0, 0].set_title("waveform (peak 1)", fontsize=10)
    axes[0, 1].set_title("level over its mean", fontsize=10)
    axes[-1, 0].set_xlabel("milliseconds")
    axes[-1, 1].set_xlabel("seconds")
    path = save(figure, pictures / "quality-held.svg")
    section.picture(
        path, f"One frame of the {SHOWN.lower()}, held: 30 ms of its waveform, and its level, which should be flat."
    )
