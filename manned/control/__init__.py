"""Controllers: OSC and MIDI.  All of them speak in parameters and notes to the instrument."""
