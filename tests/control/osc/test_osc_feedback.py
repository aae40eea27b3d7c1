"""Feedback by OSC: what is set is told to those who want to know."""

import socket
import time

import pytest
from hostile_packets import bundle
from near import near

from manned.control.osc.feedback.bounds import MAX_ALONE, MAX_SUBSCRIBERS
from manned.control.osc.feedback.spectrum import FLOOR_DB, HIGHEST_HZ, LOWEST_HZ, POINTS
from manned.control.osc.packet import Bundle, write_message
from manned.state.tree import Source

QUIET_S = 0.15


@pytest.fixture
def other(new_client):
    return new_client()


def flat(packet):
    return [packet] if not isinstance(packet, Bundle) else [one for element in packet.elements for one in flat(element)]


def told(client, quiet_s=QUIET_S, after=()):
    """The packets that come until it is quiet, after some packets were sent."""
    packets = client.answers(*after) if after else []
    client.socket.settimeout(quiet_s)
    try:
        while True:
            packets.append(client.hear())
    except TimeoutError:
        return packets
    finally:
        client.socket.settimeout(5)


def last(packets):
    """The last values told at each address."""
    return {message.address: message.arguments for packet in packets for message in flat(packet)}


def subscribe(client, how=1):
    assert client.answers(write_message("/notify", how)) == []


def test_what_another_client_sets_is_told_and_what_one_sets_oneself_is_not(client, other):
    subscribe(client)
    subscribe(other)
    assert told(client, after=[write_message("/env/attack", 0.5)]) == []
    assert told(other) == [("/env/attack", (0.5,))]


def test_nothing_is_told_to_those_who_did_not_ask_or_ask_no_more(client, other):
    subscribe(other)
    assert other.ask("/notify") == ("/notify", (1,))
    subscribe(other, 0)
    assert other.ask("/notify") == ("/notify", (0,))
    client.answers(write_message("/env/attack", 0.5))
    assert told(other) == told(client) == []


def test_a_value_that_was_clamped_comes_back(client):
    subscribe(client)
    assert told(client, after=[write_message("/env/attack", 100.0)]) == [("/env/attack", (20.0,))]


def test_words_and_truths_are_no_clamping(client):
    subscribe(client)
    messages = write_message("/chroma", "C#"), write_message("/gate", True), write_message("/phase", 1)
    assert not {"/gate", "/chroma", "/phase"} & last(told(client, after=messages)).keys()


def test_with_echo_everything_comes_back(client):
    subscribe(client, 2)
    assert told(client, after=[write_message("/env/attack", 0.5)]) == [("/env/attack", (0.5,))]


def test_what_follows_from_a_value_is_told_to_the_one_who_set_it(client):
    subscribe(client)
    assert told(client, after=[write_message("/gain", 1.0)]) == [("/gain/db", (0.0,))]
    heard = last(told(client, after=[write_message("/xy", 0.25, 0.75)]))
    assert heard == {"/latent/1": (0.25,), "/latent/2": (0.75,), "/latents": near(0.25, 0.75, 0.5)}


def test_what_one_set_oneself_is_told_again_once_another_has_changed_it(client, other):
    subscribe(client)
    client.answers(write_message("/gain", 0.5))
    other.answers(write_message("/gain", 0.25))
    assert last(told(client))["/gain"] == (0.25,)
    assert last(told(client, after=[write_message("/gain/db", 20 * -0.30102999566398)]))["/gain"] == near(0.5)


def test_the_last_of_many_values_is_told_and_no_more_than_thirty_a_second(client, other):
    subscribe(other)
    begin = time.monotonic()
    for i in range(600):
        client.send("/env/attack", i / 600)
        time.sleep(0.001)
    seconds = time.monotonic() - begin
    client.answers(write_message("/env/attack", 0.75))
    heard = [message.arguments for packet in told(other) for message in flat(packet)]
    assert heard[-1] == (0.75,)
    assert len(heard) <= 30 * seconds + 3


@pytest.mark.parametrize("source", [Source("midi", "a port"), Source("preset", "bells"), Source("morph"), Source("x")])
def test_changes_by_anything_else_are_told(osc, client, source):
    subscribe(client)
    osc.call(lambda: osc.instrument.set("env/attack", 0.5, source=source))
    assert told(client) == [("/env/attack", (0.5,))]


@pytest.mark.parametrize(
    "packet",
    [
        write_message("/env/{attack,decay}", 0.5),
        bundle(write_message("/env/attack", 0.5), write_message("/env/decay", 0.5)),
    ],
)
def test_what_a_pattern_or_a_bundle_set_comes_back_as_one_bundle(client, other, packet):
    subscribe(other)
    client.answers(packet)
    (heard,) = told(other)
    assert isinstance(heard, Bundle)
    assert heard.elements == (("/env/attack", (0.5,)), ("/env/decay", (0.5,)))


