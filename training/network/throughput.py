"""How fast a fit was, beside what the machine can do: the rate of its largest plain matrix product."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from manned.model.topology import Topology
from training.network.backend import keras
from training.network.fit_folder import CHECKPOINT, read_facts, read_settings

ops: Any = keras.ops
_SIDE = 2048
_REPEATS = 4


def training_flops(topology: Topology, frames: int) -> float:
    """Floating-point operations of training on so many frames.

    Counted are the matrix products of the forward pass, of the weights' gradients and of the inputs' gradients, which
    the first layer does without; a multiplication and an addition are two operations.
    """
    sizes = [inputs * outputs for inputs, outputs, _ in (*topology.encoder_layers(), *topology.decoder_layers())]
    return 2.0 * frames * (3 * sum(sizes) - sizes[0])


def matrix_peak(bfloat16: bool = False) -> float:
    """Operations per second of the best of a few products of square matrices, 2048 × 2048, on the training device."""
    factor = ops.cast(
        np.random.default_rng(0).random((_SIDE, _SIDE), dtype=np.float32), "bfloat16" if bfloat16 else "float32"
    )
    best = np.inf
    for _ in range(_REPEATS):
        started = time.perf_counter()
        # Reading a value waits for a device that works on its own.
        ops.convert_to_numpy(ops.cast(ops.matmul(factor, factor)[0, 0], "float32"))
        best = min(best, time.perf_counter() - started)
    return 2.0 * _SIDE**3 / best


def read_seconds(folder: str | os.PathLike[str]) -> float:
    """Seconds that a fit has trained in all, its interruptions left out."""
    return read_facts(Path(folder) / CHECKPOINT)["seconds"]


def read_devices(folder: str | os.PathLike[str]) -> list[str]:
    """What a fit has trained on, see `training.network.backend.device`; nothing of one by an older version."""
    return read_facts(Path(folder) / CHECKPOINT).get("devices", [])


def report(folder: str | os.PathLike[str]) -> str:
    """Frames and operations per second of a fit, and the share of the machine's peak that this is."""
    facts, settings = read_facts(Path(folder) / CHECKPOINT), read_settings(folder)
    rate = facts["frames"] / facts["seconds"]
    bfloat16 = settings["recipe"]["mixed_bfloat16"]
    reached = training_flops(Topology.from_dict(settings["topology"]), 1) * rate
    peak = matrix_peak(bfloat16)
    return (
        f"{facts['seconds']:.0f} s, {rate:.0f} frames/s, {reached / 1e9:.0f} GFLOP/s: {100 * reached / peak:.0f} % of "
        f"this machine's matrix-product peak ({peak / 1e9:.0f} GFLOP/s in {'bfloat16' if bfloat16 else 'float32'})"
    )
