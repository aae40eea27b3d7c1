"""The promises of the instrument's sound, measured: docs/sound.md."""

from ..report import Page

PAGE = Page(
    room="sound",
    file="sound.md",
    title="How it sounds, measured",
    command="make bench-sound",
    benchmarks=("quality", "tuning", "curves", "steadiness", "clicks", "levels", "determinism", "cost"),
)
