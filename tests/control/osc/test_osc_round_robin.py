"""The queue of datagrams: a sender who floods waits behind itself."""

from manned.control.osc.round_robin import BYTES, PACKETS, SENDERS, RoundRobinQueue


def taken(queue):
    while queue:
        yield queue.take()


def test_each_sender_in_turn_and_its_packets_in_order():
    queue = RoundRobinQueue()
    for sender, data in (("flood", b"1"), ("flood", b"2"), ("flood", b"3"), ("guest", b"a"), ("guest", b"b")):
        assert queue.put(sender, data)
    assert list(taken(queue)) == [("flood", b"1"), ("guest", b"a"), ("flood", b"2"), ("guest", b"b"), ("flood", b"3")]


def test_a_sender_has_room_for_so_many_packets_and_leaves_that_of_others():
    queue = RoundRobinQueue()
    assert sum(queue.put("flood", b"/x") for _ in range(2 * PACKETS)) == PACKETS
    assert queue.put("guest", b"/x")


def test_a_sender_has_room_for_so_many_bytes_at_any_time():
    queue = RoundRobinQueue()
    packet = bytes(BYTES // 4)
    assert sum(queue.put("flood", packet) for _ in range(10)) == 4
    queue.take()
    assert [queue.put("flood", packet) for _ in range(2)] == [True, False]


def test_only_so_many_senders_wait_at_a_time():
    queue = RoundRobinQueue()
    assert sum(queue.put(sender, b"/x") for sender in range(2 * SENDERS)) == SENDERS
    queue.take()
    assert queue.put("late", b"/x")
