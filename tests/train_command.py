"""Commands of `manned-train` in this process, which has TensorFlow already."""

import contextlib
import resource

from click.testing import CliRunner

from training.cli import commands


def run(*arguments, code: int = 0) -> str:
    """What a command says; its errors are raised, as `main` finds them."""
    result = CliRunner().invoke(commands, [*map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result.output


@contextlib.contextmanager
def largest_file(size):
    """No room for a file above so many bytes, as on a disk that is nearly full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
