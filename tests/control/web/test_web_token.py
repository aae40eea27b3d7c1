"""Over a network, only who knows the token gets in."""

import os
import stat

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from manned.control.web.guard import Guard
from manned.control.web.pages import network_address, page_address
from manned.control.web.server import HostInfo, WebServer
from manned.control.web.token import FILE, Doorkeeper, is_this_computer, keep_token, read_token

TOKEN = "a-token-of-this-test"
HTML = {"Accept": "text/html"}


@pytest.fixture
def closed(web):
    """The server, and another one that wants a token."""
    pages = web.pages
    server = WebServer(
        web.osc.server.receiver, "127.0.0.1", 0, HostInfo(), Guard(), pages, doorkeeper=Doorkeeper(TOKEN)
    )
    web.osc.do(server.start())
    yield type(web)(web.osc, server)
    web.osc.do(server.stop())


def refused(web, path="/", **headers):
    with pytest.raises(InvalidStatus) as raised:
        with connect(f"ws://127.0.0.1:{web.port}{path}", proxy=None, additional_headers=headers):
            pass
    return raised.value.response.status_code


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer "},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Cookie": f"manned={TOKEN}; manned-1={TOKEN}"},
        {"Cookie": "manned-{port}="},
    ],
)
def test_who_does_not_know_the_token_gets_nothing_and_plays_nothing(closed, headers):
    headers = {name: value.format(port=closed.port) for name, value in headers.items()}
    for path in ("/", "/gain", "/?HOST_INFO", "/panel/", "/panel/parts/a.js", "/?token=", "/?token=wrong"):
        status, answered, body = closed.get(path, **headers)
        assert status == 401 and b"manned page --print" in body and TOKEN.encode() not in body
        assert answered["Set-Cookie"] is None
    assert refused(closed, **headers) == 401


def test_many_tokens_are_none(closed):
    assert closed.get("/gain?" + "&".join(["token=x"] * 40 + [f"token={TOKEN}"]))[0] == 401


def test_a_browser_that_comes_with_the_token_gets_a_cookie_and_an_address_without_it(closed):
    status, headers, _ = closed.get(f"/?token={TOKEN}", **HTML)
    assert (status, headers["Location"]) == (302, "/panel/")
    cookie, *manners = headers["Set-Cookie"].split("; ")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(manners)
    others = f'other=1; {cookie}; broken="; x'
    assert closed.get("/panel/", Cookie=others)[0] == 200
    assert closed.get("/gain?VALUE", Cookie=cookie)[0] == 200
    with connect(f"ws://127.0.0.1:{closed.port}/", proxy=None, additional_headers={"Cookie": cookie}) as page:
        page.ping().wait(5)


def test_a_program_sends_it_as_it_likes(closed):
    for path, headers in ((f"/gain?token={TOKEN}", {}), ("/gain", {"Authorization": f"Bearer {TOKEN}"})):
        assert closed.get(path, **headers)[0] == 200
    assert closed.tree(f"/gain?VALUE&token={TOKEN}").keys() == {"VALUE"}
    assert closed.tree(f"/gain?token={TOKEN}&VALUE").keys() == {"VALUE"}
    with connect(f"ws://127.0.0.1:{closed.port}/?token={TOKEN}", proxy=None) as program:
        program.ping().wait(5)


def test_the_token_does_not_let_a_page_of_another_site_in(closed):
    for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}):
        assert closed.get(f"/gain?token={TOKEN}", **headers)[0] == 403


def test_no_token_is_wanted_where_there_is_none(web):
    status, headers, _ = web.get("/gain?token=any")
    assert status == 200 and headers["Set-Cookie"] is None


def test_it_is_made_once_and_read_by_its_owner_alone(tmp_path):
    made, new = keep_token(tmp_path / "state")
    assert new and len(made) >= 24
    path = tmp_path / "state" / FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    os.chmod(path, 0o644)
    assert keep_token(tmp_path / "state") == (made, False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keep_token(tmp_path / "other")[0] != made


@pytest.mark.parametrize("damaged", ["", "short", "with spaces in it and long", "ü" * 30, "x" * 10_000])
def test_what_is_no_token_is_replaced(tmp_path, damaged):
    (tmp_path / FILE).write_text(damaged)
    if len(damaged) > 1000:
        with pytest.raises(OSError, match="larger"):
            read_token(tmp_path)
    else:
        assert read_token(tmp_path) == ""
        assert keep_token(tmp_path)[1]


def test_hosts_of_this_computer_need_none():
    assert all(map(is_this_computer, ("127.0.0.1", "127.3.2.1", "::1", "localhost")))
    assert not any(map(is_this_computer, ("0.0.0.0", "::", "", "192.168.1.5", "studio.home")))


def test_the_address_is_told_with_its_token():
    assert page_address("0.0.0.0", 8123, "ab-_c") == "http://127.0.0.1:8123/?token=ab-_c"
    assert page_address("::1", 8123) == "http://[::1]:8123/"
    assert network_address("127.0.0.1", 8123) == ""
    assert network_address("192.168.1.5", 8123, "abc") == "http://192.168.1.5:8123/?token=abc"
