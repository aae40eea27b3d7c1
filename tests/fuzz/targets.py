"""What reads bytes of strangers, each with good ones to begin with.

A target takes bytes and returns, or raises one of the errors that people are told.
"""

from __future__ import annotations

import asyncio
import json
import struct
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from small_decoder import small_decoder, small_decoder_file
from small_harmonic_decoder import small_harmonic_decoder_file

from manned import library
from manned.config import Config, load_config
from manned.control.midi.learned import Learned
from manned.control.midi.meaning import read_message
from manned.control.midi.player import Player
from manned.control.midi.templates import read as read_template
from manned.control.osc.dated import Dated
from manned.control.osc.framing import FramingError, framing_of
from manned.control.osc.namespace import Namespace
from manned.control.osc.packet import PacketError, write_message
from manned.control.osc.receiver import Receiver
from manned.control.score import Score
from manned.errors import MannedError
from manned.model.gesture_file import read_gesture
from manned.model.kinds import load_decoder, load_model
from manned.model.scala import read_keyboard, read_scale
from manned.session import open_session
from manned.settings import MidiSettings, StateSettings
from manned.sound_file import open_sound
from manned.state import kept
from manned.state.preset_folder import PresetFolder

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Target:
    """A reader of bytes.

    Attributes
    ----------
    good : list of bytes
        What it understands.
    read : callable(bytes)
    cost : int
        How much dearer one reading is than that of a short text.
    """

    good: list[bytes]
    read: Callable[[bytes], object]
    cost: int = 1


def targets(folder: Path) -> dict[str, Target]:
    """All of them, by name; files lie in a folder."""

    def by_file(name: str, read: Callable[[Path], object]) -> Callable[[bytes], object]:
        path = folder / name

        def reads(data: bytes) -> object:
            path.write_bytes(data)
            return read(path)

        return reads

    shipped = sorted(library.SHIPPED_GESTURES.glob("*.gesture"), key=lambda path: path.stat().st_size)
    presets = sorted(library.SHIPPED_PRESETS.rglob("*.json"))[:3]
    scales = [path.read_bytes() for path in sorted(library.SHIPPED_SCALES.glob("*.scl"))]
    templates = [path.read_bytes() for path in sorted((ROOT / "manned" / "controllers").glob("*.toml"))[:4]]
    play_osc, play_stream, play_midi, learned, last = _playing(folder)
    return {
        "osc": Target(_osc_packets(), play_osc),
        "osc-stream": Target(
            [b"".join(_sized(p) for p in _osc_packets()), b"\xc0".join(_osc_packets())], play_stream, 10
        ),
        "midi": Target(_midi_messages(), play_midi),
        "midi-file": Target(_midi_files(), by_file("score.mid", Score.load), 4),
        "score": Target([(ROOT / "examples" / "drone.txt").read_bytes()], by_file("score.txt", Score.load), 2),
        "settings": Target(_settings(), by_file("own.toml", _own_settings), 4),
        "preset": Target(
            [path.read_bytes() for path in presets], by_file("x.json", lambda path: PresetFolder(folder).read("x"))
        ),
        "last": Target([last], lambda data: ((folder / kept.FILE).write_bytes(data), kept.read(folder))),
        "learned": Target([learned], by_file("midi.json", lambda path: Learned(folder))),
        "scale": Target(scales, by_file("x.scl", read_scale)),
        "keyboard": Target(_keyboards(), by_file("x.kbm", read_keyboard)),
        "controller": Target(templates, by_file("x.toml", read_template)),
        "gesture": Target([path.read_bytes() for path in shipped[:3]], by_file("x.gesture", read_gesture), 4),
        "decoder": Target(_decoders(folder), by_file("x.safetensors", _decoder), 4),
        "encoder": Target(*_encoders(folder), 4),
        "sound": Target(_sounds(folder), by_file("x.wav", _sound), 4),
    }


ALLOWED = (MannedError, PacketError, FramingError)
"""What a reader may raise: each is told in one sentence, and nothing else happens."""


# -- OSC and MIDI ------------------------------------------------------------


class _Nobody:
    key = "fuzz"
    outlet = None

    def send(self, address: str, *arguments: object) -> None:
        write_message(address, *arguments)


def _playing(folder: Path):
    """What plays an instrument by packets, by a stream of them and by MIDI, and two files that it keeps."""
    config = Config(state=StateSettings(folder=str(folder / "state")))
    session = open_session(config, decoder=small_decoder())
    dated = Dated(session.schedule)
    namespace = Namespace(session.instrument, dict, session.morph, dated=dated)
    receiver = Receiver(namespace, dated)
    player = Player(session.instrument, MidiSettings())
    loop = asyncio.new_event_loop()

    def receive(*packets: bytes) -> None:
        async def perform() -> None:
            for data in packets:
                receiver.receive(data, _Nobody())
            await namespace.settled()

        loop.run_until_complete(perform())

    def reset() -> None:
        session.engine.render(64)
        dated.clear()

    def packet(data: bytes) -> None:
        receive(data)
        reset()

    def stream(data: bytes) -> None:
        if not data:
            return
        framing = framing_of(data[0])
        framing.feed(data)
        packets = []
        for _ in range(1000):
            try:
                found = framing.next_packet()
            except PacketError:
                continue
            if found is None:
                break
            packets.append(found)
        receive(*packets)
        reset()

    def midi(data: bytes) -> None:
        for at in range(0, len(data), 3):
            # As the reader hands them on: one message each, but who knows what a driver makes of noise.
            try:
                player.play("fuzz", read_message(list(data[at : at + 3])))
            except ValueError:
                pass
        try:
            player.play("fuzz", read_message(list(data)), 0.0)
        except ValueError:
            pass
        player.tick(0.0)
        session.instrument.all_sound_off()
        reset()

    learned = json.dumps({"a keyboard": {"74": "gain", "1:20": "latent/1", "nrpn:123": "mix"}}).encode()
    return packet, stream, midi, learned, kept.to_bytes(kept.snapshot(session.presets, {"model.name": "small"}))


