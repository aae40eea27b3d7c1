"""What the page shows of the sound: the pad and its fingers, morphing, spectrum, comparing, card.  One page for all."""

import time

import pytest
from browser import CHROMIUM
from played_page import ONLINE, READY, value

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: apt-get install chromium")

WORDS = "document.querySelector('.words').value"
PLACED = "fetch('/panel/presets.json').then(a => a.json()).then(a => a.presets.filter(one => one.place))"


@pytest.fixture(scope="module")
def page(chromium, manned):
    page = chromium.open(manned.page)
    page.wait(ONLINE)
    page.wait(READY)
    page.wait("document.querySelectorAll('#pad-tools option').length > 1")
    yield page
    assert page.complaints() == []


def places(page, *points):
    """Where places of the pad, 0–1 each way, are in the window."""
    left, top, width, height = page.box(".surface")
    return [(left + width * x, top + height * (1 - y)) for x, y in points]


def colours(page):
    """The mean colour of the pad."""
    return page.run(
        "(c => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let s = [0, 0, 0];"
        " for (let i = 0; i < d.length; i += 4) s = s.map((sum, part) => sum + d[i + part]);"
        " return s.map((sum) => 4 * sum / d.length); })(document.querySelector('.surface canvas'))"
    )


def test_each_view_has_colours_and_a_scale_in_its_unit(page):
    seen = {}
    for view, unit in (("brightness", "Hz"), ("noisiness", "%"), ("level", "dB")):
        page.run(
            f"(s => {{ s.value = '{view}'; s.dispatchEvent(new Event('change')); }})"
            "(document.querySelector('#pad-tools select'))"
        )
        page.run("new Promise(requestAnimationFrame)")
        seen[view] = colours(page)
        assert page.run("document.querySelector('.legend').textContent").count(unit) == 2
    assert len({tuple(map(round, colour)) for colour in seen.values()}) == 3


def test_training_sounds_are_dots_with_names_and_can_be_hidden(page, manned):
    page.wait("!document.querySelector('#pad-tools button').hidden")
    page.run("new Promise(requestAnimationFrame)")
    shown = colours(page)
    manned.send("/xy", 0.826, 0.739)
    page.wait(f"{WORDS}.includes('learned from Bright Yamaha Grand')")
    page.click("#pad-tools button")
    page.run("new Promise(requestAnimationFrame)")
    assert page.run("document.querySelector('#pad-tools button').getAttribute('aria-pressed')") == "false"
    assert abs(sum(colours(page)) - sum(shown)) > 1
    page.click("#pad-tools button")


def test_a_second_finger_moves_the_next_pair_of_latents_and_a_third_the_one_after(page, manned):
    manned.send("/latents", *[0.5] * 16)
    page.wait("document.querySelector('[data-path=\"/latent/3\"] output').value === '0.50'")
    first, second, moved, third = places(page, (0.2, 0.3), (0.6, 0.5), (0.8, 0.4), (0.4, 0.5))
    page.touch("Start", first)
    page.touch("Start", first, second)
    page.wait(f"{WORDS}.startsWith('0.20 across')")
    settled = "document.querySelector('[data-path=\"/latent/3\"] output').value"
    page.wait(f"Number({settled}).toFixed(2) === '{float(manned.ask('/latent/3')):.2f}'")
    before = [float(value(page, f"/latent/{number}")) for number in range(1, 7)]
    page.touch("Move", first, moved)
    page.touch("Start", first, moved, third)
    page.touch("Move", first, moved, moved)
    page.wait(f"{WORDS}.includes('hollowness')")
    page.touch("End")
    # Both fingers' moves come in one bundle, so the place does not take the pair back.
    wanted = [min(1, max(0, before[2] + 0.2)), min(1, max(0, before[3] - 0.1))]
    deadline = time.monotonic() + 5
    found = []
    while found != pytest.approx(wanted, abs=0.02) and time.monotonic() < deadline:
        found = [float(manned.ask(f"/latent/{number}")) for number in (3, 4)]
    assert found == pytest.approx(wanted, abs=0.02)
    assert float(manned.ask("/latent/5")) == pytest.approx(min(1, before[4] + 0.4), abs=0.02)


def test_a_drag_from_pin_to_pin_morphs(page, manned):
    presets = page.run(PLACED)
    one, other = farthest(presets)
    page.click("#pad-tools button:last-child")
    page.wait(f"{WORDS}.startsWith('Press on a preset')")
    begin, end = places(page, one["place"], other["place"])
    page.mouse("Pressed", *begin)
    for share in (0.3, 0.7, 1.0, 0.5):
        page.mouse("Moved", *(a + share * (b - a) for a, b in zip(begin, end)))
    page.mouse("Released", *((a + b) / 2 for a, b in zip(begin, end)))
    page.wait(f"Math.abs(parseInt({WORDS}.split(': ')[1]) - 50) <= 3")
    deadline = time.monotonic() + 10
    while not manned.ask("/morph/path") and time.monotonic() < deadline:
        time.sleep(0.1)
    first, last = (word.strip("'\"") for word in (one["name"], other["name"]))
    assert first in manned.ask("/morph/path") and last in manned.ask("/morph/path")
    assert float(manned.ask("/morph/position")) == pytest.approx(0.5, abs=0.05)


