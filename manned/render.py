"""A score into a sound file: the instrument that plays live, on a clock that does not wait."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

from . import files
from .audio.reproducible import make_reproducible
from .audio.sound_writer import SUBTYPES, open_for_writing, why_not_written
from .config import Config
from .control.mishaps import Mishaps
from .control.score import Score, first_sample, play
from .errors import AudioError, EngineBusy, ScoreError
from .session import Session, open_session
from .settings import MidiSettings
from .state.schedule import LOOKAHEAD_S

CHUNK = 512


class Rendered(NamedTuple):
    """What became of a score.

    Attributes
    ----------
    seconds : float
        Length of the file.
    left_out : int
        How many entries were left out because the score asks for more at once
        than the engine's queues hold.
    failures : int
        How many could not be played for another reason, which the log tells.
    """

    seconds: float
    left_out: int = 0
    failures: int = 0


def render(
    score: Score,
    path: str | os.PathLike[str],
    config: Config,
    tail_s: float = 60.0,
    progress: Callable[[float], object] | None = None,
    preset: str | None = None,
    keep_going: bool = False,
) -> Rendered:
    """Play a score into a sound file.

    The file begins at the score's second 0.  At the score's end everything that
    is still held is released, and the file ends where exact silence begins.

    Parameters
    ----------
    score : Score
    path : str or path
        Its suffix chooses the format, as `manned.audio.sound_writer.SUBTYPES` says.
        An older file is replaced when the new one is whole.
    config : manned.config.Config
        Model, tuning, start values, controller bindings, sample rate (0 is 44100) and
        channels.
    tail_s : float
        The most that is rendered after the score's end, in seconds.
    progress : callable(float), optional
        Told now and then what part of the score is done, 0–1.
    preset : str, optional
        Name of a preset that it is played on; the score may choose others.
    keep_going : bool
        As `Mishaps` has it.

    Returns
    -------
    Rendered

    Raises
    ------
    AudioError
        When the file cannot be written.
    ConfigError
        When a start value is not one of the model's.
    ScoreError
        When it asks for what cannot be done, unless it is to keep going, or nothing in it is heard.
    ModelError, PresetError, TuningError
    """
    subtype_of(Path(path))  # before the engine is loaded
    session = open_session(config, preset=preset)
    engine, mishaps = session.engine, Mishaps(keep_going)
    with sound_file(path, session, score.seconds + tail_s) as file:
        perform(score, session, config.midi, tail_s, file.write, progress or (lambda part: None), mishaps)
        frames = file.frames
        if not frames:
            raise ScoreError(f"score {files.shown(score.path)}: nothing in it is heard, so no file is written")
    return Rendered(frames / int(engine.samplerate), mishaps.left_out, mishaps.failures)


@contextlib.contextmanager
def sound_file(path: str | os.PathLike[str], session: Session, most_s: float = 0.0) -> Iterator[soundfile.SoundFile]:
    """Write a sound file of an engine's rate and channels, whole or not at all; equal sounds make equal files.

    Parameters
    ----------
    path : str or path
    session : Session
    most_s : float
        How long it may become; a ``.wav`` beyond 4 GiB is an RF64 file.

    Raises
    ------
    AudioError
        When it cannot be written, or its suffix names no format.
    """
    path = Path(path)
    subtype_of(path)
    rate, channels = int(session.engine.samplerate), session.engine.channels
    try:
        with files.replacing(path) as part:
            try:
                with open_for_writing(part, rate, channels, round(most_s * rate)) as file:
                    yield file
            except soundfile.SoundFileError as error:  # as long as the part fills the disk
                raise _not_written(path, error) from None
            make_reproducible(part)
    except OSError as error:
        raise _not_written(path, error) from None


def _not_written(path: Path, error: Exception) -> AudioError:
    return AudioError(f"sound file {files.shown(path)}: cannot be written ({why_not_written(error, path)})")


def subtype_of(path: Path) -> str:
    """The sample format that a suffix means; an `AudioError` when it names none."""
    subtype = SUBTYPES.get(path.suffix.lower())
    if subtype is None:
        raise AudioError(f"sound file {path}: its suffix is {path.suffix!r}, allowed are {', '.join(SUBTYPES)}")
    return subtype


def perform(
    score: Score,
    session: Session,
    midi: MidiSettings,
    tail_s: float,
    write: Callable[[np.ndarray], object],
    progress: Callable[[float], object],
    mishaps: Mishaps | None = None,
) -> None:
    """Play a score and hand its sound to ``write`` in blocks [shape=(frames, channels)]; the rest as `render`."""
    if len(os.sched_getaffinity(0)) > 1:
        session.engine.start(live=False)
    try:
        asyncio.run(_perform(score, session, midi, tail_s, write, progress, mishaps or Mishaps()))
    finally:
        session.engine.stop()


async def _perform(score, session: Session, midi, tail_s, write, progress, mishaps: Mishaps) -> None:
    """Play a score and hand its sound to ``write`` in chunks [shape=(frames, channels)]."""
    engine, instrument, schedule = session.engine, session.instrument, session.schedule
    start = first_sample(engine.clock, engine.samplerate)
    namespace = play(score, start, instrument, schedule, midi, mishaps.hear, session.morph, session.learned)
    end = start + round(score.seconds * engine.samplerate)
    ahead = round(LOOKAHEAD_S * engine.samplerate)

    async def advance(frames):
        schedule.run(engine.clock + frames + ahead)
        await namespace.settled()
        mishaps.end_if_fatal()
        return engine.render(frames)

    def release(when: int) -> None:
        try:
            instrument.all_notes_off(when)
        except EngineBusy:
            schedule.add(when + CHUNK, release)

    # One sample late, so that what the score itself plays at its end comes first.
    schedule.add(end + 1, release)
    await advance(start - engine.clock)
    while engine.clock < end:
        write(await advance(min(CHUNK, end - engine.clock)))
        progress((engine.clock - start) / max(end - start, 1))
    tail = []
    while engine.clock < end + tail_s * engine.samplerate:
        tail.append(await advance(CHUNK))
        if not tail[-1].any() and not len(schedule) and engine.silent:
            break
    write(_without_silence(tail, engine.channels, round(tail_s * engine.samplerate)))


def _without_silence(blocks: list[np.ndarray], channels: int, most: int) -> np.ndarray:
    """Blocks in one [shape=(frames, channels)], up to the last frame that is not exactly zero and ``most`` frames."""
    sound = np.concatenate([np.zeros((0, channels), np.float32), *blocks])[:most]
    audible = np.flatnonzero(sound.any(axis=1))
    return sound[: audible[-1] + 1 if len(audible) else 0]
