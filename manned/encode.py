"""A recording as a starting point: its way through the latents of a model, as its encoder hears it."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import files
from .errors import AudioError, ParameterError, ScoreError
from .model import analysis
from .model.decoder_file import Decoder
from .model.encoder_file import Encoder
from .model.forward import forward
from .model.pitch import CLASS_NAMES, class_and_octave, parse_class
from .sound_file import open_sound
from .state.preset_folder import Preset

_BLOCK = 1 << 18  # samples read at a time
_FRAMES_AT_ONCE = 512
_OCTAVES = range(1, 8)  # that are told apart for a model without octaves
_LOUD_DB = 20.0  # frames no farther below the loudest make the preset
_SHORTEST = 3  # frames; what is shorter is an attack, not a note, and a gap, not a rest
_SAME = 5e-4  # latents closer than this are not told again


@dataclass(frozen=True, eq=False)
class Trajectory:
    """What a model hears in a recording, frame by frame.

    Attributes
    ----------
    times_s : np.ndarray [shape=(n,)]
        Middle of each frame, from the start of the recording.
    latents : np.ndarray [shape=(n, latents)]
        Control values, 0–1; silent frames hold those before.
    notes : np.ndarray [shape=(n, 2)]
        Pitch class and octave.
    levels : np.ndarray [shape=(n,)]
        Strongest bin of each frame; 0 of a silent one.
    hop_s : float
        From one frame to the next.
    seconds : float
        Length of the recording.
    mse : float
        Mean squared difference between the frames that are no silence, normalised
        to 1, and what the decoder makes of their latents.
    convergence_db : float
        Spectral convergence: the norm of that difference beside the norm of the frames.
    outside : float or None
        Share of these frames that lie farther from the training frames than 99 %
        of these do; None when the decoder has no map.
    """

    times_s: np.ndarray
    latents: np.ndarray
    notes: np.ndarray
    levels: np.ndarray
    hop_s: float
    seconds: float
    mse: float
    convergence_db: float
    outside: float | None

    @property
    def silent(self) -> int:
        """How many frames are silence."""
        return int(np.sum(self.levels == 0.0))

    def preset(self, name: str, model: str) -> Preset:
        """The mean of its loud frames, and the note that most of them have."""
        loud = self.levels >= self.levels.max() * 10.0 ** (-_LOUD_DB / 20.0)
        latents = self.latents[loud].mean(axis=0)
        (pitch_class, octave), _ = Counter(map(tuple, self.notes[loud].tolist())).most_common(1)[0]
        values = {f"latent/{i}": round(float(value), 6) for i, value in enumerate(latents, 1)}
        return Preset(name, model, len(latents), values | {"chroma": pitch_class, "octave": octave})

    def gesture(self) -> Iterator[str]:
        """Its lines as a text score: a drone that goes the same way at the same speed, and rests where it is silent.

        Each line is told one frame early and the glide is one frame long, so that
        the latents are at their value in the middle of the frame.
        """
        notes = _without_short(self.notes)
        sounds = _without_short(self.levels[:, None] > 0.0)[:, 0]
        yield f"0 /glide {self.hop_s:.6f}"
        told, before = None, (None, None, False)
        for time_s, latents, (pitch_class, octave), sound in zip(self.times_s, self.latents, notes.tolist(), sounds):
            when = f"{0.0 if told is None else time_s - self.hop_s:.4f}"
            if pitch_class != before[0]:
                yield f"{when} /chroma {pitch_class}"
            if octave != before[1]:
                yield f"{when} /octave {octave}"
            if told is None or np.abs(latents - told).max() > _SAME:
                yield f"{when} /latents {' '.join(f'{value:.4f}' for value in latents)}"
                told = latents
            if sound != before[2]:
                yield f"{when} /gate {int(sound)}"
            before = pitch_class, octave, sound
        if before[2]:
            yield f"{self.seconds:.4f} /gate 0"


def encode(
    path: str | os.PathLike[str],
    encoder: Encoder,
    decoder: Decoder,
    note: int | None = None,
    progress: Callable[[float], object] | None = None,
) -> Trajectory:
    """Follow a recording through the latents of a model, in bounded memory.

    Parameters
    ----------
    path : path
        Any format, sample rate and number of channels that soundfile reads.
    encoder : Encoder
    decoder : Decoder
        The one that the encoder belongs to.
    note : int, optional
        MIDI note that sounds all through; otherwise pitch class and octave are
        measured in every frame.
    progress : callable(float), optional
        Told now and then what part is done, 0–1.

    Raises
    ------
    AudioError
        When it cannot be read, is silence, or too short for one frame.
    """
    path = Path(path)
    topology = decoder.topology
    measure = _Measure(encoder, decoder, note)
    waiting, samples = np.zeros(0, dtype=np.float32), 0
    for signal, done in _signal(path, topology.samplerate):
        samples += len(signal)
        waiting = np.concatenate([waiting, signal])
        while len(waiting) >= topology.n_fft:
            count = min((len(waiting) - topology.n_fft) // topology.hop + 1, _FRAMES_AT_ONCE)
            measure.add(
                analysis.magnitudes(
                    waiting[: (count - 1) * topology.hop + topology.n_fft], topology.n_fft, topology.hop
                )
            )
            waiting = waiting[count * topology.hop :]
        if progress is not None:
            progress(done)
    seconds = samples / topology.samplerate
    if samples < topology.n_fft:
        raise AudioError(
            f"sound file {path}: {seconds:.3f} s long, one frame takes {topology.n_fft / topology.samplerate:.3f} s"
        )
    trajectory = measure.trajectory(seconds)
    if trajectory is None:
        raise AudioError(f"sound file {path}: silence, nothing in it is louder than {analysis.SILENCE_DB:g} dBFS")
    return trajectory


class _Measure:
    """Takes frames, some at a time, and keeps what is small."""

    def __init__(self, encoder: Encoder, decoder: Decoder, note: int | None):
        self.encoder = encoder
        self.decoder = decoder
        self.note = None if note is None else class_and_octave(note)
        self._parts = []
        self._difference = self._energy = 0.0
        self._outside = 0

    def add(self, frames: np.ndarray) -> None:
        """Take frames [shape=(n, bins)]."""
        topology = self.decoder.topology
        audible = analysis.audible(frames)
        latents = np.full((len(frames), topology.bottleneck), np.nan, dtype=np.float32)
        notes = np.zeros((len(frames), 2), dtype=np.int64)
        if audible.any():
            latents[audible], notes[audible] = self._analyse(analysis.normalise(frames[audible]))
        self._parts.append((latents, notes, np.where(audible, frames.max(axis=1), 0.0)))

    def _analyse(self, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        topology, decoder = self.decoder.topology, self.decoder
        if self.note is None:
            classes = analysis.pitch_classes(frames, topology.samplerate)
            octaves = analysis.estimate_octaves(frames, classes, topology.octaves or _OCTAVES, topology.samplerate)
        else:
            classes, octaves = (np.full(len(frames), part) for part in self.note)
        known = [topology.octaves[decoder.octave_index(octave)] for octave in octaves] if topology.octaves else None
        conditions = analysis.condition(classes, known, topology.octaves)
        low, high = decoder.latent_range.T
        size = np.where(high > low, high - low, 1.0)
        controls = (self.encoder.latents(frames, conditions) - low) / size
        played = np.clip(controls, 0.0, 1.0)
        inputs = low + size * played
        if topology.skip:
            inputs = np.concatenate([inputs, conditions], axis=1)
        decoded = forward(topology.decoder_layers(), decoder.weights, topology.alpha, inputs)
        self._difference += float(np.sum(np.square(decoded - frames), dtype=np.float64))
        self._energy += float(np.sum(np.square(frames), dtype=np.float64))
        if decoder.timbres is not None:
            self._outside += int(np.sum(~decoder.timbres.inside(controls)))
        return played, np.stack([classes, octaves], axis=1)

    def trajectory(self, seconds: float) -> Trajectory | None:
        """All that was analysed; None when it was silence."""
        topology = self.decoder.topology
        latents, notes, levels = (np.concatenate(part) for part in zip(*self._parts))
        audible = np.flatnonzero(levels)
        if not len(audible):
            return None
        # The frame that each one holds: itself, or the last before it that is no silence.
        held = audible[np.maximum(np.searchsorted(audible, np.arange(len(levels)), side="right") - 1, 0)]
        return Trajectory(
            times_s=(np.arange(len(levels)) * topology.hop + topology.n_fft / 2) / topology.samplerate,
            latents=latents[held],
            notes=notes[held],
            levels=levels,
            hop_s=topology.hop / topology.samplerate,
            seconds=seconds,
            mse=self._difference / (len(audible) * topology.bins),
            convergence_db=10.0 * float(np.log10(max(self._difference / self._energy, 1e-30))),
            outside=self._outside / len(audible) if self.decoder.timbres is not None else None,
        )


def _signal(path: Path, samplerate: int) -> Iterator[tuple[np.ndarray, float]]:
    """Mono blocks of a sound file at a sample rate, and what part of the file is done with each."""
    with open_sound(path) as sound:
        resample = sound.resampler(samplerate)
        done = 0
        for block in sound.blocks(_BLOCK):
            done += len(block)
            yield resample(block, False), done / max(sound.frames, done)
        yield resample(np.zeros(0, dtype=np.float32), True), 1.0


def parse_note(text: str) -> int:
    """MIDI note of a number 0–127, or of a name and octave such as ``A4`` or ``Eb3``."""
    number = int(text) if re.fullmatch(r"\d{1,3}", text) else -1
    if name := re.fullmatch(r"([A-Ga-g][#b♯♭]?)(-?\d)", text):
        pitch_class = parse_class(name[1])
        number = -1 if pitch_class is None else pitch_class + 12 * (int(name[2]) + 1)
    if not 0 <= number <= 127:
        raise ParameterError(f"note {text!r}: no note, allowed are 0–127, or a name with its octave such as A4 or Eb3")
    return number


def note_name(pitch_class: int, octave: int) -> str:
    """A note for people, e.g. ``A4``."""
    return f"{CLASS_NAMES[pitch_class]}{octave}"


def write_gesture(trajectory: Trajectory, path: str | os.PathLike[str], remark: str) -> int:
    """Write a trajectory as a text score, whole or not at all; returns how many lines it has."""
    path = Path(path)
    lines = list(trajectory.gesture())
    try:
        files.write_text(path, "\n".join([f"# {remark}", *lines, ""]))
    except OSError as error:
        raise ScoreError(f"score {path}: cannot be written ({error.strerror})") from None
    return len(lines)


def _without_short(rows: np.ndarray) -> np.ndarray:
    """Rows [shape=(n, any)] of which the shortest equal stretches take the row before them.

    The first ones take the one after.
    """
    starts = np.flatnonzero(np.concatenate([[True], np.any(rows[1:] != rows[:-1], axis=1)]))
    lengths = np.diff(np.concatenate([starts, [len(rows)]]))
    kept = lengths >= _SHORTEST
    if not kept.any():
        return np.repeat(rows[starts[[lengths.argmax()]]], len(rows), axis=0)
    sources = np.flatnonzero(kept)[np.maximum(np.cumsum(kept) - 1, 0)]
    return np.repeat(rows[starts[sources]], lengths, axis=0)
