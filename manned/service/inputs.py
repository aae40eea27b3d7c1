"""The parts that play the instrument: OSC, MIDI and a score."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from ..config import Config
from ..control.midi.channels import Port as MidiPort
from ..control.midi.commands import MidiCommands
from ..control.midi.input import MidiInput
from ..control.midi.map import MidiMap
from ..control.midi.templates import Templates
from ..control.mishaps import Mishaps
from ..control.osc.address_space import AddressSpace
from ..control.osc.feedback.meter import Tap
from ..control.osc.namespace import Namespace
from ..control.osc.receiver import Receiver
from ..control.osc.server import OscServer
from ..control.recordings import Recordings
from ..control.score import Score, first_sample, play
from ..control.take import Take
from ..errors import MannedError
from ..session import Session
from ..settings import MidiSettings, OscSettings
from ..table.bindings import Binding, Controller
from .parts import Part

log = logging.getLogger(__name__)


class OscPart(Part):
    """The OSC server.

    Parameters
    ----------
    session : Session
    settings : OscSettings
    status : callable() -> dict
        What ``/status`` tells.
    tap : Tap, optional
        What ``/meter`` measures; by default the engine's tap, which has but one reader.
    midi : MidiMap, optional
        What ``/midi/…`` tells and learns.
    recordings : Recordings, optional
        What ``/record`` begins and ends.
    take : Take, optional
        Writes down what is done.
    """

    name = "osc"

    def __init__(
        self,
        session: Session,
        settings: OscSettings,
        status: Callable[[], dict[str, Any]],
        tap: Tap | None = None,
        midi: MidiMap | None = None,
        recordings: Recordings | None = None,
        take: Take | None = None,
    ):
        self._settings = settings
        self._server = OscServer(
            session.instrument,
            session.schedule,
            settings.host,
            settings.port,
            status=status,
            morph=session.morph,
            listeners=settings.listeners,
            listener_hosts=settings.listener_hosts,
            tap=tap,
            midi=midi,
            recordings=recordings,
            space=AddressSpace(settings.prefix, settings.aliases),
        )
        if take is not None:
            self._server.receiver.done = take.osc

    @property
    def receiver(self) -> Receiver:
        """What takes OSC packets, of other connections too."""
        return self._server.receiver

    async def start(self) -> None:
        """Open its sockets; raises `PortError`."""
        if self._settings.enabled:
            await self._server.start()

    async def stop(self) -> None:
        """Close them."""
        if self._settings.enabled:
            await self._server.stop()

    def status(self) -> dict[str, Any]:
        """Its counters."""
        return self._server.counts() if self._settings.enabled else {}

    async def reload(self, config: Config) -> tuple[str, ...]:
        """It stays where it is."""
        return ("osc",) if config.osc != self._settings else ()


class MidiPart(Part):
    """The MIDI inputs.

    Parameters
    ----------
    session : Session
    config : Config
    recordings : Recordings, optional
        What a button that is bound to ``record`` begins and ends.
    take : Take, optional
        Writes down what comes in.
    """

    name = "midi"

    def __init__(
        self, session: Session, config: Config, recordings: Recordings | None = None, take: Take | None = None
    ):
        self._take = take
        self._session = session
        self._settings = config.midi
        self._folders = config.controller_folders
        namespace = Namespace(session.instrument, session.instrument.status, session.morph, recordings=recordings)
        self._commands = MidiCommands(namespace)
        self.map = MidiMap(session.learned, self._known, self._waits_for)
        self._input: MidiInput | None = None

    async def start(self) -> None:
        """Look for ports from now on; raises `MannedError`."""
        session, templates = self._session, Templates(self._folders, self._settings.controllers)
        midi = MidiInput(session.instrument, self._settings, session.morph, self._commands, session.learned, templates)
        midi.heard = None if self._take is None else self._take.midi
        await midi.start()
        self._input = midi

    async def stop(self) -> None:
        """Let go of all ports."""
        midi, self._input = self._input, None
        if midi is not None:
            await midi.stop()

    def status(self) -> dict[str, Any]:
        """Its counters and ports."""
        return self._input.counts() if self._input is not None else {}

    def _known(self) -> list[MidiPort]:
        return [] if self._input is None else [*self._input.known()]

    def _waits_for(self, port: MidiPort, controller: Controller, binding: Binding) -> str:
        return "" if self._input is None else self._input.waits_for(port, controller, binding)

    async def reload(self, config: Config) -> tuple[str, ...]:
        """Take all its settings over, by starting anew when they differ."""
        former = self._settings, self._folders
        if config.midi != self._settings:
            await self.stop()
            self._settings, self._folders = config.midi, config.controller_folders
            try:
                await self.start()
            except MannedError:
                self._settings, self._folders = former
                await self.start()
                raise
        return ()


class ScorePart(Part):
    """A score that is played from the start, on the audio clock.

    Parameters
    ----------
    session : Session
    score : Score or None
        None when there is nothing to play.
    midi : MidiSettings
        What the messages of a MIDI file move.
    """

    name = "score"

    def __init__(self, session: Session, score: Score | None, midi: MidiSettings):
        self._session = session
        self._score = score
        self._midi = midi

    async def run(self) -> None:
        """Begin to play it; the schedule does the rest."""
        if self._score is not None:
            self._play(self._score)
        await super().run()

    def _play(self, score: Score) -> None:
        for remark in score.remarks:
            log.warning("%s", remark)
        instrument = self._session.instrument
        start = first_sample(instrument.clock.now, instrument.clock.samplerate)
        play(
            score,
            start,
            instrument,
            self._session.schedule,
            self._midi,
            Mishaps(keep_going=True).hear,
            self._session.morph,
            self._session.learned,
        )
