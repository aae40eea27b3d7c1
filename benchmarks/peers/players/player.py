"""What a network needs to be an instrument: a JACK client with a MIDI port, an OSC port, and a loop that decodes ahead.

It is written as such programs are: the network is asked in a loop of Python, what it answers goes into a
ring of samples, and a callback in Python takes the samples out.  While a note is held, one answer is kept ready.
"""

from __future__ import annotations

import argparse
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jack
import numpy as np

from manned.control.osc.packet import PacketError, messages_of, read_packet

SWITCH_S = 0.0005
NOTE_OFF, NOTE_ON, CONTROL_CHANGE = 0x80, 0x90, 0xB0
ALL_SOUND_OFF = 120


class Held(NamedTuple):
    """What is to sound: a key, 0 to 127, and where the timbre stands, from 0 to 1."""

    key: int
    timbre: float


class Player:
    """One voice; the newest key sounds.

    Parameters
    ----------
    decode : callable
        Samples [shape=(hop,)], float32, that follow those before, of what is `Held`.
    name : str
        Of the JACK client.
    osc_port : int
    """

    def __init__(self, decode: Callable[[Held], np.ndarray], name: str, osc_port: int):
        self._decode = decode
        self._keys: list[int] = []
        self._timbre = 0.5
        self._ready: list[np.ndarray] = []
        self._wanted = threading.Event()
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", osc_port))
        self._client = jack.Client(name, no_start_server=True)
        self._outport: Any = self._client.outports.register("out")
        self._midi: Any = self._client.midi_inports.register("midi")
        self._client.set_process_callback(self._process)

    def run(self) -> None:
        """Play until the process is ended."""
        hop = self._warm_up()
        sys.setswitchinterval(SWITCH_S)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        threading.Thread(target=self._receive, daemon=True).start()
        with self._client:
            while True:
                if self._keys and sum(map(len, self._ready)) < hop:
                    self._ready.append(self._decode(Held(self._keys[-1], self._timbre)))
                elif self._keys:
                    time.sleep(0.0005)
                else:
                    self._ready.clear()
                    self._wanted.clear()
                    self._wanted.wait(0.1)

    def _warm_up(self) -> int:
        """Decode twice, since the first time takes much longer; the samples of one answer."""
        return [len(self._decode(Held(60, 0.5))) for _ in range(2)][-1]

    def _receive(self) -> None:
        while True:
            try:
                messages = list(messages_of(read_packet(self._udp.recv(65536))))
            except PacketError:
                continue
            for address, arguments in messages:
                if address == "/mnote":
                    self._key(int(arguments[0]), int(arguments[1]))  # type: ignore[call-overload]
                elif address == "/timbre":
                    self._timbre = float(arguments[0])  # type: ignore[arg-type]

    def _key(self, key: int, velocity: int) -> None:
        keys = [each for each in self._keys if each != key]
        self._keys = [*keys, key] if velocity else keys
        self._wanted.set()

    def _process(self, frames: int) -> None:
        for _, message in self._midi.incoming_midi_events():
            kind, key, velocity = (*bytes(message), 0, 0)[:3]
            if kind & 0xF0 in (NOTE_ON, NOTE_OFF):
                self._key(key, velocity if kind & 0xF0 == NOTE_ON else 0)
            elif (kind & 0xF0, key) == (CONTROL_CHANGE, ALL_SOUND_OFF):
                self._keys = []
        output = self._outport.get_array()
        output.fill(0.0)
        at = 0
        while at < frames and self._ready:
            piece = self._ready[0][: frames - at]
            output[at : at + len(piece)] = piece
            rest = self._ready[0][len(piece) :]
            if len(rest):
                self._ready[0] = rest
            else:
                self._ready.pop(0)
            at += len(piece)


def main(name: str, decoder: Callable[[int], Callable[[Held], np.ndarray]]) -> None:
    """Make a decoder for the sample rate of the command line and play it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--osc-port", type=int, required=True)
    parser.add_argument("--samplerate", type=int, required=True)
    options = parser.parse_args()
    Player(decoder(options.samplerate), name, options.osc_port).run()
