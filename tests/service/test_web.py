"""The web part of the running program."""

import http.client
import json
import re
import socket

import pytest
from free_port import free_port
from running import RunningManned, command
from websockets.sync.client import connect

from manned.control.osc.packet import read_packet, write_message


@pytest.fixture
def port():
    return free_port()


def tree(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    return json.loads(connection.getresponse().read())


def test_the_running_program_serves_oscquery_and_plays_by_websocket(tmp_path, port):
    options = ("--set", f"web.port={port}", "--record", tmp_path / "take.wav")
    with RunningManned(tmp_path, *options) as manned:
        assert tree(port, "/?HOST_INFO")["OSC_PORT"] == manned.port
        assert tree(port, "/model?VALUE") == {"VALUE": ["small"]}
        with connect(f"ws://127.0.0.1:{port}", proxy=None) as browser:
            browser.send(json.dumps({"COMMAND": "LISTEN", "DATA": "/latent"}))
            browser.send(write_message("/sync", 1))
            browser.recv(10)
            manned.send("/latent/1", 0.25)
            assert read_packet(browser.recv(10)) == ("/latent/1", (0.25,))
            browser.send(write_message("/gate", True))
            browser.send(write_message("/meter", 10))
            # While the take is recorded too.
            while read_packet(browser.recv(10)).arguments[0] < 0.01:
                pass
        assert f" web_port {port} " in manned.ask("/status")
        assert manned.end() == 0
    assert (tmp_path / "take.wav").stat().st_size > 10_000


def test_a_port_that_is_taken_is_said_and_the_music_goes_on(tmp_path, port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with RunningManned(tmp_path, "--set", f"web.port={port}") as manned:
            assert " web_port 0 " in manned.ask("/status")
            assert re.search(
                rf"WARNING: .*web port {port} on 127.0.0.1: address already in use", manned.log.read_text()
            )


def test_listeners_of_the_settings_are_told_from_the_start_for_ever(tmp_path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tablet:
        tablet.bind(("127.0.0.1", 0))
        tablet.settimeout(10)
        place = f"127.0.0.1:{tablet.getsockname()[1]}"
        with RunningManned(tmp_path, "--set", f'osc.listeners=["{place}", "no.such.host.invalid:9000"]') as manned:
            assert manned.ask("/listeners/list") == place
            manned.send("/latent/1", 0.25)
            heard = tablet.recv(1000)
            while heard != write_message("/latent/1", 0.25):
                heard = tablet.recv(1000)
            assert "osc.listeners: no.such.host.invalid:9000: " in manned.log.read_text()


def test_over_a_network_a_token_is_wanted_which_is_printed_once(tmp_path, port):
    settings = [word for pair in (f"web.port={port}", "web.host=0.0.0.0") for word in ("--set", pair)]
    kept = ("--set", f"state.folder={tmp_path / 'state'}")

    def asked(path, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", path, headers=headers)
        return connection.getresponse()

    with RunningManned(tmp_path, *settings) as manned:
        token = re.search(rf"page on http://[\d.]+:{port}/\?token=([\w-]{{24}}) ", manned.log.read_text())[1]
        assert asked("/model?VALUE").status == 401
        assert asked("/model?VALUE", Authorization=f"Bearer {token}").status == 200
        cookie = asked(f"/?token={token}", Accept="text/html").headers["Set-Cookie"].partition(";")[0]
        assert asked("/panel/", Cookie=cookie).status == 200
        first = command("page", "--print", *settings, *kept).stdout.splitlines()[0]
        assert first == f"http://127.0.0.1:{port}/?token={token}"
    with RunningManned(tmp_path, *settings) as manned:
        assert asked("/model?VALUE", Authorization=f"Bearer {token}").status == 200
        assert token not in manned.log.read_text() and "`manned page --print` tells" in manned.log.read_text()
    with RunningManned(tmp_path, *settings, "--set", "web.open=true"):
        assert asked("/model?VALUE").status == 200
