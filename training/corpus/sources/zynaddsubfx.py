"""The instruments of ZynAddSubFX, an additive and subtractive synthesizer, played by its DSSI plugin.

The plugin loads an instrument in a thread of its own and tells by OSC when it is there: it listens
on a UDP port for as long as it runs.
"""

import ctypes
import hashlib
import os
import re
import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import IO

import numpy as np
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import build_msg

from manned.errors import CorpusError
from training.corpus.sources.dssi import Instance, Plugin, all_sound_off, note_off, note_on
from training.corpus.sources.patch import Patch, Played

PLUGIN = Path("/usr/lib/dssi/libzynaddsubfx_dssi.so")
BANKS = Path("/usr/share/zynaddsubfx/banks")
PACKAGES = ("zynaddsubfx-dssi", "zynaddsubfx-data")
LICENCE = "ZynAddSubFX and its instruments are GPL-2.0-or-later; the sound they make belongs to whoever renders it"

# Every wheel and knob at rest.
_CONTROLS = {
    "Modwheel": 64.0,
    "Volume": 96.0,
    "Panning": 64.0,
    "Expression": 127.0,
    "Sustain": 0.0,
    "Portamento": 0.0,
    "Filter Q": 64.0,
    "Filter cutoff": 0.0,
    "Bandwidth": 64.0,
    "FM amplification": 127.0,
    "Renonance center": 0.0,
    "Resonance bandwidth": 0.0,
}

_BLOCK = 256  # frames that the synthesizer renders at once; blocks of other sizes shift its modulators
_RANDOM_STATE = "_ZN3zyn10prng_stateE"  # a C++ variable, uint32_t zyn::prng_state
_LOAD_S = 60.0
_QUIET_BLOCKS = 200


def patches() -> list[Patch]:
    """All instruments of all banks, exact copies left out, in the order of their names."""
    if not PLUGIN.is_file() or not BANKS.is_dir():
        raise CorpusError(
            f"ZynAddSubFX is not installed ({PLUGIN} and {BANKS} are needed): apt install {' '.join(PACKAGES)}"
        )
    found = {}
    for path in sorted(BANKS.glob("*/*.xiz")):
        number, _, name = path.stem.partition("-")
        patch = Patch("zynaddsubfx", f"zynaddsubfx/{path.parent.name}/{number} {name}", {"path": str(path)})
        found.setdefault(hashlib.sha256(path.read_bytes()).digest(), patch)
    return list(found.values())


def render(patch: Patch, notes: Sequence[Played], samplerate: int) -> np.ndarray:
    """Play the notes, each silenced before the next begins."""
    plugin, state = _plugin(samplerate)
    sounds = []
    with _loaded(plugin, patch.settings["path"], state) as instance:
        for each in notes:
            state.value = 1
            frames = -(-each.spacing // _BLOCK) * _BLOCK
            sound = instance.run(frames, [note_on(0, each.note, each.velocity), note_off(each.held, each.note)])
            sounds.append(sound[: each.spacing])
            instance.run(_BLOCK, [all_sound_off()])
            for _ in range(_QUIET_BLOCKS):
                if not instance.run(_BLOCK).any():
                    break
    return np.concatenate(sounds)


@cache
def _plugin(samplerate: int) -> tuple[Plugin, ctypes.c_uint32]:
    """The plugin and the state of its random numbers, set so that a patch sounds the same whenever it is rendered."""
    plugin = Plugin(PLUGIN, samplerate)
    try:
        return plugin, ctypes.c_uint32.in_dll(ctypes.CDLL(str(PLUGIN)), _RANDOM_STATE)
    except ValueError:  # a version that hides it draws other phases each time
        return plugin, ctypes.c_uint32()


@contextmanager
def _loaded(plugin: Plugin, path: str, state: ctypes.c_uint32) -> Iterator[Instance]:
    """An instance with an instrument file loaded."""
    with ExitStack() as stack:
        client = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        client.bind(("127.0.0.1", 0))
        client.settimeout(0.002)
        state.value = 1
        with tempfile.TemporaryFile() as output:
            with _stderr_into(output):
                instance = stack.enter_context(Instance(plugin, _CONTROLS))
            output.seek(0)
            port = re.search(rb"server running on (\d+)", output.read())
        if port is None:
            raise CorpusError(f"{PLUGIN} opens no port for OSC, so no instrument can be loaded")
        client.connect(("127.0.0.1", int(port[1])))
        blocks = _ask(instance, client, "/part0/Pname", [], "/part0/Pname", path)
        state.value = 1
        blocks += _ask(instance, client, "/load_xiz", [0, path], "/damage", path)
        for _ in range(-blocks % _QUIET_BLOCKS):  # modulators depend on the time since the start
            instance.run(_BLOCK)
        yield instance


def _ask(instance: Instance, client: socket.socket, address: str, arguments: list, answer: str, path: str) -> int:
    """Send a message and render silence until the answer comes; returns the number of blocks."""
    client.send(build_msg(address, arguments).dgram)
    deadline = time.monotonic() + _LOAD_S
    blocks = 0
    while True:
        blocks += 1
        instance.run(_BLOCK)
        try:
            if OscMessage(client.recv(65536)).address == answer:
                return blocks
        except TimeoutError:
            pass
        except OSError as error:
            raise CorpusError(f"ZynAddSubFX ended while it loaded {path}: {error}") from error
        if time.monotonic() > deadline:
            raise CorpusError(f"ZynAddSubFX did not load {path} within {_LOAD_S:.0f} s")


@contextmanager
def _stderr_into(file: IO[bytes]) -> Iterator[None]:
    """Let C code write its messages to a file."""
    kept = os.dup(2)
    os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
