"""A decoder whose frames tell its latents, and how to read them from what a voice plays."""

from __future__ import annotations

import numpy as np

from manned.engine import Engine
from manned.events import GAIN, LATENT, Event
from manned.model.decoder_file import Decoder
from manned.model.topology import Topology

FIRST, APART = 100, 50  # bins of the peaks: one that is always there, then one per latent


def telling_decoder(latents: int = 3) -> Decoder:
    """Takes no pitch; every latent is the height of a peak beside one of height 1."""
    topology = Topology(widths=(latents,), bottleneck=latents, augmentation="none", skip=False, alpha=0.0)
    out = np.zeros((latents, topology.bins), dtype=np.float32)
    bias = np.zeros(topology.bins, dtype=np.float32)
    bias[FIRST] = 1.0
    for i in range(latents):
        out[i, FIRST + APART * (i + 1)] = 1.0
    return Decoder(
        "telling", topology, [(np.eye(latents, dtype=np.float32), np.zeros(latents, np.float32)), (out, bias)]
    )


def telling_engine(latents: int = 3) -> Engine:
    """An engine on that decoder, all latents at 0 and at full gain."""
    engine = Engine(44100, 1)
    engine.load(telling_decoder(latents))
    engine.push([Event(GAIN, None, 0, 1.0), *(Event(LATENT, None, i, 0.0) for i in range(latents))])
    return engine


def told(engine, voice: int = 1, latents: int = 3) -> np.ndarray:
    """Latents [shape=(latents,)] of the frame that a voice plays."""
    spectrum = next(one.spectrum for one in engine.voices() if one.index == voice)
    return spectrum[FIRST + APART : FIRST + APART * (latents + 1) : APART] / spectrum[FIRST]


def told_over(engine, frames: int, voice: int = 1, step: int = 32) -> tuple[np.ndarray, np.ndarray]:
    """Each frame that a voice plays during some samples: when it was asked for (±16 samples), and its latents.

    A frame is asked for one hop of 512 samples before it plays.
    """
    times, values = [], []
    last = told(engine, voice)
    for _ in range(frames // step):
        engine.render(step)
        now = told(engine, voice)
        if not np.array_equal(now, last):
            times.append(engine.clock - 512 - step / 2)
            values.append(now)
        last = now
    return np.array(times), np.array(values)
