"""The house keeps its own rules: layers, names, annotations, and tests that look at it from outside."""

import ast
import collections
import importlib.util
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("manned", "training", "benchmarks")
HEAVY = {"tensorflow", "keras", "torch", "jax", "librosa", "matplotlib", "scipy", "training", "benchmarks"}
"""What the running instrument must never wait for."""

OF_ENCODE = ("manned.model.harmonic.pitch_track", "librosa")
"""The one module that may import one of them, when it is asked to hear a pitch: the extra ``encode``."""

LIGHT = ("manned.limits", "manned.errors", "manned.events", "manned.table", "manned.files")
"""What may be imported by anything, and so may import no engine, no network and no numpy."""


def _modules(package):
    return {_name(path): path for path in sorted((ROOT / package).rglob("*.py"))}


def _name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _tree(path):
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _loaded(nodes):
    """What runs when a module is loaded: not the insides of functions, nor what is there for types alone."""
    for node in nodes:
        yield node
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield from _loaded(node.orelse)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield from _loaded(ast.iter_child_nodes(node))


def _imports(name, path, everywhere=True):
    """Names of the modules that a module imports; without ``everywhere`` only those it imports when it is loaded."""
    nodes = ast.walk(_tree(path)) if everywhere else _loaded(_tree(path).body)
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = (
                importlib.util.resolve_name("." * node.level + (node.module or ""), package)
                if node.level
                else node.module
            )
            named = [f"{base}.{alias.name}" for alias in node.names]
            yield from (one if one in MODULES else base for one in named)


MODULES = {name: path for package in PACKAGES for name, path in _modules(package).items()}


def test_imports_run_without_a_circle():
    known = {
        name: {other for other in _imports(name, path, everywhere=False) if other in MODULES and other != name}
        for name, path in MODULES.items()
    }
    done, open_path = set(), []

    def visit(name):
        if name in done:
            return
        assert name not in open_path, " → ".join([*open_path[open_path.index(name) :], name])
        open_path.append(name)
        for other in known[name]:
            visit(other)
        open_path.pop()
        done.add(name)

    for name in known:
        visit(name)


def _layers():
    """The rooms of the architecture page, row by row from the top: the names of their modules."""
    page = (ROOT / "docs" / "architecture.md").read_text()
    rows = re.search(r"\| room \| .*\n\|---.*\n((?:\|.*\n)+)", page)[1].splitlines()
    return [re.findall(r"`(manned/\w+)(?:/|\.py)`", row.split("|")[1]) for row in rows]


def _layer(name, layers):
    """The row of a module; None for those that every room may import, or none at all."""
    room = "/".join(name.split(".")[:2])
    rows = [number for number, row in enumerate(layers) if room in row]
    assert len(rows) == (name not in ("manned", "manned.__main__")), (
        f"docs/architecture.md: {room} is in {len(rows)} rows"
    )
    return rows[0] if rows else None


def test_a_room_imports_only_from_the_rooms_below_it():
    layers = _layers()
    assert len(layers) > 10
    wrong = []
    for name, path in _modules("manned").items():
        here = _layer(name, layers)
        for other in {other for other in _imports(name, path) if other in MODULES and other.startswith("manned")}:
            there = _layer(other, layers)
            wrong += [f"{name} imports {other}"] if None not in (here, there) and there < here else []
    assert not wrong, "\n".join(wrong)


def test_the_rule_about_circles_sees_what_is_imported_under_a_condition(tmp_path):
    path = tmp_path / "x.py"
    path.write_text(
        "try:\n    import a\nexcept ImportError:\n    import b\nif TYPE_CHECKING:\n    import c\nelse:\n    import d\n"
        "def late():\n    import e\nclass X:\n    import f\n"
    )
    assert list(_imports("x", path, everywhere=False)) == ["a", "b", "d", "f"]


def test_the_instrument_never_imports_what_only_training_needs():
    for name, path in _modules("manned").items():
        late = {OF_ENCODE[1]} if name == OF_ENCODE[0] else set()
        wrong = {other.partition(".")[0] for other in _imports(name, path)} & (HEAVY - late)
        wrong |= {other.partition(".")[0] for other in _imports(name, path, everywhere=False)} & late
        assert not wrong, f"{name} imports {', '.join(wrong)}"


