"""OSC address patterns: ``?``, ``*``, ``[a-c]``, ``[!a-c]`` and ``{one,two}``.

A pattern is compared by walking its tokens once while keeping the set of places
in the address that the tokens so far can have reached.  There is no going back,
so no pattern can take more than (its length) x (the address's length) steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Protocol

from ...errors import MannedError

_SPECIAL = frozenset("?*[]{}")


class PatternError(MannedError):
    """A bracket or brace that is not closed, nested, or crosses a '/'."""


def is_pattern(address: str) -> bool:
    """Whether an address holds characters that only a pattern has."""
    return not _SPECIAL.isdisjoint(address)


def matching(pattern: str, addresses: Iterable[str]) -> list[str]:
    """Those of ``addresses`` that a pattern means, in their order.

    As in the OSC 1.0 specification, the parts between slashes are matched one by
    one: no ``*`` reaches over a '/'.

    Raises
    ------
    PatternError
        For a pattern that cannot be read.
    """
    parts = _parts(pattern)
    found = []
    for address in addresses:
        names = address.split("/")
        if len(names) == len(parts) and all(map(_matches, parts, names)):
            found.append(address)
    return found


class _Token(Protocol):
    """A part of a pattern."""

    def advance(self, name: str, places: set[int]) -> set[int]:
        """The places in a name that are reached from some places."""
        ...


class _Any:
    """``*``: any characters, or none."""

    def advance(self, name: str, places: set[int]) -> set[int]:
        """As `_Token.advance`."""
        return set(range(min(places), len(name) + 1))


class _One:
    """``?``, ``[...]`` or a plain character: one character, of a set or outside of it."""

    def __init__(self, characters: Iterable[str], inside: bool):
        self.characters = frozenset(characters)
        self.inside = inside

    def advance(self, name: str, places: set[int]) -> set[int]:
        """As `_Token.advance`."""
        return {place + 1 for place in places if place < len(name) and (name[place] in self.characters) == self.inside}


class _Words:
    """``{one,two}``: one of some words."""

    def __init__(self, words: Iterable[str]):
        self.words = frozenset(words)

    def advance(self, name: str, places: set[int]) -> set[int]:
        """As `_Token.advance`."""
        return {place + len(word) for place in places for word in self.words if name.startswith(word, place)}


@lru_cache(maxsize=64)
def _parts(pattern: str) -> list[list[_Token]]:
    """The tokens of each part; a control moved by hand sends the same pattern again and again."""
    return [_tokens(part) for part in pattern.split("/")]


def _matches(tokens: Sequence[_Token], name: str) -> bool:
    places = {0}
    for token in tokens:
        places = token.advance(name, places)
        if not places:
            return False
    return len(name) in places


def _tokens(part: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while at < len(part):
        character = part[at]
        at += 1
        if character == "*":
            if not (tokens and isinstance(tokens[-1], _Any)):
                tokens.append(_Any())
        elif character == "?":
            tokens.append(_One("", inside=False))
        elif character in "[{":
            close = part.find("]" if character == "[" else "}", at)
            if close < 0 or not _SPECIAL.isdisjoint(part[at:close]):
                raise PatternError(f"{part!r}: {character!r} is not closed, or holds another one")
            inner = part[at:close]
            tokens.append(_characters(inner) if character == "[" else _Words(inner.split(",")))
            at = close + 1
        elif character in "]}":
            raise PatternError(f"{part!r}: {character!r} closes nothing")
        else:
            tokens.append(_One(character, inside=True))
    return tokens


def _characters(inner: str) -> _One:
    """``a-c`` is a range, ``!`` in front means all others; elsewhere ``-`` and ``!`` stand for themselves."""
    inside = not inner.startswith("!")
    inner = inner if inside else inner[1:]
    characters: set[str] = set()
    at = 0
    while at < len(inner):
        if inner[at + 1 : at + 2] == "-" and at + 2 < len(inner):
            characters.update(map(chr, range(ord(inner[at]), ord(inner[at + 2]) + 1)))
            at += 3
        else:
            characters.add(inner[at])
            at += 1
    return _One(characters, inside)
