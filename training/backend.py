"""Keras, imported in one place, without TensorFlow's start-up chatter on the terminal.

TensorFlow is the backend unless ``KERAS_BACKEND`` says ``jax`` or ``torch``.
"""

import os
from contextlib import contextmanager

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@contextmanager
def _quiet():
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


with _quiet():
    import keras

BACKEND = keras.backend.backend()
if BACKEND == "tensorflow":
    import tensorflow as tf  # noqa: F401
