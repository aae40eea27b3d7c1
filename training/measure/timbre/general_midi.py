"""Twenty-four programs of General MIDI, of all families, that no fit may have heard."""

from __future__ import annotations

PROGRAMS = (0, 8, 11, 14, 19, 24, 32, 40, 42, 47, 48, 52, 56, 57, 60, 65, 68, 71, 73, 80, 81, 89, 104, 114)
"""Their numbers, from 0."""

APART = tuple(f"fluidr3/{program:03d} *" for program in PROGRAMS)
"""Patterns of their patches, for `training.corpus.harmonic.corpus.build`."""
