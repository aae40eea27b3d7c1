"""Short names for MIDI messages, a player with an engine that tells what it was handed, and real MIDI ports."""

import collections
import contextlib

import jack
import mido
from small_decoder import small_decoder

from manned.control.midi.player import Player
from manned.engine.engine import Engine
from manned.instrument import Instrument
from manned.settings import MidiSettings

PORT = "a keyboard"


class ListeningEngine(Engine):
    """The engine, with a note of all that is handed to it."""

    def __init__(self, *arguments):
        self.handed = []
        super().__init__(*arguments)

    def push(self, events):
        super().push(events)
        self.handed.extend(events)


class Playing:
    """An instrument, and a player of it: called with messages, returns the events that they became."""

    def __init__(self, instrument=None, port=PORT, parts=(), **settings):
        self.instrument = instrument or Instrument(ListeningEngine(), small_decoder())
        self.player = Player(self.instrument, MidiSettings(**settings), **dict(parts))
        self.port = port

    def __call__(self, *messages, port=None):
        self.instrument.engine.handed.clear()
        for message in messages:
            self.player.play(port or self.port, message)
        return list(self.instrument.engine.handed)

    def get(self, name):
        return self.instrument.get(name)

    def held(self):
        return sorted(key[1:] for key in self.instrument.notes())


def note(kind, number, channel=1, velocity=100):
    return mido.Message(f"note_{kind}", channel=channel - 1, note=number, velocity=velocity)


def cc(controller, value, channel=1):
    return mido.Message("control_change", channel=channel - 1, control=controller, value=value)


def bend(pitch, channel=1):
    return mido.Message("pitchwheel", channel=channel - 1, pitch=pitch)


def pressure(value, channel=1):
    return mido.Message("aftertouch", channel=channel - 1, value=value)


def rpn(number, value, channel=1, fine=None):
    messages = [cc(101, 0, channel), cc(100, number, channel), cc(6, value, channel)]
    return messages if fine is None else [*messages, cc(38, fine, channel)]


def sysex(*data):
    return mido.Message("sysex", data=data)


@contextlib.contextmanager
def device(name):
    """A device with an output ``name:out`` and an input ``name:in``; yields what sends, and what it was sent."""
    client = jack.Client(name, no_start_server=True)
    out, back = client.midi_outports.register("out"), client.midi_inports.register("in")
    waiting, heard = collections.deque(), []

    @client.set_process_callback
    def process(frames):
        out.clear_buffer()
        for _ in range(min(len(waiting), 32)):
            out.write_midi_event(0, waiting.popleft())
        heard.extend(tuple(map(ord, bytes_)) for _, bytes_ in back.incoming_midi_events())

    with client:
        yield lambda data: waiting.append(bytes(data)), lambda: [*heard]
    client.close()
