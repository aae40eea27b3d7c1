"""MIDI in: `ports` finds and reads the ports, `bindings` says what controllers move, `player` plays the messages.

`input.MidiInput` is the whole of it for the daemon.
"""
