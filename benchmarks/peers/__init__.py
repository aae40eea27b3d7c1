"""Other synthesizers beside the program, by the same measures from outside: docs/peers.md."""

from ..report import Page

PAGE = Page(
    room="peers",
    file="peers.md",
    title="Peers",
    command="make bench-peers",
    benchmarks=("who", "latency", "voices", "flood", "start", "pi"),
)
