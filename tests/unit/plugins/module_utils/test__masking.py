# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Masking: no secret survives anywhere, and thousands of them cost little more than one."""

from __future__ import annotations

import html
import json
import re
import string
import time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ansible_collections.huaweicloud.vpn.plugins.module_utils._masking import masker
from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import MASK
from ansible_collections.huaweicloud.vpn.plugins.module_utils._text import printable

# Few letters, so that secrets begin, end and contain each other; and those that mean something to an expression.
LETTERS = "abA1.*+?()[]{}|^$\\-# \u00e4\n"
SECRETS = st.sets(st.text(LETTERS, min_size=4, max_size=10), max_size=6)


def values(texts):
    return st.recursive(
        texts | st.integers() | st.booleans() | st.none(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
        max_leaves=10,
    )


def texts_of(value):
    """Yield every text in a value, names of members included, but for plain words, which name the members of results."""
    if isinstance(value, dict):
        for name, item in value.items():
            if not re.fullmatch("[a-z][a-z0-9_.]*", name):
                yield name
            yield from texts_of(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from texts_of(item)
    elif isinstance(value, str):
        yield value


@settings(max_examples=80)
@given(st.data())
def test_no_secret_survives_at_any_depth(data):
    secrets = data.draw(SECRETS)
    parts = st.sampled_from(sorted(secrets)) | st.text(LETTERS, max_size=5) if secrets else st.text(LETTERS, max_size=5)
    value = data.draw(values(st.lists(parts, max_size=4).map("".join)))
    # A secret may also come into being where the mask meets what stands beside it; nobody's secret is spelled like that.
    assume(not any(secret in MASK for secret in secrets))
    before = json.dumps(value)
    left = list(texts_of(masker(secrets)(value)))
    assert [secret for secret in secrets for text in left for part in text.split(MASK) if secret in part] == []
    assert json.dumps(value) == before, "the value itself is left as it is"


@settings(max_examples=40)
@given(st.data())
def test_everything_else_survives(data):
    secrets = data.draw(SECRETS)
    value = data.draw(values(st.text("xyz", max_size=8)))
    assert masker(secrets)(value) == value


@pytest.mark.parametrize(
    "secrets, text, masked",
    [
        ({"secret"}, "the secret is secret", "the %s is %s"),
        ({"secret", "secret-key"}, "my secret-key, my secret", "my %s, my %s"),
        ({"key-of-all", "key-of"}, "key-of-all key-of", "%s %s"),
        ({"a.c*"}, "abcc a.c*", "abcc %s"),
        ({"(a|b)"}, "a b (a|b)", "a b %s"),
        ({"\\d+[x]"}, "12x \\d+[x]", "12x %s"),
        ({"line\nbreak"}, "a line\nbreak b", "a %s b"),
        ({"Gr\u00fc\u00dfe"}, "Gr\u00fc\u00dfe!", "%s!"),
        ({"secret"}, "SECRET", "SECRET"),
        ({"aaaa"}, "aaaaaaaa", "%s%s"),
        ({"^abc$"}, "abc ^abc$", "abc %s"),
        ({"-----"}, "a-----b", "a%sb"),
        ({"abcd", "cdef"}, "abcdef", "%sef"),
        (set(), "nothing", "nothing"),
    ],
)
def test_texts(secrets, text, masked):
    assert masker(secrets)(text) == masked.replace("%s", MASK)
    assert (
        list(texts_of(masker(secrets)({"? " + text: [text, (text, 5)]})))
        == ["? " + masked.replace("%s", MASK)] + [masked.replace("%s", MASK)] * 2
    )


# Everything that is escaped somewhere, and letters of 8, 16 and more bits.
HARD = "pa\\ss \"w'o+r/d%41&am<p>;\u00fc\u7f51\U0001f511\n\t\x01=?#"


def escaped(text):
    return "".join(
        "\\u%04x" % int.from_bytes(text.encode("utf-16-be")[at : at + 2], "big")
        for at in range(0, len(text.encode("utf-16-be")), 2)
    )


SPELLED = {
    "json": json.dumps,
    "json with letters": lambda text: json.dumps(text, ensure_ascii=False),
    "json with slashes": lambda text: json.dumps(text).replace("/", "\\/"),
    "all escaped": escaped,
    "all escaped in capitals": lambda text: escaped(text).upper().replace("\\U", "\\u"),
    "json in json": lambda text: json.dumps(json.dumps({"psk": text})),
    "three times": lambda text: json.dumps(json.dumps(json.dumps(text))),
    "url": lambda text: quote(text, safe=""),
    "path": quote,
    "form": quote_plus,
    "url in small letters": lambda text: re.sub("%..", lambda found: found.group().lower(), quote(text)),
    "url twice": lambda text: quote(quote(text)),
    "url in json": lambda text: json.dumps(quote(text, safe="\"\\'")),
    "json in url": lambda text: quote_plus(json.dumps(text)),
    "repr": repr,
    "ascii": ascii,
    "repr of repr": lambda text: repr(repr(text)),
    "html": html.escape,
    "html without quotes": lambda text: html.escape(text, quote=False),
    "html in numbers": lambda text: "".join("&#%d;" % ord(letter) for letter in text),
    "html in hex": lambda text: "".join("&#x%x;" % ord(letter) for letter in text),
    "as it is": str,
}


@pytest.mark.parametrize("spell", SPELLED.values(), ids=SPELLED)
@pytest.mark.parametrize(
    "secret",
    [HARD, "Plain-Key-1", "a b+c", "%41%42%43", "\\u0041bcd", "&amp;&amp;", "it's", "\\ab\\c", "\U0001f511" * 4],
    ids=ascii,
)
def test_a_secret_is_found_in_every_spelling(secret, spell):
    spelled = spell(secret)
    shown = masker({"Another-Secret-1", secret})("before %s after" % spelled)
    assert shown.startswith("before ") and shown.endswith(" after") and MASK in shown
    assert len(shown) <= len("before  after" + MASK) + 32, shown
    assert masker({secret})({"a b": [spelled]})["a b"][0].count(MASK) == 1


@settings(max_examples=150)
@given(
    st.text(min_size=4, max_size=8).filter(lambda text: not re.search("[\ud800-\udfff]", text)),
    st.sampled_from(sorted(SPELLED)),
)
def test_any_secret_in_any_spelling_that_can_be_undone(secret, spelling):
    assume(secret not in MASK)
    assert MASK in masker({secret})("[%s]" % SPELLED[spelling](secret))


@pytest.mark.parametrize(
    "text",
    [
        "100% of it",
        "a\\",
        "\\",
        "\\u12",
        "\\x1",
        "%",
        "%4",
        "%zz",
        "&",
        "&amp",
        "&#;",
        "&#99999999;",
        "\\UFFFFFFFF",
        "%C3",
        "%ff%fe",
        "C:\\new\\table",
        "50%25",
        "\\ud800",
        "\\ud83d\\ud83d",
        "&#x110000;",
        "&#0;",
    ],
)
def test_what_is_no_spelling_of_a_secret_stays(text):
    assert masker({"Example-Key-1"})(text) == text


def test_a_secret_that_was_cut_off_is_masked_too():
    """Words of others are cut at a limit, which may be in the midst of a token that they repeat."""
    token = "MIIF" + "Abc-" * 700
    shown = masker({token, "Example-Key-1"})(
        printable("headers: X-Auth-Token: %s" % token) + "; Example-Ke ...; and so on ..."
    )
    assert shown == "headers: X-Auth-Token: %s ...; %s ...; and so on ..." % (MASK, MASK)


def test_names_of_results_stay():
    """A failed task whose secret is "failed" would otherwise be a success."""
    words = {"failed", "changed", "warnings", "ikepolicy", "request_ids"}
    result = {
        "failed": True,
        "changed": False,
        "warnings": ["failed"],
        "changes": {"ikepolicy.dpd.timeout": {"request_ids": "changed"}},
    }
    assert masker(words)(result) == {
        "failed": True,
        "changed": False,
        "warnings": [MASK],
        "changes": {"ikepolicy.dpd.timeout": {"request_ids": MASK}},
    }


def took(run):
    """Return the shortest of a few runs in seconds: what else the machine does only ever adds."""

    def once():
        start = time.thread_time()  # what other processes do does not count
        run()
        return time.thread_time() - start

    return min(once() for dummy in range(5))


def test_thousands_of_secrets_cost_little_more_than_one():
    """A task for a fleet brings a key for each connection; a walk for each of them over each text would take minutes."""
    letters = string.ascii_letters + string.digits
    many = {"%s%s-Key-%04d" % (letters[number % 62], letters[number // 62 % 62], number) for number in range(4000)}
    result = {
        "item%d" % number: {"text": "some words about connection %d, and no key at all. " % number * 3}
        for number in range(300)
    }
    one, all_of_them = masker({"Example-Key-1"}), masker(many)
    # Twenty would be a lot; a replacement for each secret makes it thousands.
    assert took(lambda: all_of_them(result)) < 200 * took(lambda: one(result))
