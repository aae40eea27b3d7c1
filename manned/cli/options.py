"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..limits import OSC_PORT

if TYPE_CHECKING:
    from ..config import Config

Function = TypeVar("Function", bound=Callable[..., Any])


def config_options(command: Function) -> Function:
    """The options of every command that reads the settings."""
    command = click.option(
        "--set", "overrides", metavar="SECTION.KEY=VALUE", multiple=True,
        help="Change one setting, e.g. --set osc.port=9000. May be repeated; it wins over every file.",
    )(command)  # fmt: skip
    return click.option(
        "--config", "config_file", metavar="FILE", type=click.Path(),
        help="Settings on top of the system's and yours; configs/manned.toml explains them all.",
    )(command)  # fmt: skip


def server_options(command: Function) -> Function:
    """The options of every command that talks to a running instrument."""
    for name, kind, default, text in (
        ("--timeout", float, 2.0, "Seconds to wait for an answer."),
        ("--port", click.IntRange(1, 65535), OSC_PORT, "Its OSC port."),
        ("--host", str, "127.0.0.1", "Computer on which manned runs."),
    ):
        command = click.option(name, type=kind, default=default, show_default=True, help=text)(command)
    return command


def configured(config_file: str | None, overrides: tuple[str, ...], **options: object) -> Config:
    """The settings of a command: those of `config_options`, and of options of its own, which win.

    Parameters
    ----------
    config_file, overrides
        As `config_options` gives them.
    **options
        By the names of the settings with ``_`` for the dot, e.g. ``model_name``.
        None is an option that was not given.

    Raises
    ------
    ConfigError
    """
    from ..config import load_config

    given = (f"{name.replace('_', '.', 1)}={value}" for name, value in options.items() if value is not None)
    return load_config(config_file, (*overrides, *given))
