"""What a source of sounds offers: named patches."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Patch:
    """One sound of a source.

    Attributes
    ----------
    source : str
        Key of `training.sounds.render.SOURCES`.
    name : str
        ``source/bank/number name``, unique among all sources.
    settings : dict
        What the source needs to play it.
    """

    source: str
    name: str
    settings: dict = field(default_factory=dict, hash=False)
