"""What the shell offers at the Tab key, in real shells."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from running import command
from small_decoder import small_decoder_file

ROOT = Path(__file__).parents[1]
SECONDS = 30.0
OFFERED = [
    ("manned ", {"run", "render", "send", "listen", "status", "presets"}, {"--help"}),
    ("manned --mo", {"--model"}, {"--help"}),
    ("manned --model sm", {"small"}, {"atlas"}),
    ("manned send /latent/", {"/latent/1", "/latent/2"}, {"/latent/3", "/gate"}),
    ("manned send /preset/n", {"/preset/next"}, {"/preset/load"}),
    ("manned send /chroma ", {"C", "F#", "B"}, {"H"}),
    ("manned send /gate ", {"off", "on"}, {"0"}),
    ("manned send /phase ", {"peaks", "noise", "rtpghi"}, set()),
    ("manned send /preset/load bells/Gl", {"bells/Glockenspiel"}, {"bells/Celesta"}),
    ("manned send /morph keys/Grand bass/S", {"bass/Slap", "bass/Sub"}, {"keys/Grand"}),
    ("manned send /gesture vio", {"viola", "violin"}, {"cello"}),
    ("manned send /tuning/scale ju", {"just", "just-major"}, {"19-edo"}),
    ("manned send /model ", {"small", "atlas"}, {"just"}),
    ("manned send /midi/learn /latent/1 /reverb/m", {"/reverb/mix"}, {"/latent/1"}),
    ("manned render x.mid --preset bass/Su", {"bass/Sub"}, {"bass/Slap"}),
    ("manned run --scale 19", {"19-edo"}, {"just"}),
    ("manned presets --kind bel", {"bells"}, {"bass"}),
    ("manned listen /met", {"/meter"}, {"/gate"}),
    ("manned status --w", {"--watch"}, {"--host"}),
]


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Surroundings in which `manned` is a command and knows the model ``small`` beside the shipped ones."""
    folder = tmp_path_factory.mktemp("shell")
    small_decoder_file(folder)
    program = folder / "bin" / "manned"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m manned "$@"\n')
    program.chmod(0o755)
    (folder / "manned").mkdir()
    settings = f'[model]\nfolders = ["{folder}"]\nname = "small"\n[state]\nfolder = "{folder}/state"\n'
    (folder / "manned" / "manned.toml").write_text(settings)
    return {
        **os.environ,
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "XDG_CONFIG_HOME": str(folder),
        "HOME": str(folder),
        "TERM": "dumb",
    }


def lines_of(program, environment, *arguments):
    done = subprocess.run([*program, *arguments], capture_output=True, text=True, env=environment, timeout=SECONDS)
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize(("typed", "wanted", "unwanted"), OFFERED)
def test_bash_is_offered_what_fits(environment, typed, wanted, unwanted):
    script = (
        'eval "$(_MANNED_COMPLETE=bash_source manned)"; '
        'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _manned_completion manned; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    offered = lines_of(["bash", "--norc", "-c", script, "bash"], environment, *typed.split(" "))
    assert wanted <= set(offered) and not unwanted & set(offered)


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
@pytest.mark.parametrize(("typed", "wanted", "unwanted"), OFFERED[::4])
def test_fish_is_offered_what_fits(environment, typed, wanted, unwanted):
    script = '_MANNED_COMPLETE=fish_source manned | source; complete -C "$argv"'
    offered = [line.split("\t")[0] for line in lines_of(["fish", "-N", "-c", script], environment, typed)]
    assert wanted <= set(offered) and not unwanted & set(offered)


class Terminal:
    """A shell that somebody types into."""

    def __init__(self, program, environment):
        self._heard = ""
        child, self._end = pty.fork()
        if not child:
            os.execvpe(program[0], program, environment)
        self._child = child

    def type(self, text):
        os.write(self._end, text.encode())

    def wait_for(self, text):
        """Read until a text was shown."""
        deadline = time.monotonic() + SECONDS
        while text not in self._heard:
            ready, _, _ = select.select([self._end], [], [], max(deadline - time.monotonic(), 0))
            assert ready, f"{text!r} was not shown, but {self._heard!r}"
            self._heard += re.sub(r"\x1b\[[\d;?]*\w|[\a\r]", "", os.read(self._end, 65536).decode(errors="replace"))
        self._heard = self._heard.partition(text)[2]

    def close(self):
        os.close(self._end)
        os.waitpid(self._child, 0)


SHELLS = {
    "bash": (["bash", "--norc", "-i"], 'eval "$(_MANNED_COMPLETE=bash_source manned)"; echo rea""dy\n'),
    "zsh": (
        ["zsh", "-f", "-i"],
        'autoload -U compinit; compinit -u -D; eval "$(_MANNED_COMPLETE=zsh_source manned)"; echo rea""dy\n',
    ),
}


@pytest.mark.parametrize("shell", SHELLS)
def test_the_tab_key_completes_in_a_terminal(environment, shell):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    program, begin = SHELLS[shell]
    terminal = Terminal(program, environment)
    try:
        terminal.type(begin)
        terminal.wait_for("ready")
        terminal.type("manned send /preset/lo\t")
        terminal.wait_for("/preset/load")
        terminal.type("bells/Gong\t")
        terminal.wait_for("Gong\\ Water")
        terminal.type("\x15manned rend\t")
        terminal.wait_for("render")
    finally:
        terminal.close()


def test_settings_that_are_wrong_offer_nothing_and_say_nothing(environment, tmp_path):
    (tmp_path / "manned").mkdir()
    (tmp_path / "manned" / "manned.toml").write_text("[model\n")
    words = {"COMP_WORDS": "manned\nsend\n/la", "COMP_CWORD": "2", "_MANNED_COMPLETE": "bash_complete"}
    told = command(env={**environment, "XDG_CONFIG_HOME": str(tmp_path), **words})
    assert (told.stdout.strip(), told.stderr) == ("", "")


def test_what_is_documented_is_what_click_takes():
    page = (ROOT / "docs" / "playing.md").read_text()
    for shell in ("bash", "zsh", "fish"):
        assert f"_MANNED_COMPLETE={shell}_source manned" in page
