"""A real MIDI port over JACK, as a keyboard or a box of knobs has it."""

import contextlib

import rtmidi

APPEARS_WITHIN_S = 20.0


@contextlib.contextmanager
def keyboard(name):
    """A MIDI output port ``name:out``; yields what sends a message's bytes."""
    port = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=name)
    try:
        port.open_virtual_port("out")
        yield port.send_message
    finally:
        port.delete()
