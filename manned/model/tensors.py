"""Dense layers in safetensors files: written whole or not at all, and checked when they are read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from .. import files
from ..errors import ModelError
from ..files import PathLike
from .topology import Layer, Weights

MAX_WEIGHTS = 64_000_000


def write_tensors(path: PathLike, tensors: dict[str, np.ndarray], entry: str, metadata: dict) -> Path:
    """Write arrays by name, and JSON-able metadata under the one metadata entry ``entry``.

    Raises
    ------
    ModelError
        When it cannot be written; what stood there stands.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with files.replacing(path) as part:
            safetensors.numpy.save_file(tensors, part, metadata={entry: json.dumps(metadata)})
    except (safetensors.SafetensorError, OSError) as error:
        raise ModelError(f"{path}: cannot be written ({error})") from None
    return path


@contextmanager
def opened(path: Path, what: str) -> Iterator[Any]:
    """A safetensors file opened for reading; what is none, or breaks off, is a `ModelError` of ``what``."""
    if not files.is_file(path):
        raise ModelError(f"{what} {path}: no such file")
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            yield file
    except (safetensors.SafetensorError, OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{what} {path}: cannot be read as safetensors ({error})") from None


@contextmanager
def telling(where: str) -> Iterator[None]:
    """What the metadata of a file can do wrong, as a `ModelError` that begins with ``where``."""
    try:
        yield
    except ModelError as error:
        raise ModelError(str(error) if str(error).startswith(where) else f"{where}: {error}") from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ModelError(f"{where}: its metadata cannot be read ({type(error).__name__}: {error})") from None


def read_layers(file: Any, where: str, prefix: str, layers: Sequence[Layer]) -> list[Weights]:
    """Weight and bias of every dense layer, ``{prefix}.{k}.weight`` and ``.bias``, as float32.

    Raises
    ------
    ModelError
        When they are more than `MAX_WEIGHTS`, or one is missing, of another shape or type than its layer, or not
        finite.
    """
    count = sum(inputs * outputs for inputs, outputs, _ in layers)
    if count > MAX_WEIGHTS:
        raise ModelError(f"{where}: {count} weights, allowed are {MAX_WEIGHTS}")
    names = set(file.keys())
    pairs = []
    for k, (inputs, outputs, _) in enumerate(layers):
        pair = []
        for part, shape in (("weight", (inputs, outputs)), ("bias", (outputs,))):
            name = f"{prefix}.{k}.{part}"
            if name not in names:
                raise ModelError(f"{where}: tensor {name} is missing")
            found = tuple(file.get_slice(name).get_shape())
            if found != shape:
                raise ModelError(f"{where}: tensor {name} has shape {found}, its topology asks for {shape}")
            pair.append(as_float32(file.get_tensor(name), where, name))
        pairs.append(tuple(pair))
    return pairs


def as_float32(tensor: np.ndarray, where: str, name: str) -> np.ndarray:
    """A stored tensor as float32; another type, NaN and infinities are a `ModelError`."""
    if tensor.dtype not in (np.float16, np.float32):
        raise ModelError(f"{where}: tensor {name} is {tensor.dtype}, allowed are float16 and float32")
    tensor = np.ascontiguousarray(tensor, dtype=np.float32)
    if not np.isfinite(tensor).all():
        raise ModelError(f"{where}: tensor {name} holds NaN or infinite values")
    return tensor


def named(prefix: str, pairs: Sequence[Weights]) -> dict[str, np.ndarray]:
    """Pairs of weight and bias by their names in a file."""
    return {
        f"{prefix}.{k}.{part}": value for k, pair in enumerate(pairs) for part, value in zip(("weight", "bias"), pair)
    }
