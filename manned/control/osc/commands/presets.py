"""Presets and morphing.  What cannot be done is answered by ``/fail``, what is done by ``/done``."""

from __future__ import annotations

from collections.abc import Sequence

from ....errors import PresetError
from ....state.comparison import COMPARE
from ....state.path import Path
from ....state.preset import Preset
from ....table.commands import LIST_PAGE
from ...sender import Sender
from .registry import Context, done, failed, handler


@handler("preset/load")
def load(context: Context, sender: Sender, name: str | int | None = None) -> None:
    """Do ``/preset/load``."""
    if name is None:
        sender.send("/preset/load", context.morph.presets.current)
    else:
        _load("/preset/load", context, sender, name)


@handler("preset/next")
def load_next(context: Context, sender: Sender) -> None:
    """Do ``/preset/next``."""
    _step("/preset/next", context, sender, 1)


@handler("preset/prev")
def load_previous(context: Context, sender: Sender) -> None:
    """Do ``/preset/prev``."""
    _step("/preset/prev", context, sender, -1)


def _step(address: str, context: Context, sender: Sender, steps: int) -> None:
    try:
        name = context.morph.presets.beside(steps)
    except PresetError as error:
        failed(sender, address, error)
    else:
        _load(address, context, sender, name)


def _load(address: str, context: Context, sender: Sender, name: str | int) -> None:
    try:
        preset, remark = context.morph.load(name)
    except PresetError as error:
        failed(sender, address, error)
    else:
        done(sender, address, *_loaded(preset, remark))


def _loaded(preset: Preset, remark: str) -> list[str]:
    return [preset.name, *filter(None, [remark])]


@handler("preset/random")
def load_any(context: Context, sender: Sender, kind: str | None = None) -> None:
    """Do ``/preset/random``."""
    morph = context.morph
    if kind is None:
        try:
            name = morph.presets.any(morph.presets.names())
        except PresetError as error:
            failed(sender, "/preset/random", error)
        else:
            _load("/preset/random", context, sender, name)
        return
    source = context.instrument.tree.source

    def finish(names: list[str]) -> list[str]:
        with context.instrument.together(source=source):
            return _loaded(*morph.load(morph.presets.any(names)))

    context.jobs.submit(
        "/preset/random",
        lambda: morph.presets.of_kind(kind),
        finish,
        f"presets of the kind {kind}: cannot be found",
        sender,
    )


@handler("preset/save")
def save(context: Context, sender: Sender, name: str | int) -> None:
    """Do ``/preset/save``."""
    presets = context.morph.presets
    try:
        preset = presets.snapshot(name)
    except PresetError as error:
        failed(sender, "/preset/save", error)
        return
    context.jobs.submit(
        "/preset/save",
        lambda: presets.keep(preset),
        lambda _: [preset.name],
        f"preset {preset.name}: cannot be kept",
        sender,
    )


@handler("preset/compare")
def compare(context: Context, sender: Sender, on: bool | None = None) -> None:
    """Do ``/preset/compare``."""
    comparison = context.morph.comparison
    if on is None:
        sender.send("/preset/compare", context.instrument.tree.get(COMPARE))
        return
    try:
        heard = comparison.begin() if on else comparison.end()
    except PresetError as error:
        failed(sender, "/preset/compare", error)
    else:
        done(sender, "/preset/compare", *(_loaded(*heard) if heard else ()))


@handler("preset/delete")
def delete(context: Context, sender: Sender, name: str | int) -> None:
    """Do ``/preset/delete``."""
    presets = context.morph.presets
    context.jobs.submit(
        "/preset/delete",
        lambda: presets.delete(name),
        lambda deleted: [deleted],
        f"preset {name}: cannot be deleted",
        sender,
    )


@handler("preset/list")
def names(context: Context, sender: Sender, kind: str | None = None) -> None:
    """Do ``/preset/list``."""
    presets = context.morph.presets
    if kind is None:
        try:
            _list(sender, presets.names())
        except PresetError as error:
            failed(sender, "/preset/list", error)
        return
    context.jobs.submit(
        "/preset/list",
        lambda: presets.of_kind(kind),
        lambda found: [_list(sender, found)],
        f"presets of the kind {kind}: cannot be found",
        sender,
    )


def _list(sender: Sender, names: list[str]) -> int:
    """Send names in messages of `LIST_PAGE`; the last one has fewer.  Returns their number."""
    for start in range(0, len(names) + 1, LIST_PAGE):
        sender.send("/preset/list", *names[start : start + LIST_PAGE])
    return len(names)


@handler("morph")
def morph(
    context: Context, sender: Sender, start: str | int, end: str | int, position: float, seconds: float = 0.0
) -> None:
    """Do ``/morph``."""
    if _prepare("/morph", context, sender, (start, end)):
        context.morph.go(position, seconds)


@handler("morph/path")
def path(context: Context, sender: Sender, *presets: str | int) -> None:
    """Do ``/morph/path``."""
    if presets:
        _prepare("/morph/path", context, sender, presets)
    else:
        sender.send("/morph/path", *context.morph.names)


@handler("morph/play")
def play(context: Context, sender: Sender, seconds: float) -> None:
    """Do ``/morph/play``."""
    context.morph.play(seconds)


def _prepare(address: str, context: Context, sender: Sender, presets: Sequence[str | int]) -> bool:
    """See to it that there is a path through some presets; False when there cannot be."""
    morph = context.morph
    try:
        stops = morph.read(presets)
        work = morph.prepare(stops)
    except PresetError as error:
        failed(sender, address, error)
        return False
    words = [stop.name for stop in stops]
    if work is None:
        if morph.is_ready(stops):
            done(sender, address, *words)
        else:  # it is being made for an earlier message
            context.jobs.when_done(lambda: _tell(address, morph.is_ready(stops), sender, words))
        return True
    taken = True

    def cancel() -> None:
        nonlocal taken
        taken = False
        morph.cancel(stops)

    def commit(made: Path) -> list[str]:
        morph.commit(made)
        return words

    context.jobs.submit(address, work, commit, "no way can be made", sender, cancel)
    return taken


def _tell(address: str, ready: bool, sender: Sender, words: list[str]) -> None:
    if ready:
        done(sender, address, *words)
    else:
        failed(sender, address, PresetError("no way was made, or another one since"))
