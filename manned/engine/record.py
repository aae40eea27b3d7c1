"""What compiled functions are annotated with."""

from __future__ import annotations

from typing import Any, TypeAlias

Record: TypeAlias = Any
"""One record of the shared memory, or a part of it.

Compiled code reads and writes its fields by name; which they are says its dtype, and no type checker can see them.
"""
