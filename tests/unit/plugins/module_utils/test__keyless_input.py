# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ways without a long-lived key at the front door: each way at each place it can come from, and what becomes of it."""

from __future__ import annotations

import os

import pytest

from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import InvalidInput
from ansible_collections.huaweicloud.vpn.plugins.module_utils._http.auth import ECS, ID_TOKEN, KEYS, PASSWORD, TOKEN
from ansible_collections.huaweicloud.vpn.plugins.module_utils._resources.connection import CONNECTION
from ansible_collections.huaweicloud.vpn.plugins.module_utils._secrets import MASK
from ansible_collections.huaweicloud.vpn.plugins.module_utils._work import single

PLACE = {"region": "eu-de", "project_id": "0605768a0c5bd5f1bd3f9a2f5c0d1c2e"}
FILE = "HUAWEICLOUD_SDK_CREDENTIALS_FILE"

# Way: its options, and the names of the same thing in variables of the two families and in the file.
VALUES = {
    KEYS: {"access_key": "an-access-key", "secret_key": "a-secret-key"},
    TOKEN: {"auth_token": "an-iam-token"},
    PASSWORD: {"user_name": "operator", "password": "a-password", "domain_name": "example"},
    ID_TOKEN: {"idp_id": "gitlab", "id_token": "eyJ.an-id.token"},
    "ID token file": {"idp_id": "gitlab", "id_token_file": "/run/id_token"},
    ECS: {"ecs_agency": "true"},
}
NAMES = {
    "option": {name: name for values in VALUES.values() for name in values},
    "HW variable": {
        "access_key": "HW_ACCESS_KEY",
        "secret_key": "HW_SECRET_KEY",
        "auth_token": "HW_AUTH_TOKEN",
        "user_name": "HW_USER_NAME",
        "password": "HW_USER_PASSWORD",
        "domain_name": "HW_DOMAIN_NAME",
        "idp_id": "HW_ASSUME_ROLE_IDP_ID",
        "id_token": "HW_ASSUME_ROLE_ID_TOKEN",
        "id_token_file": "HW_ASSUME_ROLE_ID_TOKEN_FILE",
        "ecs_agency": "HW_ECS_AGENCY",
    },
    "SDK variable": {
        "access_key": "HUAWEICLOUD_SDK_AK",
        "secret_key": "HUAWEICLOUD_SDK_SK",
        "idp_id": "HUAWEICLOUD_SDK_IDP_ID",
        "id_token_file": "HUAWEICLOUD_SDK_ID_TOKEN_FILE",
    },
    "file": {"access_key": "ak", "secret_key": "sk", "idp_id": "idp_id", "id_token_file": "id_token_file"},
}
PLACES = tuple(NAMES)
WAYS = tuple(VALUES)


def method_of(way):
    return ID_TOKEN if way == "ID token file" else way


def possible(way, where):
    """Whether there is a place for a whole way."""
    return set(VALUES[way]) <= set(NAMES[where])


def enter(arguments, environment=None):
    return single.enter(CONNECTION, dict({"name": "office"}, **arguments), environment or {})


class Task:
    """Arguments, environment and credentials file of one task."""

    def __init__(self, folder):
        self.arguments, self.environment, self.lines = dict(PLACE), {}, []
        self.path = folder / "credentials"

    def put(self, values, where):
        named = {NAMES[where][name]: text for name, text in values.items()}
        if where == "file":
            self.lines += (f"{name} = {text}" for name, text in named.items())
        else:
            (self.arguments if where == "option" else self.environment).update(named)
        return self

    def enter(self):
        if self.lines:
            self.path.write_text("\n".join(["[basic]", *self.lines, ""]))
            self.environment[FILE] = str(self.path)
        return enter(self.arguments, self.environment)

    def refused(self):
        with pytest.raises(InvalidInput) as caught:
            self.enter()
        return caught.value.sentences


@pytest.fixture
def task(tmp_path):
    return Task(tmp_path)


# -- the table: way x place x outcome ----------------------------------------------------------------------------------

