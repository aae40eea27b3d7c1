"""The instrument as a running program: engine, audio, OSC, MIDI and schedule on one asyncio loop.

The loop's thread is the control thread; only it calls the instrument.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
import time
from contextlib import AsyncExitStack

from . import __version__
from .audio.realtime import DECODE_PRIORITY, ask_realtime
from .audio.supervisor import OutputState, OutputSupervisor, first_device
from .audio.watchdog import CallHangs, StartAgain
from .config import A4
from .errors import MannedError
from .service import Service
from .state.schedule import LOOKAHEAD_S

log = logging.getLogger(__name__)

TICK_S = 0.01
SWITCH_S = 0.0005  # the control thread gets the GIL back from another one, which reads a model, within this time
FADE_S = 0.3  # a little longer than the engine takes
FIRST_BLOCK_S = 10.0


def run(config, score=None) -> int:
    """Play until SIGTERM or SIGINT.

    SIGHUP reads the configuration again, SIGUSR1 silences everything.

    Parameters
    ----------
    config : manned.config.Config
    score : manned.control.score.Score, optional
        Played from the start, on the audio clock.

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
    _log_to_stderr(config.log.level)
    sys.setswitchinterval(SWITCH_S)
    gc.disable()  # the collector would walk through the compiler's objects again and again while they come to be
    try:
        return asyncio.run(Daemon(config, score).run())
    except StartAgain as error:
        log.critical("%s; ending with status %d to be started again", error, error.exit_code)
        if isinstance(error, CallHangs):
            # The lost thread would hold up, or abort, every orderly way out.
            logging.shutdown()
            os._exit(error.exit_code)
        return error.exit_code


