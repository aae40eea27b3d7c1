"""The tree: every value that can be set, once, and everybody who is told when one changes.

What is set inside of one `Tree.together` takes effect in one audio block and is told
once.  Control thread only.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, NamedTuple

from ..errors import MannedError, ParameterError
from ..table.address import address_of
from ..table.parameter import NO_EVENT, Parameter, Scope, Value
from .links import LINKS

log = logging.getLogger(__name__)


class Source(NamedTuple):
    """Who sets a value.

    Attributes
    ----------
    kind : str
        ``osc``, ``midi``, ``score``, ``preset``, ``morph``, ``start``, ``config`` …
    name : hashable
        Which one: the key of an OSC client, a MIDI port, a place in a score.
    """

    kind: str
    name: Hashable = ""


class Change(NamedTuple):
    """One value that was set.

    Attributes
    ----------
    name : str
        Of a parameter, or of the command that holds the value, as in the table.
    value : float, int, bool, str or tuple
        As it was taken.
    source : Source
    when : int or None
        Audio sample; None is the block after it was set.
    """

    name: str
    value: Any
    source: Source
    when: int | None


UNKNOWN = Source("program")
"""Who sets what nobody else says to have set."""


class Text(NamedTuple):
    """A text that a command holds and presets keep, as the name of a file that belongs to the sound.

    Attributes
    ----------
    default : str
        What a preset that says nothing of it means.
    applier : callable(str)
        Called when the text is about to be set, inside of the same `Tree.together`; if it raises, the text stays.
    """

    default: str
    applier: Callable[[str], None]


Listener = Callable[[Sequence[Change]], None]
Applier = Callable[[Any], None]


class Listening:
    """A listener's place in a tree."""

    def __init__(self, tree: Tree, listener: Listener):
        self._tree = tree
        self.listener = listener

    def stop(self) -> None:
        """Tell this listener nothing more.  Twice is no error."""
        self._tree.forget(self)