def _osc_packets() -> list[bytes]:
    messages = [
        write_message("/latent/1", 0.5),
        write_message("/latents", 0.1, 0.2),
        write_message("/mnote", 60.0, 100.0, 7),
        write_message("/{gate,phase}", True),
        write_message("/q/env/*"),
        write_message("/chroma", "C#"),
        write_message("/tuning/scale", "just"),
        write_message("/macro/1/bind", "latent/1", 0.0, 1.0),
        write_message("/morph", 1, 2, 0.5),
        write_message("/fnote/rel", 440.0, b"blob", None, 2**40),
        write_message("/undo"),
    ]
    return [*messages, b"#bundle\0" + struct.pack(">Q", 1) + b"".join(map(_sized, messages[:4]))]


def _sized(packet: bytes) -> bytes:
    return struct.pack(">i", len(packet)) + packet


def _midi_messages() -> list[bytes]:
    texts = (
        "90 3c 64", "80 3c 40", "b0 4a 40", "e0 00 40", "d0 40", "a0 3c 40", "c0 05", "b0 63 01 b0 62 7b b0 06 40",
        "f0 7e 7f 09 01 f7", "f0 7f 7f 08 02 00 01 3c 3c 00 00 f7", "f8", "fa", "f2 00 10", "fe", "ff",
        "f0 7e 7f 08 08 03 7f 7f " + "40 " * 12 + "f7", "f0 41 10 42 12 40 00 7f 00 41 f7",
        "b0 65 00 b0 64 06 b0 06 0f",
    )  # fmt: skip
    return [bytes.fromhex(text) for text in texts]


def _midi_files() -> list[bytes]:
    file = (ROOT / "examples" / "tune.mid").read_bytes()
    track = bytes.fromhex("00 90 3c 64 10 3e 64 20 3c 00 00 ff 51 03 07 a1 20 00 ff 2f 00")
    running = b"MThd" + struct.pack(">IHHH", 6, 0, 1, 96) + b"MTrk" + struct.pack(">I", len(track)) + track
    return [file, running]


# -- files -------------------------------------------------------------------


def _settings() -> list[bytes]:
    whole = (ROOT / "configs" / "manned.toml").read_bytes()
    short = b'[audio]\nblocksize = 128\n[midi.cc]\n"10:74" = "latent/1"\n"1/33" = ""\n'
    short += b'[start]\ngate = true\n"latent/1" = 0.5\n'
    return [whole, short, short]


def _own_settings(path: Path) -> object:
    return load_config(path, environment={})


def _keyboards() -> list[bytes]:
    return [b"2\n0\n127\n60\n60\n261.625565\n1\n0\nx\n", b"! a map\n1\n0\n127\n60\n69\n440.0\n1\n0\n"]


def _decoders(folder: Path) -> list[bytes]:
    return [
        small_decoder_file(folder, "one").read_bytes(),
        small_harmonic_decoder_file(folder, "two").read_bytes(),
    ]


def _decoder(path: Path) -> None:
    """Read a decoder and use what came of it."""
    load_decoder(path).facts()


def _encoders(folder: Path) -> tuple[list[bytes], Callable[[bytes], object]]:
    decoder = small_harmonic_decoder_file(folder, "three")
    path = folder / "three.encoder.safetensors"

    def read(data: bytes) -> object:
        path.write_bytes(data)
        return load_model(decoder)

    return [path.read_bytes()], read


def _sounds(folder: Path) -> list[bytes]:
    found = []
    sound = np.sin(np.arange(400) / 9.0).astype(np.float32)
    for name in ("x.wav", "x.aiff", "x.caf", "x.w64", "x.au", "x.flac", "x.ogg"):
        soundfile.write(folder / name, sound, 44100)
        found.append((folder / name).read_bytes())
    with wave.open(str(folder / "y.wav"), "wb") as file:
        file.setnchannels(2), file.setsampwidth(3), file.setframerate(8000)
        file.writeframes(bytes(600))
    return [*found, (folder / "y.wav").read_bytes()]


def _sound(path: Path) -> None:
    with open_sound(path) as file:
        resample = file.resampler(16000)
        for number, block in enumerate(file.blocks(1024)):
            resample(block, False)
            if number > 64:
                break
