"""A gesture of known values."""

from __future__ import annotations

import numpy as np

from manned.model.gesture import RATE_HZ, Gesture


def some_gesture(name: str = "some", frames: int = 200, latents: int = 3) -> Gesture:
    """Latents that wander, a level that rises and falls to 0, a pitch that goes up; all exact in a file."""
    rng = np.random.default_rng(0)
    place = np.linspace(0.0, 1.0, frames)
    level = np.interp(place, (0.0, 0.1, 1.0), (0.0, 1.0, 0.0))
    return Gesture(
        name=name,
        model="small",
        latents=rng.random((frames, latents)).astype(np.float16).astype(np.float32),
        level=(level / level.max()).astype(np.float32),
        pitch=place.astype(np.float32),
        rate_hz=RATE_HZ,
        note=60.25,
        loop=(0.4, 0.9),
        crossfade_s=0.2,
        hold=0.5,
        info={"source": "some.wav"},
    )
