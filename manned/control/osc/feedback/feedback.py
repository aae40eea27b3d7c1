"""Telling controllers what is set: by others, MIDI, presets, morphs, scores, or by themselves when it was clamped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable, Iterator, Sequence

from ....errors import ParameterError
from ....instrument import Instrument
from ....state.links import LINKS
from ....state.tree import Change, Source
from ....table.address import address_of
from ....table.commands import MAX_RATE
from ...sender import Outlet
from ..packet import sendable, write_bundles, write_message
from .bounds import MAX_ALONE, MAX_SUBSCRIBERS
from .subscriber import Subscriber
from .views import follows, values_of

TICK_S = 1 / MAX_RATE
"""From one telling to the next: no address is told more often."""

GATHER_S = 0.002
"""After the first change in a quiet time: others that come with it are told with it."""

MAX_NEIGHBOURS = 1024
"""Senders of whom it is remembered which subscribers they are."""


class Feedback:
    """Tells subscribers the last value of what has changed.  Control thread only.

    Parameters
    ----------
    instrument : manned.instrument.Instrument
    """

    def __init__(self, instrument: Instrument):
        self.instrument = instrument
        self._subscribers: dict[Hashable, Subscriber] = {}
        self._neighbours: dict[Hashable, tuple[list[Subscriber], list[Subscriber]]] = {}
        self._changed: dict[str, tuple[Source, bool]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._due_s = 0.0
        self._sent = 0
        instrument.tree.listen(self._told)

    # -- subscribers ----------------------------------------------------------

    def __iter__(self) -> Iterator[Subscriber]:
        """Those that are subscribed now."""
        for subscriber in [one for one in self._subscribers.values() if one.lapsed]:
            self.forget(subscriber.outlet.key)
        return iter(list(self._subscribers.values()))

    def counts(self) -> dict[str, int]:
        """Figures for ``/status``."""
        return {"osc_subscribers": len(self._subscribers), "osc_feedback_packets": self._sent}

    def subscribe(self, outlet: Outlet, owner: Hashable = None, host: str = "", keeps: bool = False) -> Subscriber:
        """The subscriber of an outlet, a new one if there is none.

        Raises
        ------
        ParameterError
            When there are too many already.
        """
        subscriber = self._subscribers.get(outlet.key)
        if subscriber is None:
            if sum(1 for _ in self) >= MAX_SUBSCRIBERS:
                raise ParameterError(f"{MAX_SUBSCRIBERS} controllers are subscribed, no more are taken")
            subscriber = self._subscribers[outlet.key] = Subscriber(outlet, owner, host, keeps)
            self._neighbours.clear()
        return subscriber

    def find(self, key: Hashable) -> Subscriber | None:
        """The subscriber at a key, if there is one."""
        return self._subscribers.get(key)

    def leave(self, subscriber: Subscriber) -> None:
        """Forget a subscriber if it wants nothing any more."""
        if subscriber.idle and not subscriber.keeps:
            self.forget(subscriber.outlet.key)

    def forget(self, key: Hashable) -> None:
        """Tell a controller nothing more."""
        self._subscribers.pop(key, None)
        self._neighbours.clear()

    def heard(self, key: Hashable) -> None:
        """A packet has come from a sender: it is still there."""
        if self._subscribers:
            for subscriber in self._near(key)[1]:
                subscriber.heard()

    def said(self, key: Hashable, name: str, values: Sequence[object]) -> None:
        """A sender has set a name to some values, which it need not be told."""
        if self._subscribers:
            for subscriber in self._near(key)[0]:
                subscriber.said(name, values)

    def _near(self, key: Hashable) -> tuple[list[Subscriber], list[Subscriber]]:
        """The subscribers that are the same controller as a sender, and those and the ones on its computer."""
        near = self._neighbours.get(key)
        if near is None:
            if len(self._neighbours) >= MAX_NEIGHBOURS:
                self._neighbours.clear()
            same = [one for one in self._subscribers.values() if one.is_sender(key)]
            beside = [one for one in self._subscribers.values() if one.is_sender(key) or one.is_beside(key)]
            near = self._neighbours[key] = same, beside
        return near

    # -- changes --------------------------------------------------------------

    def _told(self, changes: Sequence[Change]) -> None:
        if not self._subscribers:
            return
        together = not _of_one(changes)
        for name, _, source, _ in changes:
            for moved in (name, *follows(name)):
                before = self._changed.pop(moved, None)  # the latest last
                self._changed[moved] = source, together or (before is not None and before[1])
        self._schedule()

    def _schedule(self) -> None:
        if self._timer is None:
            now = time.monotonic()
            # From when the last one was due, so that one that came late holds up nothing behind it.
            self._due_s = max(self._due_s + TICK_S, now + GATHER_S)
            self._timer = asyncio.get_running_loop().call_later(self._due_s - now, self._flush)

    def _flush(self) -> None:
        self._timer = None
        changed, self._changed = self._changed, {}
        told = _Told(self.instrument)
        for subscriber in self:
            if changed or subscriber.owed:
                self._tell(subscriber, changed, told)
        if any(subscriber.owed for subscriber in self._subscribers.values()):
            self._schedule()

    def _tell(self, subscriber: Subscriber, changed: dict[str, tuple[Source, bool]], told: _Told) -> None:
        names = subscriber.owed
        for name, (source, together) in changed.items():
            if not subscriber.wants(name):
                continue
            own = source.kind == "osc" and subscriber.is_sender(source.name)
            if own and not subscriber.echo and subscriber.shows(name, told.values(name)):
                names.pop(name, None)
                continue
            names[name] = names.pop(name, False) or together
        packets = told.packets(names, subscriber.outlet.most)
        if subscriber.send(packets):
            self._sent += len(packets)
            for name in names:
                subscriber.tell(name)
            subscriber.owed = {}

    def close(self) -> None:
        """Tell nothing more."""
        self._subscribers.clear()
        self._neighbours.clear()
        self._changed.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _Told:
    """What is told in one tick, each message written once however many controllers get it."""

    def __init__(self, instrument: Instrument):
        self._instrument = instrument
        self._values: dict[str, tuple[object, ...]] = {}
        self._messages: dict[str, bytes] = {}
        self._packets: dict[tuple[tuple[tuple[str, bool], ...], int], list[bytes]] = {}

    def values(self, name: str) -> tuple[object, ...]:
        """The values at a name; none where there are none any more."""
        values = self._values.get(name)
        if values is None:
            try:
                values = tuple(values_of(self._instrument, name))
            except ParameterError:
                values = ()
            self._values[name] = values
        return values

    def packets(self, names: dict[str, bool], most: int) -> list[bytes]:
        """The packets that tell some names: each alone, but bundles of those that were set together or are many."""
        key = tuple(names.items()), most
        packets = self._packets.get(key)
        if packets is None:
            alone = [name for name, together in names.items() if not together]
            alone = alone if len(alone) <= MAX_ALONE else []
            bundled = [name for name in names if name not in alone]
            packets = list(map(self._message, alone)) + write_bundles(map(self._message, bundled), most)
            self._packets[key] = packets
        return packets

    def _message(self, name: str) -> bytes:
        message = self._messages.get(name)
        if message is None:
            message = self._messages[name] = write_message(address_of(name), *map(sendable, self.values(name)))
        return message


def _of_one(changes: Sequence[Change]) -> bool:
    """Whether these are the changes that setting one value makes: it, and what follows from it."""
    if len(changes) == 1:
        return True
    names = {change.name for change in changes}
    return any(names == {name, follower} for name, (follower, _) in LINKS.items())
