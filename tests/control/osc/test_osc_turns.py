"""Turns: who takes little of the control thread's time does not wait for those who take much."""

import asyncio
import weakref

import pytest

from manned.control.osc import turns as module
from manned.control.osc.turns import TURN_S, Turns


class Clock:
    """Time that passes only when somebody plays."""

    def __init__(self):
        self.now = 100.0

    def monotonic(self):
        return self.now

    thread_time = monotonic


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


class Sender:
    """Somebody with packets that take so long each."""

    def __init__(self, name, clock, played, packets, seconds):
        self.name, self.clock, self.played, self.left, self.seconds = name, clock, played, packets, seconds

    def play_one(self):
        self.clock.now += self.seconds
        self.played.append(self.name)
        self.left -= 1
        return self.left > 0


def test_sixty_clients_that_flood_have_one_turn_together(clock):
    played = []

    async def others():
        turns = Turns()
        for name in range(60):
            turns.enter(name, Sender(name, clock, played, 10, TURN_S / 4).play_one)
        turns.play()
        between = []
        for _ in range(10):
            before = len(played)
            await asyncio.sleep(0)
            between.append(len(played) - before)
        return between

    assert asyncio.run(others()) == [4] * 10
    assert max(map(played.count, range(60))) <= 4  # nobody is ahead by more than what the first packet may take


def test_a_guest_waits_for_one_packet_of_those_who_flood_and_not_for_a_round(clock):
    played = []

    async def main():
        turns = Turns()
        for name in range(60):
            turns.enter(name, Sender(name, clock, played, 10, 2 * TURN_S).play_one)
        turns.play()
        for _ in range(90):
            await asyncio.sleep(0)
        before = len(played)
        turns.enter("guest", Sender("guest", clock, played, 1, 0.0001).play_one)
        await asyncio.sleep(0)
        return played[before:]

    assert asyncio.run(main())[0] == "guest"


def test_a_guest_who_asked_for_little_before_waits_for_no_first_round_either(clock):
    played = []

    async def main():
        turns = Turns()
        turns.enter("guest", Sender("guest", clock, played, 1, 0.0001).play_one)
        turns.play()
        for name in range(60):
            turns.enter(name, Sender(name, clock, played, 10, 2 * TURN_S).play_one)
        turns.play()
        turns.enter("guest", Sender("guest", clock, played, 1, 0.0001).play_one)
        for _ in range(5):
            await asyncio.sleep(0)

    asyncio.run(main())
    assert played[:3] == ["guest", 0, "guest"]


def test_each_has_the_same_share_of_the_time_whatever_its_packets_take(clock):
    played = []

    async def main():
        turns = Turns()
        turns.enter("slow", Sender("slow", clock, played, 100, 0.01).play_one)
        turns.enter("quick", Sender("quick", clock, played, 1000, 0.001).play_one)
        turns.play()
        while clock.now < 100.5:
            await asyncio.sleep(0)

    asyncio.run(main())
    assert played.count("quick") == pytest.approx(10 * played.count("slow"), abs=11)


def test_who_comes_back_at_once_has_no_second_share(clock):
    played = []

    async def main():
        turns = Turns()
        turns.enter("steady", Sender("steady", clock, played, 100, 0.001).play_one)
        turns.enter("again", Sender("again", clock, played, 1, 0.01).play_one)
        turns.play()
        for _ in range(20):
            if played.count("again") == 1:
                turns.enter("again", Sender("again", clock, played, 1, 0.01).play_one)
                break
            await asyncio.sleep(0)
        while played.count("again") < 2:
            await asyncio.sleep(0)

    asyncio.run(main())
    assert played.count("steady") >= 10


class Somebody:
    """A sender whose end can be seen."""


def test_who_was_served_long_ago_is_forgotten(clock):
    known = weakref.WeakSet()
    played = []

    async def main():
        turns = Turns()
        turns.enter("flood", Sender("flood", clock, played, 2000, 0.001).play_one)
        for name in range(1000):
            somebody = Somebody()
            known.add(somebody)
            turns.enter(somebody, Sender(name, clock, played, 1, 0.0001).play_one)
        del somebody
        turns.play()
        while len(played) < 1500:
            await asyncio.sleep(0)
        return len(known)

    assert asyncio.run(main()) <= module.MAX_REMEMBERED


def test_who_asks_for_the_first_time_is_expected_to_take_what_others_took_who_asked_the_same(clock):
    played = []

    async def others():
        turns = Turns()
        turns.enter("elder", Sender("elder", clock, played, 1, 0.0001).play_one, b"/status\0")
        turns.enter("greedy", Sender("greedy", clock, played, 1, 0.01).play_one, b"/dump\0\0\0")
        while len(played) < 2:
            turns.play()
            await asyncio.sleep(0)
        for name in range(60):
            turns.enter(name, Sender(name, clock, played, 10, 0.01).play_one, b"/dump\0\0\0")
        turns.enter("guest", Sender("guest", clock, played, 1, 0.0001).play_one, b"/status\0")
        turns.play()

    asyncio.run(others())
    assert played[2] == "guest"
