"""The queues of datagrams: a sender who floods fills its own."""

from manned.control.osc.packet_queues import BYTES, PACKETS, SENDERS, PacketQueues


def test_the_packets_of_each_sender_in_order():
    queues = PacketQueues()
    for sender, data in (("flood", b"1"), ("flood", b"2"), ("guest", b"a"), ("flood", b"3")):
        assert queues.put(sender, data)
    assert [queues.take("flood"), queues.take("guest"), queues.take("flood")] == [b"1", b"a", b"2"]
    assert "flood" in queues and "guest" not in queues


def test_a_sender_has_room_for_so_many_packets_and_leaves_that_of_others():
    queues = PacketQueues()
    assert sum(queues.put("flood", b"/x") for _ in range(2 * PACKETS)) == PACKETS
    assert queues.put("guest", b"/x")


def test_a_sender_has_room_for_so_many_bytes_at_any_time():
    queues = PacketQueues()
    packet = bytes(BYTES // 4)
    assert sum(queues.put("flood", packet) for _ in range(10)) == 4
    queues.take("flood")
    assert [queues.put("flood", packet) for _ in range(2)] == [True, False]


def test_only_so_many_senders_wait_at_a_time():
    queues = PacketQueues()
    assert sum(queues.put(sender, b"/x") for sender in range(2 * SENDERS)) == SENDERS
    queues.take(0)
    assert queues.put("late", b"/x")
