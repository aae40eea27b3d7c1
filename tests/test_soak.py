"""Nothing grows while it plays: memory, descriptors and threads, and the clock keeps time.

`make soak` does it for hours (``ARGS="--soak-s 36000"``).  Everything that holds something
is used over and over: notes, models, presets, morphs, recordings, subscriptions, connections,
dated bundles, broken packets.
"""

import os
import random
import socket
import struct
import time
from pathlib import Path

from running import RunningManned

from manned.control.osc.packet import read_packet, write_message

WARM = 0.3
"""Part of the time in which it may still fill its caches and pools."""

WARM_TURNS = 12
SETTLED_TURNS = 100
SETTLING_KB = 32 << 10
"""What the first turns may still bring into memory: the second model, presets, the first recordings."""

UNEVEN_KB = 16 << 10
"""What memory may differ by from turn to turn: models being read, paths of morphs, and their gaps."""

MOST_KB_PER_HOUR = 4 << 10
"""What it may grow by: 96 MB a day, some tens of bytes for each message."""

MOST_AHEAD_S = 0.1
MOST_BEHIND = 0.1
"""Part of the time: where the machine stalls for half a second, the silent clock goes on from then."""

TOLD_ON_THE_WAY = 20

HOLDS = ("voices", "scheduled", "recording", "osc_connections", "osc_subscribers")
"""What ``/status`` tells of that is let go when all has settled."""

SAMPLERATE = 44100
SETTLES_WITHIN_S = 60.0


def facts(process) -> dict[str, int]:
    """Resident memory in kilobytes, open descriptors and threads of a process."""
    words = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
    descriptors = len(os.listdir(f"/proc/{process}/fd"))
    return {"memory": int(words["VmRSS"].split()[0]), "descriptors": descriptors, "threads": int(words["Threads"])}


class Player:
    """A controller that does everything."""

    def __init__(self, port, seed=1):
        self.port = port
        self.generator = random.Random(seed)
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.connect(("127.0.0.1", port))
        self.asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)  # on which nothing else is told
        self.asking.connect(("127.0.0.1", port))
        self.asking.settimeout(20.0)

    def send(self, *message):
        self.udp.send(write_message(*message))

    def ask_status(self) -> dict:
        """What ``/status`` tells, and when it came."""
        self.asking.send(write_message("/status"))
        answer = read_packet(self.asking.recv(65536))
        return {**dict(zip(answer.arguments[::2], answer.arguments[1::2])), "came": time.monotonic()}

    def turn(self, number: int) -> None:
        """Something of everything."""
        note, pick = 36 + number % 48, self.generator.random
        self.send("/mnote", note, 20 + int(100 * pick()))
        self.send("/latents", pick(), pick())
        self.send("/mnote/rel", 36 + (number - 3) % 48)
        self.send("/preset/save", f"soak {number % 5}")
        self.send("/preset/load", f"soak {(number + 1) % 5}")
        self.send("/morph", f"soak {number % 5}", f"soak {(number + 2) % 5}", pick(), 0.2)
        self.send("/model", "small" if number % 2 else "atlas")
        self.send("/record", number % 4 // 2, f"take{number % 3}")
        self.send("/notify", number % 2)
        self.send("/meter", 30 * (number % 2))
        self.send("/undo")
        self.send("/no/such/address", 1)
        self.udp.send(self.generator.randbytes(40))
        later = round((time.time() + 2208988800 + 0.3) * 2**32)
        message = write_message("/bend", pick())
        self.udp.send(b"#bundle\0" + struct.pack(">QI", later, len(message)) + message)
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as tcp:
            packet = write_message("/dump")
            tcp.sendall(struct.pack(">I", len(packet)) + packet)
            tcp.recv(100)
        if number % 20 == 0:
            self.send("/allsoundoff")

    def settle(self) -> dict:
        """Let go of everything; the status after it.

        A busy machine drops datagrams, and what waits takes its time: it is asked for again until it is so.
        """
        deadline = time.monotonic() + SETTLES_WITHIN_S
        while True:
            for message in (("/record", 0), ("/notify", 0), ("/meter", 0), ("/model", "small"), ("/allsoundoff",)):
                self.send(*message)
            time.sleep(0.5)
            told = self.ask_status()
            if told["model"] == "small" and not any(told.get(name) for name in HOLDS):
                return told
            assert time.monotonic() < deadline, told


def test_nothing_grows_while_everything_is_used(tmp_path, request):
    seconds = request.config.getoption("--soak-s")
    with RunningManned(tmp_path, anew=True) as manned:
        player, number, seen = Player(manned.port), 0, []
        begin = time.monotonic()
        warm = None
        while time.monotonic() < begin + seconds or number < 2 * WARM_TURNS:
            player.turn(number)
            number += 1
            time.sleep(0.02)
            if warm is None and number >= WARM_TURNS and time.monotonic() > begin + WARM * seconds:
                warm = player.settle(), facts(manned.process.pid), number
            if number % 500 == 0:
                seen.append(facts(manned.process.pid))
                for path in (tmp_path / "state" / "recordings").glob("*"):
                    path.unlink()
        assert warm is not None
        (first, before, warm_turns), last = warm, player.settle()
        after, deadline = facts(manned.process.pid), time.monotonic() + 5.0
        while after["descriptors"] > before["descriptors"] and time.monotonic() < deadline:
            time.sleep(0.1)  # a thread still closes its recording
            after = facts(manned.process.pid)
        played_s = (int(last["clock"]) - int(first["clock"])) / SAMPLERATE
        passed_s = last["came"] - first["came"]
        drift_s = played_s - passed_s
        settling = SETTLING_KB if warm_turns < SETTLED_TURNS else 0
        most_kb = before["memory"] + settling + UNEVEN_KB + MOST_KB_PER_HOUR * passed_s / 3600
        print(f"{number} turns in {seconds:g} s: {before} became {after}, drift {drift_s * 1000:.1f} ms, {last}")
        print("memory in MB on the way:", *(each["memory"] >> 10 for each in seen[:: len(seen) // TOLD_ON_THE_WAY + 1]))
        assert after["memory"] < most_kb, seen
        assert after["descriptors"] <= before["descriptors"], seen
        assert after["threads"] <= before["threads"] + 2, seen  # a pool of workers grows to its size
        assert -MOST_BEHIND * seconds < drift_s < MOST_AHEAD_S
        assert last["osc_subscribers"] == 0
        assert "Traceback" not in manned.log.read_text()
        assert manned.end() == 0
