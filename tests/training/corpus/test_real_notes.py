"""Pitch classes of real notes: the chroma of the paper's definition beside librosa's."""

import csv

import librosa
import numpy as np
import pytest
import soundfile

from manned.model import analysis
from training.corpus.sounds.render import render
from training.corpus.sounds.source_list import Notes, Selection, SourceList

# A grand piano, a violin, French horns, a clarinet, a square lead and a warm pad, of General MIDI.
PROGRAMS = ("000", "040", "060", "071", "080", "089")


@pytest.fixture(scope="module")
def notes(tmp_path_factory):
    """Frames and their pitch classes as played, by program."""
    folder = tmp_path_factory.mktemp("notes")
    selections = tuple(Selection("fluidr3", f"fluidr3/{program} *") for program in PROGRAMS)
    render(SourceList(Notes("C3", "C5"), selections), folder)
    found = {}
    with open(folder / "notes.csv", newline="", encoding="utf-8") as sheet:
        for row in csv.DictReader(sheet):
            sound, samplerate = soundfile.read(folder / row["file"], dtype="float32")
            first, last = (round(float(row[name]) * samplerate) for name in ("start_s", "end_s"))
            frames = analysis.magnitudes(sound[first:last])
            frames = frames[analysis.audible(frames)]
            found.setdefault(row["file"], []).append((frames, np.full(len(frames), int(row["note"]) % 12)))
    return {name: tuple(map(np.concatenate, zip(*parts))) for name, parts in found.items()}


def test_chroma_finds_what_librosa_finds(notes):
    """Also where both find the strong third harmonic of a clarinet rather than the note that was played."""
    assert len(notes) == len(PROGRAMS)
    for name, (frames, played) in notes.items():
        assert len(played) > 100 and len(set(played)) > 4, name
        ours = analysis.pitch_classes(frames)
        theirs = np.argmax(librosa.feature.chroma_stft(S=frames.T**2, sr=44100, n_fft=4096, tuning=0.0), axis=0)
        assert np.mean(ours == theirs) > 0.95, name
        assert np.mean(ours == played) > np.mean(theirs == played) - 0.02, name


def test_chroma_finds_the_note_where_the_fundamental_is_strong(notes):
    for name, (frames, played) in notes.items():
        if any(instrument in name for instrument in ("Piano", "Violin", "Pad")):
            assert np.mean(analysis.pitch_classes(frames) == played) > 0.99, name
