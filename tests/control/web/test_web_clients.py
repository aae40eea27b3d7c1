"""Other people's OSCQuery clients: Node's ``oscquery``; and zeroconf's browser."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from manned.control.web.announce import OSC, QUERY, Announced, Announcer

NODE_MODULES = Path(os.environ.get("MANNED_NODE_MODULES", Path(__file__).parents[3] / ".venv" / "node_modules"))

PROGRAM = """
const { OSCQueryDiscovery } = require("oscquery");
new OSCQueryDiscovery().queryNewService("127.0.0.1", Number(process.argv[2])).then((service) => {
  const attack = service.resolvePath("/env/attack");
  console.log(JSON.stringify({
    name: service.hostInfo.name, port: service.hostInfo.oscPort, listen: service.hostInfo.extensions.LISTEN,
    value: attack.getValue(0), range: attack.getRange ? attack.getRange(0) : null, count: service.flat().length,
  }));
  process.exit(0);
});
"""


@pytest.mark.skipif(
    shutil.which("node") is None or not (NODE_MODULES / "oscquery").is_dir(),
    reason=f"Node's package oscquery is not in {NODE_MODULES}: npm install --prefix .venv osc oscquery",
)
def test_nodes_oscquery_reads_the_whole_tree(web):
    done = subprocess.run(
        ["node", "-e", PROGRAM, "-", str(web.port)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "NODE_PATH": str(NODE_MODULES)},
    )
    told = json.loads(done.stdout)
    assert (told["name"], told["port"], told["listen"], told["value"]) == ("manned", web.osc.port, True, 0.003)
    assert told["count"] > 100


def own_address():
    """An address at which other computers reach this one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        try:
            udp.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this computer is in no network")
        return udp.getsockname()[0]


def test_what_is_open_to_the_network_is_announced_and_taken_back():
    zeroconf = pytest.importorskip("zeroconf", reason="the library zeroconf is not installed")
    from zeroconf.asyncio import AsyncZeroconf

    address = own_address()

    async def announce_and_look():
        announcer = Announcer()
        told = await announcer.start([Announced(QUERY, address, 57131), Announced(OSC, "0.0.0.0", 57130)])
        if not told:
            pytest.skip("no multicast here")
        looking = AsyncZeroconf()
        found = []
        for kind, text in ((QUERY, told[0]), (OSC, told[1])):
            info = await looking.async_get_service_info(kind, text.rpartition(" port ")[0], 3000)
            found.append(info and (info.port, address in info.parsed_addresses(zeroconf.IPVersion.V4Only)))
        await looking.async_close()
        await announcer.stop()
        return found

    assert asyncio.run(announce_and_look()) == [(57131, True), (57130, True)]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "no.such.host.invalid"])
def test_what_others_cannot_reach_is_not_announced(host):
    async def announce():
        announcer = Announcer()
        told = await announcer.start([Announced(QUERY, host, 57131)])
        await announcer.stop()
        return told

    assert asyncio.run(announce()) == []
