"""Options that several commands have."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from ..config import Config

Function = TypeVar("Function", bound=Callable[..., Any])
Section = TypeVar("Section")


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
    """The options of every command that talks to a running instrument; `server_place` makes host and port of them."""
    command = click.option(
        "--timeout", type=float, default=2.0, show_default=True, help="Seconds to wait for an answer."
    )(command)
    command = click.option(
        "--config", "config_file", metavar="FILE", type=click.Path(),
        help="Settings that it runs with, on top of the system's and yours.",
    )(command)  # fmt: skip
    for name, kind, text in (
        ("--port", click.IntRange(1, 65535), "Its OSC port, by default that of the settings."),
        ("--host", str, "Computer on which it runs, by default that of the settings."),
    ):
        command = click.option(name, type=kind, default=None, help=text)(command)
    return command


def server_place(config_file: str | None, host: str | None, port: int | None) -> tuple[str, int]:
    """Host and port of a running instrument: those given, else those of the settings.

    Raises
    ------
    ConfigError
        When the settings are needed and cannot be read.
    """
    if host is None or port is None:
        from ..settings import OscSettings

        settings = settings_of(OscSettings, "osc", config_file)
        host, port = host or _reached(settings.host), port or settings.port
    return host, port


def settings_of(section: Callable[..., Section], name: str, config_file: str | None) -> Section:
    """Host and port of one section of the settings, all else at its default; raises `ConfigError`."""
    # Without `Config`, which knows of decoders and takes its time.
    from ..settings.sources import read_all, settings_files

    path = None if config_file is None else Path(config_file)
    values = read_all(settings_files(path, os.environ), os.environ, ())
    return section(**{key: values[f"{name}.{key}"] for key in ("host", "port") if f"{name}.{key}" in values})


def _reached(host: str) -> str:
    """Where an instrument on this computer is reached that listens on a host."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)


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
