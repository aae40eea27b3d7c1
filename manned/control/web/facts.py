"""What the page draws and no OSC address tells: colours and training sounds of the pad, presets and their places.

They are worked out in a thread of low priority, one at a time; the colours, which take longest, are kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections import OrderedDict
from typing import Any

import numpy as np

from ...instrument import Instrument
from ...model.kinds import AnyDecoder
from ...model.surface import Surface, measure
from ...model.training_sounds import training_sounds
from ...state.preset import Preset
from ...state.preset_folder import PresetFolder

CHART = "/panel/chart.json"
PRESETS = "/panel/presets.json"
SOUNDS = "/panel/sounds.json"

_KEPT = 16  # charts
_NICENESS = 10
_STEPS = 50  # latents that stand still are told apart in so many steps


class Facts:
    """Answers for the page.  Control thread only; the work is done in another.

    Parameters
    ----------
    instrument : Instrument
    presets : PresetFolder
        One of its own, which nobody else reads by.
    """

    def __init__(self, instrument: Instrument, presets: PresetFolder):
        self._instrument = instrument
        self._presets = presets
        self._charts: OrderedDict[tuple[object, ...], dict[str, Any]] = OrderedDict()
        self._decoder: AnyDecoder | None = None
        self._turn = asyncio.Lock()

    async def get(self, path: str) -> dict[str, Any] | None:
        """The answer at a path, as plain values; None where there is none."""
        if path == CHART:
            async with self._turn:
                return await self._chart()
        if path == PRESETS:
            async with self._turn:
                decoder = self._instrument.decoder
                return {"presets": await _low(lambda: [_told(preset, decoder) for preset in self._presets.all()])}
        if path == SOUNDS:
            async with self._turn:
                decoder = self._instrument.decoder
                return {
                    "model": decoder.name,
                    "sounds": await _low(lambda: [list(one) for one in training_sounds(decoder)]),
                }
        return None

    async def _chart(self) -> dict[str, Any]:
        instrument, decoder = self._instrument, self._instrument.decoder
        if decoder is not self._decoder:
            self._charts.clear()
            self._decoder = decoder
        note, others, depends = (0, 4), [], []
        if decoder.chart is None:
            others = [round(value * _STEPS) / _STEPS for value in instrument.latent_values()]
            others[:2] = [0.5] * len(others[:2])
            note = int(instrument.get("chroma")), int(instrument.get("octave"))
            depends = [f"/latent/{number}" for number in range(3, len(others) + 1)] + ["/chroma", "/octave"]
        key = (*note, *others)
        if key not in self._charts:
            latents = np.array(others or [0.5] * decoder.latent_count, dtype=np.float32)
            told = _plain(await _low(lambda: measure(decoder, latents, *note)))
            self._charts[key] = told | {"model": decoder.name, "kind": decoder.kind, "depends": depends}
            while len(self._charts) > _KEPT:
                self._charts.popitem(last=False)
        self._charts.move_to_end(key)
        return self._charts[key]


async def _low(work: Any) -> Any:
    """Do some work in a thread of low priority that ends with it."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    outcome: list[Any] = []

    def run() -> None:
        with contextlib.suppress(AttributeError, OSError):  # where threads have no priority of their own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        try:
            outcome.append((work(), None))
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


def _told(preset: Preset, decoder: AnyDecoder) -> dict[str, Any]:
    kinds = [kind for kind in dict.fromkeys((preset.folder, *preset.kinds)) if kind]
    told: dict[str, Any] = {"name": preset.name, "kinds": kinds, "author": preset.author, "comment": preset.comment}
    told["model"] = preset.model
    count = decoder.latent_count
    latents = [preset.values.get(f"latent/{number}", 0.5 if preset.whole else None) for number in range(1, count + 1)]
    point = [value for value in latents if isinstance(value, (int, float))]
    if preset.model == decoder.name and len(point) == count:
        place = point[:2] if decoder.chart is None else decoder.chart.places(np.array([point]))[0]
        told["place"] = [round(float(value), 4) for value in place]
    return told
