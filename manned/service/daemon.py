"""The instrument as a running program: engine, audio, OSC, MIDI and schedule on one asyncio loop.

The loop's thread is the control thread; only it calls the instrument.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import logging
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from .. import PROGRAM, __version__
from ..audio.supervisor import first_device
from ..audio.watchdog import CallHangs, StartAgain
from ..config import Config
from ..control.midi.templates import Templates
from ..control.osc.port import check_port
from ..errors import MannedError
from .beginning import choose_beginning
from .log import LogPart, log_to_stderr, mute_libraries
from .parts import Lifecycle, LifecycleEvent, LifecycleListener, Parts
from .signals import PANIC, RELOAD, STOP
from .systemd import ServiceManager, SystemdPart

if TYPE_CHECKING:
    from ..control.score import Score
    from ..session import Session

log = logging.getLogger(__name__)

FIRST_LOOK_S = 0.005
SWITCH_S = 0.0005  # the control thread gets the GIL back from another one, which reads a model, within this time
FIRST_BLOCK_S = 10.0
STARTING = "starting: loading the engine; the first start compiles it, which takes minutes"


def run(config: Config, score: Score | None = None, preset: str | None = None) -> int:
    """Play until SIGTERM or SIGINT.

    SIGHUP reads the configuration again, SIGUSR1 silences everything.

    Parameters
    ----------
    config : Config
    score : Score, optional
        Played from the start, on the audio clock.
    preset : str, optional
        Name of a preset to begin with, whatever ``state.start`` says.

    Returns
    -------
    int
        Exit code: 0 after a signal; 75 when only a new process can play on,
        after the death of a JACK server above all.  A service manager then
        starts it again.

    Raises
    ------
    MannedError
        When something needed cannot be had: a model, a port, PortAudio.
    """
    log_to_stderr(config.log.level)
    sys.setswitchinterval(SWITCH_S)
    gc.disable()  # the collector would walk through the compiler's objects again and again while they come to be
    try:
        return asyncio.run(Daemon(config, score, _mute_when_running, preset).run())
    except StartAgain as error:
        log.critical("%s; ending with status %d to be started again", error, error.exit_code)
        if isinstance(error, CallHangs):
            # The lost thread would hold up, or abort, every orderly way out.
            logging.shutdown()
            os._exit(error.exit_code)
        return error.exit_code


def _mute_when_running(event: LifecycleEvent) -> None:
    if event == LifecycleEvent(PROGRAM, Lifecycle.RUNNING):
        mute_libraries()


class Daemon:
    """One run of the program.

    Parameters
    ----------
    config : Config
    score : Score, optional
    listener : callable(LifecycleEvent), optional
        Told when the program, or a part of it, comes into another state.
    preset : str, optional
        As `run` has it.
    """

    def __init__(
        self,
        config: Config,
        score: Score | None = None,
        listener: LifecycleListener | None = None,
        preset: str | None = None,
    ):
        self._config = config
        self._score = score
        self._preset = preset
        self._listener = listener
        self._manager = ServiceManager()
        self._started = time.monotonic()
        self._stopping = asyncio.Event()
        self._hang_up = asyncio.Event()
        self._parts = Parts(())

    async def run(self) -> int:
        """Start, play and stop; returns the exit code."""
        self._manager.status(STARTING)
        session = self._compose()
        loop = asyncio.get_running_loop()
        for number in STOP:
            loop.add_signal_handler(number, self._stopping.set)
        try:
            await self._parts.start(self._stopping)
            if not self._stopping.is_set():
                await self._play(session)
        finally:
            await self._parts.stop()
        log.info("stopped")
        return 0

    def status(self) -> dict[str, Any]:
        """Everything that ``/status`` tells, as plain values."""
        uptime_s = round(time.monotonic() - self._started, 1)
        return {"version": __version__, **self._parts.status(), "uptime_s": uptime_s}

    async def reload(self) -> None:
        """Read the configuration again; a bad one changes nothing."""
        try:
            self._config, later = await self._parts.reload(self._config.reload, self._config)
        except MannedError as error:
            log.error("%s; the settings stay as they were", error)
            return
        log.info("configuration read again%s", f"; {', '.join(later)} will change at the next start" if later else "")

    def _compose(self) -> Session:
        """Make the parts.  What a user got wrong is noticed before the engine is loaded, as far as it can be."""
        config = self._config
        beginning = choose_beginning(config, self._preset, scored=self._score is not None)
        decoder = config.library.read_decoder(beginning.config.model.name)
        chosen, samplerate = first_device(config.audio)
        if config.osc.enabled:
            check_port(config.osc)
        Templates(config.controller_folders, config.midi.controllers)

        # These load the engine, which takes seconds, or minutes where it has to be compiled.
        from ..audio.recordings import Recordings
        from ..audio.shared_tap import SharedTap
        from ..control.take import Take
        from ..session import open_session
        from .inputs import MidiPart, OscPart, ScorePart
        from .instrument import ClockPart, EnginePart
        from .sound import OutputPart, RecorderPart
        from .state import StatePart
        from .web import WebPart

        session = open_session(config, samplerate, decoder, preset=beginning.preset)
        beginning.set(session)
        output = OutputPart(session.engine, config.audio, chosen)
        tap = SharedTap(session.engine)
        recordings = Recordings(tap, config.recording_folder, lambda: session.engine.clock)
        take = Take(session.instrument) if config.audio.takes else None
        recorder = RecorderPart(recordings, config.audio.record, session.instrument.tree, take)

        def sentence() -> str:
            return "; ".join(filter(None, (output.supervisor.sentence(), recorder.problem)))

        systemd = SystemdPart(self._manager, lambda: session.engine.blocks > 0, lambda: output.alive, sentence)
        midi = MidiPart(session, config, recordings, take)
        osc = OscPart(session, config.osc, self.status, tap.reader(), midi.map, recordings, take)
        parts = (
            LogPart(),
            EnginePart(session, config),
            StatePart(session, config, beginning.keeps),
            recorder,
            output,
            ClockPart(session),
            osc,
            WebPart(osc.receiver, config, recordings),
            midi,
            ScorePart(session, self._score, config.midi),
            systemd,
        )
        self._parts = Parts(parts, (systemd.told, *([self._listener] if self._listener else [])))
        return session

    async def _play(self, session: Session) -> None:
        """Go on until a signal asks to stop, or a part cannot go on."""
        deadline = time.monotonic() + FIRST_BLOCK_S
        while session.engine.blocks == 0 and time.monotonic() < deadline and not self._stopping.is_set():
            await asyncio.sleep(FIRST_LOOK_S)
        # What lives now lives on: collections over it would hold up the control thread for tens of milliseconds.
        gc.freeze()
        gc.enable()
        _give_memory_back()

        def panic() -> None:
            log.warning("panic: all sound off")
            session.instrument.all_sound_off()

        loop = asyncio.get_running_loop()
        loop.add_signal_handler(RELOAD, self._hang_up.set)
        loop.add_signal_handler(PANIC, panic)
        self._announce(session)
        works = self._stopping.wait(), self._parts.run(), self._reload_when_asked()
        tasks = [asyncio.ensure_future(work) for work in works]
        done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for task in done:
            task.result()

    async def _reload_when_asked(self) -> None:
        while True:
            await self._hang_up.wait()
            self._hang_up.clear()
            await self.reload()

    def _announce(self, session: Session) -> None:
        settings = self._config.osc
        log.info(
            "manned %s: model %s with %d latents, %s",
            __version__,
            session.instrument.decoder.name,
            session.instrument.latents,
            f"OSC on {settings.host} port {settings.port}" if settings.enabled else "no OSC",
        )
        status = self._parts.status()
        granted = [name for name in ("audio", "decode") if status[f"realtime_{name}"]]
        log.info("real-time priority granted: %s", ", ".join(granted) or "none")


def _give_memory_back() -> None:
    """Give the system back what only the start needed; C libraries other than GNU's do so by themselves."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
