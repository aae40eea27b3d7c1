"""The sockets: TCP in both framings, clients that misbehave, ports that are taken."""

import asyncio
import socket
import struct
import time

import pytest
from pythonosc import slip

from manned.control.osc.allowance import FIRST_BYTES, PER_SECOND, Allowance
from manned.control.osc.connection import MAX_CONNECTIONS
from manned.control.osc.packet import MAX_PACKET, read_packet, write_message
from manned.control.osc.server import Datagrams, OscServer
from manned.errors import PortError

GAIN = write_message("/gain", 0.25)
ASK = write_message("/gain")


@pytest.fixture
def connect(osc):
    sockets = []

    def connect():
        tcp = socket.create_connection(("127.0.0.1", osc.port), timeout=5)
        sockets.append(tcp)
        return tcp

    yield connect
    for tcp in sockets:
        tcp.close()


def sized(packet):
    return struct.pack(">i", len(packet)) + packet


def read_exactly(tcp, count):
    data = b""
    while len(data) < count:
        part = tcp.recv(count - len(data))
        assert part, "the server closed the connection"
        data += part
    return data


def hear_sized(tcp):
    return read_packet(read_exactly(tcp, struct.unpack(">i", read_exactly(tcp, 4))[0]))


def hear_slip(tcp):
    frame = read_exactly(tcp, 1)
    while len(frame.strip(slip.END)) == 0 or not frame.endswith(slip.END):
        frame += read_exactly(tcp, 1)
    return read_packet(slip.decode(frame))


def closed(tcp):
    try:
        while tcp.recv(65536):
            pass
    except ConnectionResetError:
        pass
    return True


def test_packets_behind_their_size_are_answered_likewise(connect):
    tcp = connect()
    tcp.sendall(sized(GAIN) + sized(ASK))
    assert hear_sized(tcp) == ("/gain", (0.25,))


@pytest.mark.parametrize("start", [slip.END, b""], ids=["with END in front", "beginning with the address"])
def test_slip_packets_are_answered_likewise(connect, start):
    tcp = connect()
    tcp.sendall(start + slip.encode(GAIN)[1:] + slip.encode(ASK))
    assert hear_slip(tcp) == ("/gain", (0.25,))


def test_a_slip_stream_may_begin_with_a_bundle(connect):
    tcp = connect()
    tcp.sendall(b"#bundle\0" + struct.pack(">Q", 1) + sized(ASK) + slip.END)
    assert hear_slip(tcp)[0] == "/gain"


def test_slip_escapes_are_undone(connect):
    tcp = connect()
    tcp.sendall(slip.encode(write_message("/sync", struct.unpack(">i", b"\x00\xdb\xc0\xdc")[0])))
    assert hear_slip(tcp) == ("/synced", struct.unpack(">i", b"\x00\xdb\xc0\xdc"))


@pytest.mark.parametrize(("frame", "hear"), [(sized, hear_sized), (slip.encode, hear_slip)])
def test_a_packet_may_come_byte_by_byte(connect, frame, hear):
    tcp = connect()
    tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in frame(GAIN) + frame(ASK):
        tcp.sendall(bytes([byte]))
    assert hear(tcp) == ("/gain", (0.25,))


def test_a_bad_packet_in_a_stream_is_answered_and_the_next_one_is_heard(osc, connect):
    tcp = connect()
    tcp.sendall(slip.END + b"/a\xdb\x01\xc0" + slip.encode(b"gain") + slip.encode(ASK))
    assert [hear_slip(tcp)[0] for _ in range(3)] == ["/error", "/error", "/gain"]
    assert osc.counts()["osc_rejected"] == 2


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack(">i", 0),
        struct.pack(">i", MAX_PACKET + 4) + b"/gain",
        sized(ASK) + struct.pack(">i", -8),
        b"/" + b"a" * (2 * MAX_PACKET + 16),
    ],
    ids=["another protocol", "size zero", "size too large", "negative size", "a packet without end"],
)
def test_a_stream_that_makes_no_sense_is_closed_and_counted(osc, connect, data):
    tcp = connect()
    try:
        tcp.sendall(data)
    except ConnectionError:
        pass
    assert closed(tcp)
    assert osc.counts()["osc_rejected"] == 1


def test_a_client_that_never_finishes_its_packet_holds_nobody_up(connect, client):
    for _ in range(5):
        connect().sendall(struct.pack(">i", 4096) + b"/gain")
    assert client.ask("/gain")[0] == "/gain"


def send_for_ever(tcp, data):
    for _ in range(10_000):
        tcp.sendall(data)


def test_a_client_that_never_reads_its_answers_is_dropped(osc, connect, client):
    tcp = connect()
    tcp.settimeout(60)  # a full dump is much to write
    dumps = sized(write_message("/dump")) * 1000
    with pytest.raises(ConnectionError):
        send_for_ever(tcp, dumps)
    assert client.ask("/gain")[0] == "/gain"