class Daemon:
    """One run of the program.

    Parameters
    ----------
    config : manned.config.Config
    score : manned.control.score.Score, optional
    """

    def __init__(self, config, score=None):
        self.config = config
        self.score = score
        self.service = Service()
        self.recorder = None
        self.osc = None
        self.midi = None
        self._started = time.monotonic()
        self._stopping = asyncio.Event()
        self._hang_up = asyncio.Event()

    async def run(self) -> int:
        """Start, play and stop; returns the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        async with AsyncExitStack() as stack:
            await self._start(stack)
            loop.add_signal_handler(signal.SIGHUP, self._hang_up.set)
            loop.add_signal_handler(signal.SIGUSR1, self.panic)
            self._announce()
            if self.score is not None:
                self._play_score()
            stop = asyncio.ensure_future(self._stopping.wait())
            works = self._keep_time(), self._reload_when_asked(), self._report(), self.output.watch()
            tasks = [asyncio.ensure_future(work) for work in works]
            stack.push_async_callback(_cancel, tasks)
            done, _ = await asyncio.wait([stop, *tasks], return_when=asyncio.FIRST_COMPLETED)
            self.service.stopping()
            for task in done:
                task.result()
        log.info("stopped")
        return 0

    def status(self) -> dict:
        """Everything that ``/status`` tells, as plain values."""
        values = {"version": __version__, **self.output.status(), **self.instrument.status()}
        for part in (self.osc, self.midi):
            if part is not None:
                values.update(part.counts())
        values["scheduled"] = len(self.schedule)
        values["realtime_audio"] = self.output.realtime
        values["realtime_decode"] = self.realtime_decode
        if self.recorder is not None:
            values |= self.recorder.status()
        values["uptime_s"] = round(time.monotonic() - self._started, 1)
        return values

    def panic(self) -> None:
        """Silence everything now."""
        log.warning("panic: all sound off")
        self.instrument.all_sound_off()

    async def reload(self) -> None:
        """Read the configuration again; a bad one changes nothing."""
        self.service.reloading()
        try:
            await self._apply(self.config.reload())
        except MannedError as error:
            log.error("%s; the settings stay as they were", error)
        self.service.ready()

    # -- start and stop -----------------------------------------------------

    async def _start(self, stack: AsyncExitStack) -> None:
        """Start every part; ``stack`` stops them in reverse, inputs first."""
        from .session import open_session

        config = self.config
        decoder = config.library.read_decoder(config.model.name)
        device, samplerate = first_device(config.audio)
        session = open_session(config, samplerate, decoder)
        self.engine, self.instrument, self.schedule = session.engine, session.instrument, session.schedule
        self.morph = session.morph
        self._tuned = self.instrument.tuning
        self.engine.start()
        stack.callback(self.engine.stop)
        self.realtime_decode = ask_realtime([self.engine.thread_id], DECODE_PRIORITY)
        if config.audio.record:
            from .audio.recorder import Recorder

            self.recorder = Recorder(self.engine, config.audio.record)
            self.recorder.start()
            stack.callback(self.recorder.stop)
        self.output = OutputSupervisor(self.engine, config.audio)
        stack.push_async_callback(self.output.stop)
        await self.output.start(device)
        stack.push_async_callback(self._fade)
        await self._start_controls(stack)
        await self._first_block()
        # What lives now lives on: collections over it would hold up the control thread for tens of milliseconds.
        gc.freeze()
        gc.enable()

    async def _start_controls(self, stack: AsyncExitStack) -> None:
        settings = self.config.osc
        if settings.enabled:
            from .control.osc.server import OscServer

            self.osc = OscServer(
                self.instrument, self.schedule, settings.host, settings.port, status=self.status, morph=self.morph
            )
            await self.osc.start()
            stack.push_async_callback(self.osc.stop)
        await self._start_midi(self.config.midi)
        stack.push_async_callback(self._stop_midi)

    async def _start_midi(self, settings) -> None:
        from .control.midi.input import MidiInput

        midi = MidiInput(self.instrument, settings, self.morph)
        await midi.start()
        self.midi = midi

    async def _stop_midi(self) -> None:
        midi, self.midi = self.midi, None
        if midi is not None:
            await midi.stop()

    async def _first_block(self) -> None:
        deadline = time.monotonic() + FIRST_BLOCK_S
        while self.engine.blocks == 0 and time.monotonic() < deadline and not self._stopping.is_set():
            await asyncio.sleep(TICK_S)

    def _announce(self) -> None:
        settings = self.config.osc
        log.info(
            "manned %s: model %s with %d latents, %s",
            __version__,
            self.instrument.decoder.name,
            self.instrument.latents,
            f"OSC on {settings.host} port {settings.port}" if settings.enabled else "no OSC",
        )
        granted = [name for name, had in (("audio", self.output.realtime), ("decode", self.realtime_decode)) if had]
        log.info("real-time priority granted: %s", ", ".join(granted) or "none")

    def _play_score(self) -> None:
        from .control.score import first_sample, play

        start = first_sample(self.engine.clock, self.engine.samplerate)
        midi = self.config.midi
        play(
            self.score, start, self.instrument, self.schedule, midi, lambda error: log.warning("%s", error), self.morph
        )

    async def _fade(self) -> None:
        """Let what sounds fade out."""
        if self.output.alive and self.engine.status()["voices"]:
            self.engine.fade_out()
            await asyncio.sleep(FADE_S)

    # -- while it plays -----------------------------------------------------

    async def _reload_when_asked(self) -> None:
        while True:
            await self._hang_up.wait()
            self._hang_up.clear()
            await self.reload()

    async def _keep_time(self) -> None:
        lookahead = int(LOOKAHEAD_S * self.engine.samplerate)
        while True:
            try:
                self.schedule.run(self.engine.clock + lookahead)
            except MannedError as error:
                log.warning("%s", error)
            except Exception:
                log.exception("a dated action failed")
            await asyncio.sleep(TICK_S)

    async def _report(self) -> None:
        """Keep the service manager informed; the instrument is ready when its first block has been played."""
        period = min(1.0, (self.service.watchdog_s or 3.0) / 3.0)
        ready = False
        while True:
            self.service.status(self.output.sentence())
            if not ready and self.engine.blocks:
                self.service.ready()
                ready = True
            if self.output.alive or self.output.state is OutputState.WAITING:
                self.service.alive()
            await asyncio.sleep(period)

    async def _apply(self, config) -> None:
        """Take over what can change while playing; say what cannot."""
        self._tune(config)  # first: nothing else is to change when a scale cannot be read
        if config.midi != self.config.midi:
            await self._stop_midi()
            try:
                await self._start_midi(config.midi)
            except MannedError:
                await self._start_midi(self.config.midi)
                raise
        _set_level(config.log.level)
        self.config = self.config.with_changes(config)
        later = [
            section
            for section in ("audio", "osc", "model", "state", "start")
            if getattr(config, section) != getattr(self.config, section)
        ]
        log.info("configuration read again%s", f"; {', '.join(later)} will change at the next start" if later else "")

    def _tune(self, config) -> None:
        """Tune as the configuration says; what was chosen by OSC meanwhile stays until that part of it changes.

        The files of a scale are read anew, since they may have changed under their name.
        """
        with self.instrument.together():
            if config.tuning != self.config.tuning or self.instrument.tuning is self._tuned:
                self.instrument.tune(config.tuning.scale, config.tuning.keyboard, library=config.library)
                self._tuned = self.instrument.tuning
            a4 = config.start.get(A4)
            if a4 != self.config.start.get(A4):
                self.instrument.set(A4, self.instrument.parameter(A4).default if a4 is None else a4)


async def _cancel(tasks) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _log_to_stderr(level: str) -> None:
    """One line per message, to a stderr of our own, which stays open while that of the C libraries is shut.

    The journal has its own times.
    """
    pattern = "%(levelname)s: %(message)s"
    if "JOURNAL_STREAM" not in os.environ:
        pattern = "%(asctime)s " + pattern
    logging.basicConfig(stream=os.fdopen(os.dup(2), "w", buffering=1), format=pattern)
    _set_level(level)


def _set_level(level: str) -> None:
    logging.getLogger("manned").setLevel(level.upper())
