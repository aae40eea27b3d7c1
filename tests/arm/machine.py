"""A Debian root for arm64 that runs by qemu's user mode, in namespaces of its own: no setting of this machine changes.

The kernel is asked for programs of arm64 by binfmt_misc, which since Linux 6.7 every user namespace has for itself;
where the package qemu-user-static has registered them for the whole machine, that serves too.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

SUITE = "bookworm"
PACKAGES = ("python3", "python3-venv", "libportaudio2", "ca-certificates", "coreutils", "dash")
PROCESSOR = "cortex-a72"
QEMU = "/usr/bin/qemu-aarch64-static"
CPUINFO = Path(__file__).with_name("cpuinfo")
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
BINFMT = (
    r":manned-aarch64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00"
    r":\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:" + QEMU + ":F"
)
ENTER = """
set -e
mount -t binfmt_misc none /proc/sys/fs/binfmt_misc 2>/dev/null || true
printf '%s' {binfmt} > /proc/sys/fs/binfmt_misc/register 2>/dev/null || true
mount --rbind /dev {root}/dev
mount --rbind /proc {root}/proc
mount --bind {cpuinfo} {root}/proc/cpuinfo
exec env -i PATH=/usr/bin:/bin HOME=/root LANG=C.UTF-8 QEMU_CPU={processor} {certificates} {chroot} {root} "$@"
"""


class ArmMachine:
    """The root, in a folder that is kept: a second run goes on with it.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path):
        self.root = folder / "root"
        self.home = self.root / "root"

    def make(self) -> None:
        """Fetch and unpack Debian's packages for arm64; nothing of them is run."""
        whole = self.root / "made"
        if not whole.exists():
            shutil.rmtree(self.root, ignore_errors=True)
            self.root.parent.mkdir(parents=True, exist_ok=True)
            words = ["mmdebstrap", "--quiet", "--variant=extract", "--architectures=arm64"]
            subprocess.run([*words, f"--include={','.join(PACKAGES)}", SUITE, str(self.root)], check=True)
            whole.touch()
        for name in ("proc", "dev", "tmp", "root", "etc/ssl/certs"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        for name in ("etc/resolv.conf", CERTIFICATES):
            shutil.copyfile(f"/{name}", self.root / name)

    def run(self, *words: str) -> None:
        """Run a program of the root to its end.

        Raises
        ------
        subprocess.CalledProcessError
            When it fails.
        """
        subprocess.run([*self._entering(), *words], check=True)

    def _entering(self) -> Sequence[str]:
        certificates = " ".join(f"{name}=/{CERTIFICATES}" for name in ("SSL_CERT_FILE", "PIP_CERT"))
        root, chroot = shlex.quote(str(self.root)), shutil.which("chroot", path=os.defpath + ":/usr/sbin:/sbin")
        script = ENTER.format(
            binfmt=shlex.quote(BINFMT),
            root=root,
            cpuinfo=shlex.quote(str(CPUINFO)),
            processor=PROCESSOR,
            certificates=certificates,
            chroot=chroot,
        )
        alone = "unshare --user --map-root-user --mount --pid --fork --kill-child".split()
        return [*alone, "sh", "-c", script, "sh"]
