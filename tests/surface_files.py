"""What the surfaces in `examples/` send and show, read from their files as their hosts would.

Each reader has `sent`, every message that the surface can send as an address with arguments, and `shown`, the
addresses whose values it shows.
"""

import itertools
import json
import re
import shlex
import zlib
from xml.etree import ElementTree as xml


def ends(low, high):
    """A fader's ends and its middle."""
    return low, (low + high) / 2, high


class TouchOscLayout:
    """A `.tosc` file: XML, compressed by zlib."""

    def __init__(self, path):
        root = xml.fromstring(zlib.decompress(path.read_bytes()))
        assert (root.tag, root.get("version")) == ("lexml", "3")
        self.nodes = root.findall(".//node")
        script = "".join(facts(node).get("script", "") for node in self.nodes)
        self.sent = in_script(script, "sendOSC")
        self.shown = set(re.findall(r"message\[1\] == '(/[\w/]+)'", script))
        self.told_by_script = re.findall(r"self\.children\['([^']+)'\]", script)
        for node in self.nodes:
            for osc in node.findall("messages/osc"):
                self._message(node, osc)

    def _message(self, node, osc):
        address = "".join(part.findtext("value") for part in osc.findall("path/partial"))
        ranges = []
        for part in osc.findall("arguments/partial"):
            kind, conversion = part.findtext("type"), part.findtext("conversion")
            value, low, high = (
                part.findtext("value"),
                float(part.findtext("scaleMin")),
                float(part.findtext("scaleMax")),
            )
            if kind == "CONSTANT":
                ranges.append((value,))
            elif node.get("type") == "RADIO":
                ranges.append(tuple(range(int(facts(node)["steps"]))))
            elif conversion == "INTEGER":
                ranges.append((int(low), int(high)))
            else:
                ranges.append(ends(low, high))
        if osc.findtext("send") == "1":
            self.sent += [(address, *arguments) for arguments in itertools.product(*ranges)]
        if osc.findtext("receive") == "1":
            self.shown.add(address)


def facts(node):
    """The properties of a node of TouchOSC that are one text."""
    return {one.findtext("key"): one.findtext("value") for one in node.findall("properties/property")}


def in_script(script, function):
    """The messages that a script sends."""
    found = re.findall(rf"{function}\('(/[\w/]+)'(?:, (\d+))?\)", script)
    return [(address, *([int(number)] if number else [])) for address, number in found]


class StageControlSession:
    """A session of Open Stage Control: JSON."""

    def __init__(self, path):
        session = json.loads(path.read_text())
        assert (session["createdWith"], session["type"]) == ("Open Stage Control", "session")
        self.root = session["content"]
        self.widgets = self.root["widgets"]
        self.sent = in_script(self.root["onCreate"], "send")
        self.shown = set()
        for widget in self.widgets:
            address = widget.get("address", "auto")
            if address == "auto":
                continue
            if widget.get("mode") != "tap":
                self.shown.add(address)
            if not widget.get("bypass"):
                self.sent += [(address, *arguments) for arguments in self._arguments(widget)]

    def _arguments(self, widget):
        if widget["type"] == "button":
            return [(widget[key],) for key in ("on", "off") if key in widget]
        if widget["type"] == "switch":
            return [(value,) for value in widget["values"].values()]
        ranges = [widget[key] for key in ("range", "rangeX", "rangeY") if key in widget]
        return list(itertools.product(*(ends(one["min"], one["max"]) for one in ranges)))


class MaxPatch:
    """A patch of Max, and what happens in it: the objects that the surface is made of, run one message at a time."""

    CONTROLS = ("toggle", "umenu", "slider", "pictslider")

    def __init__(self, path):
        patcher = json.loads(path.read_text())["patcher"]
        self.boxes = {entry["box"]["id"]: entry["box"] for entry in patcher["boxes"]}
        self._cords = {}
        for entry in patcher["lines"]:
            (source, outlet), (target, inlet) = entry["patchline"]["source"], entry["patchline"]["destination"]
            assert outlet < self.boxes[source]["numoutlets"] and inlet < self.boxes[target]["numinlets"]
            self._cords.setdefault((source, outlet), []).append((target, inlet))
        self._kept, self.sent, self.set = {}, [], {}
        for name, box in self.boxes.items():
            self._move(name, box)
        routes = next(box["text"] for box in self.boxes.values() if box.get("text", "").startswith("route "))
        self.shown = set(routes.split()[1:])

    def _move(self, name, box):
        """Do all that somebody can do with a box."""
        if box["maxclass"] == "message":
            self._take(name, 0, ("bang",))
        elif box["maxclass"] == "toggle":
            self._moved(name, [(0,), (1,)])
        elif box["maxclass"] == "umenu":
            self._moved(name, [(place,) for place in range(box["items"].count(",") + 1)])
        elif box["maxclass"] == "slider" and not box.get("ignoreclick"):
            self._moved(name, [(value,) for value in ends(box["min"], box["min"] + box["size"])])
        elif box["maxclass"] == "pictslider":
            for x, y in itertools.product((0, 63, 127), repeat=2):
                self._give(name, 1, (y,))
                self._give(name, 0, (x,))

    def _moved(self, name, values):
        before = len(self.sent)
        for value in values:
            self._give(name, 0, value)
        assert len(self.sent) == before + len(values), f"{self.boxes[name]} sends nothing"

    def tell(self, address, *arguments):
        """Have the patch hear a message; what its controls are set to then, and what it sends."""
        self.sent, self.set = [], {}
        (receive,) = (name for name, box in self.boxes.items() if box.get("text", "").startswith("udpreceive"))
        self._give(receive, 0, (address, *arguments))
        return self.set, self.sent

    def _give(self, name, outlet, message):
        for target, inlet in self._cords.get((name, outlet), []):
            self._take(target, inlet, message)

    def _take(self, name, inlet, message):
        box = self.boxes[name]
        if box["maxclass"] == "message":
            self._give(name, 0, tuple(map(number, shlex.split(box["text"]))))
        elif box["maxclass"] in self.CONTROLS:
            if message[0] == "set":
                self.set[name, inlet] = message[1]
            else:
                self.set[name, inlet] = message[0]
                self._give(name, 0, message)
        elif box["maxclass"] == "newobj":
            word, *words = box["text"].split()
            self._object(name, inlet, message, word, tuple(map(number, words)))

    def _object(self, name, inlet, message, word, words):
        if word == "prepend":
            self._give(name, 0, (*words, *message))
        elif word == "udpsend":
            self.sent.append(message)
        elif word == "route":
            place = words.index(message[0]) if message[0] in words else len(words)
            self._give(name, place, message[place < len(words) :])
        elif word == "unpack":
            for place in reversed(range(min(len(words), len(message)))):
                self._give(name, place, (message[place],))
        elif word == "pak":
            kept = self._kept.setdefault(name, list(words))
            kept[inlet] = message[0]
            self._give(name, 0, tuple(kept))
        elif word in "/*":
            self._give(name, 0, (message[0] / words[0] if word == "/" else message[0] * words[0],))


def number(word):
    """A word of Max: a number where it is one."""
    try:
        return float(word) if "." in word else int(word)
    except ValueError:
        return word
