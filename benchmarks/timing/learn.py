"""Your own sounds in one line: how long does `manned-train learn` take on three minutes of sound, and does it play?

The sound is made on the spot and labelled by nothing: C major scales from C3 to
C5 on General MIDI instruments, so that five of the twelve pitch classes are
never heard. Learned as the kind `harmonic`, which says itself how near it comes
to moments that it kept apart, and as the kind `spectrum`, once from nothing and
once from the shipped decoder; the time is that of the whole command, from the
shell. What came of the kind `spectrum` is played: all twelve notes from C4
are played at the centre of the space and at five random points: the
frequency of the fundamental, and how much of the sound lies on how many harmonics.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from manned.model import analysis
from manned.model.decoder_file import load_decoder
from manned.model.harmonic.decoder_file import load_decoder as load_harmonic
from manned.model.pitch import CLASS_NAMES, note_to_hz
from training.corpus.sounds.render import render
from training.corpus.sounds.source_list import Notes, Selection, SourceList
from training.kinds import HARMONIC, SPECTRUM
from training.measure.mesh import harmonic_content

from ..instrument import compose
from ..section import Section
from ..show import show
from .tuning import RATE, fundamental

MAJOR = ("C", "D", "E", "F", "G", "A", "B")
PROGRAMS = "000 011 016 019 021 024 040 041 042 048 052 060 066 068 071 073 081 089".split()
SECONDS = 180.0
POINTS = 5


def recordings(folder: Path) -> float:
    """Fill a folder with audio files alone, and return how many seconds they hold."""
    rendered = folder.with_name("rendered")
    selections = tuple(Selection("fluidr3", f"fluidr3/{program} *") for program in PROGRAMS)
    render(SourceList(Notes("C3", "C5", MAJOR), selections), rendered, os.cpu_count() or 1)
    folder.mkdir()
    left = int(SECONDS * RATE)
    for path in sorted(rendered.rglob("*.flac")):
        sound, samplerate = soundfile.read(path, frames=left)
        soundfile.write(folder / path.name, sound, samplerate)
        left -= len(sound)
    return SECONDS - left / RATE


def learn(sounds: Path, output: Path, kind: str, *options: str) -> float:
    """Seconds that the command takes."""
    begin = time.monotonic()
    command = [sys.executable, "-m", "training.cli", "learn", str(sounds), "-o", str(output)]
    command += ["--kind", kind, *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - begin


def play(output: Path) -> np.ndarray:
    """Cents off, share on harmonics and partials of every note played [shape=(3, points, 12)]."""
    decoder = load_decoder(output)
    instrument = compose(RATE, decoder=decoder).instrument
    instrument.set("glide", 0.0)
    points = [np.full(instrument.latents, 0.5), *np.random.default_rng(0).random((POINTS, instrument.latents))]
    measured = np.zeros((3, len(points), 12))
    for row, point in enumerate(points):
        instrument.set_latents(point)
        instrument.engine.render(64)
        for pitch_class in range(12):
            instrument.note_on("note", 60 + pitch_class, 100)
            steady = instrument.engine.render(RATE)[8192:, 0]
            instrument.all_sound_off()
            instrument.engine.render(1024)
            wanted = note_to_hz(60 + pitch_class)
            frames = analysis.magnitudes(steady)
            content = harmonic_content(frames, np.full(len(frames), pitch_class), [4])
            measured[:, row, pitch_class] = (
                1200 * np.log2(fundamental(steady, wanted) / wanted),
                *np.mean(content, axis=1),
            )
    return measured


def _harmonic(section: Section, sounds: Path, length: float) -> None:
    """Learn as the kind harmonic: how long it takes, and what it says of itself."""
    output = sounds.with_name("harmonic.safetensors")
    seconds = learn(sounds, output, HARMONIC)
    measured = load_harmonic(output).info["measured"]
    near = measured["nearness"]
    section.table(
        ["kind harmonic", "harm dB", "ERB dB"],
        [
            [name, f"{near[rival]['harm_db']:.2f}", f"{near[rival]['erb_db']:.2f}"]
            for name, rival in (("the decoder", "harmonic"), ("lookup of the recordings", "lookup"))
        ],
    )
    section.text(
        f"learned in {seconds:.0f} s, {seconds / length:.2f} of the length of the sound; largest correlation of two "
        f"faders {measured['correlation']:.2f}, {measured['chart_occupied']:.0%} of the chart occupied"
    )


def measure() -> Section:
    """Learn as both kinds, the kind spectrum once from nothing and once from the shipped decoder."""
    section = Section()
    heard = np.array([name in MAJOR for name in CLASS_NAMES])
    with tempfile.TemporaryDirectory() as folder:
        sounds = Path(folder) / "my-recordings"
        length = recordings(sounds)
        section.text(f"{length:.0f} s of sound in {len(list(sounds.iterdir()))} files, {os.cpu_count()} cores")
        _harmonic(section, sounds, length)
        rows = []
        for name, options in (("from nothing", ()), ("from the shipped decoder", ("--from", "atlas-spectrum"))):
            output = Path(folder) / f"{name}.safetensors"
            seconds = learn(sounds, output, SPECTRUM, *options)
            cents, shares, partials = play(output)
            in_tune = [np.mean(np.abs(np.nan_to_num(cents[:, some], nan=np.inf)) < 5) for some in (heard, ~heard)]
            error = load_decoder(output).info["test"]["test_mse"]
            rows.append(
                [name, f"{seconds:.0f}", f"{seconds / length:.2f}", f"{1e4 * error:.2f}"]
                + [f"{value:.0%}" for value in in_tune]
                + [f"{shares[:, some].mean():.2f}" for some in (heard, ~heard)]
                + [f"{partials[:, some].mean():.1f}" for some in (heard, ~heard)]
            )
        heading = ["learned", "seconds", "÷ length of the sound", "test error × 10⁻⁴"]
        for what in ("within 5 cents", "on harmonics", "partials"):
            heading += [f"{what}, heard classes", f"{what}, others"]
        section.table(heading, rows)
    return section


if __name__ == "__main__":
    show(measure)
