"""What the page's sound files may and may not do."""

import json
import os
import re
import socket
import time
from http import HTTPStatus
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from manned.control.web.guard import Guard
from manned.control.web.server import HostInfo, WebServer
from manned.control.web.token import Doorkeeper
from manned.control.web.workshop import teaching
from manned.control.web.workshop.bounds import KINDS
from manned.control.web.workshop.process import LowProcess
from manned.control.web.workshop.workshop import LESSON

PANEL = Path(teaching.__file__).parents[1] / "panel"
WAVE = b"RIFF" + bytes(996)
SLEEPS_S = 60


def everything(folder):
    """All files under a folder, those that are being written too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def refusal(said):
    assert said[0] == "refused", said
    return said[1]


# -- uploads ------------------------------------------------------------------


def test_what_is_uploaded_lies_among_the_sounds_and_every_page_is_told(bench):
    content = WAVE + os.urandom(70_000)
    with bench.visit() as page, bench.visit() as other:
        assert page.upload("Flöte 1.WAV", content) == ("kept", "Flöte 1.wav")
        told = other.hear("sounds", bool)
    assert [(one["name"], one["bytes"]) for one in told] == [("Flöte 1.wav", len(content))]
    assert (bench.folder / "state" / "sounds" / "Flöte 1.wav").read_bytes() == content
    assert everything(bench.folder / "state") == ["sounds/Flöte 1.wav"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/passwd.wav", "passwd.wav"),
        ("..\\..\\x.wav", "x.wav"),
        ("/etc/x.wav", "x.wav"),
        ("a\x00b\n<img src=x>.wav", "a_b_img src_x.wav"),
        ("..wav", "sound.wav"),
        (".hidden.wav", "hidden.wav"),
        ("-rf.wav", "rf.wav"),
        ("x" * 300 + ".wav", "x" * 48 + ".wav"),
        ("notes.csv.wav", "notes_csv.wav"),
    ],
)
def test_names_are_cleaned_and_lead_nowhere(bench, name, kept):
    with bench.visit() as page:
        assert page.upload(name, WAVE) == ("kept", kept)
    assert everything(bench.folder) == [f"state/sounds/{kept}"]


def test_a_name_that_is_taken_gets_a_number(bench):
    with bench.visit() as page:
        assert [page.upload(name, WAVE)[1] for name in ("a.wav", "A.wav", "a.wav")] == ["a.wav", "A-2.wav", "a-3.wav"]


@pytest.mark.parametrize("name", ["notes.csv", "x.py", "x.wav.exe", "x", "", None, 7, ["x.wav"], "x.safetensors"])
def test_only_sounds_are_taken(bench, name):
    with bench.visit() as page:
        assert "allowed are .wav .flac" in refusal(page.upload(name, WAVE))
    assert everything(bench.folder) == []


def test_the_page_asks_for_what_is_taken():
    script = (PANEL / "workshop.js").read_text()
    assert json.loads(re.search(r"SUFFIXES = (\[.*\]);", script)[1]) == list(KINDS)


@pytest.mark.parametrize(("name", "content"), [("x.wav", b"#!/bin/sh\n"), ("x.flac", WAVE), ("x.ogg", b"<html>")])
def test_what_does_not_begin_like_its_kind_is_not_taken(bench, name, content):
    with bench.visit() as page:
        assert "does not begin like" in refusal(page.upload(name, content))
    assert everything(bench.folder) == []


@pytest.mark.parametrize("size", [0, -1, 100_001, 10**30, 1.5, "9", None, True, float("inf")])
def test_sizes_are_bounded(bench, size):
    with bench.visit() as page:
        assert "allowed are 1–100000" in refusal(page.ask(do="upload", into="teaching", name="x.wav", bytes=size))
        assert "allowed are 1–50000" in refusal(page.ask(do="upload", into="gesture", name="x.wav", bytes=size))


def test_more_than_announced_is_not_taken_and_less_leaves_nothing(bench):
    with bench.visit() as page:
        assert "1 bytes more than announced" in refusal(page.upload("x.wav", WAVE, size=999))
        assert page.upload("y.wav", WAVE) == ("kept", "y.wav")
        assert page.ask(do="upload", into="teaching", name="z.wav", bytes=5000)[0] == "ready"
        page.connection.send(WAVE)
    deadline = time.monotonic() + 10
    while everything(bench.folder) != ["state/sounds/y.wav"] and time.monotonic() < deadline:
        time.sleep(0.02)
    assert everything(bench.folder) == ["state/sounds/y.wav"]


def test_number_and_sum_are_bounded(bench):
    with bench.visit() as page:
        big = WAVE + bytes(80_000)
        page.upload("a.wav", big)
        assert "all sounds together may have 150000 bytes" in refusal(page.upload("b.wav", big))
        page.upload("b.wav", WAVE)
        page.upload("c.wav", WAVE)
        assert "there are 3 sounds, no more are taken" in refusal(page.upload("d.wav", WAVE))
        assert page.ask(do="forget", name="a.wav") == ("done", "forget")
        assert page.upload("d.wav", WAVE) == ("kept", "d.wav")
        assert page.ask(do="forget", name=None) == ("done", "forget")
    assert everything(bench.folder) == []


def test_a_page_of_another_site_cannot_even_connect(bench):
    for headers in ({"origin": "http://evil.example"}, {"additional_headers": {"Host": "evil.example"}}):
        with pytest.raises(InvalidStatus) as refused:
            bench.visit(**headers)
        assert refused.value.response.status_code == HTTPStatus.FORBIDDEN
    assert bench.get("/panel/takes/x.wav", Origin="http://evil.example")[0] == HTTPStatus.FORBIDDEN
    assert bench.get("/panel/takes/x.wav", method="DELETE")[0] in (400, 405)


def test_pages_are_counted(bench):
    with bench.visit() as one, bench.visit() as other, bench.visit() as third:
        for page in (one, other):
            page.hear("gesture", bool)
        with pytest.raises(ConnectionClosed, match="2 pages are here"):
            third.answer()


@pytest.mark.parametrize(
    "text",
    ["", "no", "[]", "7", "null", '{"do": 1}', '{"do": "stop"}', '{"do": ["learn"]}', "[" * 5000, '{"do": null}'],
)
def test_nonsense_is_answered_in_a_sentence(bench, text):
    with bench.visit() as page:
        page.connection.send(text)
        assert "allowed are objects whose do is one of upload, learn" in refusal(page.answer())
        page.connection.send(b"bytes of no upload")
        assert page.ask(do="cancel", job="teaching") == ("done", "cancel")


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"do": "learn", "name": "x/../../y"}, "no name, allowed are 1–48 letters"),
        ({"do": "learn", "name": "--output"}, "no name, allowed are 1–48 letters"),
        ({"do": "learn", "name": "mine", "effort": "--steps=1"}, "allowed are quick, usual, thorough"),
        ({"do": "learn", "name": "mine"}, "there is no sound to learn from"),
        ({"do": "cancel", "job": "__class__"}, "allowed are teaching, gesture"),
        ({"do": "forget", "name": {}}, "wanted is the name of a sound"),
        ({"do": "delete", "take": "../state/web-token"}, "there is none of that name"),
        ({"do": "upload", "into": "models", "name": "x.wav", "bytes": 9}, "allowed are teaching and gesture"),
        ({"do": "upload", "into": "gesture", "name": "x.wav", "bytes": 9, "gesture": "../x"}, "no name"),
    ],
)
def test_a_wish_that_cannot_be_had_is_refused_in_a_sentence(bench, wish, told):
    with bench.visit() as page:
        assert told in refusal(page.ask(**wish))


def test_a_model_of_a_name_that_is_taken_is_not_overwritten(bench):
    with bench.visit() as page:
        page.upload("a.wav", WAVE)
        assert "there is one of that name" in refusal(page.ask(do="learn", name="taken"))


def test_without_what_training_needs_the_one_command_that_brings_it_is_told(bench, monkeypatch):
    found = teaching.find_spec
    monkeypatch.setattr(teaching, "find_spec", lambda name: None if name == "tensorflow" else found(name))
    with bench.visit() as page:
        page.upload("a.wav", WAVE)
        assert page.hear("teaching", bool)["install"] == "make training"
        assert "needs more than is installed: make training" in refusal(page.ask(do="learn", name="mine"))
        monkeypatch.undo()
    with bench.visit() as page:
        assert page.hear("teaching", bool)["install"] == ""


# -- jobs ---------------------------------------------------------------------


def test_a_job_has_the_lowest_priority_goes_on_without_its_page_and_can_be_cancelled(bench):
    with bench.visit() as page:
        assert page.upload("My sound.wav", WAVE, into="gesture") == ("kept", "My sound")
    with bench.visit() as page:
        job = page.hear("gesture", lambda news: news["job"] and news["job"]["lines"])["job"]
        assert (job["name"], job["state"], job["lines"]) == ("My sound", "running", ["heard"])
        (process,) = children(os.getpid(), "print('heard')")
        assert os.getpriority(os.PRIO_PROCESS, process) == 19
        assert os.sched_getscheduler(process) == os.SCHED_IDLE
        assert "is being made" in refusal(page.upload("y.wav", WAVE, into="gesture"))
        assert page.ask(do="cancel", job="gesture") == ("done", "cancel")
        assert page.hear("gesture", lambda news: news["job"]["state"] != "running")["job"]["state"] == "cancelled"
    assert everything(bench.folder) == [] and not children(os.getpid(), "print('heard')")


def test_a_job_ends_with_the_program(bench):
    with bench.visit() as page:
        page.upload("x.wav", WAVE, into="gesture")
        page.hear("gesture", lambda news: news["job"] and news["job"]["lines"])
    (process,) = children(os.getpid(), "print('heard')")
    bench.osc.do(bench.server.stop())
    bench.osc.do(bench.workshop.stop())
    assert not os.path.exists(f"/proc/{process}/cmdline")


def test_how_the_last_lesson_came_out_is_told_after_a_restart_until_it_is_dismissed(bench, monkeypatch):
    said = f"""print('{{"verdict": "It sings in {bench.folder}/state/sounds."}}')"""
    monkeypatch.setattr(teaching, "how_to_install", str)
    monkeypatch.setattr(teaching, "LowProcess", lambda words, told: LowProcess(["-c", said], told))
    with bench.visit() as page:
        page.upload("x.wav", WAVE)
        assert page.ask(do="learn", name="Mine") == ("done", "learn")
        told = page.hear("teaching", ended)
    assert (told["job"]["state"], told["job"]["lines"]) == ("done", ["It sings in the sounds."])
    with bench.restarted().visit() as page:
        job = page.hear("teaching", ended)["job"]
        assert [job[word] for word in ("name", "state", "lines")] == ["Mine", "done", told["job"]["lines"]]
        assert page.ask(do="dismiss", job="teaching") == ("done", "dismiss")
        page.hear("teaching", lambda news: news["job"] is None)
    with bench.restarted().visit() as page:
        assert page.hear("teaching", bool)["job"] is None


def test_a_lesson_that_the_program_did_not_outlive_is_told_as_such(bench, monkeypatch):
    monkeypatch.setattr(teaching, "how_to_install", str)
    sleeps = f"import time; time.sleep({SLEEPS_S})"
    monkeypatch.setattr(teaching, "LowProcess", lambda words, told: LowProcess(["-c", sleeps], told))
    with bench.visit() as page:
        page.upload("x.wav", WAVE)
        page.ask(do="learn", name="Mine")
        assert "is being learned" in refusal(page.ask(do="dismiss", job="teaching"))
        bench.osc.wait_until((bench.folder / "state" / LESSON).exists)
    with bench.restarted().visit() as page:
        job = page.hear("teaching", ended)["job"]
    assert (job["name"], job["state"]) == ("Mine", "failed") and "manned ended before it was learned" in job["problem"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1]", b"[" * 50_000, b"\xff", b'{"format": 2, "name": "x"}']
    + [
        json.dumps({"format": 1, "name": "x", "state": "done", "lines": ["y"], "problem": ""} | change).encode()
        for change in (
            {"state": "sung"},
            {"state": []},
            {"lines": [1]},
            {"lines": None},
            {"name": {}},
            {"lines": [""] * 101},
        )
    ],
)
def test_a_damaged_file_of_the_last_lesson_is_passed_over(bench, content):
    (bench.folder / "state").mkdir(exist_ok=True)
    (bench.folder / "state" / LESSON).write_bytes(content)
    with bench.restarted().visit() as page:
        assert page.hear("teaching", bool)["job"] is None


def ended(news):
    return news["job"] is not None and news["job"]["state"] != "running"


def children(parent, word):
    """Processes that a process has started and whose command has a word."""
    found = []
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{process}/stat") as stat, open(f"/proc/{process}/cmdline") as command:
                if int(stat.read().rpartition(")")[2].split()[1]) == parent and word in command.read():
                    found.append(int(process))
        except OSError:
            continue
    return found


# -- takes --------------------------------------------------------------------


@pytest.fixture
def take(bench):
    folder = bench.folder / "takes"
    folder.mkdir()
    content = os.urandom(1_000_000)
    (folder / "Abend – 1.wav").write_bytes(content)
    (folder / "secret.txt").write_text("no")
    (folder / ".part.wav").write_text("no")
    return content


NAME = "/panel/takes/Abend%20%E2%80%93%201.wav"


def test_a_take_is_listed_fetched_whole_or_in_part_and_deleted(bench, take):
    with bench.visit() as page:
        (told,) = page.hear("takes", bool)
        assert (told["name"], told["bytes"], told["going"]) == ("Abend – 1.wav", len(take), False)
        status, headers, body = bench.get(NAME)
        assert (status, body) == (200, take)
        assert bench.get(NAME, Accept_Encoding="gzip")[2] == take
        assert headers["Content-Type"] == "audio/wav" and headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''Abend%20%E2%80%93%201.wav"
        for asked, part in (("0-0", take[:1]), ("10-299999", take[10:300_000]), ("-5", take[-5:]), ("5-", take[5:])):
            status, headers, body = bench.get(NAME, Range=f"bytes={asked}")
            assert (status, body) == (206, part) and headers["Content-Range"].endswith("/1000000")
        assert bench.get(NAME, Range="bytes=1000000-")[0] == 416
        assert bench.get(NAME, Range="bytes=no")[2] == take
        assert page.ask(do="delete", take="Abend – 1.wav") == ("done", "delete")
        page.hear("takes", lambda news: not news)
    assert bench.get(NAME)[0] == 404


def test_a_browser_that_brings_the_token_to_a_take_is_led_to_the_page(bench, take, web):
    receiver, doorkeeper = bench.osc.server.receiver, Doorkeeper("a-token-of-this-test")
    server = WebServer(
        receiver, "127.0.0.1", 0, HostInfo(), Guard(), web.pages, doorkeeper=doorkeeper, workshop=bench.workshop
    )
    bench.osc.do(server.start())
    closed = type(web)(bench.osc, server)
    address = f"{NAME}?token=a-token-of-this-test"
    status, headers, body = closed.get(address, Accept="text/html")
    assert (status, headers["Location"], body) == (302, "/panel/", b"")
    assert closed.get(address)[::2] == (200, take)
    bench.osc.do(server.stop())


@pytest.mark.parametrize(
    "name",
    ["secret.txt", ".part.wav", "..", "", "%2e%2e%2fstate%2fweb-token", "..%5Cx.wav", "Abend%00.wav", "x" * 3000],
)
def test_nothing_else_is_fetched(bench, take, name):
    status, _, body = bench.get(f"/panel/takes/{name}")
    assert status == 404 and body.startswith(b"take ")


def test_a_client_that_takes_nothing_holds_nothing_up(bench, take):
    (bench.folder / "takes" / "long.wav").write_bytes(bytes(20_000_000))
    with socket.create_connection(("127.0.0.1", bench.port)) as lazy:
        lazy.sendall(b"GET /panel/takes/long.wav HTTP/1.1\r\nHost: localhost\r\n\r\n")
        lazy.recv(100)
        assert bench.get(NAME)[2] == take
        begun = time.monotonic()
        bench.osc.do(bench.server.stop())
        assert time.monotonic() - begun < 3.0
