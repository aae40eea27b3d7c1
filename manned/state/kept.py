"""What is kept over a restart: the sound, the instrument's own values, the tuning and the model, in one small file."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import files
from ..errors import MannedError, StateError
from ..table.value import Value
from .preset import Preset, read_preset, write_preset
from .preset_folder import checked_name
from .presets import Presets

if TYPE_CHECKING:
    from ..instrument import Instrument

FILE = "last.json"
FORMAT = 1
MAX_BYTES = 1 << 18
SCOPE = "instrument"


@dataclass(frozen=True)
class Kept:
    """What an instrument was set to.

    Attributes
    ----------
    sound : Preset
        Under the name of the preset that was loaded last, and with the model; empty where there was none.
    values : dict
        The instrument's own, as its gain, by parameter name.
    scale, keyboard : str
        Empty where there was none.
    settings : dict
        What the settings said of all this when it was kept, by their names.
    """

    sound: Preset
    values: dict[str, Value]
    scale: str = ""
    keyboard: str = ""
    settings: Mapping[str, Value] | None = None


def snapshot(presets: Presets, settings: Mapping[str, Value]) -> Kept:
    """What an instrument is set to now.  Control thread only."""
    instrument = presets.instrument
    tuning = instrument.tuning.names()
    values = instrument.tree.snapshot(SCOPE)
    return Kept(presets.sound(presets.current), values, tuning["scale"], tuning["keyboard"], settings)


# -- the file -----------------------------------------------------------------


def to_bytes(kept: Kept) -> bytes:
    """The bytes of its file."""
    content = {
        "format": FORMAT,
        "preset": kept.sound.name,
        "sound": json.loads(write_preset(kept.sound)),
        "instrument": kept.values,
        "tuning": {"scale": kept.scale, "keyboard": kept.keyboard},
        "settings": dict(kept.settings or {}),
    }
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False).encode()


def write(folder: Path, content: bytes) -> None:
    """Keep the bytes of `to_bytes` in the state folder, whole and on the disk, or not at all; raises `StateError`."""
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files.write_bytes(path, content)
    except OSError as error:
        raise StateError(f"state {files.shown(path)}: cannot be written ({error.strerror})") from None


def read(folder: str | os.PathLike[str]) -> Kept | None:
    """What was kept in a state folder; None where nothing was.

    Raises
    ------
    StateError
        When it cannot be read; the sentence tells why.
    """
    path = Path(folder) / FILE
    try:
        return _kept(json.loads(files.read_text(path, MAX_BYTES, inside=Path(folder))))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        reason = error.strerror
    except (KeyError, TypeError, AttributeError, OverflowError, RecursionError, ValueError, MannedError) as error:
        plain = type(error) is ValueError or isinstance(error, MannedError)
        reason = str(error) if plain else f"{type(error).__name__}: {error}"
    raise StateError(f"state {files.shown(path)}: cannot be read ({reason})")


def _kept(found: Any) -> Kept:
    if found["format"] != FORMAT:
        raise ValueError(f"format {found['format']!r}, this version reads format {FORMAT}")
    name = found["preset"]
    sound = read_preset(checked_name(name) if name else "", json.dumps(found["sound"]).encode())
    values, settings = (_values(found[what]) for what in ("instrument", "settings"))
    scale, keyboard = (found["tuning"][what] for what in ("scale", "keyboard"))
    if not isinstance(scale, str) or not isinstance(keyboard, str):
        raise ValueError("its tuning is no name")
    return Kept(sound, values, scale, keyboard, settings)


def _values(found: dict[str, Any]) -> dict[str, Value]:
    for name, value in found.items():
        if not isinstance(value, (bool, str)) and not (isinstance(value, (int, float)) and math.isfinite(value)):
            raise ValueError(f"its {name} is neither a number nor a word")
    return dict(found)


# -- setting it ---------------------------------------------------------------


def set_instrument(instrument: Instrument, values: Mapping[str, Value]) -> None:
    """Set an instrument's own values to what was kept; those of another version are left out.  Raises `ParameterError`.

    What lies outside of its range follows from another value, and is not set: +12 dB is a gain of 4.
    """
    # What follows comes behind in the table, and is less exact than what was set.
    for name in reversed(instrument.tree.snapshot(SCOPE)):
        value = values.get(name)
        if value is not None and instrument.parameter(name).check(value) == value:
            instrument.set(name, value)


def set_tuning(instrument: Instrument, scale: str | None, keyboard: str | None) -> list[str]:
    """Tune an instrument as it was kept, None keeps what is; returns what could not be, a sentence each.

    As over the network, what was kept may name what is offered, not files anywhere.
    """
    remarks = []
    library, now = instrument.library, instrument.tuning.names()
    if scale is not None and scale != now["scale"]:
        remarks += _tuned("scale", scale, library.scales(), lambda: instrument.tune(scale=scale))
    if keyboard is not None and keyboard != now["keyboard"]:
        remarks += _tuned("keyboard", keyboard, library.keyboards(), lambda: instrument.tune(keyboard=keyboard))
    return remarks


def _tuned(what: str, name: str, offered: list[str], tune: Callable[[], None]) -> list[str]:
    if name and name not in offered:
        return [f"{what} {name[:64]!r} is not there any more"]
    try:
        tune()
    except MannedError as error:
        return [str(error)]
    return []


def set_sound(presets: Presets, sound: Preset) -> list[str]:
    """Have an instrument sound as it was kept, its latents where they stand at once; returns as `set_tuning`.

    A sound of another model is let be: its latents mean something else there.
    """
    instrument = presets.instrument
    made_on, playing = (sound.model, sound.latents), (instrument.decoder.name, instrument.latents)
    if made_on != playing:
        return ["the sound belongs to model {} with {} latents, {} with {} begins anew".format(*made_on, *playing)]
    with instrument.together():
        remark = presets.apply(sound)
        instrument.set_latents(instrument.latent_values(), glide_s=0.0)
    return [remark] if remark else []
