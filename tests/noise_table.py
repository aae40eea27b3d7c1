"""The engine's table of noise, filled once for all engines of a process of tests.

It is the same each time, and most of what making an engine costs: a tenth of a second, thousands of times.
"""

import functools
import sys

import numpy as np


def fill_once() -> None:
    """Let engines that are made from now on copy the table of the first."""
    noise = sys.modules.get("manned.engine.phase.noise")
    if noise is None or hasattr(noise.fill_table, "filled"):
        return
    fill = noise.fill_table

    @functools.cache
    def filled():
        table = np.zeros(1, noise.TABLE)
        fill(table[0])
        return table["phases"][0]

    def copy_table(table):
        table["phases"] = filled()

    copy_table.filled = filled
    noise.fill_table = copy_table
