"""Messages of a whole port: clock, active sensing, reset, and system exclusive ones."""

from __future__ import annotations

from ...state.tempo import TEMPO
from .channels import Port
from .meaning import Message, SystemMeaning
from .mts import tune
from .performance import Performance

ROLAND, YAMAHA, ROLAND_GS, YAMAHA_XG = 0x41, 0x43, 0x42, 0x4C
NON_REAL_TIME, REAL_TIME = 0x7E, 0x7F
GENERAL_MIDI, DEVICE_CONTROL, TUNING = 0x09, 0x04, 0x08
MASTER_VOLUME = 0x01


def tick(performance: Performance, port: Port, message: Message) -> None:
    """Take a tick of the clock; mido's ``time`` of a live message is when it came, in seconds."""
    tempo = performance.clock.tick(port.name, message.time)
    row = performance.instrument.parameters.get(TEMPO)
    if tempo is not None and row is not None:
        performance.instrument.set(TEMPO, tempo)


def start(performance: Performance, port: Port, message: Message) -> None:
    """Begin the song."""
    performance.clock.start()


def go_on(performance: Performance, port: Port, message: Message) -> None:
    """Go on with the song."""
    performance.clock.go_on()


def stop(performance: Performance, port: Port, message: Message) -> None:
    """Stop the song."""
    performance.clock.stop()


def song_position(performance: Performance, port: Port, message: Message) -> None:
    """Go to a place in the song."""
    performance.clock.go_to(message.pos)


def active_sensing(performance: Performance, port: Port, message: Message) -> None:
    """Know from now on that a silent port is a lost one."""
    port.senses = True


def reset(performance: Performance, port: Port, message: Message) -> None:
    """Let all channels of the port begin anew."""
    performance.reset_port(port)


def exclusive(performance: Performance, port: Port, message: Message) -> None:
    """Take a system exclusive message; whom it is addressed to does not matter."""
    data = tuple(message.data)
    if _resets(data):
        performance.reset_port(port)
    elif data[:1] == (REAL_TIME,) and data[2:4] == (DEVICE_CONTROL, MASTER_VOLUME) and len(data) == 6:
        performance.instrument.set("gain", (data[5] << 7 | data[4]) / 16383)
    elif data[:1] in ((NON_REAL_TIME,), (REAL_TIME,)) and data[2:3] == (TUNING,):
        tune(performance, port, data[0] == REAL_TIME, data[3:])


def _resets(data: tuple[int, ...]) -> bool:
    """Whether a message puts everything back: General MIDI on or off, Roland's GS reset, Yamaha's XG on."""
    if data[:1] == (NON_REAL_TIME,):
        return data[2:3] == (GENERAL_MIDI,) and data[3:] in ((1,), (2,), (3,))
    if data[:1] == (ROLAND,):
        return data[2:] == (ROLAND_GS, 0x12, 0x40, 0x00, 0x7F, 0x00, 0x41)
    return data[:1] == (YAMAHA,) and data[2:] == (YAMAHA_XG, 0x00, 0x00, 0x7E, 0x00)


MEANINGS = (
    SystemMeaning("clock", "clock", "Sets `/tempo`.", tick),
    SystemMeaning("start", "start", "The song begins: beat 0.", start),
    SystemMeaning("continue", "continue", "The song goes on.", go_on),
    SystemMeaning("stop", "stop", "The song stops.", stop),
    SystemMeaning("songpos", "song position", "Goes to a place in the song.", song_position),
    SystemMeaning(
        "active_sensing", "active sensing", "A port that was silent for 300 ms since is lost.", active_sensing
    ),
    SystemMeaning("reset", "system reset", "All channels of the port begin anew.", reset),
    SystemMeaning("sysex", "system exclusive", "Resets, master volume and tuning.", exclusive),
)