CELLS = [(way, where) for way in WAYS for where in PLACES]
IDS = [f"{way}-{where}" for way, where in CELLS]
WHOLE = [cell for cell in CELLS if possible(*cell)]
WHOLE_IDS = [f"{way}-{where}" for way, where in WHOLE]


@pytest.mark.parametrize("way, where", CELLS, ids=IDS)
def test_complete(task, way, where):
    """A whole way counts wherever it stands; where a place has no name for a part of it, nothing of it counts."""
    there = {name: text for name, text in VALUES[way].items() if name in NAMES[where]}
    if not possible(way, where):
        sentences = task.put(there, where).refused() if there else task.refused()
        assert any("no complete credentials" in text or "has neither" in text for text in sentences)
        return
    access = task.put(there, where).enter().access
    assert (access.auth_method, access.credentials) == (method_of(way), VALUES[way])


@pytest.mark.parametrize("way, where", WHOLE, ids=WHOLE_IDS)
@pytest.mark.parametrize("blank", ["", "  ", None], ids=["empty", "spaces", "null"])
def test_blank(task, way, where, blank):
    """Blanks everywhere else are nothing."""
    for other in ("option", "HW variable", "SDK variable"):
        for name in NAMES[other]:
            if other == "option" or blank is not None:
                task.put({name: blank}, other)
    access = task.put(VALUES[way], where).enter().access
    assert (access.auth_method, access.credentials) == (method_of(way), VALUES[way])


HALVES = [(way, where) for way, where in WHOLE if len(VALUES[way]) > 1]


@pytest.mark.parametrize("way, where", HALVES, ids=[f"{way}-{where}" for way, where in HALVES])
def test_half(task, way, where):
    """A part that is missing is named, and where it could come from; the part that is there is never shown."""
    (first, text), *missing = VALUES[way].items()
    sentences = task.put({first: text}, where).refused()
    told = "\n".join(sentences)
    if where == "option":
        assert told.startswith(f"authentication by {method_of(way)} lacks {missing[0][0].replace('_file', '')} (or ")
        assert all(name in told for name, _text in missing)
    elif where == "file":
        assert told.endswith("has neither ak and sk nor idp_id and id_token_file in its section [basic]")
    else:
        names = NAMES[where]
        lacking = [name for name in names if name in dict(missing)]
        assert sentences[2].startswith(f"the environment has {names[first]} without ")
        assert all(names[name] in sentences[2] for name in lacking)
    assert text not in told.replace("idp_id", "")


@pytest.mark.parametrize("way, where", WHOLE, ids=WHOLE_IDS)
def test_masked(task, way, where):
    """Every secret is known for masking, and no argument that core sees or logs shows one."""
    request = task.put(VALUES[way], where).enter()
    secret = {"access_key", "secret_key", "auth_token", "password", "id_token"}
    assert request.secrets == {text for name, text in VALUES[way].items() if name in secret}
    logged = request.logged(CONNECTION, 3)
    assert all(logged[name] == (MASK if name in secret else text) for name, text in VALUES[way].items())


PRECEDENCE = [
    (upper, lower, way, other)
    for number, upper in enumerate(PLACES)
    for lower in PLACES[number + 1 :]
    if (upper, lower) != ("HW variable", "SDK variable")
    for way in WAYS
    for other in WAYS
    if possible(way, upper) and possible(other, lower) and method_of(way) != method_of(other)
]


@pytest.mark.parametrize(
    "upper, lower, way, other", PRECEDENCE, ids=[f"{a}-{c}-over-{b}-{d}" for a, b, c, d in PRECEDENCE]
)
def test_the_place_before_the_way(task, upper, lower, way, other):
    """The task comes before the environment, and that before the file, whatever ways they give."""
    access = task.put(VALUES[way], upper).put(VALUES[other], lower).enter().access
    assert (access.auth_method, access.credentials) == (method_of(way), VALUES[way])


