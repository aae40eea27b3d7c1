"""The units under a real systemd, installed as docs/service.md tells, by `make test-hosts`.

The machine is booted once (see `booted`).  It has no sound card, so the program waits for one beside its silent clock.
"""

import re
import time

import booted
import pytest

COMPILES_WITHIN_S = 900.0
STARTS_WITHIN_S = 60.0
PAUSE_S, STOPS_WITHIN_S, WATCHDOG_S = 2.0, 10.0, 30.0
"""RestartSec, TimeoutStopSec and WatchdogSec of both units."""

MANNED = "/opt/manned/bin/manned"
SETTINGS = "/etc/manned/manned.toml"


class Service:
    """manned.service of a machine: the system's, or that of its user.

    Parameters
    ----------
    machine : booted.Booted
    user : bool
    """

    def __init__(self, machine, user=False):
        self._machine = machine
        self.user = user

    def systemctl(self, *words):
        return self._machine.run("systemctl", *["--user"] * self.user, *words, user=self.user)

    def facts(self):
        """What systemd knows of it now."""
        return dict(line.split("=", 1) for line in self.systemctl("show", "manned").stdout.splitlines() if "=" in line)

    def wait(self, within_s=STARTS_WITHIN_S, **wanted):
        """Wait until its facts are as wanted; the facts."""
        deadline = time.monotonic() + within_s
        while True:
            found = self.facts()
            if all(found.get(name) == value for name, value in wanted.items()):
                return found
            seen = {name: found.get(name) for name in (*wanted, "ActiveState", "Result", "StatusText")}
            assert time.monotonic() < deadline, f"{seen} instead of {wanted}\n{self.log()}"
            time.sleep(0.1)

    def status_line(self):
        """STATUS, as `systemctl status` shows it."""
        return re.search(r'^\s*Status: "(.*)"$', self.systemctl("status", "manned").stdout, re.MULTILINE)[1]

    def ask(self, address):
        done = self._machine.run(MANNED, "send", address, user=self.user)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self):
        """Start it, whatever became of it before."""
        self.systemctl("stop", "manned")
        self.systemctl("reset-failed", "manned")
        done = self.systemctl("start", "manned")
        assert done.returncode == 0, self.log()

    def log(self):
        return self._machine.read(booted.LOGGED)[-3000:]


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    reason = booted.why_not()
    if reason:
        pytest.skip(reason)
    with booted.boot(tmp_path_factory.mktemp("machine")) as machine:
        yield machine


@pytest.fixture(scope="module")
def compiled(machine):
    """The system's service after its first start, and all that systemd was told meanwhile."""
    service, told = Service(machine), []
    service.systemctl("start", "--no-block", "manned")
    deadline = time.monotonic() + COMPILES_WITHIN_S
    while (facts := service.facts())["ActiveState"] in ("inactive", "activating"):
        assert time.monotonic() < deadline, service.log()
        told += [facts.get("StatusText", "")]
        time.sleep(0.1)
    assert facts["ActiveState"] == "active", service.log()
    return service, told


@pytest.fixture
def service(compiled):
    """The system's service, which runs."""
    if compiled[0].facts()["ActiveState"] != "active":
        compiled[0].start()
    return compiled[0]


def test_the_first_start_tells_how_far_it_is_until_it_plays(compiled):
    service, told = compiled
    steps = [int(step) for text in told for step in re.findall(r"compiling the engine, step (\d+) of", text)]
    assert len(steps) > 10 and steps == sorted(steps), told
    assert "waiting for it" in service.status_line()
    assert int(re.search(r" blocks (\d+)", service.ask("/status"))[1]) > 0


def test_it_runs_as_nobody_else_and_keeps_its_files_to_itself(service, machine):
    pid = service.facts()["MainPID"]
    owner = re.search(r"^Uid:\t(\d+)", machine.read(f"/proc/{pid}/status"), re.MULTILINE)[1]
    assert int(owner) >= 61184, "DynamicUser's first"
    for folder in ("/var/lib/private/manned", "/var/cache/private/manned"):
        assert machine.run("stat", "--format=%u", folder).stdout.strip() == owner


def test_a_reload_reads_the_settings_anew(service, machine):
    before = service.facts()["MainPID"]
    settings = machine.read(SETTINGS)
    assert '#"tuning/a4" = 440' in settings
    machine.write(SETTINGS, settings.replace('#"tuning/a4" = 440', '"tuning/a4" = 442'))
    try:
        done = service.systemctl("reload", "manned")
        assert done.returncode == 0, done.stderr
        assert service.wait(ActiveState="active", SubState="running")["MainPID"] == before
        assert "442" in service.ask("/tuning/a4")
    finally:
        machine.write(SETTINGS, settings)
        service.systemctl("reload", "manned")


