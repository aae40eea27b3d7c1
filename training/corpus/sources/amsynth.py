"""The factory patches of amsynth, an analog-modelling synthesizer, played by its DSSI plugin."""

import ctypes
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from manned import files
from manned.errors import CorpusError
from training.corpus.sources.dssi import Plugin
from training.corpus.sources.patch import Patch, Played

PLUGIN = Path("/usr/lib/dssi/amsynth_dssi.so")
BANKS = Path("/usr/share/amsynth/banks")
PACKAGES = ("amsynth",)
LICENCE = "amsynth is GPL-2.0-or-later; the sound it makes belongs to whoever renders it"

# Banks older than a parameter do not name it; amsynth itself then takes these.
_DEFAULTS = {
    "osc2_pitch": 0.0,
    "filter_type": 0.0,
    "filter_slope": 1.0,
    "freq_mod_osc": 0.0,
    "filter_kbd_track": 1.0,
    "filter_vel_sens": 1.0,
    "amp_vel_sens": 1.0,
    "portamento_mode": 0.0,
}

# Reverberation belongs to the room, not to the timbre that a spectrum shows.
_DRY = {"reverb_wet": 0.0}


def patches() -> list[Patch]:
    """All patches of all factory banks, exact copies left out, in the order of the banks."""
    if not PLUGIN.is_file() or not BANKS.is_dir():
        raise CorpusError(f"amsynth is not installed ({PLUGIN} and {BANKS} are needed): apt install amsynth")
    found = {}
    for path in sorted(BANKS.glob("*.bank")):
        bank = path.name.removesuffix(".bank").removesuffix(".amSynth")
        for number, (name, controls) in enumerate(read_bank(path)):
            key = tuple(sorted(controls.items()))
            found.setdefault(key, Patch("amsynth", f"amsynth/{bank}/{number:03d} {name}", controls))
    return list(found.values())


def read_bank(path: Path) -> list[tuple[str, dict[str, float]]]:
    """Name and controls of every preset of a bank file."""
    presets = []
    for line in files.read_bytes(path).decode("utf-8", "replace").splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "<preset>":
            presets.append((" ".join(rest.split()[1:]), dict(_DEFAULTS)))
        elif kind == "<parameter>":
            name, value = rest.split()[:2]
            presets[-1][1][name] = float(value)
    return [(name, controls | _DRY) for name, controls in presets]


def render(patch: Patch, notes: Sequence[Played], samplerate: int) -> np.ndarray:
    """Play each note with a fresh instance of the plugin.

    The library is opened anew, since its random numbers go on from sound to sound: so a patch sounds the same whenever
    it is rendered.
    """
    ctypes.CDLL(None).srand(1)
    with closing(Plugin(PLUGIN, samplerate)) as plugin:
        sounds = [plugin.play(patch.settings, each.note, each.velocity, each.held, each.spacing) for each in notes]
    return np.concatenate(sounds)
