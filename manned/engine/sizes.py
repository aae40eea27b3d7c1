"""Counts and sizes that several files of the engine share."""

from __future__ import annotations

from ..limits import HOPS, MAX_LATENTS, MAX_VOICES, TARGETS

FFT = 4096
BINS = FFT // 2 + 1
MODEL_RATE = 44100
LONGEST_HOP = max(HOPS)
SHORTEST_HOP = min(HOPS)
OVERLAP = FFT // SHORTEST_HOP  # frames that sound together, at most

LATENTS = MAX_LATENTS
MOVED = LATENTS + len(TARGETS)  # what can be moved of one voice: its latents, then the others
SPARE = 64  # voices that fade out, stolen or crossed over: one whole chord may take another's place
VOICES = 1 + MAX_VOICES + SPARE
DRONE = 0  # index of the drone's voice

CHUNK = 1024  # longest stretch rendered at once, in samples; longer blocks are cut