def test_a_few_values_come_alone_and_many_in_a_bundle(osc, client):
    subscribe(client)
    names = [name for name, row in osc.instrument.parameters.items() if row.kind == "float" and "env/" in name]
    for count in (MAX_ALONE, MAX_ALONE + 1):
        osc.call(lambda count=count: [osc.instrument.set(name, 0.125 * count) for name in names[:count]])
        kinds = {isinstance(packet, Bundle) for packet in told(client)}
        assert kinds == {count > MAX_ALONE}


def set_all(osc, value):
    """Set every number there is in one moment."""

    def all_numbers():
        with osc.instrument.together():
            for name, row in osc.instrument.parameters.items():
                if row.kind == "float" and not name.startswith("morph"):
                    osc.instrument.set(name, value)

    osc.call(all_numbers)


def test_a_bundle_is_cut_before_a_network_would_cut_it(osc, client, other):
    subscribe(other)
    set_all(osc, 0.25)
    packets = told(other)
    sizes = [packet.size for packet in packets if isinstance(packet, Bundle)]
    assert len(sizes) > 1 and max(sizes) <= 1400


def test_models_presets_and_scales_are_told(client, other):
    subscribe(other)
    client.answers(write_message("/model", "two"), write_message("/tuning/scale", "just"))
    heard = last(told(other))
    assert (heard["/model"], heard["/tuning/scale"]) == (("two",), ("just",))
    client.answers(write_message("/preset/save", "bells"), write_message("/env/attack", 2.0))
    client.answers(write_message("/preset/load", "bells"))
    heard = last(told(other))
    assert heard["/preset/load"] == ("bells",) and heard["/env/attack"] == near(0.003)


def test_what_a_macro_moves_is_told_as_it_is_asked(client, other):
    subscribe(other)
    client.answers(write_message("/macro/1/name", "Bite"), write_message("/macro/1/bind", "/latent/2", 0.25, 0.5))
    found = last(told(other))
    assert found["/macro/1/bind"] == client.ask("/macro/1/bind")[1]
    assert found["/macro/1/bind"] == ("Bite", "/brightness", -1.0, 1.0, "/latent/2", 0.25, 0.5)


def test_a_client_by_tcp_is_told_in_its_framing(osc, client):
    with socket.create_connection(("127.0.0.1", osc.port)) as tcp:
        tcp.settimeout(5)
        for message in (write_message("/notify", 1), write_message("/sync", 1)):
            tcp.sendall(len(message).to_bytes(4, "big") + message)
        answer = write_message("/synced", 1)
        assert tcp.recv(100) == len(answer).to_bytes(4, "big") + answer
        client.answers(write_message("/env/attack", 0.5))
        change = write_message("/env/attack", 0.5)
        assert tcp.recv(100) == len(change).to_bytes(4, "big") + change
        assert osc.counts()["osc_subscribers"] == 1
    osc.wait_until(lambda: osc.server.counts()["osc_subscribers"] == 0)


def test_a_client_by_tcp_that_reads_nothing_gets_the_last_value_when_it_reads_again(osc, client):
    with socket.socket() as tcp:
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        tcp.connect(("127.0.0.1", osc.port))
        message = write_message("/notify", 1)
        tcp.sendall(len(message).to_bytes(4, "big") + message)
        osc.wait_until(lambda: osc.server.counts()["osc_subscribers"] == 1)
        for i in range(100):
            set_all(osc, i / 100)
            time.sleep(0.02)
        client.answers(write_message("/env/attack", 0.625))
        tcp.settimeout(1.0)
        heard = b""
        with pytest.raises(TimeoutError):
            while True:
                heard += tcp.recv(65536)
        assert write_message("/env/attack", 0.625) in heard[-4000:]


def test_a_subscription_lapses_without_a_packet_and_one_keeps_it(osc, client, other, monkeypatch):
    subscribe(client)
    subscribe(other)
    monkeypatch.setattr("manned.control.osc.feedback.subscriber.LAPSE_S", 0.6)
    time.sleep(0.4)
    other.answers(write_message("/sync", 1))
    time.sleep(0.4)
    osc.call(lambda: osc.instrument.set("env/attack", 0.5))
    assert told(other) == [("/env/attack", (0.5,))]
    assert told(client) == []


def test_no_more_subscribe_than_there_is_room_for(new_client, client):
    clients = [new_client() for _ in range(MAX_SUBSCRIBERS)]
    for one in clients:
        subscribe(one)
    ((address, (about, text)),) = client.answers(write_message("/notify", 1))
    assert (address, about) == ("/error", "/notify") and f"{MAX_SUBSCRIBERS} controllers are subscribed" in text
    subscribe(clients[0], 0)
    subscribe(client)


# -- listeners ------------------------------------------------------------------


