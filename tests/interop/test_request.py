# SPDX-License-Identifier: Apache-2.0
"""Are request documents what their schemas say, and do others verify their signatures?"""

from __future__ import annotations

import base64
import copy
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
GOLDEN = sorted((ROOT / "tests/golden").glob("request-*.json"))
HEADERS = ROOT / "libauth/include/auth"

Change = Callable[[dict[str, Any]], None]


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def schema(name: str) -> Any:
    return json.loads((ROOT / f"schemas/{name}.schema.json").read_text(encoding="utf-8"))


def validator(name: str) -> Any:
    jsonschema.Draft202012Validator.check_schema(schema(name))
    return jsonschema.Draft202012Validator(schema(name))


def payload(kind: str) -> Any:
    document = json.loads((ROOT / f"tests/golden/request-{kind}.json").read_text(encoding="utf-8"))
    return json.loads(decode(document["payload"]))


def names(table: str, macro: str) -> list[str]:
    text = (HEADERS / table).read_text(encoding="utf-8")
    return re.findall(rf'^{macro}\(\w+, \d+, (?:\w+, )?"([\w-]+)"', text, flags=re.M)


def kinds() -> list[str]:
    return names("request_kind.def", "AUTH_REQUEST_KIND_ROW")


def test_there_is_a_document_of_each_kind() -> None:
    assert sorted(path.stem[len("request-") :] for path in GOLDEN) == sorted(kinds())
    assert len(GOLDEN) == 10


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_document_fits_the_schema(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    validator("request").validate(json.loads(decode(document["payload"])))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_openssl_verifies_each_signature(path: Path, tmp_path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["signatures"]
    for signature in document["signatures"]:
        header = json.loads(decode(signature["protected"]))
        assert header["typ"] == "auth-request+jws" and header["alg"] == "EdDSA"
        (tmp_path / "leaf.der").write_bytes(base64.b64decode(header["x5c"][0]))
        (tmp_path / "signature").write_bytes(decode(signature["signature"]))
        text = signature["protected"] + "." + document["payload"]
        (tmp_path / "text").write_bytes(text.encode())
        key = subprocess.run(
            ["openssl", "x509", "-inform", "der", "-in", "leaf.der", "-noout", "-pubkey"],
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )
        (tmp_path / "key.pem").write_bytes(key.stdout)
        subprocess.run(
            "openssl pkeyutl -verify -rawin -pubin -inkey key.pem -in text -sigfile signature".split(),
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )


def test_the_schema_lists_what_the_tables_list() -> None:
    form = schema("request")
    assert [branch["properties"]["kind"]["const"] for branch in form["oneOf"]] == kinds()
    defs = form["$defs"]
    assert defs["person"]["properties"]["type"]["enum"] == names(
        "person_type.def", "AUTH_PERSON_TYPE_ROW"
    )
    assert defs["role"]["enum"] == names("officer_role.def", "AUTH_OFFICER_ROLE_ROW")
    assert defs["evidence"]["items"]["properties"]["method"]["enum"] == names(
        "evidence_method.def", "AUTH_EVIDENCE_METHOD_ROW"
    )


def test_items_have_the_members_of_the_table() -> None:
    text = (ROOT / "libauth/request/member.def").read_text(encoding="utf-8")
    rows = re.findall(r'^REQUEST_MEMBER_ROW\(\w+, \w+, "(\w+)", "([Nm-]{10})"\)', text, flags=re.M)
    assert len(rows) == 12
    for place, branch in enumerate(schema("request")["oneOf"]):
        item = branch["properties"]["items"]["items"]
        assert list(item["properties"]) == [name for name, kind in rows if kind[place] != "-"]
        assert item["required"] == [name for name, kind in rows if kind[place] == "N"]


def put(place: str, value: Any) -> Change:
    """A change of what stands at a place like items.0.person.name."""

    def change(document: dict[str, Any]) -> None:
        *path, last = [int(word) if word.isdigit() else word for word in place.split(".")]
        at: Any = document
        for word in path:
            at = at[word]
        at[last] = value

    return change


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("enrol", put("version", 2)),
        ("enrol", put("colour", 1)),
        ("enrol", put("id", "019B76DA-a800-7123-8456-789abcdef012")),
        ("enrol", put("office", "440524188001010014")),
        ("enrol", put("kind", "revoke")),
        ("revoke", put("profile", "officer")),
        ("enrol", put("created", "2025-12-31T23:00:00.0Z")),
        ("enrol", put("items", [])),
        ("enrol", put("items.0.person.colour", 1)),
        ("enrol", put("items.0.person.type", "any")),
        ("enrol", put("items.0.person.name", " a")),
        ("enrol", put("items.0.person.name", "a" * 65)),
        ("enrol", put("items.0.activation", "A" * 43)),
        ("enrol", put("items.0.evidence", [])),
        ("enrol", put("items.0.evidence.0.method", "gossip")),
        ("enrol", put("items.0.evidence.0.digest", "A" * 42 + "B")),
        ("enrol", put("items.0.serial", "01" * 18)),
        ("revoke", put("items.0.serial", "00" + "01" * 17)),
        ("revoke", put("items.0.serial", "0A" * 18)),
        ("revoke", put("items.0.reason", "certificateHold")),
        ("suspend", put("items.0.reason", "superseded")),
        ("resume", put("items.0.invalidity", "2025-12-31T23:00:00Z")),
        ("appoint", put("items.0.role", "boss")),
        ("open-office", put("items.0.opened.region", "1101")),
        ("close-office", put("items.0.closed", "City")),
    ],
)
def test_the_schema_refuses_what_libauth_refuses(kind: str, change: Change) -> None:
    document = payload(kind)
    validator("request").validate(document)
    change(document)
    with pytest.raises(jsonschema.ValidationError):
        validator("request").validate(document)


def test_the_schema_takes_a_thousand_items() -> None:
    document = payload("close-office")
    document["items"] *= 1000
    validator("request").validate(document)
    document["items"].append(document["items"][0])
    with pytest.raises(jsonschema.ValidationError):
        validator("request").validate(document)


def ready_policy() -> Any:
    return json.loads((ROOT / "schemas/policy.json").read_text(encoding="utf-8"))


def test_the_ready_policy_fits_its_schema() -> None:
    validator("policy").validate(ready_policy())


@pytest.mark.parametrize(
    "change",
    [
        put("colour", 1),
        put("version", 2),
        put("realm", "Example"),
        put("clock_skew_s", 3601),
        put("max_lifetime_s.renew", 59),
        put("max_lifetime_s.extend", 60),
        put("profiles.0.kinds", ["enrol", "appoint"]),
        put("profiles.0.certificates_an_hour", 0),
        put("quorums.1", {"kind": "renew", "holder": False}),
        put("quorums.0.kind", "rekey"),
        put("quorums.0.holder", True),
        put("quorums.0.reach", "realm"),
        put("quorums.3.profiles", ["citizen-*"]),
        put("quorums.0.profiles", ["*"]),
        put("quorums.0.signers.0.roles", ["auditor"]),
        put("quorums.0.signers.0.roles", ["clerk", "clerk"]),
        put("quorums.0.signers.0.scope", "realm"),
        put("quorums.6.signers.0.count", 9),
    ],
)
def test_the_policy_schema_refuses_what_libauth_refuses(change: Change) -> None:
    policy = copy.deepcopy(ready_policy())
    change(policy)
    with pytest.raises(jsonschema.ValidationError):
        validator("policy").validate(policy)
