"""Options of commands that serve two kinds of model."""

from __future__ import annotations

from typing import Any

import click
from click.core import ParameterSource


def given(context: click.Context, kind: str, allowed: tuple[str, ...]) -> dict[str, Any]:
    """Values of the options that stand on the command line.

    Raises
    ------
    click.UsageError
        When one of them is not among those that a kind of model knows.
    """
    options = {one.name: one.opts[0] for one in context.command.params if isinstance(one, click.Option)}
    found = {
        str(name): context.params[str(name)]
        for name in options
        if context.get_parameter_source(str(name)) is ParameterSource.COMMANDLINE
    }
    for name in found:
        if name not in allowed:
            known = ", ".join(options[each] for each in allowed) or "none"
            raise click.UsageError(f"{options[name]} is no option of the kind {kind}, allowed are: {known}", context)
    return found