class Tree:
    """Values by name.

    Parameters
    ----------
    play : callable(Parameter, Value)
        Hands the value of an engine's parameter on; called inside of a batch.
    publish : callable()
        Makes everything handed on in a batch take effect, at the end of the outermost `together`.
    discard : callable()
        Forgets it instead, when the block raised.
    """

    def __init__(
        self, play: Callable[[Parameter, Value], None], publish: Callable[[], None], discard: Callable[[], None]
    ):
        self.rows: dict[str, Parameter] = {}
        self._play, self._publish, self._discard = play, publish, discard
        self._values: dict[str, Any] = {}
        self._appliers: dict[str, Applier] = {}
        self._alone: set[str] = set()
        self.texts: dict[str, Text] = {}
        self._listenings: list[Listening] = []
        self._depth = 0
        self._when: int | None = None
        self._source = UNKNOWN
        self._changes: dict[str, Change] = {}
        self._before: dict[str, Any] = {}

    # -- reading ------------------------------------------------------------

    def row(self, name: str) -> Parameter:
        """The row of a parameter.  Unknown names are a `ParameterError`."""
        try:
            return self.rows[name]
        except KeyError:
            raise ParameterError(f"{address_of(name)}: no such parameter") from None

    def get(self, name: str) -> Any:
        """The value of a parameter, or one that was `put`.  Unknown names are a `ParameterError`."""
        try:
            return self._values[name]
        except KeyError:
            raise ParameterError(f"{address_of(name)}: no such parameter") from None

    def snapshot_texts(self) -> dict[str, str]:
        """The texts that presets keep, by the name of the command that holds each."""
        return {name: self._values[name] for name in self.texts}

    def snapshot(self, scope: Scope | None = None) -> dict[str, Value]:
        """The parameters of a scope, or all, and their values."""
        return {name: self._values[name] for name, row in self.rows.items() if scope in (None, row.scope)}

    @property
    def when(self) -> int | None:
        """Audio sample of what is set now: that of the `together` around it, None for the next block."""
        return self._when

    @property
    def source(self) -> Source:
        """Who sets what is set now: that of the `together` around it."""
        return self._source

    # -- setting ------------------------------------------------------------

    def set(self, name: str, value: object, source: Source | None = None, when: int | None = None) -> Value:
        """Set a parameter.

        Parameters
        ----------
        name : str
            A name of the table, e.g. ``latent/1`` or ``env/attack``.
        value : number, bool or str
            Clamped to the parameter's range.
        source : Source, optional
            Who sets it; None is that of the `together` around it.
        when : int, optional
            Audio sample at which it takes effect; None is that of the `together` around it, else the next block.

        Returns
        -------
        The value as it was taken.

        Raises
        ------
        ParameterError
            For an unknown name and a value that it cannot take; then nothing changes.
        """
        taken = self.row(name).check(value)
        with self.together(when, source):
            applier = self._appliers.get(name)
            if applier is not None:
                applier(taken)
            self._keep(name, taken)
            if name in LINKS:
                self._follow(name, taken)
        return taken

    def restore(self, name: str, value: object) -> Value:
        """Set a parameter as `set`, of a sound that is restored as a whole.

        What a fader moves besides is restored by its own value, so an owner that asked to be left
        alone does not hear of it.
        """
        if name not in self._alone:
            return self.set(name, value)
        taken = self.row(name).check(value)
        self.put(name, taken)
        return taken

    def restore_all(self, values: Mapping[str, object]) -> None:
        """Restore parameters of a sound together: glide first, since the time that the latents take belongs to them."""
        with self.together():
            for name in sorted(values, key=lambda name: name != "glide"):
                self.restore(name, values[name])

    def set_texts(self, texts: Mapping[str, str]) -> list[str]:
        """Set those texts that are others than now; returns what could not be, a sentence each."""
        remarks = []
        for name, text in texts.items():
            if text != self.get(name):
                try:
                    self.set_text(name, text)
                except MannedError as error:
                    remarks.append(str(error))
        return remarks

    def set_text(self, name: str, text: str) -> None:
        """Set a text that presets keep; raises what its applier raises, and then it stays as it is."""
        with self.together():
            self.texts[name].applier(text)
            self._keep(name, text)

    def put(self, name: str, value: Any) -> None:
        """Keep a value as it is: one that follows from others, or that a command holds.  No applier hears of it."""
        with self.together():
            self._keep(name, value)

    def _follow(self, name: str, value: Value) -> None:
        """Keep the value that follows from another one."""
        follower, derive = LINKS[name]
        self._keep(follower, derive(value))

    def _keep(self, name: str, value: Any) -> None:
        self._before.setdefault(name, self._values.get(name))
        self._values[name] = value
        self._changes.pop(name, None)  # the latest last
        self._changes[name] = Change(name, value, self._source, self._when)
        row = self.rows.get(name)
        if row is not None and row.event != NO_EVENT:
            self._play(row, value)

    def use(self, rows: Mapping[str, Parameter]) -> None:
        """Have other parameters from now on: new ones get their default, and numbers of latents that are gone the last.

        A parameter that is gone keeps its value for when it comes back.
        """
        self.rows = dict(rows)
        with self.together():
            for name, row in self.rows.items():
                if name not in self._values:
                    self._keep(name, row.default)
                    if name in LINKS:
                        self._follow(name, row.default)
                elif row.kind == "target" and row.check(self._values[name]) != self._values[name]:
                    self.set(name, self._values[name])

    def together(self, when: int | None = None, source: Source | None = None) -> AbstractContextManager[None]:
        """Make everything set inside take effect in one audio block, and tell it once.

        Nests: the outermost ``together`` publishes, and an inner ``when`` or ``source`` of
        None takes the outer one.  If the outermost block raises, nothing of it is played and the values are as before.
        """
        return _Together(self, when, source)

    def _begin(self, when: int | None, source: Source | None) -> tuple[int | None, Source]:
        outer = self._when, self._source
        if when is not None:
            self._when = when
        if source is not None:
            self._source = source
        self._depth += 1
        return outer

    def _end(self, outer: tuple[int | None, Source], whole: bool) -> None:
        try:
            if self._depth == 1 and whole:
                self._publish()
        finally:
            if self._depth == 1 and not whole:
                self._undo()
            self._depth -= 1
            self._when, self._source = outer
            if self._depth == 0:
                self._tell()

    def _undo(self) -> None:
        self._discard()
        self._changes = {}
        for name, value in self._before.items():
            if value is not None:  # else it was not there, and its default is as good as any
                self._values[name] = value

    # -- those who are told -------------------------------------------------

    def hold(self, name: str, applier: Callable[[str], None], default: str = "") -> None:
        """Hold a text for a command, which presets keep from now on: see `Text`."""
        self.texts[name] = Text(default, applier)
        self.put(name, default)

    def own(self, name: str, applier: Applier, restored: bool = True) -> None:
        """Have ``applier(value)`` called whenever a parameter is about to be set, inside of the same `together`.

        So parameters come to life that are not the engine's.  If the applier raises, the parameter
        keeps its value.  With ``restored`` false it does not hear of what is set by `restore`.

        Raises
        ------
        ValueError
            When the parameter has an owner: it can have one alone.
        """
        if name in self._appliers or self.row(name).event != NO_EVENT:
            raise ValueError(f"{address_of(name)}: it has an owner already")
        self._appliers[name] = applier
        if not restored:
            self._alone.add(name)

    def listen(self, listener: Listener) -> Listening:
        """Have ``listener(changes)`` called after every batch was published, until the handle's ``stop``.

        It gets the last change of each name, in the order of setting, and must not wait for
        anything.  One that raises is told nothing more.
        """
        listening = Listening(self, listener)
        self._listenings.append(listening)
        return listening

    def forget(self, listening: Listening) -> None:
        """End what `listen` began."""
        if listening in self._listenings:
            self._listenings.remove(listening)

    def _tell(self) -> None:
        if not self._changes:
            self._before.clear()
            return
        changes, self._changes, self._before = list(self._changes.values()), {}, {}
        for listening in list(self._listenings):
            try:
                listening.listener(changes)
            except Exception:
                log.exception("a listener failed and is told nothing more")
                self.forget(listening)


class _Together:
    """See `Tree.together`.  Every message passes through two of them, so it is no generator."""

    __slots__ = ("_outer", "_source", "_tree", "_when")

    def __init__(self, tree: Tree, when: int | None, source: Source | None):
        self._tree, self._when, self._source = tree, when, source

    def __enter__(self) -> None:
        self._outer = self._tree._begin(self._when, self._source)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None):
        self._tree._end(self._outer, whole=kind is None)
