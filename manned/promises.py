"""What the page of addresses promises, row by row, and the tests that show it.

``docs/osc.md`` ends with this table.  ``tests/test_promises.py`` makes sure that each test is there and names the
addresses, and that no address is without a row.
"""

from __future__ import annotations

from typing import NamedTuple


class Shown(NamedTuple):
    """A promise and the files of tests that show it; addresses in its words stand between backquotes."""

    promise: str
    tests: str


# fmt: off
ADDRESSES = (
    Shown("`/latent/{i}` `/latents` `/xy` `/chroma/weights`", "test_osc_sound, test_osc_models"),
    Shown("`/macro/{m}` `/macro/{m}/bind` `/macro/{m}/unbind` `/macro/{m}/name` `/ne/macro/{m}`", "test_macros"),
    Shown("`/chroma` `/octave` `/gate` `/gain` `/gain/db` `/glide` `/phase` and all other values: asked, set, clamped",
          "test_osc_namespace, test_osc_tuning"),
    Shown("`/mnote` `/mnote/rel` `/fnote` `/fnote/rel` `/ne/pitch` `/ne/pressure` `/ne/latent/{i}` `/ne/level` "
          "`/ne/pan` `/ne/noise` `/ne/brightness` `/allnotesoff` `/allsoundoff`", "test_osc_notes"),
    Shown("`/schedule/clear`, panic, a quota for each sender", "test_osc_bundles"),
    Shown("`/model` `/model/list` `/model/info`", "test_osc_models"),
    Shown("`/gesture` `/gesture/list`", "test_osc_sound"),
    Shown("`/preset/load` `/preset/save` `/preset/delete` `/preset/next` `/preset/prev` `/preset/random` "
          "`/preset/list`", "test_presets"),
    Shown("`/preset/compare`", "test_comparison"),
    Shown("`/morph` `/morph/path` `/morph/play`", "test_morph"),
    Shown("`/random` `/undo` `/redo`", "test_history"),
    Shown("`/record`", "test_state, test_recordings"),
    Shown("`/midi/learn` `/midi/unlearn` `/midi/map` `/midi/takeover`", "test_midi_learn"),
    Shown("`/tuning/scale` `/tuning/scale/list` `/tuning/keyboard` `/tuning/keyboard/list`", "test_osc_tuning"),
    Shown("`/status` `/version` `/sync` `/dump`", "test_osc_system"),
    Shown("`/notify` `/listeners/add` `/listeners/del` `/listeners/list` `/meter` `/voice` "
          "`/spectrum`", "test_osc_feedback"),
)

MANNERS = (
    Shown("an empty message asks, `/q` too; any numeric type; clamped values; patterns", "test_osc_namespace"),
    Shown("whatever is wrong is answered, to the sender alone, now and then in a flood", "test_osc_refusals"),
    Shown("a bundle is one block; dates on the audio clock, bounded", "test_osc_bundles"),
    Shown("patterns in linear time", "test_osc_patterns"),
    Shown("feedback: 30 times a second, the last value, not to the originator; 10 minutes; listeners",
          "test_osc_feedback, test_web"),
    Shown("TCP in both framings, one fair turn each", "test_osc_server, test_osc_turns"),
    Shown("packets that stall other servers, 100,000 damaged ones", "test_osc_packet, test_osc_hostile"),
    Shown("a prefix, elgiano/manne's addresses", "test_osc_address_space"),
    Shown("liblo, python-osc, Pure Data, Node's osc", "test_osc_clients, test_osc_feedback_clients"),
    Shown("SuperCollider's and Pure Data's classes; TouchOSC, Open Stage Control and Max by their files",
          "test_surfaces"),
    Shown("OSCQuery: tree, HOST_INFO, LISTEN, PATH_CHANGED, OSC both ways; Host and Origin; Node's oscquery; zeroconf",
          "test_web_tree, test_web_socket, test_web_guard, test_web_clients"),
    Shown("what is set is there after a restart, after kill -9 that of 5 s before at most",
          "test_kept, test_state"),
)
# fmt: on


def table(rows: tuple[Shown, ...]) -> list[str]:
    """Lines of a table in Markdown."""
    lines = ["| promise | shown by |", "|---|---|"]
    return [
        *lines,
        *(f"| {promise} | {', '.join(f'`{name}.py`' for name in names(tests))} |" for promise, tests in rows),
    ]


def names(tests: str) -> list[str]:
    """The files of a row, without their suffix."""
    return tests.split(", ")