def test_the_morph_goes_on_by_keyboard_and_by_other_hands(page, manned):
    page.run("document.querySelector('.surface').focus()")
    before = float(manned.ask("/morph/position"))
    page.key("ArrowRight", shift=True)
    page.wait(f"Math.abs(parseInt({WORDS}.split(': ')[1]) - 60) <= 3")
    assert float(manned.ask("/morph/position")) == pytest.approx(before + 0.1, abs=0.01)
    page.click("#pad-tools button:last-child")
    page.run("document.querySelector('.surface').focus()")
    page.key("ArrowRight", shift=True)
    page.wait(f"{WORDS}.includes('across')")


def test_the_spectrum_marks_the_harmonics_of_the_note_that_sounds(page, manned):
    told = "document.querySelector('#spectrum-place p').textContent"
    page.box(".spectrum")
    page.wait(f"{told} === 'Nothing sounds.'")
    manned.send("/mnote", 48, 100)
    page.wait(f"{told}.startsWith('C3, 130.8 Hz · harmonics 1 to 5: ')")
    page.wait(f"Number({told}.match(/5: (-?\\d+),/)[1]) > -40")
    manned.send("/allsoundoff")
    page.wait(f"{told} === 'Nothing sounds.'")


def test_the_spectrum_is_asked_for_only_while_it_is_seen(page):
    heard = (
        "(() => {{ let count = 0; const old = WebSocket.prototype.send; return new Promise((tell) => {{"
        " WebSocket.prototype.send = function (data) {{ const text = new TextDecoder().decode(data);"
        " if (text.startsWith('/spectrum')) {{ WebSocket.prototype.send = old; tell(data.at(-1)); }}"
        " return old.call(this, data); }}; document.querySelector('{}').scrollIntoView(); }}); }})()"
    )
    assert page.run(heard.format("#doing")) == 0
    assert page.run(heard.format("#spectrum")) == 20


def test_a_preset_is_compared_with_what_became_of_it(page, manned):
    manned.send("/preset/load", "keys/Grand")
    shown = "document.querySelector('[data-path=\"/reverb/mix\"] output').value"
    page.wait("!document.querySelector('#presets button[aria-pressed]').hidden")
    kept = page.run(shown)
    manned.send("/reverb/mix", 0.77)
    page.wait(f"{shown} === '0.77'")
    for heard in (kept, "0.77"):
        page.click("#presets button[aria-pressed]")
        page.wait(f"{shown} === '{heard}'")
        page.wait(
            "document.querySelector('#presets button[aria-pressed]').getAttribute('aria-pressed')"
            f" === '{str(heard == kept).lower()}'"
        )


def test_the_card_tells_what_the_model_is(page):
    card = page.run("[...document.querySelectorAll('.card .facts div')].map((row) => row.textContent)")
    told = " ".join(card)
    assert (
        "LicenceMIT" in told
        and "3,909 sounds" in told
        and "harmonics within 2.4 dB, bands of the ear within 4.4 dB" in told
    )


def test_an_lfo_is_drawn_and_its_crest_and_its_turn_can_be_dragged(page, manned):
    page.run("document.querySelector('[data-title=\"LFO 1\"]').open = true")
    corner = "[data-title='LFO 1'] .corner"
    path = "document.querySelector('[data-title=\"LFO 1\"] polyline').getAttribute('points')"
    flat = page.run(path)
    for number, way in ((1, (0, -30)), (2, (-40, 0))):
        left, top, width, height = page.box(f"{corner}:nth-of-type({number})")
        x, y = left + width / 2, top + height / 2
        page.mouse("Pressed", x, y)
        page.mouse("Moved", x + way[0], y + way[1])
        page.mouse("Released", x + way[0], y + way[1])
    depth, rate = (
        f"document.querySelector('[data-path=\"/lfo/1/{name}\"] output').value" for name in ("depth", "rate")
    )
    page.wait(f"Number({depth}) > 0.3 && parseFloat({rate}) > 0.3")
    assert page.run(path) != flat
    assert float(manned.ask("/lfo/1/rate")) > 0.3


def farthest(presets):
    """The two presets of the page whose pins stand alone and are farthest apart."""

    def apart(one, other):
        return sum((a - b) ** 2 for a, b in zip(one["place"], other["place"]))

    alone = [one for one in presets if all(one is other or apart(one, other) > 0.003 for other in presets)]
    return max(((one, other) for one in alone for other in alone), key=lambda pair: apart(*pair))
