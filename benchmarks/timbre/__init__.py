"""How near the shipped decoders come to sounds, and what their faders hold: docs/timbre.md."""

from ..report import Page

PAGE = Page(
    room="timbre",
    file="timbre.md",
    title="How near decoders come to sounds, measured",
    command="make bench-timbre",
    benchmarks=("unheard", "notes", "gestures", "faders", "keys", "decoding"),
    corpus="corpora/timbre",
)
