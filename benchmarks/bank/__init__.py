"""The factory bank: how lively its presets are, how loud and how different: docs/bank.md."""

from ..report import Page

PAGE = Page(
    room="bank",
    file="bank.md",
    title="The factory bank, measured",
    command="make bench-bank",
    benchmarks=("presets", "differences"),
)