@pytest.mark.parametrize("first", range(len(WAYS)))
@pytest.mark.parametrize("second", range(len(WAYS)))
def test_the_order_of_ways_within_the_environment(task, first, second):
    if first >= second:
        return
    ways = (WAYS[first], WAYS[second])
    access = task.put(VALUES[ways[1]], "HW variable").put(VALUES[ways[0]], "HW variable").enter().access
    assert access.auth_method == method_of(ways[0])
    assert set(access.credentials) == set(VALUES[ways[0]])


@pytest.mark.parametrize("first", WAYS)
@pytest.mark.parametrize("second", WAYS)
def test_two_ways_in_one_task(task, first, second):
    if method_of(first) == method_of(second):
        return
    sentences = task.put(VALUES[first], "option").put(VALUES[second], "option").refused()
    assert sentences[0].startswith("the task names 2 ways to authenticate (")
    assert all(f"{method_of(way)}: " in sentences[0] for way in (first, second))


# -- completion --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variables", ["HW variable", "SDK variable"])
def test_a_task_is_completed_from_the_environment(task, variables):
    task.put({"id_token_file": "/of/the/task"}, "option").put({"idp_id": "of-it"}, variables)
    access = task.enter().access
    assert access.credentials == {"idp_id": "of-it", "id_token_file": "/of/the/task"}


def test_a_form_of_the_task_beats_the_other_form_of_the_environment(task):
    task.put({"id_token_file": "/of/the/task"}, "option").put(VALUES[ID_TOKEN], "HW variable")
    assert task.enter().access.credentials == {"idp_id": "gitlab", "id_token_file": "/of/the/task"}


def test_within_the_environment_the_token_beats_its_file(task):
    task.put(VALUES[ID_TOKEN], "HW variable").put(VALUES["ID token file"], "HW variable")
    assert task.enter().access.credentials == VALUES[ID_TOKEN]


def test_families_of_variables_are_not_mixed(task):
    task.put({"idp_id": "gitlab"}, "SDK variable").put({"id_token": "eyJ.an-id.token"}, "HW variable")
    sentences = task.refused()
    assert sentences[2:] == [
        "the environment has HW_ASSUME_ROLE_ID_TOKEN without HW_ASSUME_ROLE_IDP_ID",
        "the environment has HUAWEICLOUD_SDK_IDP_ID without HUAWEICLOUD_SDK_ID_TOKEN_FILE",
    ]


def test_both_forms_in_one_task(task):
    task.put(dict(VALUES[ID_TOKEN], id_token_file="/run/id_token"), "option")
    assert task.refused() == ["id_token and id_token_file are two forms of one thing: keep one"]


def test_a_task_is_not_completed_from_the_file(task):
    task.put({"access_key": "an-access-key"}, "option").put(VALUES[KEYS], "file")
    (sentence,) = task.refused()
    assert sentence.startswith("authentication by access key lacks secret_key (or HW_SECRET_KEY")


def test_half_of_the_environment_does_not_mix_with_the_file(task):
    task.put({"secret_key": "another-secret"}, "HW variable").put(VALUES[KEYS], "file")
    task.environment["HW_SECURITY_TOKEN"] = "a-stray-token"
    assert task.enter().access.credentials == VALUES[KEYS]


# -- ecs_agency --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["true", "True", "yes", "1", "on"])
def test_spellings_of_true(task, text):
    task.environment["HW_ECS_AGENCY"] = text
    assert task.enter().access.auth_method == ECS


@pytest.mark.parametrize("text", ["false", "False", "no", "0", "off", "", " "])
def test_spellings_of_false(task, text):
    task.environment["HW_ECS_AGENCY"] = text
    assert task.refused()[0].startswith("no complete credentials")


def test_false_in_the_task_beats_the_environment(task):
    task.environment["HW_ECS_AGENCY"] = "true"
    task.arguments["ecs_agency"] = False
    assert task.refused()[0].startswith("no complete credentials")
    task.put(VALUES[KEYS], "option")
    assert task.enter().access.auth_method == KEYS


