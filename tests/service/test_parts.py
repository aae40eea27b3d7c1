import asyncio

import pytest

from manned import PROGRAM
from manned.config import Config
from manned.errors import ConfigError, PortError
from manned.service.parts import Lifecycle, LifecycleEvent, Part, Parts
from manned.settings import OscSettings

STARTING, RUNNING, RELOADING, STOPPING, STOPPED = Lifecycle


class Lamp(Part):
    """A part of which all that is asked can go wrong."""

    def __init__(self, name, refuses=(), later=()):
        self.name = name
        self.refuses = refuses
        self.later = later
        self.settings = None
        self.shines = False

    def _do(self, what):
        if what in self.refuses:
            raise PortError(f"{self.name} does not {what}")

    async def start(self):
        self._do("start")
        self.shines = True

    async def run(self):
        self._do("run")
        await super().run()

    async def stop(self):
        self.shines = False
        self._do("stop")

    def status(self):
        return {self.name: self.shines}

    async def reload(self, config):
        self._do("reload")
        self.settings = config.osc.port
        return self.later


def told(*names_and_states):
    return [LifecycleEvent(name, state) for name, state in names_and_states]


def config(port):
    return Config(osc=OscSettings(port=port))


def test_parts_start_in_order_and_stop_in_reverse():
    events = []
    parts = Parts((Lamp("a"), Lamp("b")), [events.append])

    async def live():
        await parts.start()
        assert (parts.state, parts.status()) == (RUNNING, {"a": True, "b": True})
        await parts.stop()
        await parts.stop()

    asyncio.run(live())
    assert events == told(
        (PROGRAM, STARTING), ("a", STARTING), ("a", RUNNING), ("b", STARTING), ("b", RUNNING), (PROGRAM, RUNNING),
        (PROGRAM, STOPPING), ("b", STOPPING), ("b", STOPPED), ("a", STOPPING), ("a", STOPPED), (PROGRAM, STOPPED),
    )  # fmt: skip
    assert parts.status() == {"a": False, "b": False}


def test_when_one_does_not_start_those_before_it_are_stopped():
    events = []
    parts = Parts((Lamp("a"), Lamp("b", ["start"]), Lamp("c")), [events.append])
    with pytest.raises(PortError, match="b does not start"):
        asyncio.run(parts.start())
    assert events == told(
        (PROGRAM, STARTING), ("a", STARTING), ("a", RUNNING), ("b", STARTING), ("b", STOPPED),
        (PROGRAM, STOPPING), ("a", STOPPING), ("a", STOPPED), (PROGRAM, STOPPED),
    )  # fmt: skip
    assert parts.status() == {"a": False, "b": False, "c": False}


def test_a_start_that_is_cancelled_starts_no_further_part():
    async def live():
        cancel = asyncio.Event()
        parts = Parts((Lamp("a"), Lamp("b")), [lambda event: cancel.set()])
        cancel.clear()
        await parts.start(cancel)
        assert parts.status() == {"a": False, "b": False}
        await parts.stop()
        assert parts.state is STOPPED

    asyncio.run(live())


def test_all_are_stopped_whatever_one_of_them_raises():
    parts = Parts((Lamp("a"), Lamp("b", ["stop"]), Lamp("c")))

    async def live():
        await parts.start()
        with pytest.raises(PortError, match="b does not stop"):
            await parts.stop()

    asyncio.run(live())
    assert (parts.state, parts.status()) == (STOPPED, {"a": False, "b": False, "c": False})


def test_what_a_part_raises_while_it_works_ends_the_work_of_all():
    parts = Parts((Lamp("a"), Lamp("b", ["run"])))

    async def live():
        await parts.start()
        with pytest.raises(PortError, match="b does not run"):
            await parts.run()

    asyncio.run(live())


def test_a_reload_reaches_every_part_in_reverse_and_says_what_must_wait():
    events = []
    lamps = Lamp("a", later=("model", "audio")), Lamp("b", later=("audio",)), Lamp("c")
    parts = Parts(lamps, [events.append])

    async def live():
        await parts.start()
        del events[:]
        assert await parts.reload(lambda: config(2), config(1)) == (config(2), ("audio", "model"))

    asyncio.run(live())
    assert [lamp.settings for lamp in lamps] == [2, 2, 2]
    assert events == told(
        (PROGRAM, RELOADING),
        *((name, state) for name in "cba" for state in (RELOADING, RUNNING)),
        (PROGRAM, RUNNING),
    )


def test_a_reload_that_a_part_refuses_changes_none():
    lamps = Lamp("a"), Lamp("b", ["reload"]), Lamp("c")
    parts = Parts(lamps)

    async def live():
        await parts.start()
        with pytest.raises(PortError, match="b does not reload"):
            await parts.reload(lambda: config(2), config(1))

    asyncio.run(live())
    assert [lamp.settings for lamp in lamps] == [None, None, 1]
    assert parts.state is RUNNING


def test_settings_that_cannot_be_read_change_nothing():
    def read():
        raise ConfigError("no")

    lamp = Lamp("a")
    parts = Parts([lamp])

    async def live():
        await parts.start()
        with pytest.raises(ConfigError):
            await parts.reload(read, config(1))

    asyncio.run(live())
    assert (lamp.settings, parts.state) == (None, RUNNING)
