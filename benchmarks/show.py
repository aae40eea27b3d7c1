"""Shows what one benchmark measures, and writes no page: ``python -m benchmarks.timing.flood --seconds 5``."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Callable

from .section import Section


def show(measure: Callable[..., Section]) -> None:
    """Measure with the options of the command line.

    Parameters
    ----------
    measure : callable
        Its keyword arguments are the options, their defaults say the types.
    """
    parser = argparse.ArgumentParser(description=inspect.getdoc(measure))
    for name, parameter in inspect.signature(measure).parameters.items():
        parser.add_argument(f"--{name}", type=type(parameter.default), default=parameter.default, help="[%(default)s]")
    measure(**vars(parser.parse_args()))
