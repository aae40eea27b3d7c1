"""The gesture file, ``.gesture``: safetensors, nothing in it can be executed.

It holds ``latents`` (float16), ``level`` and ``pitch`` (float32), and one metadata entry,
``manned-gesture``, which is JSON.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from .. import files
from ..errors import GestureError, ModelError
from ..files import PathLike
from ..limits import MAX_LATENTS
from .gesture import Gesture
from .tensors import as_float32, opened, telling, write_tensors

GESTURE_SUFFIX = ".gesture"
MAX_FRAMES = 8192
FORMAT = 1

_MAX_BYTES = 4 << 20
_ENTRY = "manned-gesture"
_FARTHEST_SEMITONES = 128.0
_RATES_HZ = (1.0, 1000.0)
_LOUDEST = 1.0 + 1e-4
_ROUNDING_S = 1e-6


def write_gesture(gesture: Gesture, path: PathLike) -> Path:
    """Write a gesture whole or not at all; raises `GestureError`."""
    tensors = {
        "latents": np.ascontiguousarray(gesture.latents, dtype=np.float16),
        "level": np.ascontiguousarray(gesture.level, dtype=np.float32),
        "pitch": np.ascontiguousarray(gesture.pitch, dtype=np.float32),
    }
    metadata = {
        "format": FORMAT,
        "model": gesture.model,
        "rate_hz": gesture.rate_hz,
        "note": gesture.note,
        "loop": list(gesture.loop),
        "crossfade_s": gesture.crossfade_s,
        "hold": gesture.hold,
        "info": gesture.info,
    }
    with _of_gestures():
        return write_tensors(path, tensors, _ENTRY, metadata)


def keep_gesture(gesture: Gesture, folder: Path) -> Path:
    """Keep a gesture under its name in a folder; what it takes the place of stays beside it, under its name and ``~``.

    Raises
    ------
    GestureError
        When it cannot be written, or its name is a path or what else no file should be called.
    """
    name = checked_name(gesture.name)
    path = folder / (name + GESTURE_SUFFIX)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files.keep_former(path)
    except OSError as error:
        raise GestureError(f"gesture {files.shown(path)}: cannot be written ({error.strerror})") from None
    return write_gesture(gesture, path)


def checked_name(name: str) -> str:
    """A gesture's name as it is kept; what is none is a `GestureError`."""
    proper = files.proper_name(name)
    if proper is None:
        raise GestureError(f"gesture {name[:64]!r}: no name, allowed are {files.NAMES_ALLOWED}")
    return proper


def read_gesture(path: PathLike) -> Gesture:
    """Read and check a gesture file; its name is that of the file.

    Raises
    ------
    GestureError
        When it is missing, too large, corrupt, truncated, of another format, or holds what no gesture can be.
    """
    path = Path(path)
    where = f"gesture {files.shown(path)}"
    with _of_gestures():
        if files.is_file(path) and path.stat().st_size > _MAX_BYTES:
            raise GestureError(f"{where}: {path.stat().st_size} bytes, allowed are {_MAX_BYTES}")
        with opened(path, "gesture") as file:
            header = (file.metadata() or {}).get(_ENTRY)
            if header is None:
                raise GestureError(f"{where}: not a gesture (its metadata has no {_ENTRY!r} entry)")
            tensors = _tensors(file, where)
            with telling(where):
                metadata = json.loads(header)
                if metadata.get("format") != FORMAT:
                    raise GestureError(f"{where}: format {metadata.get('format')!r}, this version reads {FORMAT}")
                begin, end = metadata["loop"]
                gesture = Gesture(
                    name=files.stem(path, GESTURE_SUFFIX),
                    model=str(metadata["model"]),
                    **tensors,
                    rate_hz=float(metadata["rate_hz"]),
                    note=float(metadata["note"]),
                    loop=(float(begin), float(end)),
                    crossfade_s=float(metadata["crossfade_s"]),
                    hold=float(metadata["hold"]),
                    info=dict(metadata["info"]),
                )
    check(gesture, where)
    return gesture


def check(gesture: Gesture, where: str) -> None:
    """Raise a `GestureError` that begins with ``where`` for values that no gesture can have."""
    _within(where, "latents", gesture.latents, 0.0, 1.0)
    _within(where, "level", gesture.level, 0.0, _LOUDEST)
    _within(where, "pitch", gesture.pitch, -_FARTHEST_SEMITONES, _FARTHEST_SEMITONES)
    if not gesture.level.max() >= 2.0 - _LOUDEST:
        raise GestureError(f"{where}: its greatest level is {gesture.level.max():.4g}, allowed is 1")
    _within(where, "rate_hz", gesture.rate_hz, *_RATES_HZ)
    _within(where, "note", gesture.note, 0.0, 127.0)
    begin, end = gesture.loop
    if not 0.0 <= begin < end <= gesture.seconds + _ROUNDING_S:
        raise GestureError(
            f"{where}: its loop goes from {begin:g} to {end:g} s, allowed are 0 to {gesture.seconds:.3f} s, "
            "the begin before the end"
        )
    _within(where, "crossfade_s", gesture.crossfade_s, 0.0, min(end - begin, begin) + _ROUNDING_S)
    _within(where, "hold", gesture.hold, 0.0, gesture.seconds + _ROUNDING_S)


def _within(where: str, name: str, values: np.ndarray | float, low: float, high: float) -> None:
    for value in (float(np.min(values)), float(np.max(values))):
        if not (math.isfinite(value) and low <= value <= high):
            raise GestureError(f"{where}: {name} holds {value:g}, allowed are {low:g} to {high:.6g}")


def _tensors(file: Any, where: str) -> dict[str, np.ndarray]:
    """Latents, level and pitch, as float32; their shapes are looked at before they are read."""
    shapes = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}
    for name in ("latents", "level", "pitch"):
        if name not in shapes:
            raise GestureError(f"{where}: tensor {name} is missing")
    frames = shapes["level"][0] if len(shapes["level"]) == 1 else 0
    if not 2 <= frames <= MAX_FRAMES:
        raise GestureError(f"{where}: level has the shape {shapes['level']}, allowed are 2–{MAX_FRAMES} frames")
    if len(shapes["latents"]) != 2 or shapes["latents"][0] != frames or not 1 <= shapes["latents"][1] <= MAX_LATENTS:
        raise GestureError(
            f"{where}: latents have the shape {shapes['latents']}, allowed are {frames} frames of 1–{MAX_LATENTS}"
        )
    if shapes["pitch"] != (frames,):
        raise GestureError(f"{where}: pitch has the shape {shapes['pitch']}, allowed is ({frames},)")
    return {name: as_float32(file.get_tensor(name), where, name) for name in ("latents", "level", "pitch")}


@contextmanager
def _of_gestures() -> Iterator[None]:
    """What goes wrong in a safetensors file, as a `GestureError`."""
    try:
        yield
    except ModelError as error:
        raise GestureError(str(error)) from None
