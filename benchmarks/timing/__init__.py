"""Timing, load and latency, and how long learning takes: docs/measured.md."""

from ..report import Page

PAGE = Page(
    room="timing",
    file="measured.md",
    title="Measured",
    command="make bench",
    benchmarks=(
        "tuning",
        "start",
        "voices",
        "render",
        "latency",
        "flood",
        "feedback",
        "page",
        "osc_cost",
        "hostile",
        "kills",
        "teaching",
        "learn",
    ),
)
