"""A fit's network at work: many frames encoded and decoded in NumPy, on every core and in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from manned.model import analysis
from manned.model.forward import activate, taken
from training.network.fit_folder import Fitted, Layers

# So many frames of 2049 bins and their copies stay within a core's cache.
ROWS_AT_ONCE = 512

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


def encode(fitted: Fitted, frames: np.ndarray, conditions: np.ndarray) -> np.ndarray:
    """Latents [shape=(n, bottleneck)] of frames [shape=(n, bins)] and their condition vectors."""
    topology = fitted.topology
    inputs = analysis.encoder_input(topology, frames, conditions)
    return run(topology.encoder_layers(), fitted.encoder, topology.alpha, inputs)


def decode(fitted: Fitted, latents: np.ndarray, conditions: np.ndarray) -> np.ndarray:
    """Frames [shape=(n, bins)] of latents [shape=(n, bottleneck)] and condition vectors."""
    topology = fitted.topology
    inputs = np.concatenate([latents, conditions], axis=1) if topology.skip else latents
    return run(topology.decoder_layers(), fitted.decoder, topology.alpha, inputs)


def run(layers: Sequence[tuple[int, int, str]], weights: Layers, alpha: float, inputs: np.ndarray) -> np.ndarray:
    """As `manned.model.forward.forward`, with a third of its passes over memory."""
    values = inputs = np.asarray(inputs, dtype=np.float32)
    slope = np.float32(alpha)
    for (takes, _, activation), (weight, bias) in zip(layers, weights):
        values = taken(values, inputs, takes) @ weight
        values += bias
        if activation == "leaky_relu":
            np.maximum(values, slope * values, out=values)
        elif activation == "relu":
            np.maximum(values, 0.0, out=values)
        elif activation == "square":
            np.square(values, out=values)
        else:
            values = activate(values, activation, float(slope))
    return values


def chunks(rows: np.ndarray) -> Iterator[np.ndarray]:
    """The rows, `ROWS_AT_ONCE` at a time."""
    return (rows[first : first + ROWS_AT_ONCE] for first in range(0, len(rows), ROWS_AT_ONCE))


def on_every_core(work: Callable[[_Task], _Result], tasks: Iterable[_Task]) -> Iterator[_Result]:
    """``map(work, tasks)`` on as many threads as NumPy may use, each product on one of them.

    So the results are the same bit for bit on any number of cores; ``OMP_NUM_THREADS`` limits them.
    """
    count = max((pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"), default=1)
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(count) as threads:
        yield from threads.map(work, tasks)
