"""Notes of General MIDI, encoded and played again by the instrument itself."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

from manned.config import load_config
from manned.control.score import Score
from manned.encode.recording import encode
from manned.encode.trajectory import Trajectory, write_score
from manned.model.kinds import AnyDecoder, AnyEncoder
from manned.render import render

RATE = 44100


class Again(NamedTuple):
    """What became of a recording.

    Attributes
    ----------
    heard : Trajectory
        What `manned encode` heard in it.
    sound : np.ndarray [shape=(n,)]
        What `manned render` made of the score that `manned encode` wrote.
    """

    heard: Trajectory
    sound: np.ndarray


def again(sound: Path, name: str, decoder: AnyDecoder, encoder: AnyEncoder) -> Again:
    """Encode a sound file without being told its note, and render the score with a decoder of the program's."""
    score, rendered = sound.with_suffix(f".{name}.txt"), sound.with_suffix(f".{name}.wav")
    heard = encode(sound, encoder, decoder)
    write_score(heard, score, sound.name)
    settings = (f"model.name={name}", f"audio.samplerate={RATE}", "audio.channels=1")
    render(Score.load(score), rendered, load_config(None, settings, {}))
    return Again(heard, soundfile.read(rendered, dtype="float32", always_2d=True)[0][:, 0])
