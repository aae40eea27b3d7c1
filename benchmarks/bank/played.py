"""Notes of a preset, played by the instrument as a musician hears them, and how loud they are."""

from __future__ import annotations

import numpy as np
import pyloudnorm  # pyright: ignore[reportMissingImports]  # comes with the extra 'sound'

from manned.library import SHIPPED_PRESETS
from manned.session import Session, open_session
from manned.state.preset import Preset
from manned.state.preset_folder import PresetFolder

RATE = 44100
LOUDNESS_DB = -20.0
"""Loudness that all presets have in their loudest 0.4 s, LUFS; a chord has room above."""

HELD_S, SECONDS = 4.0, 4.5
"""How long a note is held, and heard."""

_WINDOW_S, _STEP_S = 0.4, 0.05


def shipped() -> list[Preset]:
    """Every preset that comes with the program."""
    return PresetFolder(None, SHIPPED_PRESETS).all()


def opened() -> Session:
    """An instrument at full gain."""
    session = open_session(samplerate=RATE)
    session.instrument.set("gain", 1.0)
    return session


def probe(preset: Preset, note: int, velocity: int = 100, held: float = HELD_S, seconds: float = SECONDS) -> np.ndarray:
    """One note of a preset [shape=(n, 2)]."""
    session = opened()
    session.presets.apply(preset)
    session.engine.render(RATE // 10)  # latents arrive
    session.instrument.note_on("probe", note, velocity)
    sound = session.engine.render(round(held * RATE))
    session.instrument.note_off("probe")
    return np.concatenate([sound, session.engine.render(round((seconds - held) * RATE))])


def chord(preset: Preset, note: int) -> np.ndarray:
    """Four notes of a preset at once, as hard as can be [shape=(n, 2)]."""
    session = opened()
    session.presets.apply(preset)
    session.engine.render(RATE // 10)
    with session.instrument.together():
        for above in (0, 4, 7, 12):
            session.instrument.note_on(above, note + above, 127)
    return session.engine.render(RATE)


def loudness_db(sound: np.ndarray) -> float:
    """Loudness (ITU-R BS.1770-4, by pyloudnorm) of the loudest 0.4 s of a sound [shape=(n, 2)], LUFS."""
    meter = pyloudnorm.Meter(RATE, block_size=_WINDOW_S)
    window, step = round(_WINDOW_S * RATE), round(_STEP_S * RATE)
    cuts = (sound[start : start + window].astype(np.float64) for start in range(0, len(sound) - window, step))
    return max(meter.integrated_loudness(cut) for cut in cuts)
