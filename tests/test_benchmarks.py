"""The pages that benchmarks write."""

import ast
import json
from pathlib import Path

import pytest

from benchmarks import peers, report, sound, timbre, timing
from benchmarks.peers.running import resident_kb
from benchmarks.report import Page, write
from benchmarks.section import Section
from benchmarks.timbre import unheard

PAGES = (timing.PAGE, sound.PAGE, timbre.PAGE, peers.PAGE)
BENCHMARKS = [(page, name) for page in PAGES for name in page.benchmarks]


@pytest.mark.parametrize(
    ("page", "name"), BENCHMARKS, ids=lambda value: value if isinstance(value, str) else value.room
)
def test_every_benchmark_of_a_page_has_a_title_a_method_and_a_measure(page, name):
    tree = ast.parse((report.HERE / page.room / f"{name}.py").read_text())
    title, method = page.docstring(name)
    assert title and method
    assert "measure" in [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.room)
def test_every_section_of_the_present_page_is_that_of_a_benchmark(page):
    headings = [line for line in page.path.read_text().splitlines() if line.startswith("## ")]
    assert set(headings) <= {page.heading(name) for name in page.benchmarks}


@pytest.fixture
def page(tmp_path, monkeypatch):
    """A page of two real benchmarks, in folders of its own."""
    monkeypatch.setattr(report, "DOCS", tmp_path)
    monkeypatch.setattr(report, "KEPT", tmp_path / "kept")
    return Page("timing", "page.md", "Measured", "make bench", ("start", "voices"))


def keep(page: Page, name: str, section: Section, machine: str) -> None:
    path = report.KEPT / page.room / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    promises = [vars(promise) for promise in section.promises]
    kept = {"machine": machine, "version": report.digest(), "promises": promises, "parts": section.parts}
    path.write_text(json.dumps(kept))


def test_a_page_tells_the_machine_and_has_a_section_for_each_benchmark(page):
    for name, figure in (("start", "1 s"), ("voices", "85")):
        section = Section()
        section.table(("what", "figure"), [(name, figure)])
        keep(page, name, section, "A machine.")
    text = write(page)
    assert text.startswith("# Measured\n\nWritten by `make bench`. A machine.\n\n## ")
    assert "`make bench ARGS=voices`\n" in text
    assert "| what | figure |\n|---|---|\n| voices | 85 |\n" in text
    assert "promise" not in text.partition("## ")[0]


def test_what_is_measured_apart_leaves_the_others_as_they_stand(page):
    head = "# Measured\n\nWritten by `make bench`. A machine.\n"
    page.path.write_text("\n".join([head, page.heading("start"), "\nold\n", page.heading("voices"), "\nold\n"]))
    section = Section()
    section.text("new")
    keep(page, "voices", section, "Another machine.")
    text = write(page)
    assert "Written by `make bench`. A machine.\n" in text
    assert f"{page.heading('start')}\n\nold\n\n{page.heading('voices')}\n" in text
    assert "`make bench ARGS=voices`, measured apart: Another machine.\n" in text
    assert text.endswith("\n\nnew\n")


def test_a_promise_that_is_not_kept_is_named_at_the_head(page):
    section = Section()
    section.promise("voices", "≥ 64", "85", True)
    section.promise("start", "≤ 1 s", "4 s", False)
    keep(page, "voices", section, "A machine.")
    head = write(page).partition("## ")[0]
    assert "1 of 2 promises are kept.\n\n- Not kept: start is 4 s, promised was ≤ 1 s.\n" in head
    assert "| start | ≤ 1 s | 4 s | **not kept** |" in head


def test_without_a_corpus_the_page_tells_what_the_decoder_file_keeps_and_how_to_make_one(tmp_path):
    section = unheard.measure(tmp_path / "none")
    assert "`make decoder`" in section.parts[0] and str(tmp_path / "none") in section.parts[0]
    assert "| atlas |" in section.parts[1] and len(section.promises) == 2


def test_a_benchmark_is_given_the_corpus_of_the_command_line_or_that_of_the_page(page, monkeypatch):
    heard = []

    def measure(corpus: Path) -> Section:
        heard.append(corpus)
        return Section()

    monkeypatch.setattr(unheard, "measure", measure)
    for corpus in ("elsewhere", ""):
        report.measure_here(timbre.PAGE, "unheard", "A machine.", corpus)
    assert heard == [Path("elsewhere"), Path(timbre.PAGE.corpus)]


def test_memory_that_a_jack_server_shares_is_not_that_of_its_clients():
    mapping = "7f00-7f10 rw-s 00000000 00:19 7 {}\nSize: 100 kB\nRss: {} kB\nVmFlags: rd wr\n"
    maps = (("/dev/shm/jack-0-5", 64), ("/dev/shm/jack-0-5 (deleted)", 32), ("/usr/lib/libjack.so", 8), ("", 4))
    assert resident_kb("".join(mapping.format(*each) for each in maps)) == 12
