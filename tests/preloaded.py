"""Commands of `manned` in processes of their own that begin with the engine in memory already.

To import it takes two seconds of a processor, of which a run of all tests has hundreds.  So a server imports it once,
and forks for each command.  What a command is given is its own as after an exec: arguments, environment, working
folder, streams, signals and exit status.  What is about the start itself starts Python anew, by `subprocess`.
"""

import atexit
import contextlib
import multiprocessing
import os
import subprocess
import sys
from multiprocessing import forkserver

MODULES = (
    "librosa.core.pitch",
    "librosa.sequence",
    "manned.__main__",
    "manned.cli",
    "manned.encode.recording",
    "manned.render",
    "manned.service.daemon",
    "manned.service.inputs",
    "manned.service.instrument",
    "manned.service.sound",
    "manned.service.state",
    "manned.service.web",
)
"""What is imported before: all but what opens devices when it is imported.

librosa comes before the engine: then it keeps what it compiles in its own folder, where every process finds it.
"""

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(list(MODULES))
_ENVIRONMENT = dict(os.environ)  # no test has changed it yet


class Preloaded:
    """A command of `manned` that runs; the methods are those of `subprocess.Popen`.

    Parameters
    ----------
    words : sequence of str
        What stands behind ``manned``.
    output, errors : path
        Files that get what it prints; they may be one.
    environment : mapping, optional
        Default ``os.environ``.
    """

    def __init__(self, words, output, errors, environment=None):
        environment = dict(os.environ if environment is None else environment)
        with _surroundings(_ENVIRONMENT):
            forkserver.ensure_running()
        arguments = ([*map(str, words)], str(output), str(errors), environment, os.getcwd())
        self._process = _CONTEXT.Process(target=_perform, args=arguments, daemon=True)
        self._process.start()
        self.pid = self._process.pid

    @property
    def returncode(self):
        return self.poll()

    def poll(self):
        return self._process.exitcode

    def wait(self, timeout=None):
        self._process.join(timeout)
        if self.poll() is None:
            raise subprocess.TimeoutExpired("manned", timeout)
        return self.poll()

    def send_signal(self, number):
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self):
        self._process.terminate()

    def kill(self):
        self._process.kill()


@contextlib.contextmanager
def _surroundings(environment):
    """Other variables of the environment for a while."""
    kept = dict(os.environ)
    _replace_environment(environment)
    try:
        yield
    finally:
        _replace_environment(kept)


def _replace_environment(environment):
    for name in set(os.environ) - set(environment):
        del os.environ[name]
    os.environ.update(environment)


def _perform(words, output, errors, environment, folder):
    """Become the command, in a process that has just been forked."""
    _replace_environment(environment)
    os.chdir(folder)
    files = {path: os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666) for path in (output, errors)}
    os.dup2(files[output], 1)
    os.dup2(files[errors], 2)
    for descriptor in files.values():
        os.close(descriptor)
    sys.argv = ["manned", *words]
    from manned.__main__ import main

    # A forked process skips what Python does at the end of a program, and JACK would wait for clients that went without
    # a word.
    with contextlib.ExitStack() as at_exit:
        atexit.register = at_exit.callback
        main()