@pytest.mark.parametrize("name", LIGHT)
def test_what_everything_imports_is_light(name):
    before = "import sys; import manned; before = set(sys.modules)"
    told = f"{before}; import {name}; print(*(set(sys.modules) - before))"
    import subprocess

    loaded = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numba", "numpy", "mido", "sounddevice", "soundfile"} & set(loaded)


def _called(decorator):
    """The last word of a decorator's name."""
    decorator = decorator.func if isinstance(decorator, ast.Call) else decorator
    return decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "")


def _public_functions(tree, inside=""):
    for node in getattr(tree, "body", ()):
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from _public_functions(node, f"{inside}{node.name}.")
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            public = not node.name.startswith("_") or node.name == "__init__"
            # numba's decorators of these two give the types themselves.
            if public and not any(_called(decorator) in ("intrinsic", "cfunc") for decorator in node.decorator_list):
                yield inside + node.name, node


def test_every_public_function_is_annotated():
    missing = []
    for name, path in MODULES.items():
        for function, node in _public_functions(_tree(path)):
            every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
            bare = [one.arg for one in every if one and one.annotation is None and one.arg not in ("self", "cls")]
            if node.returns is None and node.name != "__init__":
                bare.append("return")
            missing += [f"{name}.{function}: {', '.join(bare)}"] if bare else []
    assert not missing, "\n".join(missing)


def test_every_module_says_what_it_is():
    for name, path in MODULES.items():
        assert ast.get_docstring(_tree(path)), f"{name} has no docstring"


def test_no_constant_stands_in_two_places():
    """A count or an order of choices that stands twice will one day differ."""
    places = collections.defaultdict(list)
    for name, path in _modules("manned").items():
        for node in _tree(path).body:
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value:
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                constant = getattr(target, "id", "")
                try:
                    value = ast.literal_eval(node.value)
                except ValueError:
                    continue
                if constant.isupper() and not constant.startswith("_") and value not in (0, 1, 2):
                    places[constant, repr(value)].append(name)
    twice = {constant: names for constant, names in places.items() if len(names) > 1}
    assert not twice


def test_words_of_a_choice_stand_in_the_limits_alone():
    from manned import limits

    for name, path in _modules("manned").items():
        if name == "manned.limits":
            continue
        for node in ast.walk(_tree(path)):
            if isinstance(node, (ast.Tuple, ast.List)):
                values = [item.value for item in node.elts if isinstance(item, ast.Constant)]
                for words in (limits.PHASES, limits.HOPS, limits.MODES, limits.SHAPES):
                    assert tuple(values) != words, f"{name}, line {node.lineno} repeats {words}"


def _reads_private(tree):
    """Lines at which something private of something else is read, by name or by a text that names it."""
    for node in ast.walk(tree):
        private = isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.endswith("__")
        if private and not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")):
            if ast.unparse(node) not in ("os._exit", "sys._getframe"):
                yield node.lineno, ast.unparse(node)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PACKAGES:
            yield from ((node.lineno, alias.name) for alias in node.names if alias.name.startswith("_"))
        if isinstance(node, ast.Call) and _called(node) in (
            "getattr",
            "setattr",
            "hasattr",
            "delattr",
            "patch",
            "object",
        ):
            for text in [word.value for word in node.args if isinstance(word, ast.Constant)]:
                last = str(text).rpartition(".")[2]
                if last.startswith("_") and not last.endswith("__"):
                    yield node.lineno, text


def test_no_test_and_no_benchmark_reads_a_private_member():
    found = []
    for path in sorted([*(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]):
        found += [f"{path.relative_to(ROOT)}:{line} {what}" for line, what in _reads_private(_tree(path))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "engine._memory",
        "from manned.engine import _x",
        "getattr(engine, '_memory')",
        "monkeypatch.setattr(engine, '_memory', None)",
        "monkeypatch.setattr('manned.engine.engine._x', None)",
    ],
)
def test_the_rule_about_private_members_sees_them(text):
    assert list(_reads_private(ast.parse(text)))


def test_the_rule_about_private_members_lets_others_be():
    assert not list(_reads_private(ast.parse("self._memory; engine.voices(); os._exit(0); a.__class__")))
