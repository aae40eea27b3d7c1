"""Hostile packets: whatever is sent, the server goes on answering and its errors stay inside."""

import logging
import socket
import struct

import pytest
from hostile_packets import damaged, notorious


@pytest.mark.parametrize("name", notorious())
def test_packets_that_stall_other_servers_do_not_stall_this_one(osc, client, name):
    # The client gives up after 5 s; each of these held another server for longer, or for ever.
    client.answers(notorious(seconds_ahead=60)[name])
    assert client.ask("/status")[0] == "/status.reply"


def test_a_hundred_thousand_damaged_packets_are_counted_and_nothing_escapes(osc, client, caplog):
    caplog.set_level(logging.WARNING, logger="asyncio")
    packets = list(damaged(100_000, seed=1))
    for start in range(0, len(packets), 50):  # what the socket's buffer surely holds
        client.answers(*packets[start : start + 50])
        if start % 10_000 == 0:
            assert client.ask("/status")[0] == "/status.reply"
    counts = osc.counts()
    assert counts["osc_packets"] >= len(packets)
    assert counts["osc_rejected"] > len(packets) / 2
    assert counts["osc_errors"] > 1000
    assert client.ask("/version")[0] == "/version.reply"
    assert caplog.records == []


def by_tcp(port, data):
    """Send a stream and hear the server out."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as tcp:
        try:
            tcp.sendall(data)
            tcp.shutdown(socket.SHUT_WR)
            while tcp.recv(65536):
                pass
        except ConnectionError:
            pass


def test_damaged_packets_by_tcp_are_counted_and_nothing_escapes(osc, client, caplog):
    caplog.set_level(logging.WARNING, logger="asyncio")
    packets = [packet for packet in damaged(5000, seed=2) if packet]
    by_tcp(osc.port, b"".join(struct.pack(">i", len(packet)) + packet for packet in packets))
    assert osc.counts()["osc_packets"] == len(packets)
    assert client.ask("/status")[0] == "/status.reply"
    assert caplog.records == []


def test_noise_by_tcp_is_counted_and_nothing_escapes(osc, client, caplog):
    caplog.set_level(logging.WARNING, logger="asyncio")
    for packet in damaged(200, seed=3):
        by_tcp(osc.port, packet)
    assert client.ask("/status")[0] == "/status.reply"
    assert osc.counts()["osc_rejected"] > 10
    assert caplog.records == []
