"""From packets to messages: bundles and their times, and what a sender is told when something is wrong."""

from __future__ import annotations

import time
from collections.abc import Callable

from ...errors import MannedError, ParameterError
from ...state.schedule import LOOKAHEAD_S
from ...state.tree import Source
from ...table.commands import ERROR, FAIL, REPLIES
from ..sender import Sender
from .address_space import AddressSpace
from .dated import Dated
from .feedback.feedback import Feedback
from .namespace import Namespace, UnknownAddress
from .packet import IMMEDIATELY, Bundle, Message, PacketError, read_packet
from .patterns import PatternError, is_pattern
from .rate_limit import RateLimit

MAX_AHEAD_S = 3600.0  # how far ahead a bundle may be dated
MAX_ANSWERS = 256  # to one packet
MAX_PATTERNS = 16  # in one packet, with the scales it loads; with 64 latents the worst one takes 4 ms
MAX_TEXT = 300  # characters of an error

_NTP_TO_UNIX_S = 2208988800


class Receiver:
    """Takes packets of any sender and has the namespace perform their messages at their time.

    All methods belong to the control thread.

    Parameters
    ----------
    namespace : manned.control.osc.namespace.Namespace
    dated : Dated
        Where dated bundles wait.
    feedback : Feedback, optional
        Is told who has been heard.
    space : AddressSpace, optional
        How addresses may be written beside our own way.
    """

    def __init__(
        self,
        namespace: Namespace,
        dated: Dated,
        feedback: Feedback | None = None,
        space: AddressSpace | None = None,
    ):
        self.namespace = namespace
        self._space = space or AddressSpace()
        self.instrument = namespace.instrument
        self.feedback = feedback
        self._dated = dated
        self._packets = 0
        self._messages = 0
        self._rejected = 0
        self._errors = 0
        self._rate_limit = RateLimit()
        self.done: Callable[[Message], object] | None = None
        """Told of every message that was done, inside of its moment."""

    def counts(self) -> dict[str, int]:
        """Counters since the start, as ``/status`` shows them."""
        return {
            "osc_packets": self._packets,
            "osc_messages": self._messages,
            "osc_rejected": self._rejected,
            "osc_errors": self._errors,
            "osc_errors_suppressed": self._rate_limit.suppressed,
        }

    def receive(self, data: bytes, sender: Sender) -> None:
        """Do what one packet says; whatever is wrong with it is answered and counted.

        Parameters
        ----------
        data : bytes
        sender : Sender
        """
        self._packets += 1
        if self.feedback is not None:
            self.feedback.heard(sender.key)
        try:
            packet = read_packet(data)
        except PacketError as error:
            self.reject(error, sender)
            return
        if isinstance(packet, Message):
            self._message(packet, _Packet(sender, self._rate_limit))
        else:
            self._bundle(packet, _Packet(sender, self._rate_limit), None)

    def reject(self, error: PacketError, sender: Sender | None = None) -> None:
        """Count bytes that are no packet, and tell the sender if it can be told."""
        self._rejected += 1
        if sender is not None:
            self._answer("packet", error, _Packet(sender, self._rate_limit))

    def _bundle(self, bundle: Bundle, sender: _Packet, outer: int | None) -> None:
        """Play a bundle at its time, which is not before that of the bundle around it (``outer``, a sample)."""
        try:
            unix_time = 0.0 if bundle.timetag == IMMEDIATELY else bundle.timetag / 2**32 - _NTP_TO_UNIX_S
            ahead_s = unix_time - time.time()
            if ahead_s > MAX_AHEAD_S:
                raise ParameterError(f"bundle dated {ahead_s:.0f} s ahead, allowed are {MAX_AHEAD_S:.0f} s")
            when = self.instrument.clock.sample_at(unix_time) if ahead_s > 0.0 else None
            if when is None or (outer is not None and when <= outer):
                self._play(bundle, sender, outer)
            elif ahead_s <= LOOKAHEAD_S:
                self._play(bundle, sender, when)
            else:
                self._postpone(bundle, sender, when)
        except MannedError as error:
            self._refuse("#bundle", error, sender)

    def _postpone(self, bundle: Bundle, sender: _Packet, when: int) -> None:
        def play(when: int) -> None:
            try:
                self._play(bundle, sender, when)
            except MannedError as error:
                self._refuse("#bundle", error, sender)

        self._dated.add(when, bundle.size, sender.key, play)

    def _play(self, bundle: Bundle, sender: _Packet, when: int | None) -> None:
        with self.instrument.together(when, sender.source):
            for element in bundle.elements:
                if isinstance(element, Message):
                    self._message(element, sender)
                else:
                    self._bundle(element, sender, when)

    def _message(self, message: Message, sender: _Packet) -> None:
        self._messages += 1
        message, asking = self._space.enter(message, sender)
        try:
            message, asking = self._space.translate(message, asking)
            if is_pattern(message.address) or self.namespace.reads_files(message.address):
                sender.take_pattern()
            with self.instrument.together(source=sender.source):
                self.namespace.perform(message, asking)
                if self.done is not None:
                    self.done(message)
        except MannedError as error:
            self._refuse(message.address, error, asking)

    def _refuse(self, address: str, error: MannedError, sender: Sender) -> None:
        self._errors += 1
        self._answer(address, error, sender)

    def _answer(self, address: str, error: MannedError, sender: Sender) -> None:
        """Tell a sender what was wrong."""
        if address in REPLIES:
            return
        text = str(error).removeprefix(f"{address}: ")
        if isinstance(error, UnknownAddress):
            text += self.namespace.suggestion(address)
        if len(text) > MAX_TEXT:
            text = text[:MAX_TEXT] + " …"
        sender.send(ERROR, address, text)


class _Packet:
    """The sender of one packet, with what this packet may still cost: so many answers and patterns and no more.

    What is wrong it is told now and then in a flood, by `ERROR` and by `FAIL` alike.
    """

    __slots__ = ("_answers", "_patterns", "_rate_limit", "_sender", "key", "outlet", "source")

    def __init__(self, sender: Sender, rate_limit: RateLimit):
        self.key = sender.key
        self.outlet = sender.outlet
        self._rate_limit = rate_limit
        self.source = Source("osc", sender.key)
        self._sender = sender
        self._answers = MAX_ANSWERS
        self._patterns = MAX_PATTERNS

    def send(self, address: str, *arguments: object) -> None:
        """Send an answer; the first one too many is said to be so, the rest is silence."""
        if address in (ERROR, FAIL):
            unanswered = self._rate_limit.admit(self.key)
            if unanswered is None:
                return
            if unanswered:
                *others, text = arguments
                arguments = (*others, f"{text} ({unanswered} earlier errors were not answered)")
        if self._answers > 0:
            self._sender.send(address, *arguments)
        elif self._answers == 0:
            text = f"more than {MAX_ANSWERS} answers to one packet, the rest is not sent"
            self._sender.send(ERROR, "packet", text)
        self._answers -= 1

    def take_pattern(self) -> None:
        """Count one of the few patterns, or messages that read files, of a packet; one too many is a `PatternError`."""
        if self._patterns == 0:
            raise PatternError(f"more than {MAX_PATTERNS} patterns in one packet, the rest is not played")
        self._patterns -= 1
