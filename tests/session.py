"""An instrument with presets, played by OSC messages and rendered: no sockets, no audio device."""

import asyncio

from manned.config import Config
from manned.control.osc.namespace import Namespace
from manned.control.osc.packet import Message
from manned.engine import Engine
from manned.session import open_session
from manned.settings import StateSettings
from manned.state.schedule import LOOKAHEAD_S


class HeardEngine(Engine):
    """The engine, with a list of the blocks of events that it was handed."""

    def __init__(self, samplerate=44100, channels=1):
        self.handed = []
        super().__init__(samplerate, channels)

    def push(self, events):
        self.handed.append(list(events))
        super().push(events)


class Session:
    """What a controller and a clock do with an instrument, whose presets are in a folder of the state folder.

    ``factory`` adds those that come with the program.
    """

    def __init__(self, decoder, folder, samplerate=44100, factory=False):
        config = Config(state=StateSettings(folder=str(folder or "/nowhere"), factory=factory))
        session = open_session(config, decoder=decoder, engine=HeardEngine(samplerate))
        self.engine, self.instrument, self.schedule = session.engine, session.instrument, session.schedule
        self.presets, self.morph = session.presets, session.morph
        self.namespace = Namespace(self.instrument, dict, self.morph)
        self.answers = []
        self.engine.handed.clear()

    def send(self, address, *arguments):
        """Send one message; the answers to it, slow ones too."""
        return self.send_all((address, *arguments))

    def send_all(self, *messages, when=None):
        """Send some messages as one bundle; the answers to them."""

        async def perform():
            with self.instrument.together(when):
                for address, *arguments in messages:
                    self.namespace.perform(Message(address, tuple(arguments)), _Sender(self.answers))
            await self.namespace.settled()

        self.answers = []
        asyncio.run(perform())
        return self.answers

    def latents(self):
        return self.instrument.latent_values()

    def play(self, seconds):
        """Let time pass; the latents [position on the clock in seconds, latents…] every 10 ms."""
        engine, seen = self.engine, []
        end = engine.clock + round(seconds * engine.samplerate)
        while engine.clock < end:
            frames = min(round(0.01 * engine.samplerate), end - engine.clock)
            self.schedule.run(engine.clock + frames + round(LOOKAHEAD_S * engine.samplerate))
            engine.render(frames)
            seen.append((engine.clock / engine.samplerate, *self.latents()))
        return seen


class _Sender:
    key = "test"
    outlet = None

    def __init__(self, answers):
        self._answers = answers

    def send(self, address, *arguments):
        self._answers.append((address, *arguments))
