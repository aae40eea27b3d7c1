"""OSC by WebSocket both ways, and OSCQuery's own messages."""

import contextlib
import json
import socket

import pytest
from hostile_packets import bundle, damaged
from websockets.exceptions import ConnectionClosed

from manned.control.osc.packet import Bundle, read_packet, write_message
from manned.control.web.peer import MAX_UNREAD


def command(word, path):
    return json.dumps({"COMMAND": word, "DATA": path})


def hear(connection, timeout_s=5.0):
    message = connection.recv(timeout_s)
    return read_packet(message) if isinstance(message, bytes) else json.loads(message)


def ask(connection, *message):
    connection.send(write_message(*message))
    return hear(connection)


def quiet(connection):
    with pytest.raises(TimeoutError):
        raise AssertionError(hear(connection, 0.2))


def test_values_are_set_asked_and_refused(web):
    with web.connect() as connection:
        connection.send(write_message("/latent/1", 0.25))
        assert ask(connection, "/latent/1") == ("/latent/1", (0.25,))
        assert ask(connection, "/latnet/1", 0.5)[0] == "/error"
        connection.send(bundle(write_message("/env/attack", 1.0), write_message("/env/attack")))
        assert hear(connection) == ("/env/attack", (1.0,))


def test_what_is_listened_to_is_told_and_nothing_else(web, client):
    with web.connect() as connection:
        connection.send(command("LISTEN", "/env/attack"))
        assert ask(connection, "/sync", 1) == ("/synced", (1,))
        client.send("/env/decay", 0.5)
        client.send("/env/attack", 0.5)
        assert hear(connection) == ("/env/attack", (0.5,))
        connection.send(command("IGNORE", "/env/attack"))
        assert ask(connection, "/sync", 2) == ("/synced", (2,))
        client.send("/env/attack", 0.75)
        quiet(connection)


def test_a_path_with_others_below_listens_to_all_of_them(web, client):
    with web.connect() as connection:
        connection.send(command("LISTEN", "/env"))
        ask(connection, "/sync", 1)
        client.answers(bundle(write_message("/env/attack", 0.5), write_message("/env/1/depth", 0.5)))
        heard = hear(connection)
        assert isinstance(heard, Bundle)
        assert {one.address for one in heard.elements} == {"/env/attack", "/env/1/depth"}


def test_one_does_not_hear_what_one_set_and_hears_what_was_clamped(web):
    with web.connect() as connection:
        connection.send(command("LISTEN", "/"))
        connection.send(write_message("/env/attack", 0.5))
        assert ask(connection, "/sync", 1) == ("/synced", (1,))
        quiet(connection)
        connection.send(write_message("/env/attack", 50.0))
        assert hear(connection) == ("/env/attack", (20.0,))


def test_subscribing_by_osc_works_too_and_ends_with_the_connection(web, client):
    with web.connect() as connection:
        connection.send(write_message("/notify", 1))
        ask(connection, "/sync", 1)
        client.send("/env/attack", 0.5)
        assert hear(connection) == ("/env/attack", (0.5,))
        assert web.osc.counts()["osc_subscribers"] == 1
    web.osc.wait_until(lambda: web.osc.server.counts()["osc_subscribers"] == 0)


def test_another_models_latents_are_told_as_paths_that_came_and_went(web, client):
    with web.connect() as connection:
        connection.send(command("LISTEN", "/latent"))
        ask(connection, "/sync", 1)
        client.ask("/model", "two")
        told = []
        while ("PATH_CHANGED", "/latents") not in told:
            message = hear(connection)
            told += [(message["COMMAND"], message["DATA"])] if isinstance(message, dict) else []
        assert ("PATH_REMOVED", "/latent/3") in told and ("PATH_REMOVED", "/ne/latent/3") in told
        assert web.get("/latent/3")[0] == 404
        client.ask("/model", "three")
        told = []
        while ("PATH_CHANGED", "/latents") not in told:
            message = hear(connection)
            told += [(message["COMMAND"], message["DATA"])] if isinstance(message, dict) else []
        assert ("PATH_ADDED", "/latent/3") in told
        client.send("/latent/3", 0.25)
        while hear(connection) != ("/latent/3", (0.25,)):
            pass


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "1",
        '{"COMMAND": "LISTEN"}',
        '{"COMMAND": "DANCE", "DATA": "/"}',
        command("LISTEN", "/no"),
        "[" * 30_000,
    ],
)
def test_a_text_that_is_no_command_is_told(web, text):
    with web.connect() as connection:
        connection.send(text)
        assert hear(connection)[0] == "/error"
        assert ask(connection, "/latent/1") == ("/latent/1", (0.5,))


def test_damaged_packets_are_told_and_do_no_harm(web):
    with web.connect() as connection:
        for packet in list(damaged(20)):
            connection.send(packet)
        connection.send(write_message("/sync", 7))
        while hear(connection) != ("/synced", (7,)):
            pass


def test_a_message_that_is_too_large_ends_the_connection(web):
    with web.connect() as connection:
        connection.send(b"\0" * 70_000)
        with pytest.raises(ConnectionClosed):
            hear(connection)


def test_a_client_that_reads_nothing_is_shut_out(web):
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.connect(("127.0.0.1", web.port))
    with web.connect(max_queue=1, sock=narrow, close_timeout=0.1) as connection:
        big = bundle(*[write_message("/status")] * 250)
        with contextlib.suppress(ConnectionClosed):
            for _ in range(20 * MAX_UNREAD // (250 * 1000)):
                connection.send(big)
        web.osc.wait_until(lambda: not web.server.counts()["web_clients"])
