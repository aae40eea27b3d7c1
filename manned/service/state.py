"""The part that keeps what is set for the next start."""

from __future__ import annotations

from typing import Any

from ..config import A4, Config
from ..session import Session
from ..settings.names import START
from ..state import kept
from ..state.keeper import Keeper
from .beginning import settings_told
from .parts import Part


class StatePart(Part):
    """Keeps what is set for the next start.

    Parameters
    ----------
    session : Session
    config : Config
        As the settings have it.
    keeps : bool
        Whether it does.
    """

    name = "state"

    def __init__(self, session: Session, config: Config, keeps: bool):
        self._presets = session.presets
        self._folder = config.state_folder
        self._settings = settings_told(config)
        self._keeps = keeps
        self._keeper: Keeper | None = None

    async def start(self) -> None:
        """Keep what changes from now on."""
        if self._keeps:
            self._keeper = Keeper(self._presets.instrument.tree, self._folder, self._snapshot)

    def _snapshot(self) -> kept.Kept:
        return kept.snapshot(self._presets, self._settings)

    async def run(self) -> None:
        """Write it, a little after the last change."""
        if self._keeper is not None:
            await self._keeper.run()
        await super().run()

    async def stop(self) -> None:
        """Write what is not written."""
        if self._keeper is not None:
            await self._keeper.stop()

    def status(self) -> dict[str, Any]:
        """Why it cannot be kept, if it cannot."""
        problem = self._keeper.problem if self._keeper is not None else ""
        return {"state_problem": problem} if problem else {}

    async def reload(self, config: Config) -> tuple[str, ...]:
        """Note what the settings say of the tuning now; the rest of them waits for the next start."""
        told = settings_told(config)
        self._settings |= {name: told[name] for name in told if name.startswith("tuning.") or name == START + A4}
        return ()