def test_a_killed_one_is_started_again_after_its_pause_and_sounds_as_it_did(service, machine):
    machine.run(MANNED, "send", "/tempo", "77")
    time.sleep(3.0)  # what is set is kept two seconds after it was set
    before = service.facts()
    begin = time.monotonic()
    service.systemctl("kill", "--signal=KILL", "manned")
    after = service.wait(NRestarts=str(int(before["NRestarts"]) + 1), ActiveState="active")
    assert PAUSE_S < time.monotonic() - begin
    assert after["MainPID"] != before["MainPID"]
    assert "77" in service.ask("/tempo")


def test_one_that_hangs_is_started_again(service):
    before = int(service.facts()["NRestarts"])
    service.systemctl("kill", "--signal=STOP", "--kill-who=main", "manned")
    service.wait(within_s=WATCHDOG_S + STOPS_WITHIN_S, Result="watchdog")
    service.wait(NRestarts=str(before + 1), ActiveState="active")


def test_a_stop_ends_it_with_0_within_its_limit(service):
    begin = time.monotonic()
    assert service.systemctl("stop", "manned").returncode == 0
    assert time.monotonic() - begin < STOPS_WITHIN_S
    found = service.facts()
    assert (found["ActiveState"], found["Result"], found["ExecMainStatus"]) == ("inactive", "success", "0")


def is_left_alone(service, code):
    """Whether it failed with an exit code and is not started again."""
    service.systemctl("stop", "manned")
    service.systemctl("reset-failed", "manned")
    assert service.systemctl("start", "manned").returncode != 0
    service.wait(ActiveState="failed", ExecMainStatus=str(code))
    time.sleep(2 * PAUSE_S)
    found = service.facts()
    return (found["ActiveState"], found["ExecMainStatus"], found["NRestarts"]) == ("failed", str(code), "0")


def test_a_wrong_setting_is_no_reason_to_try_again(service, machine):
    settings = machine.read(SETTINGS)
    machine.write(SETTINGS, "[osc]\nport = 0\n")
    try:
        assert is_left_alone(service, 78)
    finally:
        machine.write(SETTINGS, settings)


def test_a_port_of_somebody_else_is_no_reason_to_try_again(service, machine):
    service.systemctl("stop", "manned")
    machine.run("systemd-run", "--unit=other", "/opt/manned/python/bin/python3", "-c",
                "import socket, time; s = socket.socket(type=socket.SOCK_DGRAM); s.bind(('127.0.0.1', 57130)); "
                "time.sleep(1000)")  # fmt: skip
    try:
        assert is_left_alone(service, 69)
        assert "57130" in service.log()
    finally:
        machine.run("systemctl", "stop", "other")


@pytest.mark.parametrize(("user", "most"), [(False, 1.5), (True, 6.4)], ids=["system", "user"])
def test_the_loaded_unit_is_shut_in(compiled, machine, user, most, request):
    if user:
        request.getfixturevalue("users_service")
    told = machine.run("systemd-analyze", *["--user"] * user, "security", "manned.service", user=user).stdout
    assert float(re.search(r"exposure level for manned.service: ([\d.]+)", told)[1]) <= most, told


@pytest.fixture(scope="module")
def users_service(machine, compiled):
    """The unit of a user, who finds the engine compiled."""
    machine.run("systemctl", "stop", "manned")
    home = f"/home/{booted.PLAYER}"
    machine.run("mkdir", "-p", f"{home}/.cache")
    machine.run("cp", "-r", "/var/cache/private/manned", f"{home}/.cache/manned")
    done = machine.run("systemctl", "start", "session")
    assert done.returncode == 0, machine.run("systemctl", "status", "session").stdout
    return Service(machine, user=True)


def test_a_users_unit_starts_plays_is_restarted_and_stops(users_service):
    service = users_service
    done = service.systemctl("start", "manned")
    assert done.returncode == 0, service.systemctl("status", "manned").stdout
    assert "waiting for it" in service.status_line()
    assert int(re.search(r" blocks (\d+)", service.ask("/status"))[1]) > 0
    service.systemctl("kill", "--signal=KILL", "manned")
    service.wait(NRestarts="1", ActiveState="active")
    assert service.systemctl("reload", "manned").returncode == 0
    assert service.systemctl("stop", "manned").returncode == 0
    found = service.facts()
    assert (found["Result"], found["ExecMainStatus"]) == ("success", "0")
