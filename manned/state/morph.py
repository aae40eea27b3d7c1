"""Morphing: paths between presets, and transitions along them on the audio clock."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ParameterError
from ..model.kinds import AnyDecoder
from .comparison import Comparison
from .history import UNDO
from .path import Arrival, Path, plan
from .preset import Preset
from .presets import Presets
from .schedule import LOOKAHEAD_S, Schedule
from .tree import Change, Source

if TYPE_CHECKING:
    from ..instrument import Instrument

log = logging.getLogger(__name__)

STEP_S = 0.02  # of a transition
APPROACH_S = 0.1  # from wherever the sound is to where a transition begins
MORPH = Source("morph")
PATH = "morph/path"
"""Name under which the tree holds the names of the presets that the path leads through."""


@dataclass(frozen=True, eq=False)
class Transition:
    """From one position at one audio sample to another.

    Attributes
    ----------
    start : int
        Audio sample.
    seconds : float
    origin, target : float
        Positions on the path, 0–1.
    source : Source
        Who asked for it.
    """

    start: int
    seconds: float
    origin: float
    target: float
    source: Source

    def position(self, seconds: float) -> float:
        """Where on the path it is so many seconds after its start."""
        share = min(seconds / self.seconds, 1.0) if self.seconds > 0.0 else 1.0
        return self.origin + (self.target - self.origin) * share


@dataclass(frozen=True, eq=False)
class _Waiting:
    """What is to be done as soon as a path is there."""

    action: Callable[[], object]
    when: int | None
    source: Source


class Morph:
    """Moves an instrument along paths through presets.  Control thread only, but for the work that `prepare` gives.

    The position is the parameter ``morph/position``.  Latents move at constant
    perceptual speed; the other continuous parameters in which the presets differ
    move with them, and those that know no between (pitch class, octave, phase …)
    stay as they are.

    Parameters
    ----------
    instrument : manned.instrument.Instrument
        It can have one morph.
    schedule : manned.state.schedule.Schedule
        Whoever owns it runs it `LOOKAHEAD_S` ahead of the audio clock.
    presets : Presets

    Attributes
    ----------
    comparison : Comparison
        Of the preset that was loaded last and what became of it.
    """

    def __init__(self, instrument: Instrument, schedule: Schedule, presets: Presets):
        self.instrument = instrument
        self.schedule = schedule
        self.presets = presets
        self.path: Path | None = None
        self._pending: tuple[Preset, ...] | None = None  # presets of the path that is being made
        self._waiting: _Waiting | None = None
        self._on_path = False
        self._at = 0.0  # where on the path, while on it
        self._transition: Transition | None = None
        self._glide_s: float | None = None  # None is what the parameter says
        instrument.tree.own("morph/position", self._apply_position)
        instrument.tree.own("morph/inside", self._apply_inside)
        instrument.tree.put(PATH, ())
        self.comparison = Comparison(presets, self._leave)
        instrument.tree.listen(self._told)

    # -- paths ----------------------------------------------------------------

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the presets that the path leads through; none without a path."""
        return tuple(stop.name for stop in self.path.stops) if self.path else ()

    def read(self, names: Sequence[str | int]) -> tuple[Preset, ...]:
        """The presets of these names or numbers; a `PresetError` when one is not there."""
        return tuple(self.presets.read(name) for name in names)

    def is_ready(self, stops: tuple[Preset, ...]) -> bool:
        """Whether positions mean the path through these presets, on the model that plays."""
        return self._pending is None and self.path is not None and self.path.stops == stops and self._is_present()

    def prepare(self, stops: tuple[Preset, ...]) -> Callable[[], Path] | None:
        """Have positions mean the path through these presets.

        Returns
        -------
        callable or None
            None when that path is there or being made.  Else what has to be done
            for it, by another thread since it takes a while: it gives a `Path`
            for `commit`.  What is asked of the path meanwhile is done then.
        """
        if stops == self._pending or self.is_ready(stops):
            return None
        self._pending, self._waiting = stops, None
        return plan(self.instrument, stops)

    def commit(self, path: Path) -> None:
        """Have positions mean this path from now on, unless another one has been asked for since.

        Nothing moves yet but what was asked for meanwhile.
        """
        if path.stops != self._pending:
            return
        self.stop()
        self.path, self._pending, self._on_path = path, None, False
        waiting, self._waiting = self._waiting, None
        with self.instrument.together(source=MORPH):
            self.instrument.tree.put(PATH, self.names)
            self.instrument.tree.put("morph/position", 0.0)
        if waiting is not None:
            with self.instrument.together(waiting.when, waiting.source):
                waiting.action()

    def cancel(self, stops: tuple[Preset, ...]) -> None:
        """Wait no longer for a path that cannot be made."""
        if stops == self._pending:
            self._pending = self._waiting = None

    # -- motion ---------------------------------------------------------------

    def go(self, position: float, seconds: float = 0.0) -> None:
        """Be at a position, at once or so many seconds after leaving where the path is now."""
        if seconds > 0.0:
            self._when_ready(lambda: self._start(self.instrument.get("morph/position"), position, seconds))
        else:
            self.instrument.set("morph/position", position)

    def play(self, seconds: float) -> None:
        """Travel the path from its beginning to its end; 0 seconds stop where it is."""
        if seconds > 0.0:
            self._when_ready(lambda: self._start(0.0, 1.0, seconds))
        else:
            self._waiting = None
            self.stop()

    def stop(self) -> None:
        """End a transition where it is."""
        self._transition = None

    def load(self, name: str | int) -> tuple[Preset, str]:
        """Jump to a preset, as `Presets.load`; a transition ends."""
        loaded = self.presets.load(name)
        self._leave()
        return loaded

    def _leave(self) -> None:
        """Be on the path no more: the sound is elsewhere."""
        self.stop()
        self._on_path = False

    def _told(self, changes: Sequence[Change]) -> None:
        """A transition must not go on over what was taken back."""
        if any(change.source == UNDO for change in changes):
            self._leave()

    def _when_ready(self, action: Callable[[], object]) -> None:
        if self._pending is not None:
            self._waiting = _Waiting(action, self.instrument.tree.when, self.instrument.tree.source)
        else:
            action()

    def _start(self, origin: float, target: float, seconds: float) -> None:
        self._present_path()
        clock, tree = self.instrument.clock, self.instrument.tree
        start = tree.when
        if start is None:
            start = clock.now + clock.samples(LOOKAHEAD_S)
        start = max(start, clock.now)  # later than asked for, if the path had to be made first
        there = self._on_path and self.instrument.get("morph/position") == origin
        begin = start if there else start + clock.samples(APPROACH_S)
        transition = Transition(begin, seconds, origin, target, tree.source)
        if not there:
            self.schedule.add(start, lambda when: self._approach(transition, when))
        self.schedule.add(begin, lambda when: self._step(transition, when))
        self._transition = transition

    def _approach(self, transition: Transition, when: int) -> None:
        """Glide to where a transition begins, from wherever the sound is."""
        if self._goes_on(transition):
            self._be(transition.origin, when, APPROACH_S)

    def _step(self, transition: Transition, when: int) -> None:
        """Aim at where the transition will be one step later, to arrive just then."""
        if not self._goes_on(transition):
            return
        clock = self.instrument.clock
        seconds = (when - transition.start) / clock.samplerate + STEP_S
        if seconds < transition.seconds:
            self.schedule.add(when + clock.samples(STEP_S), lambda when: self._step(transition, when))
        else:
            self._transition = None
        self._be(transition.position(seconds), when, STEP_S)

    def _goes_on(self, transition: Transition) -> bool:
        """Whether a transition is the one that is on its way; another model ends it, and that is said once."""
        if transition is not self._transition:
            return False
        if self.path is None or not self._is_present():
            self.stop()
            made_for = self.path.decoder.name if self.path else "none"
            log.warning(
                "%s/morph: it ends on the way, its path was made for model %s and %s plays now",
                f"{transition.source.name}: " if transition.source.kind == "score" else "",
                made_for,
                self.instrument.decoder.name,
            )
            return False
        return True

    def _be(self, position: float, when: int, glide_s: float) -> None:
        self._glide_s = glide_s
        try:
            with self.instrument.together(when, MORPH):
                self.instrument.set("morph/position", position)
        except ParameterError:
            self.stop()
            raise
        finally:
            self._glide_s = None

    def _apply_position(self, position: float) -> None:
        """Somebody sets the position: the user, whom a transition makes way for, or the transition."""
        in_transition = self._glide_s is not None
        if not in_transition and self._pending is not None:
            self._when_ready(lambda: self.instrument.set("morph/position", position))
            return
        path = self._present_path()
        if not in_transition:
            self.stop()
        self._apply(path, self.instrument.get("morph/inside"), position)

    def _apply_inside(self, inside: bool) -> None:
        if self._on_path and self.path is not None and self._is_present():
            self._apply(self.path, inside, self.instrument.get("morph/position"))

    def _apply(self, path: Path, inside: bool, position: float) -> None:
        way = path.inside if inside else path.straight
        with self.instrument.together(source=MORPH):
            for name, values in path.others.items():
                self.instrument.tree.restore(name, float(np.interp(position, way.stops, values)))
            self.instrument.set_latents(way.at(position), glide_s=self._glide_s)
            arrival = path.reached(way, self._at if self._on_path else None, position)
            if arrival is not None:
                self._arrive(arrival)
        self._on_path, self._at = True, position

    def _arrive(self, arrival: Arrival) -> None:
        for name, value in arrival.values.items():
            if self.instrument.get(name) != value:
                self.instrument.tree.restore(name, value)
        self.instrument.macros.use(arrival.macros)

    def _is_present(self) -> bool:
        """Whether the path was made for the decoder that plays, or for one equal to it."""
        playing = self.instrument.decoder
        if self.path is None:
            return False
        if self.path.decoder is not playing and same_decoder(self.path.decoder, playing):
            self.path = replace(self.path, decoder=playing)  # so that they are compared but once
        return self.path.decoder is playing

    def _present_path(self) -> Path:
        if self.path is None:
            raise ParameterError("/morph/position: there is no way yet, /morph/path makes one")
        if not self._is_present():
            raise ParameterError(
                f"/morph/position: the way was made for model {self.path.decoder.name}, /morph/path makes one for "
                f"{self.instrument.decoder.name}"
            )
        return self.path


def same_decoder(one: AnyDecoder, other: AnyDecoder) -> bool:
    """Whether two decoders make the same sounds of the same latents, as one file read twice does."""
    if (one.name, one.topology) != (other.name, other.topology):
        return False
    arrays, others = one.arrays(), other.arrays()
    return len(arrays) == len(others) and all(map(np.array_equal, arrays, others))
