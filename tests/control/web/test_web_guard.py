"""No page of another site gets anything, and no client can hold the server up."""

import http.client
import socket
import time

import pytest
from websockets.exceptions import InvalidStatus

from manned.control.web.connection import MAX_CLIENTS

FRIEND = "http://friend.example:8080"


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:{port}", "[::1]:57131", "192.168.1.5", "tablet.home", "TABLET.home:80"]
)
def test_programs_that_name_us_are_let_in(web, host):
    assert web.get("/gain", Host=host.format(port=web.port))[0] == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:57131", "localhost.evil.example", "", "127.0.0.1.evil.example", "[", "a b"]
)
def test_a_name_that_is_not_ours_is_not_let_in(web, host):
    status, _, body = web.get("/gain", Host=host)
    assert status == 403 and b"allowed are addresses, localhost and web.names" in body


def test_a_name_of_this_computer_is_ours(web):
    assert web.get("/gain", Host=socket.gethostname())[0] == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1:{port}", "file://"]
)
def test_a_page_of_another_origin_gets_nothing_and_plays_nothing(web, origin):
    origin = origin.format(port=web.port)
    assert web.get("/gain", Origin=origin)[0] == 403
    with pytest.raises(InvalidStatus) as refused, web.connect(origin=origin):
        pass
    assert refused.value.response.status_code == 403


def test_our_own_page_and_those_of_the_settings_are_let_in(web):
    for origin in (f"http://127.0.0.1:{web.port}", FRIEND):
        assert web.get("/gain", Origin=origin)[0] == 200
        with web.connect(origin=origin) as connection:
            connection.ping().wait(5)
    assert web.get("/gain", Origin=FRIEND)[1]["Access-Control-Allow-Origin"] == FRIEND
    assert "Access-Control-Allow-Origin" not in web.get("/gain", Origin=f"http://127.0.0.1:{web.port}")[1]


@pytest.mark.parametrize(
    ("site", "mode", "status"),
    [
        ("cross-site", "no-cors", 403),
        ("same-site", "no-cors", 403),
        ("cross-site", "navigate", 200),
        ("same-origin", "cors", 200),
        ("none", "navigate", 200),
    ],
)
def test_what_another_page_embeds_is_not_given(web, site, mode, status):
    assert web.get("/gain", Sec_Fetch_Site=site, Sec_Fetch_Mode=mode)[0] == status


def test_a_header_that_comes_twice_is_not_let_in(web):
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=5)
    connection.putrequest("GET", "/gain")
    connection.putheader("Host", "localhost")
    connection.endheaders()
    assert connection.getresponse().status == 403


def test_answers_forbid_what_a_browser_could_do_wrong_with_them(web):
    headers = web.get("/gain")[1]
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "default-src 'none'" in headers["Content-Security-Policy"]


# -- pages ----------------------------------------------------------------------


def test_pages_are_served_with_a_strict_policy(web):
    status, headers, body = web.get("/panel/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert body.startswith(b"<!doctype html>")
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert web.get("/panel/parts/a.js")[1]["Content-Type"].startswith("text/javascript")
    assert web.get("/panel")[1]["Location"] == "/panel/"


def test_a_browser_at_the_root_gets_the_page_and_a_program_the_tree(web):
    assert web.get("/", Accept="text/html,*/*")[0] == 302
    assert web.get("/", Accept="*/*")[0] == 200


@pytest.mark.parametrize(
    "path", ["secret.txt", "../conftest.py", "..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd", "parts/", "parts"]
)
def test_nothing_but_pages_is_served(web, path):
    assert web.get(f"/panel/{path}")[0] == 404


# -- bounds ---------------------------------------------------------------------


def test_more_connections_than_there_is_room_for_are_shut_and_the_others_go_on(web):
    waiting = [socket.create_connection(("127.0.0.1", web.port)) for _ in range(MAX_CLIENTS)]
    time.sleep(0.2)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        web.get("/gain")
    for connection in waiting:
        connection.close()
    time.sleep(0.2)
    assert web.get("/gain")[0] == 200


@pytest.mark.parametrize(
    "data",
    [
        b"\0" * 100_000,
        b"GET /" + b"a" * 100_000,
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 1000 + b"\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_no_request_ends_its_connection_and_nothing_else(web, data):
    with socket.create_connection(("127.0.0.1", web.port), timeout=10) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
        except OSError:
            pass
    assert web.get("/gain")[0] == 200
