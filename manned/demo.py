"""A bank of presets into one sound file: a phrase of each, one after the other."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from . import files
from .config import Config, with_model_of
from .control.osc.packet import Message
from .control.score import Score
from .control.score_entry import Entry
from .errors import PresetError
from .library import SHIPPED_PRESETS
from .render import perform, sound_file
from .session import Session, open_session
from .state.preset import Preset

PHRASES = SHIPPED_PRESETS / "phrases.toml"
"""What is played, by kind."""

TAIL_S = 4.0
FADE_S = 0.5
"""Where a sound goes on after its tail, it fades out so fast."""

GAP_S = 0.25


class Heard(NamedTuple):
    """Where in the file a preset is heard.

    Attributes
    ----------
    start_s, seconds : float
    preset : Preset
    """

    start_s: float
    seconds: float
    preset: Preset


def demo(
    presets: Sequence[Preset],
    path: str | os.PathLike[str],
    config: Config,
    progress: Callable[[int], object] = lambda done: None,
) -> list[Heard]:
    """Play a phrase that fits its kind on each preset, on the model that it was made on, into a sound file.

    Parameters
    ----------
    presets : sequence of Preset
        Of the folders that the settings name.
    path : str or path
        Its suffix chooses the format.
    config : Config
    progress : callable(int), optional
        Told how many are done.

    Raises
    ------
    AudioError
        When the file cannot be written.
    PresetError
        When there are no presets.
    ModelError
    """
    if not presets:
        raise PresetError("presets: there are none to be heard")
    phrases = files.read_toml(PHRASES)
    heard = []
    frames = 0
    with sound_file(path, open_session(config)) as file:
        for number, preset in enumerate(presets, 1):
            session = open_session(with_model_of(config, preset.name), file.samplerate, preset=preset.name)
            sound = _play(phrase(preset, phrases), session, config)
            gap = np.zeros((round(GAP_S * file.samplerate), file.channels), np.float32)
            file.write(np.concatenate([sound, gap]))
            heard.append(Heard(frames / file.samplerate, len(sound) / file.samplerate, preset))
            frames += len(sound) + len(gap)
            progress(number)
    return heard


def phrase(preset: Preset, phrases: dict[str, Any]) -> Score:
    """A phrase that fits a preset by its folder, or else by the first of its kinds that has one."""
    kind = next((kind for kind in (preset.folder, *preset.kinds) if kind in phrases), "any")
    where = f"preset {preset.name}"
    entries = []
    for number, (start, note, velocity, seconds) in enumerate(phrases[kind].get("notes", ())):
        entries.append(Entry(start, where, Message("/mnote", (note, velocity, number))))
        entries.append(Entry(start + seconds, where, Message("/mnote/rel", (note, 0, number))))
    if drone_s := phrases[kind].get("drone", 0.0):
        entries += [Entry(0.0, where, Message("/gate", (1,))), Entry(drone_s, where, Message("/gate", (0,)))]
    entries.sort(key=lambda entry: entry.seconds)
    return Score(Path(preset.name), tuple(entries), entries[-1].seconds)


def _play(score: Score, session: Session, config: Config) -> np.ndarray:
    """The sound of a phrase [shape=(frames, channels)], which ends in silence or fades out."""
    blocks: list[np.ndarray] = []
    perform(score, session, config.midi, TAIL_S, blocks.append, lambda part: None)
    sound = np.concatenate(blocks)
    rate = session.engine.samplerate
    if len(sound) >= round((score.seconds + TAIL_S) * rate):
        fade = min(round(FADE_S * rate), len(sound))
        sound[-fade:] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)[:, None]
    return sound