@pytest.fixture
def tablet():
    """A program that listens on another port than it sends from."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(2)
        yield listening


def place(listening):
    host, port = listening.getsockname()
    return f"{host}:{port}"


def test_a_listener_is_told_where_it_listens(client, other, tablet):
    assert client.ask("/listeners/add", place(tablet)) == ("/done", ("/listeners/add", place(tablet)))
    assert client.ask("/listeners/list") == ("/listeners/list", (place(tablet),))
    client.answers(write_message("/env/decay", 0.5))
    other.answers(write_message("/env/attack", 0.5))
    assert tablet.recv(100) == write_message("/env/attack", 0.5)
    assert client.ask("/listeners/del", place(tablet)) == ("/done", ("/listeners/del", place(tablet)))
    assert client.ask("/listeners/list") == ("/listeners/list", ())
    assert client.ask("/listeners/del", place(tablet))[0] == "/fail"


def test_a_dump_goes_to_the_listener_too(client, tablet):
    client.ask("/listeners/add", place(tablet))
    client.answers(write_message("/dump"))
    heard = b""
    while write_message("/env/attack", 0.003) not in heard:
        heard += tablet.recv(2000)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tablet:9000", "numeric host"),
        ("127.0.0.1", "numeric host"),
        ("127.0.0.1:0", "numeric host"),
        ("127.0.0.1:x", "numeric host"),
        ("::1:9000", "numeric host"),
        ("224.0.0.1:9000", "one computer"),
        ("0.0.0.0:9000", "one computer"),
        ("[::1]:9000", "cannot be reached"),
    ],
)
def test_what_is_no_place_is_refused(client, text, words):
    address, (about, said) = client.ask("/listeners/add", text)
    assert (address, about) == ("/fail", "/listeners/add") and words in said


class FromAfar:
    """A sender on another computer."""

    outlet = None

    def __init__(self):
        self.key = ("192.0.2.7", 5000)
        self.heard = []

    def send(self, address, *arguments):
        self.heard.append((address, arguments))


@pytest.mark.parametrize(
    ("allowed", "named", "taken"),
    [((), "192.0.2.7:9000", True), ((), "192.0.2.8:9000", False), (("192.0.2.*",), "192.0.2.8:9000", True)],
)
def test_another_computer_may_name_itself_and_others_as_the_settings_allow(osc, allowed, named, taken):
    from manned.control.osc.feedback.feedback import Feedback
    from manned.control.osc.feedback.listeners import Listeners

    def add():
        listeners = Listeners(Feedback(osc.instrument), allowed)
        listeners.open(lambda address: type("Out", (), {"key": address, "most": 1, "lapses": True})())
        return listeners.add(named, FromAfar())

    if taken:
        assert osc.call(add) == named
    else:
        with pytest.raises(Exception, match="the sender's own address 192.0.2.7"):
            osc.call(add)


# -- streams --------------------------------------------------------------------


def test_the_meter_tells_levels_voices_and_load_at_the_rate_that_was_asked(client):
    client.answers(write_message("/gate", 1), write_message("/meter", 20))
    begin = time.monotonic()
    heard = [client.hear() for _ in range(20)]
    assert 0.8 < time.monotonic() - begin < 1.6
    peak_left, peak_right, rms_left, rms_right, voices, load = heard[-1].arguments
    assert {message.address for message in heard} == {"/meter"}
    assert 0.0 < rms_left <= peak_left <= 1.0 and 0.0 < rms_right <= peak_right <= 1.0
    assert voices == 1 and 0.0 < load < 5.0
    client.send("/meter", 0)
    told(client)
    assert told(client) == []


def test_the_spectrum_is_told_at_the_rate_that_was_asked(client, osc):
    client.answers(write_message("/spectrum", 30), write_message("/mnote", 69, 100))
    begin = time.monotonic()
    heard = [client.hear() for _ in range(15)]
    assert 0.3 < time.monotonic() - begin < 1.2
    assert {message.address for message in heard} == {"/spectrum"}
    lowest, highest, *levels = heard[-1].arguments
    assert (lowest, highest, len(levels)) == (LOWEST_HZ, HIGHEST_HZ, POINTS)
    assert max(levels) > -60.0 and min(levels) >= FLOOR_DB
    client.answers(write_message("/spectrum", 0))
    assert told(client) == []


def test_notes_are_told_when_they_begin_are_released_and_end(client):
    client.answers(write_message("/voice", 1), write_message("/env/release", 0.2))
    client.send("/mnote", 60, 100)
    number, pitch, velocity, _ = last([client.hear()])["/voice"]
    assert number > 0 and (pitch, velocity) == near(60.0, 100.0)
    time.sleep(0.3)
    client.send("/mnote/rel", 60)
    heard = [message.arguments for packet in told(client, 0.6) for message in flat(packet)]
    assert {one[0] for one in heard} == {number}
    released = [one for one in heard if one[2] == 0]
    assert released[0][3] > 0.0 and released[-1][3] == 0.0


def test_a_stream_ends_with_its_connection(osc):
    with socket.create_connection(("127.0.0.1", osc.port)) as tcp:
        message = write_message("/meter", 30)
        tcp.sendall(len(message).to_bytes(4, "big") + message)
        tcp.settimeout(5)
        assert b"/meter" in tcp.recv(1000)
    osc.wait_until(lambda: osc.server.counts()["osc_subscribers"] == 0)


def test_ending_a_stream_that_one_has_not_takes_no_place(osc, client):
    for address in ("/meter", "/voice"):
        client.answers(write_message(address, 0))
    assert osc.counts()["osc_subscribers"] == 0
