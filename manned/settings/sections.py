"""The table of settings: every key with its default, its range and what it means to a musician."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..limits import DEVICE_RATES, MAX_LATENTS, MPE, OSC_PORT
from ..table.aliases import ALIASES
from ..table.bindings import DEFAULT_BINDINGS, DEFAULT_PRESSURE, DEFAULT_TIMBRE, LEVEL, NOTE_TARGETS, TAKEOVERS
from ..table.macros import MACROS
from ..table.note_targets import OFFSET_WORDS
from .folders import DATA_HOME
from .setting import Setting

WEB_PORT = 57131
SHIPPED_MODEL = "atlas"
LAST, DEFAULT = "last", "default"
"""How it may be set at the start, if not to a preset."""
_NOTE_SHOWN = f'"macro/1" to "macro/{MACROS}", "latent/1" to "latent/{MAX_LATENTS}"'
_WORDS_SHOWN = ", ".join(f'"{word}"' for word in OFFSET_WORDS if word != LEVEL)


def _setting(default: Any, description: str, kind: type | None = None, **more: Any) -> Any:
    """A key of a section; its row, a `Setting`, stands in the field's metadata."""
    row = Setting(default, description, kind or type(default), **more)
    if isinstance(default, (list, dict)):
        return field(default_factory=default.copy, metadata={"setting": row})
    return field(default=default, metadata={"setting": row})


@dataclass(frozen=True)
class AudioSettings:
    """Where sound goes."""

    device: str = _setting(
        "",
        "Output device: a name as 'manned devices' lists it, a part of one, its number, or the first word of its "
        'system, such as "JACK". Empty takes JACK when a server runs, else the default output; "none" plays into '
        "silence.",
        number_is_text=True,
    )
    samplerate: int = _setting(
        0, "Sample rate.", minimum=DEVICE_RATES[0], maximum=DEVICE_RATES[1], unit="Hz", zero="the device's own"
    )
    blocksize: int = _setting(
        0,
        "Frames per block. Up to 256, a change of timbre is heard as soon as can be; longer blocks may hold it up.",
        minimum=16,
        maximum=8192,
        zero="the device's own",
    )
    channels: int = _setting(
        2,
        "Output channels: left and right by turns; an odd last one, or an only one, carries the mean of both.",
        minimum=1,
        maximum=64,
    )
    latency: str | float = _setting(
        "low",
        "Latency asked of the device.",
        kind=float,
        minimum=0.001,
        maximum=2.0,
        unit="s",
        choices=("low", "high"),
    )
    record: str = _setting(
        "",
        "Sound file that gets what is heard: .wav (32-bit whole numbers; goes on in a next file at 4 GiB), .w64 "
        "(32-bit float), .flac or .ogg. One that exists is kept: take.wav becomes take-2.wav.",
    )
    recordings: str = _setting(
        "", "Folder of the recordings that /record makes. Empty takes the folder recordings of the state folder."
    )
    takes: bool = _setting(
        True,
        "Write what is played by OSC and MIDI meanwhile beside each recording, as a score that renders again: take.txt "
        "beside take.wav.",
    )


@dataclass(frozen=True)
class OscSettings:
    """Control by Open Sound Control."""

    enabled: bool = _setting(True, "Listen for OSC.")
    host: str = _setting("127.0.0.1", "Address to listen on; 0.0.0.0 opens it to the network.")
    port: int = _setting(OSC_PORT, "Port, of UDP and of TCP.", minimum=1, maximum=65535)
    listeners: list[str] = _setting(
        [], 'Places that are always told what changes, such as "192.168.1.5:9000".', kind=str
    )
    listener_hosts: list[str] = _setting(
        [],
        "Patterns of the addresses that another computer may have told what changes by /listeners/add, beside its own; "
        "* is any text.",
        kind=str,
    )
    prefix: str = _setting(
        "",
        'What may stand before every address, such as "/manned", where several programs share a network. Who writes it '
        "is answered with it, and listeners are told with it; addresses without it are heard as before.",
    )
    aliases: str = _setting(
        "",
        "Whose addresses are understood beside our own: elgiano is the program elgiano/manne.",
        choices=tuple(ALIASES),
    )


@dataclass(frozen=True)
class WebSettings:
    """OSCQuery: what there is and what it is set to, for programs and browsers."""

    host: str = _setting("127.0.0.1", "Address to listen on; 0.0.0.0 opens it to the network.")
    port: int = _setting(WEB_PORT, "Port, of HTTP and WebSocket.", minimum=1, maximum=65535, zero="none")
    open: bool = _setting(
        False,
        "Let in whoever reaches it over the network, without the token that is else in the address of the page.",
    )
    names: list[str] = _setting(
        [], "Names of this computer that a browser may ask for, beside localhost and its own name.", kind=str
    )
    origins: list[str] = _setting(
        [], 'Other pages that may ask and play, by their origins, such as "http://localhost:8080".', kind=str
    )
    announce: bool = _setting(
        False, "Announce OSC and OSCQuery to the network, where they are open to it; it takes the library zeroconf."
    )