def test_neither_true_nor_false(task):
    task.environment["HW_ECS_AGENCY"] = "perhaps"
    assert task.refused() == ["HW_ECS_AGENCY of the environment must be true or false"]
    task.arguments["ecs_agency"] = "perhaps"
    assert "ecs_agency must be true or false, not 'perhaps'" in task.refused()


# -- values that cannot be ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, value, text",
    [
        ("id_token", "two words", "id_token contains a space"),
        ("id_token", "eyJ\n", "id_token contains a space"),
        ("id_token", "abc", "id_token is too short to be one"),
        ("id_token", ["eyJ"], "id_token must be text, not a list"),
        ("idp_id", "git lab", "idp_id contains a space"),
        ("idp_id", True, "idp_id must be text, not true"),
        ("id_token_file", {"a": "b"}, "id_token_file must be text, not a dictionary"),
        ("id_token_file", "/half\ud800", "id_token_file contains half a character"),
    ],
)
def test_values_that_cannot_be(task, name, value, text):
    values = dict(VALUES["ID token file" if name == "id_token_file" else ID_TOKEN], **{name: value})
    (sentence,) = task.put(values, "option").refused()
    assert sentence.startswith(text) and "eyJ" not in sentence


def test_paths_are_expanded(task, monkeypatch):
    monkeypatch.setenv("HOME", "/home/of-somebody")
    task.put({"idp_id": "gitlab", "id_token_file": "~/token"}, "HW variable")
    assert task.enter().access.credentials["id_token_file"] == "/home/of-somebody/token"
    task.arguments.update(idp_id="gitlab", id_token_file="$HOME/other")
    assert task.enter().access.credentials["id_token_file"] == "/home/of-somebody/other"


# -- agency ------------------------------------------------------------------------------------------------------------

AGENCY = {"agency_name": "vpn", "agency_domain_name": "customer"}
VARIABLES = {"agency_name": "HW_ASSUME_ROLE_AGENCY_NAME", "agency_domain_name": "HW_ASSUME_ROLE_DOMAIN_NAME"}


@pytest.mark.parametrize("way, where", WHOLE, ids=WHOLE_IDS)
@pytest.mark.parametrize("source", ["option", "variable", "both"])
def test_an_agency_is_on_top_of_any_way(task, way, where, source):
    task.put(VALUES[way], where)
    if source == "option":
        task.arguments.update(AGENCY)
    elif source == "variable":
        task.environment.update({VARIABLES[name]: text for name, text in AGENCY.items()})
    else:
        task.arguments["agency_name"] = "vpn"
        task.environment[VARIABLES["agency_name"]] = "not-this-one"
        task.environment[VARIABLES["agency_domain_name"]] = "customer"
    access = task.enter().access
    assert access.agency == ("vpn", "customer") and access.auth_method == method_of(way)


@pytest.mark.parametrize("source", ["option", "variable"])
@pytest.mark.parametrize(
    "given, missing", [("agency_name", "agency_domain_name"), ("agency_domain_name", "agency_name")]
)
def test_half_an_agency(task, source, given, missing):
    task.put(VALUES[KEYS], "option")
    if source == "option":
        task.arguments.update({given: "vpn", missing: ""})
    else:
        task.environment.update({VARIABLES[given]: "vpn", VARIABLES[missing]: " "})
    assert task.refused() == [f"{given} is given without {missing} (or {VARIABLES[missing]} in the environment)"]


def test_no_agency(task):
    assert task.put(VALUES[KEYS], "option").enter().access.agency is None


@pytest.mark.parametrize("way", [ID_TOKEN, "ID token file", PASSWORD])
def test_ways_that_ask_iam_need_to_know_where_it_is(task, way):
    task.put(VALUES[way], "option")
    del task.arguments["region"]
    task.arguments["endpoint"] = "https://vpn.example.com"
    (sentence,) = task.refused()
    assert sentence.endswith("without it auth_url must be given")


