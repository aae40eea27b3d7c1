"""MIDI in.  `input.MidiInput` is the whole of it for the daemon.

`ports` and the process of `reader` find and read the ports, `player` plays the messages, `meanings` is the table of
what they mean, and `bindings` says what controllers move.
"""
