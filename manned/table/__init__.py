"""The one table: parameters and commands, with all that OSC, MIDI, settings, presets and pages need to know of them.

Nothing here imports the engine or a network: `manned send` answers at once.
"""
