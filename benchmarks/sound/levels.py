"""Levels: is anything ever above full scale, and what does the limiter do to the sound?

As many notes as the instrument holds, all at full velocity and full gain (+12 dB), begin at
once: a chromatic cluster, and one note on every voice, at each of two sample rates.  The
highest sample and the true peak (four times oversampled, as ITU-R BS.1770 asks) of two
seconds count, of all output channels.  The limiter's own distortion is that of a sine,
played by many voices on a decoder that draws nothing else: THD+N, everything beside
the fundamental over the whole, at rising drive; without a limiter the peak would be what
"input peak" says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from manned.instrument import Instrument
from manned.limits import MAX_VOICES
from manned.model.decoder_file import Decoder
from manned.model.pitch import note_to_hz

from ..borrowed import harmonic_decoder, harmonic_frame
from ..instrument import compose, shipped_instrument
from ..section import Section
from .plots import COLOURS, MARKERS, axes_grid, save, spectrogram
from .signals import FFT, RATE, decibels, distortion_and_noise, true_peak

MOST_GAIN_DB = 12.0
SECONDS = 2.0
SINE_NOTE = 81  # A5, 880 Hz
DRIVES_DB = (-24, -12, -6, -3, -1, 0, 1, 3, 6, 9, 12, 15, 18)
QUIET_DB = -60.0
LOUD = 0.5  # the highest sample at least: silence never clips
CHORDS = {
    "a cluster of notes": lambda k: 24 + k,
    "one note on every voice": lambda k: 60,
}


def loudest(samplerate: int, notes: Callable[[int], int]) -> np.ndarray:
    """Two seconds of all voices at full level [shape=(n, 2)]."""
    instrument = shipped_instrument(samplerate, channels=2)
    instrument.set("voices", MAX_VOICES)
    instrument.set("gain/db", MOST_GAIN_DB)
    for k in range(MAX_VOICES):
        instrument.note_on(k, notes(k), 127)
    return instrument.engine.render(round(SECONDS * samplerate))


def sine_decoder() -> Decoder:
    """The harmonic decoder with the fundamental alone, in the middle of a bin, where a frame holds nothing else."""
    decoder = harmonic_decoder()
    (into, bias), (out, zeros) = decoder.weights
    out = np.zeros_like(out)
    for unit in range(len(out) // 2):
        octave, pitch_class = divmod(unit, 12)
        hertz = note_to_hz(pitch_class + 12 * (decoder.topology.octaves[octave] + 1))
        out[unit] = harmonic_frame(round(hertz * FFT / RATE) * RATE / FFT, range(1, 2))
    return replace(decoder, name="sine", weights=[(into, bias), (out, zeros)])


def sines(voices: int, gain_db: float) -> Instrument:
    """An instrument on which many voices play one sine."""
    instrument = compose(RATE, decoder=sine_decoder()).instrument
    instrument.set("voices", MAX_VOICES)
    instrument.set("gain/db", gain_db)
    for k in range(voices):
        instrument.note_on(k, SINE_NOTE, 127)
    return instrument


def best_voices() -> tuple[int, float]:
    """How many voices to take for the highest sum of their phases, and its peak in dBFS at a gain of 0 dB."""
    counts = range(4, 33, 4)
    peaks = [decibels(true_peak(driven(count, QUIET_DB))) - QUIET_DB for count in counts]
    best = int(np.argmax(peaks))
    return counts[best], float(peaks[best])


def driven(voices: int, gain_db: float) -> np.ndarray:
    """A steady sine from many voices at a gain."""
    return sines(voices, gain_db).engine.render(2 * RATE)[RATE:, 0].astype(np.float64)


def measure(pictures: Path) -> Section:
    """Play as loud as can be, and a sine through the limiter."""
    section = Section()
    rows, peaks, shown = [], [], np.zeros(0)
    for samplerate in (44100, 48000):
        for name, notes in CHORDS.items():
            signal = loudest(samplerate, notes)
            sample, peak = float(np.abs(signal).max()), true_peak(signal)
            peaks.append((sample, peak))
            rows.append((f"{MAX_VOICES} voices, {name}", samplerate, f"{sample:.4f}", f"{decibels(peak):+.2f}"))
            shown = shown if shown.size else signal[:, 0]
    highest, most = np.max(peaks, axis=0)
    section.promise(
        f"highest sample of {MAX_VOICES} voices at full velocity and gain",
        f"{LOUD:g} to 1",
        f"{highest:.4f}",
        LOUD <= highest <= 1.0,
    )
    section.promise("their true peak (4× oversampled)", "≤ 0 dBFS", f"{decibels(most):+.2f} dBFS", most <= 1.0)
    section.table(("what", "Hz", "highest sample", "true peak, dBFS"), rows)

    voices, peak_db = best_voices()
    curve = []
    for drive in DRIVES_DB:
        if drive - peak_db <= MOST_GAIN_DB:
            signal = driven(voices, drive - peak_db)
            distortion = distortion_and_noise(signal, note_to_hz(SINE_NOTE))
            curve.append((drive, decibels(true_peak(signal)), decibels(distortion)))
    section.text("A sine through the limiter.")
    section.table(
        ("input peak, dBFS", "output peak, dBFS", "THD+N, dB", "THD+N"),
        [(f"{drive:+d}", f"{out:+.2f}", f"{thd:.1f}", f"{10 ** (thd / 20):.4%}") for drive, out, thd in curve],
    )
    _draw(section, pictures, shown, np.array(curve))
    return section


def _draw(section: Section, pictures: Path, shown: np.ndarray, curve: np.ndarray) -> None:
    figure, axes = axes_grid(1, 2, height=2.8)
    axes[0, 0].plot(curve[:, 0], curve[:, 1], MARKERS[0] + "-", color=COLOURS[0], markersize=4)
    axes[0, 0].axhline(0.0, color="black", linewidth=0.8)
    axes[0, 0].set(xlabel="input peak in dBFS", ylabel="output peak in dBFS")
    axes[0, 1].plot(curve[:, 0], curve[:, 2], MARKERS[1] + "-", color=COLOURS[1], markersize=4)
    axes[0, 1].set(xlabel="input peak in dBFS", ylabel="THD+N in dB")
    for axis in axes[0]:
        axis.grid(True, color="0.9")
    path = save(figure, pictures / "levels-limiter.svg")
    section.picture(path, "A sine through the limiter: its level and its distortion.")

    figure, axes = axes_grid(1, 2, height=2.8)
    times = np.arange(len(shown)) / RATE
    axes[0, 0].plot(times[: RATE // 4 : 4], shown[: RATE // 4 : 4], color=COLOURS[0], linewidth=0.5)
    for edge in (-1, 1):
        axes[0, 0].axhline(edge, color="black", linewidth=0.8)
    axes[0, 0].set(xlabel="seconds", ylabel="sample")
    image = spectrogram(axes[0, 1], shown)
    axes[0, 1].set(xlabel="seconds", ylabel="frequency in kHz")
    figure.colorbar(image, ax=axes[0, 1], label="dB")
    path = save(figure, pictures / "levels-voices.png")
    section.picture(
        path, f"{MAX_VOICES} voices at full velocity and gain: the first quarter of a second, and the spectrogram."
    )
