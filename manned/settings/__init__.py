"""The settings: `sections` is the table, `setting` a row of it, `names` finds the row of a name.

`sources` reads names and values from files, the environment and the command line, `folders` resolves the user's
folders, and `default_file` writes the commented file of all defaults.
"""

from .default_file import default_file
from .sections import (
    SECTIONS,
    AudioSettings,
    LogSettings,
    MidiSettings,
    ModelSettings,
    OscSettings,
    StateSettings,
    TuningSettings,
    WebSettings,
)

__all__ = [
    "SECTIONS",
    "AudioSettings",
    "LogSettings",
    "MidiSettings",
    "ModelSettings",
    "OscSettings",
    "StateSettings",
    "TuningSettings",
    "WebSettings",
    "default_file",
]
