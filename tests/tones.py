"""Harmonic tones of known pitch and timbre, to train on and to measure."""

from __future__ import annotations

import csv

import numpy as np
import soundfile

from manned.model.pitch import note_to_hz

SAMPLERATE = 44100


def tone(
    note: float, seconds: float, decay: float = 1.0, odd_only: bool = False, samplerate: int = SAMPLERATE, seed: int = 0
):
    """A steady tone whose h-th harmonic has amplitude h ** -decay and a random phase, peak about 0.5."""
    rng = np.random.default_rng(seed)
    frequency = note_to_hz(note)
    time = np.arange(round(seconds * samplerate)) / samplerate
    signal = np.zeros(len(time))
    for harmonic in range(1, int(min(0.45 * samplerate / frequency, 40)) + 1, 2 if odd_only else 1):
        signal += harmonic**-decay * np.sin(2 * np.pi * harmonic * frequency * time + rng.uniform(0, 2 * np.pi))
    return (0.5 * signal / np.abs(signal).max()).astype(np.float32)


def write_patches(folder, patches: int, notes, seconds: float = 0.3):
    """A folder of one sound file per patch, each patch brighter than the last, and their ``notes.csv``."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "notes.csv", "w", newline="", encoding="utf-8") as text:
        sheet = csv.writer(text)
        sheet.writerow(["file", "clip", "start_s", "end_s", "note"])
        for patch in range(patches):
            signal = [tone(note, seconds, decay=2.5 - 2.0 * patch / patches, seed=patch) for note in notes]
            soundfile.write(folder / f"{patch}.flac", np.concatenate(signal), SAMPLERATE)
            for number, note in enumerate(notes):
                sheet.writerow([f"{patch}.flac", f"patch {patch}", number * seconds, (number + 1) * seconds, note])
    return folder