def test_an_agency_asks_iam(task):
    task.put(VALUES[KEYS], "option")
    task.arguments.update(AGENCY, region="", endpoint="https://vpn.example.com")
    assert task.refused()[0].endswith("without it auth_url must be given")


# -- the file of the vendor's SDK --------------------------------------------------------------------------------------

GOOD = "[basic]\nak = an-access-key\nsk = a-secret-key\n"
FILES = {
    "as the SDK writes it": (GOOD, KEYS, VALUES[KEYS]),
    "names in any case": ("[basic]\nAK = an-access-key\nSk = a-secret-key\n", KEYS, VALUES[KEYS]),
    "inherited": ("[DEFAULT]\nak = an-access-key\n[basic]\nsk = a-secret-key\n", KEYS, VALUES[KEYS]),
    "further sections and names": (
        f"[global]\nak = other\nsk = other\n{GOOD}domain_id = x\nregion = y\n",
        KEYS,
        VALUES[KEYS],
    ),
    "temporary": (GOOD + "security_token = a-token\n", KEYS, dict(VALUES[KEYS], security_token="a-token")),
    "a percent sign": (GOOD.replace("a-secret", "a%secret"), KEYS, dict(VALUES[KEYS], secret_key="a%secret-key")),
    "a note is part of the value": (
        GOOD.replace("key\n", "key;x\n", 1),
        KEYS,
        dict(VALUES[KEYS], access_key="an-access-key;x"),
    ),
    "an identity provider": (
        "[basic]\nidp_id = gitlab\nid_token_file = ~/token\n",
        ID_TOKEN,
        {"idp_id": "gitlab", "id_token_file": "~/token"},
    ),
    "both: the provider first": (
        GOOD + "idp_id = gitlab\nid_token_file = /run/id_token\n",
        ID_TOKEN,
        VALUES["ID token file"],
    ),
    "half a provider is passed over": (GOOD + "idp_id = gitlab\n", KEYS, VALUES[KEYS]),
    "blank values": (GOOD + "idp_id =\nid_token_file =\nsecurity_token =\n", KEYS, VALUES[KEYS]),
}


@pytest.mark.parametrize("content, method, credentials", FILES.values(), ids=FILES)
@pytest.mark.parametrize("named_by", ["option", "variable"])
def test_files(task, named_by, content, method, credentials):
    task.path.write_text(content)
    if named_by == "option":
        task.arguments["credentials_file"] = str(task.path)
    else:
        task.environment[FILE] = str(task.path)
    access = task.enter().access
    assert (access.auth_method, access.credentials) == (method, credentials)


NO_FILES = {
    "empty": (b"", "has no section [basic]"),
    "another case": (GOOD.replace("basic", "Basic").encode(), "has no section [basic]"),
    "nothing in it": (b"[basic]\n", "has neither ak and sk nor idp_id and id_token_file in its section [basic]"),
    "half": (
        b"[basic]\nak = an-access-key\n",
        "has neither ak and sk nor idp_id and id_token_file in its section [basic]",
    ),
    "no section": (b"ak = an-access-key\n", "is not in INI format: see line 1"),
    "no INI": (b"[basic]\n\nan-access-key\n", "is not in INI format: see line 3"),
    "twice": (b"[basic]\nak = an-access-key\nak = another-key\n", "is not in INI format: see line 3"),
    "two sections": (GOOD.encode() * 2, "is not in INI format: see line 4"),
    "a byte order mark": (b"\xef\xbb\xbf" + GOOD.encode(), "begins with a byte order mark: save it without one"),
    "another encoding": ("[basic]\nak = \xe4\n".encode("latin-1"), "is not in UTF-8"),
    "large": (b"#" * 1048577, "is too large to be one"),
    "absent": (None, "cannot be read: No such file or directory"),
}


@pytest.mark.parametrize("content, text", NO_FILES.values(), ids=NO_FILES)
@pytest.mark.parametrize("named_by", ["option", "variable"])
def test_files_that_cannot_be_used(task, named_by, content, text):
    if content is not None:
        task.path.write_bytes(content)
    name = f"credentials_file {str(task.path)!r}"
    if named_by == "option":
        task.arguments["credentials_file"] = str(task.path)
    else:
        task.environment[FILE] = str(task.path)
        name += f" ({FILE} in the environment)"
    assert task.refused() == [f"{name} {text}"]


