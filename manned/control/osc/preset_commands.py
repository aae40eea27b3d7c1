"""What the addresses of presets and morphing do."""

from __future__ import annotations

import asyncio

from ...errors import PresetError
from ...table.parameter import Parameter

_SECONDS = Parameter("morph/play", "float", 0.0, 3600.0, 0.0, "How long a travel takes.", unit="s")


class PresetCommands:
    """The part of `Namespace` that speaks of presets: one method per row of the table of commands.

    What cannot be done is answered by ``/fail``, what is done by ``/done``.
    """

    def _preset_load(self, arguments, sender):
        if arguments:
            self._load_preset("/preset/load", lambda: arguments[0], sender)
        else:
            sender.send("/preset/load", self.morph.presets.current or "")

    def _preset_next(self, arguments, sender):
        self._load_preset("/preset/next", lambda: self.morph.presets.beside(1), sender)

    def _preset_prev(self, arguments, sender):
        self._load_preset("/preset/prev", lambda: self.morph.presets.beside(-1), sender)

    def _load_preset(self, address, name, sender):
        try:
            preset, remark = self.morph.load(name())
        except PresetError as error:
            sender.send("/fail", address, str(error))
        else:
            sender.send("/done", address, preset.name, *filter(None, [remark]))

    def _preset_save(self, arguments, sender):
        presets = self.morph.presets
        try:
            preset = presets.snapshot(arguments[0])
        except PresetError as error:
            sender.send("/fail", "/preset/save", str(error))
            return

        async def keep():
            await asyncio.to_thread(presets.keep, preset)
            return [preset.name]

        self._slowly("/preset/save", keep, f"preset {preset.name}: cannot be kept", sender)

    def _preset_delete(self, arguments, sender):
        async def delete():
            return [await asyncio.to_thread(self.morph.presets.delete, arguments[0])]

        self._slowly("/preset/delete", delete, f"preset {arguments[0]}: cannot be deleted", sender)

    def _preset_list(self, arguments, sender):
        try:
            names = self.morph.presets.names()
        except PresetError as error:
            sender.send("/fail", "/preset/list", str(error))
        else:
            sender.send("/preset/list", *names)

    def _morph(self, arguments, sender):
        position = self.instrument.parameter("morph/position").check(arguments[2])
        seconds = _SECONDS.check(arguments[3]) if len(arguments) > 3 else 0.0
        if self._lead("/morph", arguments[:2], sender):
            self.morph.go(position, seconds)

    def _morph_path(self, arguments, sender):
        if not arguments:
            sender.send("/morph/path", *(self.morph.way.names if self.morph.way else ()))
        elif len(arguments) == 1:
            raise PresetError("found 1 preset, a way leads through two at least")
        else:
            self._lead("/morph/path", arguments, sender)

    def _morph_play(self, arguments, sender):
        self.morph.play(_SECONDS.check(arguments[0]))

    def _lead(self, address, names, sender) -> bool:
        """See to it that there is a way through some presets; False when there cannot be."""
        try:
            stops = self.morph.read(names)
            work = self.morph.lead(stops)
        except PresetError as error:
            sender.send("/fail", address, str(error))
            return False
        if work is None:
            return True

        async def make():
            try:
                self.morph.take(await asyncio.to_thread(work))
            finally:
                self.morph.give_up(stops)
            return [stop.name for stop in stops]

        if not self._slowly(address, make, "no way can be made", sender):
            self.morph.give_up(stops)
            return False
        return True
