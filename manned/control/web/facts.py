"""What the page draws and no OSC address tells: colours and training sounds of the pad, presets and their places.

They are worked out in a thread of low priority, one at a time; the colours, which take longest, are kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...instrument import Instrument
from ...model.kinds import AnyDecoder
from ...model.surface import Surface, measure
from ...model.training_sounds import training_sounds
from ...state.preset import Preset
from ...state.preset_folder import PresetFolder
from .answers import as_json, packed

CHART = "/panel/chart.json"
PRESETS = "/panel/presets.json"
SOUNDS = "/panel/sounds.json"

_KEPT = 16  # charts
_NICENESS = 10
_STEPS = 50  # latents that stand still are told apart in so many steps


class _Plane(NamedTuple):
    """What the colours depend on beside the decoder; `others` are the latents, where the plane holds some still."""

    pitch_class: int = 0
    octave: int = 4
    others: tuple[float, ...] = ()


class Facts:
    """Answers for the page, as JSON.  Control thread only; the work is done in another.

    Parameters
    ----------
    instrument : Instrument
    presets : PresetFolder
        One of its own, which nobody else reads by.
    """

    def __init__(self, instrument: Instrument, presets: PresetFolder):
        self._instrument = instrument
        self._presets = presets
        self._charts: OrderedDict[_Plane, bytes] = OrderedDict()
        self._sounds: bytes | None = None
        self._decoder: AnyDecoder | None = None
        self._turn = asyncio.Lock()
        self._preparing: asyncio.Task[None] | None = None

    def prepare(self) -> None:
        """Work out what a page asks for first, before it does."""
        if self._preparing is None or self._preparing.done():
            self._preparing = asyncio.get_running_loop().create_task(self._prepare())

    def stop(self) -> None:
        """Prepare nothing more."""
        if self._preparing is not None:
            self._preparing.cancel()

    async def _prepare(self) -> None:
        for path in (CHART, PRESETS):
            with contextlib.suppress(Exception):  # raised again where it is asked for
                await self.get(path)

    async def get(self, path: str) -> bytes | None:
        """The answer at a path; None where there is none."""
        if path == CHART:
            return self._known_chart() or await self._in_turn(self._chart)
        if path == PRESETS:
            return await self._in_turn(self._list)
        if path == SOUNDS:
            return await self._in_turn(self._learned)
        return None

    async def _in_turn(self, answer: Callable[[], Awaitable[bytes]]) -> bytes:
        async with self._turn:
            self._forget_other_models()
            return await answer()

    def _forget_other_models(self) -> None:
        if self._instrument.decoder is not self._decoder:
            self._decoder = self._instrument.decoder
            self._charts.clear()
            self._sounds = None

    def _plane(self) -> _Plane:
        instrument = self._instrument
        if instrument.decoder.chart is not None:
            return _Plane()
        others = [round(value * _STEPS) / _STEPS for value in instrument.latent_values()]
        others[:2] = [0.5] * len(others[:2])
        return _Plane(int(instrument.get("chroma")), int(instrument.get("octave")), tuple(others))

    def _known_chart(self) -> bytes | None:
        if self._instrument.decoder is not self._decoder:
            return None
        plane = self._plane()
        if plane in self._charts:
            self._charts.move_to_end(plane)
        return self._charts.get(plane)

    async def _chart(self) -> bytes:
        plane, decoder, known = self._plane(), self._instrument.decoder, self._known_chart()
        if known is not None:
            return known
        latents = np.array(plane.others or [0.5] * decoder.latent_count, dtype=np.float32)
        still = [f"/latent/{number}" for number in range(3, len(plane.others) + 1)]
        told: dict[str, Any] = {"model": decoder.name, "kind": decoder.kind}
        told["depends"] = [*still, "/chroma", "/octave"] if decoder.chart is None else []
        self._charts[plane] = await _low(
            lambda: _plain(measure(decoder, latents, plane.pitch_class, plane.octave)) | told
        )
        while len(self._charts) > _KEPT:
            self._charts.popitem(last=False)
        return self._charts[plane]

    async def _list(self) -> bytes:
        decoder = self._instrument.decoder
        return await _low(lambda: {"presets": _told(self._presets.all(), decoder)})

    async def _learned(self) -> bytes:
        decoder = self._instrument.decoder
        if self._sounds is None:
            self._sounds = await _low(
                lambda: {"model": decoder.name, "sounds": [list(one) for one in training_sounds(decoder)]}
            )
        return self._sounds


async def _low(work: Callable[[], dict[str, Any]]) -> bytes:
    """Do some work in a thread of low priority that ends with it; what came of it as JSON, packed too."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    outcome: list[Any] = []

    def run() -> None:
        with contextlib.suppress(AttributeError, OSError):  # where threads have no priority of their own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        try:
            told = as_json(work())
            packed(told)  # is ready then, too
            outcome.append((told, None))
        except Exception as error:  # raised where it is awaited
            outcome.append((None, error))
        with contextlib.suppress(RuntimeError):  # the program has ended meanwhile
            loop.call_soon_threadsafe(done.set)

    threading.Thread(target=run, name="page", daemon=True).start()
    await done.wait()
    value, error = outcome[0]
    if error is not None:
        raise error
    return value


def _plain(surface: Surface) -> dict[str, Any]:
    rows, columns = surface.brightness.shape
    return {
        "rows": rows,
        "columns": columns,
        "brightness_hz": np.round(surface.brightness, 1).tolist(),
        "noisiness": np.round(surface.noisiness, 4).tolist(),
        "level_db": np.round(surface.level, 2).tolist(),
        "pitch_class": surface.pitch_class.tolist(),
        "counts": np.round(surface.counts).tolist(),
    }


def _told(presets: Sequence[Preset], decoder: AnyDecoder) -> list[dict[str, Any]]:
    """What is told of presets; those that were made on this decoder have a place."""
    told, placed, points = [], [], []
    for preset in presets:
        kinds = [kind for kind in dict.fromkeys((preset.folder, *preset.kinds)) if kind]
        row: dict[str, Any] = {"name": preset.name, "kinds": kinds, "author": preset.author}
        told.append(row | {"comment": preset.comment, "model": preset.model})
        point = _point(preset, decoder.latent_count)
        if preset.model == decoder.name and len(point) == decoder.latent_count:
            placed.append(told[-1])
            points.append(point)
    if points:
        found = np.array(points, dtype=np.float32)
        places = found[:, :2] if decoder.chart is None else decoder.chart.places(found)
        for row, place in zip(placed, places):
            row["place"] = [round(float(value), 4) for value in place]
    return told


def _point(preset: Preset, count: int) -> list[float]:
    """The latents of a preset, as far as it tells them."""
    latents = [preset.values.get(f"latent/{number}", 0.5 if preset.whole else None) for number in range(1, count + 1)]
    return [float(value) for value in latents if isinstance(value, (int, float))]
