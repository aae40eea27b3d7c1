"""Every error that a user can cause, one class per cause.

The message of each is one sentence: what is wrong, where, what was found and
what is allowed.  The command line prints it and exits with ``exit_code``; a
controller gets it as an error reply.
"""

MOST_CHARACTERS = 1000
"""Of a sentence: what was found may be a file of nonsense."""


class MannedError(Exception):
    """Base of all errors that are somebody's input or surroundings, not a bug."""

    exit_code = 1

    def __str__(self) -> str:
        text = super().__str__()
        half = MOST_CHARACTERS // 2
        return text if len(text) <= MOST_CHARACTERS else f"{text[:half]} … {text[-half:]}"


class ParameterError(MannedError):
    """A parameter that does not exist, or a value that it cannot take."""


class ModelError(MannedError):
    """A decoder file that is missing, corrupt, of the wrong shape or holds NaN."""


class TuningError(MannedError):
    """A scale or a keyboard mapping that is missing or cannot be read."""


class ConfigError(MannedError):
    """A configuration key or value that is not allowed."""

    exit_code = 78  # EX_CONFIG of sysexits.h


class EngineBusy(MannedError):
    """More was asked of the engine at once than its queues hold."""


class AudioError(MannedError):
    """An audio device that is missing or will not open."""


class PortError(MannedError):
    """A network or MIDI port that cannot be used."""


class PortTakenError(PortError):
    """A network port that cannot be listened on; a service manager need not try again."""

    exit_code = 69  # EX_UNAVAILABLE of sysexits.h


class PresetError(MannedError):
    """A preset that is missing, damaged, cannot be kept, or has no proper name."""


class StateError(MannedError):
    """What was kept over a restart, when it cannot be read or written."""


class GestureError(MannedError):
    """A gesture that is missing, damaged, cannot be kept, or has no proper name."""


class ScoreError(MannedError):
    """A score that cannot be read."""


class WorkshopError(MannedError):
    """An upload, or a job that the page asks for, that cannot be had."""


class CorpusError(MannedError):
    """Audio that cannot be read, or a corpus that holds nothing to learn from."""


class TrainingError(MannedError):
    """A fit that cannot start, go on, be measured or be exported."""
