"""A machine with a real systemd as its PID 1, in namespaces of its own.

Its root is new and in memory.  Of this machine it has ``/usr`` and the program's own files, both read only, and no
network but its own ``lo``.  It ends when the block ends, or when we do, and leaves nothing behind.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
SYSTEMD = Path("/usr/lib/systemd/systemd")
NAMESPACES = "--mount --propagation private --pid --ipc --uts --net --fork --kill-child".split()
INTO = "--mount --pid --ipc --uts --net --cgroup --root --wd".split()
PLAYER, PLAYER_ID = "player", 4711
RUNTIME = f"/run/{PLAYER}"
LOGGED = "/run/manned.log"

BOOT = """
set -eu
root=$1 group=$2 files=$3 python=$4 packages=$5 program=$6
read_only() { mount --rbind "$1" "$2"; mount -o remount,bind,ro "$2"; }

echo 0 > "$group/cgroup.procs"
mount -t tmpfs -o mode=755 root "$root"
cd "$root"
mkdir -p dev etc home opt/manned/python opt/manned/packages opt/manned/program/manned proc root run sys tmp usr var/tmp
mkdir -p var/lib var/cache var/log old
chmod 1777 tmp var/tmp
ln -s ../run var/run
read_only /usr usr
for name in bin sbin lib lib32 lib64 libx32; do
  if [ -L "/$name" ]; then cp -a "/$name" .; elif [ -d "/$name" ]; then mkdir "$name"; read_only "/$name" "$name"; fi
done
read_only "$python" opt/manned/python
read_only "$packages" opt/manned/packages
read_only "$program" opt/manned/program/manned
for name in alternatives group ld.so.cache ld.so.conf ld.so.conf.d nsswitch.conf passwd; do
  if [ -e "/etc/$name" ]; then cp -a "/etc/$name" etc; fi
done
cp -r "$files"/. .
cat etc/passwd.more >> etc/passwd; cat etc/group.more >> etc/group

mount -t proc proc proc
mount --bind proc/sys proc/sys; mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755 dev dev
for name in null zero full random urandom tty; do touch "dev/$name"; mount --bind "/dev/$name" "dev/$name"; done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx; ln -s /proc/self/fd dev/fd
mount -t tmpfs -o mode=1777 shm dev/shm
mount -t tmpfs -o mode=755 run run
mount -t tmpfs -o mode=1777 tmp tmp
pivot_root . old
exec unshare --cgroup /bin/sh -c '
  set -eu
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  umount -l /old; rmdir /old; cd /
  exec env -i container=namespaces PATH=/usr/sbin:/usr/bin:/sbin:/bin SYSTEMD_UNIT_PATH=/etc/systemd/system \\
    SYSTEMD_GENERATOR_PATH=/nowhere SYSTEMD_ENVIRONMENT_GENERATOR_PATH=/nowhere \\
    setpriv --bounding-set=-sys_time,-sys_module,-sys_rawio "$1" --system --unit=bare.target \\
    --log-target=console --show-status=no' sh "$7"
"""

BARE = "[Unit]\nDescription=A place in the order of a start\nDefaultDependencies=no\n"
LOG = f"[Service]\nStandardOutput=append:{LOGGED}\nStandardError=inherit\n"
PROGRAM = f"""#!/bin/sh
export PYTHONPATH=/opt/manned/program:/opt/manned/packages PYTHONDONTWRITEBYTECODE=1
exec /opt/manned/python/bin/python{sys.version_info.major}.{sys.version_info.minor} -m manned "$@"
"""
SESSION = f"""[Service]
Type=notify
User={PLAYER}
Delegate=yes
RuntimeDirectory={PLAYER}
RuntimeDirectoryMode=0700
WorkingDirectory=/home/{PLAYER}
Environment=XDG_RUNTIME_DIR={RUNTIME} SYSTEMD_UNIT_PATH=/home/{PLAYER}/.config/systemd/user
Environment=SYSTEMD_GENERATOR_PATH=/nowhere SYSTEMD_ENVIRONMENT_GENERATOR_PATH=/nowhere
ExecStartPre=+/bin/chown -R {PLAYER}:{PLAYER} /home/{PLAYER}
ExecStart={SYSTEMD} --user --unit=bare.target
"""
"""What a login does: a service manager of a user's own."""


def why_not() -> str | None:
    """What is missing for such a machine; None when it can be had."""
    if os.getuid() != 0 or not _has_all_users():
        return "only root may boot a systemd in namespaces, and a root that has all users below 65,520"
    programs = [name for name in ("unshare", "nsenter", "setpriv", "pivot_root") if shutil.which(name) is None]
    missing = programs + [str(SYSTEMD)] * (not SYSTEMD.exists())
    if missing:
        return f"{', '.join(missing)} missing"
    if own_group() is None:
        return "no control groups of version 2 are mounted"
    tried = subprocess.run(
        ["unshare", *NAMESPACES, "--cgroup", "mount", "-t", "tmpfs", "tried", "/tmp"], capture_output=True, text=True
    )
    if tried.returncode:
        return f"no namespaces here: {tried.stderr.strip()}"
    if not os.access(own_group(), os.W_OK):
        return f"control groups are read only: {own_group()}"
    return None


