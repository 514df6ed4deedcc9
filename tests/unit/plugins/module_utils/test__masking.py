# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Masking: no secret survives anywhere, and thousands of them cost little more than one."""

from __future__ import annotations

import json
import string
import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ansible_collections.huaweicloud.vpn.plugins.module_utils._masking import masker
from ansible_collections.huaweicloud.vpn.plugins.module_utils._plan import MASK

# Few letters, so that secrets begin, end and contain each other; and those that mean something to an expression.
LETTERS = "abA1.*+?()[]{}|^$\\-# \u00e4\n"
SECRETS = st.sets(st.text(LETTERS, min_size=4, max_size=10), max_size=6)


def values(texts):
    return st.recursive(
        texts | st.integers() | st.booleans() | st.none(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=10)


def texts_of(value):
    """Yield every text in a value, names of members included."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from texts_of(name)
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


@pytest.mark.parametrize("secrets, text, masked", [
    ({"secret"}, "the secret is secret", "the %s is %s"), ({"secret", "secret-key"}, "my secret-key, my secret", "my %s, my %s"),
    ({"key-of-all", "key-of"}, "key-of-all key-of", "%s %s"), ({"a.c*"}, "abcc a.c*", "abcc %s"), ({"(a|b)"}, "a b (a|b)", "a b %s"),
    ({"\\d+[x]"}, "12x \\d+[x]", "12x %s"), ({"line\nbreak"}, "a line\nbreak b", "a %s b"), ({"Gr\u00fc\u00dfe"}, "Gr\u00fc\u00dfe!", "%s!"),
    ({"secret"}, "SECRET", "SECRET"), ({"aaaa"}, "aaaaaaaa", "%s%s"), ({"^abc$"}, "abc ^abc$", "abc %s"), ({"-----"}, "a-----b", "a%sb"),
    ({"abcd", "cdef"}, "abcdef", "%sef"), (set(), "nothing", "nothing"),
])
def test_texts(secrets, text, masked):
    assert masker(secrets)(text) == masked.replace("%s", MASK)
    assert list(texts_of(masker(secrets)({text: [text, (text, 5)]}))) == [masked.replace("%s", MASK)] * 3


def took(run):
    """Return the shortest of a few runs in seconds: what else the machine does only ever adds."""
    def once():
        start = time.perf_counter()
        run()
        return time.perf_counter() - start

    return min(once() for dummy in range(5))


def test_thousands_of_secrets_cost_little_more_than_one():
    """A task for a fleet brings a key for each connection; a walk for each of them over each text would take minutes."""
    letters = string.ascii_letters + string.digits
    many = {"%s%s-Key-%04d" % (letters[number % 62], letters[number // 62 % 62], number) for number in range(4000)}
    result = {"item%d" % number: {"text": "some words about connection %d, and no key at all. " % number * 3} for number in range(300)}
    one, all_of_them = masker({"Example-Key-1"}), masker(many)
    # Twenty would be a lot; a replacement for each secret makes it thousands.
    assert took(lambda: all_of_them(result)) < 200 * took(lambda: one(result))
