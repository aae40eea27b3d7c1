"""MIDI in.  `input.MidiInput` is the whole of it for the daemon.

`reader` and `ports` find and read the ports, `player` plays the messages, `meanings` is the table of what they mean,
and `bindings` says what controllers move.
"""
