"""Keras, imported in one place, without TensorFlow's start-up chatter on the terminal.

TensorFlow is the backend unless ``KERAS_BACKEND`` says ``jax`` or ``torch``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from manned.errors import TrainingError

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@contextmanager
def _quiet() -> Iterator[None]:
    """Send what native code writes to stderr nowhere; TensorFlow logs before it reads its log level."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


@contextmanager
def _without(*packages: str) -> Iterator[None]:
    """As if these packages were not installed: Keras and TensorFlow import them, if there, for what nobody asks here.

    It is a third of the time that a command takes to begin.
    """
    hidden = [name for name in packages if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # Python's way to say that a module is not there
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


Tensor = Any
"""An array of the backend, or one of NumPy."""

BACKENDS = ("tensorflow", "jax", "torch")
BACKEND = os.environ["KERAS_BACKEND"]
if BACKEND not in BACKENDS:
    raise TrainingError(f"KERAS_BACKEND is {BACKEND!r}, allowed are {', '.join(BACKENDS)}")
try:
    with _quiet(), _without("matplotlib", "sklearn", *({"jax"} - {BACKEND})):
        import keras  # noqa: F401

        if BACKEND == "tensorflow":
            import tensorflow as tf  # noqa: F401
except ImportError as error:
    raise TrainingError(f"KERAS_BACKEND is {BACKEND!r}, which cannot be imported here ({error})") from None


def device() -> str:
    """What networks train on, as its maker names it: ``NVIDIA H100 80GB HBM3``; a processor is ``cpu``."""
    if BACKEND == "jax":
        import jax

        return jax.devices()[0].device_kind
    if BACKEND == "torch":
        import torch  # type: ignore[import-not-found]

        return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"
    import tensorflow as tf

    found = tf.config.list_physical_devices("GPU")
    return tf.config.experimental.get_device_details(found[0]).get("device_name", "gpu") if found else "cpu"
