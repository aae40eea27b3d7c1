"""A recording's way through the latents of a model, as a preset and as a score."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .. import files
from ..errors import ScoreError
from ..model.pitch import class_and_octave
from ..state.preset import Preset
from ..table.value import Value
from .likeness import Likeness
from .notes import semitones

_LOUD_DB = 20.0  # frames no farther below the loudest make the preset
_SHORTEST = 3  # frames; what is shorter is an attack, not a note, and a gap, not a rest
_SAME_LATENTS, _SAME_BEND, _SAME_LEVEL_DB = 5e-4, 0.02, 0.1  # what is closer than this is not told again
_BEND_RANGE = 2.0  # semitones
_BENT_MOST = 1.0  # semitones; what lies farther is a note too short to be one
_LEVEL_LEAD_S = 0.01  # the instrument takes so long to follow an expression
_RELEASE_S = 0.05


@dataclass(frozen=True, eq=False)
class Trajectory:
    """What a model hears in a recording, frame by frame.

    Attributes
    ----------
    times_s : np.ndarray [shape=(n,)]
        Middle of each frame, from the start of the recording.
    latents : np.ndarray [shape=(n, latents)]
        Control values, 0–1; silent frames hold those before.
    notes : np.ndarray [shape=(n,)], int
        MIDI note that each frame belongs to.
    f0_hz : np.ndarray [shape=(n,)]
        Pitch; frames without one hold that beside them.
    voiced : np.ndarray [shape=(n,)], bool
        Which frames have a pitch.
    levels : np.ndarray [shape=(n,)]
        Root mean square, 0 of a silent frame.
    one_pitch : float
        Share of the sound's power that one pitch tells, 0–1.
    hop_s : float
        From one frame to the next.
    seconds : float
        Length of the recording.
    likeness : Likeness
        How near the decoder comes with these latents.
    outside : float or None
        Share of the frames that are no silence that lie farther from the training
        frames than 99 % of these do; None when the decoder has no map.
    """

    times_s: np.ndarray
    latents: np.ndarray
    notes: np.ndarray
    f0_hz: np.ndarray
    voiced: np.ndarray
    levels: np.ndarray
    one_pitch: float
    hop_s: float
    seconds: float
    likeness: Likeness
    outside: float | None

    @property
    def silent(self) -> int:
        """How many frames are silence."""
        return int(np.sum(self.levels == 0.0))

    @property
    def unpitched(self) -> float:
        """Share of the frames that are no silence that have no pitch, 0–1."""
        return float(np.mean(~self.voiced[self.levels > 0.0]))

    @property
    def note(self) -> int:
        """MIDI note that most of its loud frames have."""
        return int(np.bincount(self.notes[self._loud()]).argmax())

    def preset(self, name: str, model: str) -> Preset:
        """The mean of its loud frames, and the note that most of them have."""
        latents = self.latents[self._loud()].mean(axis=0)
        pitch_class, octave = class_and_octave(self.note)
        values: dict[str, Value] = {f"latent/{i}": round(float(value), 6) for i, value in enumerate(latents, 1)}
        values |= {"chroma": pitch_class, "octave": octave}
        return Preset(name, model, len(latents), values)

    def _loud(self) -> np.ndarray:
        """Which frames are loud, and have a pitch, if any has."""
        told = np.where(self.voiced, self.levels, 0.0) if self.voiced[self.levels > 0.0].any() else self.levels
        return told >= max(told.max() * 10.0 ** (-_LOUD_DB / 20.0), np.finfo(np.float32).tiny)

    def score(self) -> Iterator[str]:
        """Its lines as a text score: a drone that goes the same way at the same speed, and rests where it is silent.

        Latents and pitch are told one frame early and the glide is one frame long, so that they are at their value in
        the middle of the frame.  The level is the expression, beside the loudest frame; the drone's own envelope
        is flat.
        """
        lines = [*self._opening(), *self._latent_lines(), *self._pitch_lines(), *self._level_lines(), *self._gates()]
        lines += self._closing()
        return (f"{time_s:.4f} {text}" for time_s, text in sorted(lines, key=lambda line: line[0]))

    def _opening(self) -> Iterator[tuple[float, str]]:
        yield 0.0, f"/glide {self.hop_s:.6f}"
        yield 0.0, "/env/attack 0.003"
        yield 0.0, "/env/sustain 1"
        yield 0.0, f"/env/release {_RELEASE_S}"
        yield 0.0, f"/bend/range {_BEND_RANGE:g}"

    def _closing(self) -> Iterator[tuple[float, str]]:
        """What gives the instrument back as it was, once the drone is silent."""
        yield self.seconds + _RELEASE_S, "/expression 1"
        yield self.seconds + _RELEASE_S, "/bend 0"

    def _when(self, frame: int, lead_s: float) -> float:
        return 0.0 if frame == 0 else max(0.0, float(self.times_s[frame]) - lead_s)

    def _latent_lines(self) -> Iterator[tuple[float, str]]:
        told = None
        for frame, latents in enumerate(self.latents):
            if told is None or np.abs(latents - told).max() > _SAME_LATENTS:
                text = " ".join(f"{value:.4f}" for value in latents)
                yield self._when(frame, self.hop_s), f"/latents {text}"
                told = latents

    def _pitch_lines(self) -> Iterator[tuple[float, str]]:
        notes = _without_short(self.notes[:, None])[:, 0]
        bends = semitones(self.f0_hz) - notes
        before, told = (None, None), None
        for frame, note in enumerate(notes):
            when = self._when(frame, self.hop_s)
            pitch_class, octave = class_and_octave(note)
            if pitch_class != before[0]:
                yield when, f"/chroma {pitch_class}"
            if octave != before[1]:
                yield when, f"/octave {octave}"
            bend = bends[frame] if abs(bends[frame]) <= _BENT_MOST else told or 0.0
            if told is None or (pitch_class, octave) != before or abs(bend - told) > _SAME_BEND:
                yield when, f"/bend {bend / _BEND_RANGE:.4f}"
                told = bend
            before = pitch_class, octave

    def _level_lines(self) -> Iterator[tuple[float, str]]:
        factors = self.levels / self.levels.max()
        told = None
        for frame, factor in enumerate(factors):
            if told is None or abs(_decibels(factor) - _decibels(told)) > _SAME_LEVEL_DB:
                yield self._when(frame, _LEVEL_LEAD_S), f"/expression {factor:.5f}"
                told = factor

    def _gates(self) -> Iterator[tuple[float, str]]:
        sounds = _without_short(self.levels[:, None] > 0.0)[:, 0]
        before = False
        for frame, sound in enumerate(sounds):
            if sound != before:
                yield self._when(frame, self.hop_s), f"/gate {int(sound)}"
            before = sound
        if before:
            yield self.seconds, "/gate 0"


def write_score(trajectory: Trajectory, path: str | os.PathLike[str], remark: str) -> int:
    """Write a trajectory as a text score, whole or not at all; returns how many lines it has."""
    path = Path(path)
    lines = list(trajectory.score())
    try:
        files.write_text(path, "\n".join([f"# {remark}", *lines, ""]))
    except OSError as error:
        raise ScoreError(f"score {path}: cannot be written ({error.strerror})") from None
    return len(lines)


def _decibels(factor: float) -> float:
    return 20.0 * float(np.log10(max(factor, 1e-4)))


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
