"""Where the sound goes: an audio device, a silent clock, a recording."""
