"""A real OSC server in a loop and thread of its own, and clients to talk to it."""

import asyncio
import socket
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from manned.audio.silent import SilentClock
from manned.config import Config
from manned.control.osc.packet import read_packet, write_message
from manned.control.osc.server import OscServer
from manned.engine import Engine
from manned.model.decoder_file import Decoder, save_decoder
from manned.model.topology import Topology
from manned.session import open_session
from manned.settings import ModelSettings, StateSettings, TuningSettings
from manned.state.schedule import LOOKAHEAD_S
from manned.stream_callback import Callback


class ListeningEngine(Engine):
    """The engine, with a note of all that is handed to it and of the samples that dates became."""

    def __init__(self):
        super().__init__()
        self.handed = []
        self.dates = []

    def sample_at(self, unix_time):
        self.dates.append(super().sample_at(unix_time))
        return self.dates[-1]

    def push(self, events):
        super().push(events)
        self.handed.append(list(events))


class Running:
    """A server, its instrument and its loop; `call` does something in the control thread."""

    def __init__(self, loop, server, session):
        self.loop = loop
        self.server = server
        self.instrument, self.engine, self.schedule = session.instrument, session.engine, session.schedule
        self.morph = session.morph

    @property
    def port(self):
        return self.server.port

    def call(self, function):
        async def run():
            return function()

        return self.do(run())

    def do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(20)

    def wait_until(self, condition):
        deadline = time.monotonic() + 10
        while not self.call(condition):
            assert time.monotonic() < deadline, "waited for in vain"
            time.sleep(0.01)

    def get(self, name):
        return self.call(lambda: self.instrument.get(name))

    def counts(self):
        return self.call(self.server.counts)


class UdpClient:
    """Another program that speaks OSC by UDP."""

    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)  # for many answers at once
        self.socket.connect(("127.0.0.1", port))
        self.socket.settimeout(5)

    def send_bytes(self, data):
        self.socket.send(data)

    def send(self, address, *arguments):
        self.socket.send(write_message(address, *arguments))

    def hear(self):
        return read_packet(self.socket.recv(65536))

    def ask(self, address, *arguments):
        """The first answer to a message."""
        self.send(address, *arguments)
        return self.hear()

    def answers(self, *packets):
        """All answers to some packets, heard until the server says it is through with them."""
        for packet in packets:
            self.socket.send(packet)
        self.send("/sync", 4242)
        heard = []
        while (answer := self.hear()) != ("/synced", (4242,)):
            heard.append(answer)
        return heard


def tiny_decoder(name, latents, seed=0):
    topology = Topology(widths=(8,), bottleneck=latents)
    generator = np.random.default_rng(seed)
    weights = [
        (generator.standard_normal((inputs, outputs)).astype(np.float32), np.zeros(outputs, np.float32))
        for inputs, outputs, _ in topology.decoder_layers()
    ]
    return Decoder(name, topology, weights)


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """A folder with the models ``three`` (3 latents), ``two`` (2 latents) and ``broken``, and scales.

    ``thirds`` has three steps to the octave, ``crooked`` is none; ``every-other`` maps every other key.
    """
    folder = tmp_path_factory.mktemp("models")
    save_decoder(tiny_decoder("three", 3), folder / "three.safetensors")
    save_decoder(tiny_decoder("two", 2), folder / "two.safetensors")
    (folder / "broken.safetensors").write_bytes(b"no decoder at all")
    (folder / "thirds.scl").write_text("three steps\n 3\n 400.\n 800.\n 2/1\n")
    (folder / "crooked.scl").write_text("crooked\n 2\n 3/2\n two\n")
    (folder / "every-other.kbm").write_text("2\n0\n127\n60\n60\n261.625565\n1\n0\nx\n")
    return folder


@pytest.fixture
def server_options():
    """More options of the server; a file of tests may have its own."""
    return {}


@pytest.fixture
def osc(models, tmp_path, server_options):
    """A running server that plays model ``three``."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    engine = ListeningEngine()
    folders = [str(models)]
    config = Config(model=ModelSettings(folders=folders), tuning=TuningSettings(folders=folders))
    config = replace(config, state=StateSettings(folder=str(tmp_path)))
    session = open_session(config, decoder=tiny_decoder("three", 3), engine=engine)
    engine.handed.clear()
    engine.start()
    clock = SilentClock(Callback(engine.callback_address, engine.userdata_address), engine.samplerate)
    clock.start()
    while not engine.blocks:
        time.sleep(0.01)
    schedule = session.schedule
    server = OscServer(session.instrument, schedule, "127.0.0.1", 0, session.morph, **server_options)
    running = Running(loop, server, session)

    async def tick():
        while True:
            schedule.run(engine.clock + int(LOOKAHEAD_S * engine.samplerate))
            await asyncio.sleep(0.01)

    running.do(server.start())
    ticking = asyncio.run_coroutine_threadsafe(tick(), loop)
    yield running
    ticking.cancel()
    running.do(server.stop())
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()
    clock.close()
    engine.stop()


@pytest.fixture
def new_client(osc):
    """Makes clients."""
    clients = []

    def make():
        clients.append(UdpClient(osc.port))
        return clients[-1]

    yield make
    for udp in clients:
        udp.socket.close()


@pytest.fixture
def client(new_client):
    return new_client()