@dataclass(frozen=True)
class MidiSettings:
    """Control by MIDI."""

    api: str = _setting(
        "auto", "MIDI system; auto takes ALSA where it is there, else JACK.", choices=("auto", "alsa", "jack", "none")
    )
    ports: list[str] = _setting(["*"], "Patterns of the port names to play from; * is any text.", kind=str)
    channels: list[int] = _setting([], "Channels to listen to; empty is all.", kind=int, minimum=1, maximum=16)
    virtual_port: bool = _setting(True, "Offer an input port of our own that other programs connect to.")
    jitter: str = _setting(
        "any",
        '"any" plays each message as soon as can be, one up to a block sooner than another. "low" plays all of them '
        "the same time after they came, two blocks of the sound system and 4 ms, so that a rhythm stays exact.",
        choices=("any", "low"),
    )
    mpe: str = _setting(
        "off",
        "MPE zones there are from the start; a controller that sends the MPE configuration message makes its own.",
        choices=MPE,
    )
    pressure: str = _setting(
        DEFAULT_PRESSURE,
        "What pressure on a key moves of that note alone (aftertouch; MPE's pressure): a macro, from where it stands "
        "to its end, a latent, or its level, which it raises by up to 6 dB, its pan, noise or brightness.",
        choices=NOTE_TARGETS,
        shown=f'{_NOTE_SHOWN}, "level", {_WORDS_SHOWN}, or "" for nothing',
    )
    timbre: str = _setting(
        DEFAULT_TIMBRE,
        "What CC 74 of an MPE member channel (the slide along a key) moves of that note alone, to either side.",
        choices=tuple(target for target in NOTE_TARGETS if target != LEVEL),
        shown=f'{_NOTE_SHOWN}, {_WORDS_SHOWN}, or "" for nothing',
    )
    takeover: str = _setting(
        "auto",
        "What a fader does that stands elsewhere than its parameter: move it at once, wait until it is met, or "
        "approach it; auto is pickup for surfaces and jump for keyboards.",
        choices=("auto", *TAKEOVERS),
    )
    feedback: bool = _setting(True, "Show values on controllers that have rings, motor faders or lamps.")
    folders: list[str] = _setting(
        [f"{DATA_HOME}/manned/controllers", "/var/lib/manned/controllers"],
        "Folders of templates of controllers, looked through in this order; the shipped ones come last.",
        kind=str,
    )
    controllers: dict[str, str] = _setting(
        {},
        'What a port is, by a pattern of its name: "keyboard", "surface" (every controller is a plain control) or a '
        'template, e.g. "My Box*" = "generic-8". Ports of devices that are known find their template by themselves.',
        kind=str,
    )
    cc: dict[str, str] = _setting(
        DEFAULT_BINDINGS,
        'Controller to parameter, e.g. 74 = "latent/1", or on MIDI channel 10 alone "10:74" = "latent/1"; '
        'channel pressure is called "pressure", controllers of 14 bits "1/33" and "nrpn:123", a key as a button '
        '"note:36". An empty name unbinds. Words behind the name: jump, pickup, scale; twos, offset, sign for endless '
        "encoders; toggle for buttons.",
        kind=str,
    )


@dataclass(frozen=True)
class ModelSettings:
    """What is played."""

    name: str = _setting(SHIPPED_MODEL, "Decoder to start with: a name as 'manned models' lists it, or a file.")
    folders: list[str] = _setting(
        [f"{DATA_HOME}/manned/decoders", "/var/lib/manned/decoders"],
        "Folders of decoders, looked through in this order; the shipped ones come last. $XDG_DATA_HOME is "
        "~/.local/share where the environment does not say otherwise.",
        kind=str,
    )


@dataclass(frozen=True)
class TuningSettings:
    """Which pitch every key has. The frequency of A4 is "tuning/a4" among the values at start."""

    scale: str = _setting(
        "", "Scala scale: a name from /tuning/scale/list, or a .scl file. Empty is equal temperament."
    )
    keyboard: str = _setting(
        "", "Scala keyboard mapping: a name or a .kbm file. Empty puts the first note of the scale on middle C."
    )
    folders: list[str] = _setting(
        [f"{DATA_HOME}/manned/scales", "/var/lib/manned/scales"],
        "Folders of scales and keyboard mappings, looked through in this order; the shipped ones come last.",
        kind=str,
    )


@dataclass(frozen=True)
class StateSettings:
    """What the program keeps for itself."""

    folder: str = _setting(
        "",
        "Folder of the presets and whatever else is kept. Empty takes the StateDirectory of a systemd service, else "
        "~/.local/state/manned.",
    )
    factory: bool = _setting(True, "Offer the presets that come with the program beside yours.")
    start: str = _setting(
        LAST,
        f'What it is set to at the start: "{LAST}" as it was left, "{DEFAULT}" as these settings say, or the name of a '
        f'preset. Settings that are given on the command line, or changed since, count with "{LAST}" too.',
    )


@dataclass(frozen=True)
class LogSettings:
    """What the program says about itself."""

    level: str = _setting("info", "Least important messages shown.", choices=("debug", "info", "warning", "error"))


SECTIONS = {
    "audio": AudioSettings,
    "osc": OscSettings,
    "web": WebSettings,
    "midi": MidiSettings,
    "model": ModelSettings,
    "tuning": TuningSettings,
    "state": StateSettings,
    "log": LogSettings,
}