def test_a_folder_and_a_pipe_are_no_files(task, tmp_path):
    """A pipe that nobody writes to would hold the task for ever."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        task.arguments["credentials_file"] = str(path)
        assert task.refused() == [f"credentials_file {str(path)!r} is not a file"]


@pytest.mark.parametrize("value", [["a"], {"a": "b"}, True])
def test_a_path_that_is_no_text(task, value):
    task.arguments["credentials_file"] = value
    assert task.refused()[0].startswith("credentials_file must be text")


def test_bad_values_in_the_file_are_not_shown(task):
    task.path.write_text("[basic]\nak = an access key\nsk = abc\n")
    task.arguments["credentials_file"] = str(task.path)
    first, second = task.refused()
    assert first.startswith(f"access_key of credentials_file {str(task.path)!r} contains a space")
    assert second == f"secret_key of credentials_file {str(task.path)!r} is too short to be one"


def test_the_file_is_read_only_when_nothing_else_is_complete(task):
    task.arguments["credentials_file"] = "/nowhere/credentials"
    assert task.put(VALUES[KEYS], "HW variable").enter().access.auth_method == KEYS


def test_the_file_of_the_home_is_not_read_by_itself(task, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".huaweicloud").mkdir()
    (tmp_path / ".huaweicloud" / "credentials").write_text(GOOD)
    assert task.refused()[0].startswith("no complete credentials")
    task.arguments["credentials_file"] = "~/.huaweicloud/credentials"
    assert task.enter().access.auth_method == KEYS


OF_THE_FILE = GOOD + "project_id = of-the-file\niam_endpoint = https://iam.file.example.com\n"


def test_places_of_the_file_belong_to_its_credentials(task):
    """They come before the environment, and after the task."""
    task.path.write_text(OF_THE_FILE)
    task.environment.update(
        {FILE: str(task.path), "HW_PROJECT_ID": "of-hw", "HW_AUTH_URL": "https://iam.hw.example.com"}
    )
    del task.arguments["project_id"]
    access = task.enter().access
    assert (access.project_id, access.auth_url) == ("of-the-file", "https://iam.file.example.com")
    assert access.host_origins["auth_url"] == (
        f"auth_url 'https://iam.file.example.com' comes from credentials_file {str(task.path)!r}"
        f" ({FILE} in the environment)"
    )
    task.arguments.update(project_id="of-the-task", auth_url="https://iam.task.example.com")
    access = task.enter().access
    assert (access.project_id, access.auth_url) == ("of-the-task", "https://iam.task.example.com")


def test_places_of_a_file_whose_credentials_are_not_used(task):
    task.path.write_text(OF_THE_FILE)
    task.environment[FILE] = str(task.path)
    del task.arguments["project_id"]
    access = task.put(VALUES[KEYS], "option").enter().access
    assert (access.project_id, access.auth_url) == (None, "https://iam.eu-de.myhuaweicloud.com")


@pytest.mark.parametrize("source", ["option", "variable"])
def test_with_an_agency_the_project_is_not_that_of_the_file(task, source):
    task.path.write_text(OF_THE_FILE)
    task.environment[FILE] = str(task.path)
    del task.arguments["project_id"]
    if source == "option":
        task.arguments.update(AGENCY)
    else:
        task.environment.update({VARIABLES[name]: text for name, text in AGENCY.items()})
    access = task.enter().access
    assert (access.project_id, access.project_name) == (None, "eu-de")


def test_a_bad_place_in_the_file_is_told(task):
    task.path.write_text(OF_THE_FILE.replace("https", "http"))
    task.environment[FILE] = str(task.path)
    del task.arguments["project_id"]
    (sentence,) = task.refused()
    assert sentence.startswith("auth_url must begin with https://")
