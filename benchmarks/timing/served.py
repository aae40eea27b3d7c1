"""Four held notes and an OSC server in this process, for the benchmarks that send to it."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from manned.control.osc.server import OscServer
from manned.engine import Engine
from manned.instrument import Instrument

from ..borrowed import free_port
from ..instrument import compose

NOTES = (48, 52, 55, 60)


class Served(NamedTuple):
    """What is played and what is asked.

    Attributes
    ----------
    instrument : Instrument
    server : OscServer
    port : int
    portaudio : PortAudioBackend
    device : object
        PortAudio's default output, which is JACK's.
    """

    instrument: Instrument
    server: OscServer
    port: int
    portaudio: Any
    device: Any

    @property
    def engine(self) -> Engine:
        """The instrument's."""
        return self.instrument.engine

    def open(self, samplerate: int, period: int) -> Any:
        """A running stream of the engine's own callback."""
        from manned.stream_callback import Callback

        callback = Callback(self.engine.callback_address, self.engine.userdata_address)
        stream = self.portaudio.open(self.device, callback, samplerate, blocksize=period)
        stream.start()
        return stream


@asynccontextmanager
async def served(samplerate: int) -> AsyncIterator[Served]:
    """Play and serve until the end of the block, which comes while the JACK server still runs."""
    from manned.audio.portaudio import PortAudioBackend

    session = compose(samplerate, channels=2)
    gc.freeze()  # as the daemon does: a collection over what the compiler left takes 200 ms
    instrument, engine = session.instrument, session.engine
    portaudio = PortAudioBackend()
    device = portaudio.choose("")
    assert device is not None
    engine.start()
    port = free_port()
    server = OscServer(instrument, session.schedule, "127.0.0.1", port, session.morph, engine.status)
    await server.start()
    for key, note in enumerate(NOTES):
        instrument.note_on(key, note, 80)
    try:
        yield Served(instrument, server, port, portaudio, device)
    finally:
        portaudio.terminate()
        await server.stop()
        engine.stop()
