"""Notes of a preset, played by the instrument as a musician hears them, and how loud they are."""

from __future__ import annotations

import numpy as np
import scipy.signal

from manned.library import SHIPPED_PRESETS
from manned.session import Session, open_session
from manned.state.preset import Preset
from manned.state.preset_folder import PresetFolder

RATE = 44100
LOUDNESS_DB = -20.0
"""Loudness that all presets have: of their loudest 0.4 s, K-weighted, dB below full scale; a chord has room above."""

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
    """K-weighted level (ITU-R BS.1770-4) of the loudest 0.4 s of a sound [shape=(n, 2)], dB below full scale."""
    power = np.square(_k_weighted(sound)).sum(axis=1)
    summed = np.concatenate([[0.0], np.cumsum(power)])
    window, step = round(_WINDOW_S * RATE), round(_STEP_S * RATE)
    starts = np.arange(0, len(power) - window, step)
    return float(-0.691 + 10.0 * np.log10((summed[starts + window] - summed[starts]).max() / window + 1e-12))


def _k_weighted(sound: np.ndarray) -> np.ndarray:
    """Through the two filters of BS.1770, by their analogue prototypes (de Man, 2014), at this sample rate."""
    shelf = _biquad(1681.974450955533, 0.7071752369554196, 3.999843853973347)
    high_pass = _biquad(38.13547087602444, 0.5003270373238773, None)
    return np.asarray(scipy.signal.sosfilt(np.array([shelf, high_pass]), sound.astype(np.float64), axis=0))


def _biquad(hertz: float, q: float, gain_db: float | None) -> np.ndarray:
    """One second-order section: a high shelf of a gain, or a high pass."""
    k = np.tan(np.pi * hertz / RATE)
    a0 = 1.0 + k / q + k * k
    if gain_db is None:
        b = [1.0, -2.0, 1.0]
    else:
        high = 10.0 ** (gain_db / 20.0)
        middle = high**0.4996667741545416
        b = [
            (high + middle * k / q + k * k) / a0,
            2.0 * (k * k - high) / a0,
            (high - middle * k / q + k * k) / a0,
        ]
    return np.array([*b, 1.0, 2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0])
