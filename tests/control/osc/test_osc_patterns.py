"""Address patterns: the specification's rules, against a plain translation to regular expressions."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manned.control.osc.patterns import PatternError, is_pattern, matching
from manned.table.parameters import parameter_table

ADDRESSES = ["/" + name for name in parameter_table(3)]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("/latent/?", ["/latent/1", "/latent/2", "/latent/3"]),
        ("/latent/[1-2]", ["/latent/1", "/latent/2"]),
        ("/latent/[!1-2]", ["/latent/3"]),
        ("/latent/{1,3}", ["/latent/1", "/latent/3"]),
        ("/env/*", ["/env/attack", "/env/decay", "/env/sustain", "/env/release"]),
        ("/env/{att,rel}*", ["/env/attack", "/env/release"]),
        ("/g*", ["/gate", "/gain", "/glide"]),
        ("/ga*/*", ["/gain/db"]),
        ("/{gain,env}/[-!d]*", ["/gain/db", "/env/decay"]),
        ("/gain[!]", []),
        ("/gain", ["/gain"]),
    ],
)
def test_patterns_mean_the_addresses_that_the_specification_says(pattern, expected):
    assert matching(pattern, ADDRESSES) == expected


@pytest.mark.parametrize(
    "pattern", ["/latent/[1", "/latent/{1,2", "/latent/1]", "/latent/1}", "/[a[b]]", "/{a,{b}}", "/{a/b}"]
)
def test_a_pattern_that_cannot_be_read_is_refused(pattern):
    with pytest.raises(PatternError):
        matching(pattern, ADDRESSES)


def test_a_plain_address_is_no_pattern():
    assert not any(map(is_pattern, ADDRESSES))


@pytest.mark.parametrize("part", ["*" * 67, "*a" * 100, "*?" * 100, "{a,aa,}" * 30, "[!b]*" * 50])
def test_no_pattern_makes_the_matcher_think_for_long(part):
    assert matching("/" + part + "!", ["/" + "a" * 60] * 60) == []


WORDS = st.text("abc", max_size=3)
TOKENS = st.one_of(
    st.just(("*", "[^/]*")),
    st.just(("?", "[^/]")),
    st.sampled_from("abc/").map(lambda character: (character, character)),
    st.sampled_from(["[ab]", "[a-c]", "[b-b]"]).map(lambda text: (text, text)),
    st.sampled_from([("[!a]", "[^a/]"), ("[!a-b]", "[^a-b/]"), ("[a-]", "[a-]"), ("[b!]", "[b!]")]),
    st.lists(WORDS, min_size=1, max_size=3).map(
        lambda words: ("{" + ",".join(words) + "}", "(?:" + "|".join(words) + ")")
    ),
)


@given(st.lists(TOKENS, max_size=7), st.lists(st.text("abc/", max_size=7), max_size=5))
def test_the_matcher_agrees_with_regular_expressions(tokens, names):
    pattern = "/" + "".join(token for token, _ in tokens)
    expression = re.compile("/" + "".join(translation for _, translation in tokens))
    addresses = ["/" + name for name in names]
    assert matching(pattern, addresses) == [address for address in addresses if expression.fullmatch(address)]


@given(st.text("ab*?[]{},-!/", max_size=12))
def test_any_text_is_matched_or_refused(pattern):
    try:
        assert set(matching("/" + pattern, ADDRESSES)) <= set(ADDRESSES)
    except PatternError:
        pass