def test_a_client_that_sends_without_pause_leaves_turns_to_others(osc, connect, client):
    tcp = connect()
    tcp.setblocking(False)
    unsent = flood = sized(GAIN) * 5000
    asked = 0
    while asked < 20:
        try:
            unsent = unsent[tcp.send(unsent) :] or flood
        except BlockingIOError:
            assert client.ask("/gain")[0] == "/gain"
            asked += 1


def test_connections_beyond_the_limit_are_closed(osc, connect):
    tcps = [connect() for _ in range(MAX_CONNECTIONS)]
    tcps[-1].sendall(sized(ASK))
    assert hear_sized(tcps[-1])[0] == "/gain"
    assert closed(connect())
    tcps[0].close()
    osc.wait_until(lambda: osc.server.counts()["osc_connections"] < MAX_CONNECTIONS)
    tcp = connect()
    tcp.sendall(sized(ASK))
    assert hear_sized(tcp)[0] == "/gain"


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM], ids=["UDP", "TCP"])
def test_a_taken_port_is_one_clear_sentence(osc, kind):
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            other.listen()
        port = other.getsockname()[1]
        server = OscServer(osc.instrument, osc.schedule, "127.0.0.1", port, osc.morph)
        with pytest.raises(PortError, match=f"^OSC port {port} on 127.0.0.1: address already in use$"):
            asyncio.run(server.start())


def test_an_unknown_host_is_one_clear_sentence(osc):
    server = OscServer(osc.instrument, osc.schedule, "256.0.0.1", 0, osc.morph)
    with pytest.raises(PortError, match="^OSC port 0 on 256.0.0.1: "):
        asyncio.run(server.start())


def test_a_stopped_server_leaves_its_port_and_starts_again(osc, client):
    osc.do(osc.server.stop())
    osc.do(osc.server.start())
    assert client.ask("/gain")[0] == "/gain"


class Mirror:
    """Another server, from whose port a message seems to come: it answers every answer with an error of its own."""

    key = "mirror"
    outlet = None

    def __init__(self, receiver):
        self.receiver = receiver
        self.heard = []

    def send(self, address, *arguments):
        self.heard.append(address)
        self.receiver.receive(write_message("/error", address, "no such address"), self)


def test_two_servers_do_not_keep_each_other_busy(osc):
    mirror = Mirror(osc.server.receiver)
    for _ in range(3):
        osc.call(lambda: osc.server.receiver.receive(write_message("/gian", 1), mirror))
    assert mirror.heard == ["/error"] * 3


# -- fair to all -------------------------------------------------------------


def test_a_client_that_is_silent_makes_room_and_the_log_says_so(osc, connect, caplog, monkeypatch):
    monkeypatch.setattr("manned.control.osc.connection.IDLE_S", 0.3)
    tcps = [connect() for _ in range(MAX_CONNECTIONS)]
    for tcp in tcps:
        tcp.sendall(sized(ASK))
        assert hear_sized(tcp)[0] == "/gain"
    tcps[0].sendall(sized(write_message("/notify", 1)) + sized(ASK))  # told what changes: silent, and not idle
    assert hear_sized(tcps[0])[0] == "/gain"
    tcps[1].sendall(sized(ASK)[:6])  # half a packet is none
    assert closed(connect())
    time.sleep(0.4)
    for tcp in tcps[3:]:
        tcp.sendall(sized(ASK))
        assert hear_sized(tcp)[0] == "/gain"
    late = connect()
    late.sendall(sized(ASK))
    assert hear_sized(late)[0] == "/gain"
    assert closed(tcps[1])
    assert [record.getMessage() for record in caplog.records if "TCP" in record.getMessage()] == [
        "OSC by TCP: all 64 places are taken, a new connection was shut (0 let go and 1 shut so far)"
    ]
    assert osc.counts()["osc_connections_let_go"] == 2


class FarSocket:
    """A socket to a computer somewhere else, which is written down instead of sent to."""

    def __init__(self):
        self.sent = []

    def sendto(self, data, address):
        self.sent.append(data)


def test_an_answer_by_udp_to_a_computer_that_was_not_heard_before_is_small(osc):
    """Whoever sends with the address of another computer cannot have it flooded."""
    far, allowance, receiver = FarSocket(), Allowance(), osc.server.receiver
    dump = write_message("/dump")

    def ask(packet, port=5000):
        before = len(far.sent)
        osc.call(lambda: receiver.receive(packet, Datagrams(far, ("192.0.2.7", port), allowance)))
        return [read_packet(data) for data in far.sent[before:]]

    answers = ask(dump)
    assert answers[-1][0] == "/error" and "ask again in a second" in answers[-1][1][1]
    assert sum(map(len, far.sent)) < FIRST_BYTES + 200
    time.sleep(0.3)
    assert ask(dump)[-1][0] != "/error"  # a computer that goes on talking is answered whole
    begin, before = time.monotonic(), sum(map(len, far.sent))
    while time.monotonic() < begin + 0.5:
        for port in range(5000, 5010):
            ask(dump, port)
    most = 0.5 * PER_SECOND + PER_SECOND * (time.monotonic() - begin)
    assert sum(map(len, far.sent)) - before < most
    assert allowance.suppressed > 10
