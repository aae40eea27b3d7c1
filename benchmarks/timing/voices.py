"""What voices cost: the audio callback and the decoder at 0, 1, 8 and 32 voices, latents moving all the time.

The engine renders 10 s offline in blocks of 64 and of 256 frames at 44.1 kHz, by
the callback that plays.  Callback times come from the engine's own clock; the
decoder's from around its work.  Every voice gets a new spectrum at every hop; no voice is silence.
"""

from __future__ import annotations

from ..load import load
from ..section import Section
from ..show import show

SECONDS = 10.0


def measure(seconds: float = SECONDS) -> Section:
    """Render so many seconds with each number of voices."""
    section = Section()
    rows = []
    for blocksize in (64, 256):
        for voices in (0, 1, 8, 32):
            found = load(voices, blocksize, seconds)
            median, high = found.of_a_block
            rows.append(
                (
                    blocksize,
                    voices,
                    f"{found.callback / max(voices, 1):.2%}",
                    f"{found.decoding / max(voices, 1):.2%}",
                    f"{found.together:.1%}",
                    f"{median:.1%}",
                    f"{high:.1%}",
                )
            )
    section.table(
        (
            "block",
            "voices",
            "callback, of a core per voice",
            "decoding, of a core per voice",
            "together",
            "callback median, of the block",
            "callback p99.9, of the block",
        ),
        rows,
    )
    return section


if __name__ == "__main__":
    show(measure)