def _has_all_users() -> bool:
    """Whether there are the users of DynamicUser, 61,184 to 65,519; a user's own namespace may have one alone."""
    ranges = [[int(word) for word in line.split()] for line in Path("/proc/self/uid_map").read_text().splitlines()]
    return any(first == 0 and count >= 65520 for first, _, count in ranges)


def own_group() -> Path | None:
    """The folder of the control group that we are in."""
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    within = re.search(r"^0::/(.*)$", Path("/proc/self/cgroup").read_text(), re.MULTILINE)
    folders = [Path(words[1]) / within[1] for words in mounts if within and words[2] == "cgroup2"]
    return next((folder for folder in folders if folder.is_dir()), None)


def write_files(folder: Path) -> None:
    """What lies in the root of the machine at first: the program and its units, as docs/service.md installs them."""
    texts = {
        "opt/manned/bin/manned": PROGRAM,
        "etc/manned/manned.toml": (CHECKOUT / "configs" / "manned.toml").read_text(),
        "etc/systemd/system/manned.service": (CHECKOUT / "systemd" / "manned.service").read_text(),
        "etc/systemd/system/manned.service.d/log.conf": LOG,
        "etc/systemd/system/session.service": SESSION,
        "etc/passwd.more": f"{PLAYER}:x:{PLAYER_ID}:{PLAYER_ID}::/home/{PLAYER}:/bin/sh\n",
        "etc/group.more": f"{PLAYER}:x:{PLAYER_ID}:\n",
        f"home/{PLAYER}/.local/bin/manned": PROGRAM,
        f"home/{PLAYER}/.config/systemd/user/manned.service": (CHECKOUT / "systemd/user/manned.service").read_text(),
    }
    for target in ("bare", "sysinit", "basic", "shutdown", "exit"):
        for place in ("etc/systemd/system", f"home/{PLAYER}/.config/systemd/user"):
            texts[f"{place}/{target}.target"] = BARE
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755 if path.name == "manned" else 0o644)


class Booted:
    """The running machine.

    Parameters
    ----------
    pid : int
        Its PID 1, as this machine counts.
    """

    def __init__(self, pid: int):
        self._pid = pid

    def run(self, *command, user=False, timeout_s=120.0) -> subprocess.CompletedProcess:
        """Run a command on it to its end, as root or as the user; what it printed and its exit code."""
        as_who = [f"--setuid={PLAYER_ID}", f"--setgid={PLAYER_ID}"] if user else []
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "SYSTEMD_PAGER": "cat"}
        if user:
            environment |= {"XDG_RUNTIME_DIR": RUNTIME, "HOME": f"/home/{PLAYER}"}
        return subprocess.run(
            ["nsenter", f"--target={self._pid}", *INTO, *as_who, *map(str, command)],
            capture_output=True,
            text=True,
            timeout=timeout_s,
            env=environment,
        )

    def read(self, path: str) -> str:
        """A text of the machine."""
        return self._path(path).read_text()

    def write(self, path: str, text: str) -> None:
        """Replace a text of the machine."""
        self._path(path).write_text(text)

    def _path(self, path: str) -> Path:
        return Path(f"/proc/{self._pid}/root{path}")


@contextlib.contextmanager
def boot(folder: Path):
    """Boot a machine until the end of the block; ``folder`` takes its first files and what it says."""
    root, files, log = folder / "root", folder / "files", folder / "boot.log"
    root.mkdir()
    write_files(files)
    for left in own_group().glob("manned-test-*"):  # by one of us that was killed
        if not Path("/proc", left.name.rpartition("-")[2]).exists():
            _remove(left)
    group = own_group() / f"manned-test-{os.getpid()}"
    group.mkdir()
    places = (root, group, files, sys.base_prefix, sysconfig.get_path("purelib"), CHECKOUT / "manned", SYSTEMD)
    words = ["setpriv", "--pdeathsig", "KILL", "unshare", *NAMESPACES, "sh", "-c", BOOT, "boot", *map(str, places)]
    with open(log, "wb") as written:
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=written, stderr=written)
    try:
        yield Booted(_first_process(process, log))
    finally:
        process.kill()
        process.wait()
        _remove(group)


def _first_process(process: subprocess.Popen, log: Path) -> int:
    """Wait until systemd has started what it was asked for; its process."""
    deadline = time.monotonic() + 30.0
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while True:
        assert process.poll() is None and time.monotonic() < deadline, f"systemd did not boot:\n{log.read_text()}"
        pid = children.read_text().strip()
        if pid and Path("/proc", pid, "root", "run/systemd/private").is_socket():
            machine = Booted(int(pid))
            if machine.run("systemctl", "is-active", "bare.target").stdout == "active\n":
                return int(pid)
        time.sleep(0.1)


def _remove(group: Path) -> None:
    """Remove a control group and all below it, as soon as its processes have gone."""
    deadline = time.monotonic() + 10.0
    while group.exists():
        for folder in sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True):
            with contextlib.suppress(OSError):
                folder.rmdir()
        with contextlib.suppress(OSError):
            group.rmdir()
        assert time.monotonic() < deadline, f"{group} is still in use"
        time.sleep(0.05)
