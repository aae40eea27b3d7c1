"""What the shell offers when Tab is pressed: commands by click, and the names and addresses that this program knows.

Each function is a ``shell_complete`` of click.  What cannot be read offers nothing, and says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class

from ..errors import MannedError
from .options import configured

if TYPE_CHECKING:
    from ..config import Config

Completer = Callable[[click.Context, click.Parameter, str], list[str]]
LATENTS = 16
"""How many are offered of a model that cannot be read."""

_AT_EASE = re.compile(r"[^\w/@%+=:,.#~-]")


def _known(names: Callable[[Config], Iterable[str]]) -> Completer:
    """A completer of names that depend on the settings."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
        try:
            config = configured(ctx.params.get("config_file"), ctx.params.get("overrides") or ())
            return [name for name in names(config) if name.startswith(incomplete)]
        except (MannedError, OSError):
            return []

    return complete


def _presets(config: Config) -> list[str]:
    return _preset_folder(config).names()


def _kinds(config: Config) -> list[str]:
    presets = _preset_folder(config).all()
    return sorted({kind for preset in presets for kind in (preset.folder, *preset.kinds) if kind})


def _preset_folder(config: Config) -> Any:
    from ..state.preset_folder import PresetFolder

    return PresetFolder(config.preset_folder, config.factory_folder)


def _addresses(config: Config) -> list[str]:
    from ..table.address import address_of
    from ..table.commands import command_table
    from ..table.parameters import parameter_table

    latents = _latents(config)
    commands = (
        name for name, (row, number) in command_table().items() if "{i}" not in row.name or number <= (latents,)
    )
    return [address_of(name) for name in dict.fromkeys((*parameter_table(latents), *commands))]


def _latents(config: Config) -> int:
    try:
        return config.library.read_decoder(config.model.name).latent_count
    except MannedError:
        return LATENTS


models = _known(lambda config: config.library.decoders())
scales = _known(lambda config: config.library.scales())
presets = _known(_presets)
kinds = _known(_kinds)
addresses = _known(_addresses)

BY_ARGUMENT: dict[str, Completer] = {
    "model": models,
    "scale": scales,
    "keyboard": _known(lambda config: config.library.keyboards()),
    "gesture": _known(lambda config: config.library.gestures()),
    "preset": presets,
    "preset A": presets,
    "preset B": presets,
    "kind": kinds,
    "address": addresses,
}
"""What is offered for an argument of a command, by the name that it has in the table."""


def arguments(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """What may stand behind an address: words of a choice, pitch classes, off and on, or names."""
    from ..model.pitch import CLASS_NAMES
    from ..table.address import plain_name
    from ..table.commands import command_table
    from ..table.parameters import parameter_table

    name, before = plain_name(ctx.params.get("address") or ""), len(ctx.params.get("arguments") or ())
    row = parameter_table(LATENTS).get(name)
    if row is not None:
        words = {"bool": ("off", "on"), "class": CLASS_NAMES}.get(row.kind, row.choices) if not before else ()
        return [word for word in words if word.startswith(incomplete)]
    command = command_table().get(name)
    rows = command[0].spread(before + 1) if command else []
    completer = BY_ARGUMENT.get(rows[before].name) if len(rows) > before else None
    return completer(ctx, param, incomplete) if completer else []


class QuotingBash(BashComplete):
    """bash, but a name with a space stays one word; zsh and fish see to that themselves."""

    def format_completion(self, item: CompletionItem) -> str:
        """The line that the shell's function reads; it takes one backslash away."""
        return f"{item.type},{_AT_EASE.sub(lambda found: chr(92) * 2 + found[0], item.value)}"


add_completion_class(QuotingBash)
