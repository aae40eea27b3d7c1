"""What OSC costs the control thread: microseconds per packet, read, understood and handed to the engine.

The aim is 40 µs for a message that sets a value, and no packet, however made, that takes
more than a few tens of milliseconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from manned.control.osc.dated import Dated
from manned.control.osc.namespace import Namespace
from manned.control.osc.packet import MAX_ELEMENTS, read_packet, write_message
from manned.control.osc.receiver import Receiver
from manned.engine import Engine

from ..borrowed import bundle, crafted_patterns, small_decoder
from ..instrument import compose
from ..section import Section
from ..show import show

LATENT = write_message("/latent/1", 0.5)
ORDINARY = {
    "/latent/1 0.5": LATENT,
    "/latents 0.5 0.5": write_message("/latents", 0.5, 0.5),
    "/mnote 60 100": write_message("/mnote", 60.0, 100.0),
    "/mnote/rel 60": write_message("/mnote/rel", 60.0),
    "/gain": write_message("/gain"),
    "/latent/* 0.5": write_message("/latent/*", 0.5),
    "/status": write_message("/status"),
    "bundle of 10 values": bundle(*[LATENT] * 10),
}
HOSTILE = {
    "sixty stars": write_message("/" + "*" * 60 + "!", 0.5),
    "stars and letters": write_message("/" + "*a" * 120, 0.5),
    "eighty empty words": write_message("/" + "{,}" * 80, 0.5),
    "unknown address": write_message("/latnt/1", 0.5),
    "10,000 arguments": write_message("/latents", *[0.5] * 10_000),
    "60,000 brackets": b"/a\0\0," + b"[" * 60_003 + bytes(4),
    "full bundle of values": bundle(*[LATENT] * MAX_ELEMENTS),
    "full bundle of patterns": bundle(*[write_message("/*", 0.5)] * MAX_ELEMENTS),
    "full bundle of crafted patterns": crafted_patterns(),
    "full bundle of /dump": bundle(*[write_message("/dump")] * MAX_ELEMENTS),
    "full bundle of /status": bundle(*[write_message("/status")] * MAX_ELEMENTS),
}


class Sender:
    """Takes the trouble of building each answer and throws it away."""

    key = "benchmark"
    outlet = None

    def send(self, address: str, *arguments: object) -> None:
        """Build an answer."""
        write_message(address, *arguments)


def measure(rounds: int = 200) -> Section:
    """Hand every ordinary packet over in so many rounds of ten, and every hostile one in one."""
    section = Section()
    session = compose(decoder=small_decoder())
    engine, instrument = session.engine, session.instrument
    receiver = Receiver(Namespace(instrument, instrument.status, session.morph), Dated(session.schedule))
    costs = {"reading /latent/1 0.5 alone": microseconds(lambda: read_packet(LATENT), 5 * rounds, engine)}
    for packets, some in ((ORDINARY, rounds), (HOSTILE, 1)):
        for name, packet in packets.items():
            costs[name] = microseconds(lambda packet=packet: receiver.receive(packet, Sender()), some, engine)
    section.lines([f"{'packet':32} {'µs':>10}", *(f"{name:32} {cost:10.1f}" for name, cost in costs.items())])
    return section


def microseconds(call: Callable[[], object], rounds: int, engine: Engine) -> float:
    """Mean duration of a call, with the engine taking its events between rounds of ten."""
    total = 0.0
    for _ in range(rounds):
        began = time.perf_counter()
        for _ in range(10):
            call()
        total += time.perf_counter() - began
        engine.render(64)
    return total / (10 * rounds) * 1e6


if __name__ == "__main__":
    show(measure)
