# SPDX-License-Identifier: Apache-2.0
"""Is the JSON of `auth id check` what its schema says, and true for every vector?"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import]
import pytest
from conftest import NO, Auth, Vector

TODAY = ("--today", "2026-01-31")


@pytest.fixture(scope="session")
def schema(root: Path) -> Any:
    return json.loads((root / "schemas/id-check.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def validator(schema: Any) -> Any:
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def names_in(table: Path, macro: str, column: int) -> list[str]:
    """The names in a table of rows MACRO(A, 1, ..., "name", ...)."""
    rows = re.findall(rf"^{macro}\((.*)\)$", table.read_text(encoding="utf-8"), flags=re.M)
    return [row.split(",")[column].strip().strip('"') for row in rows]


def test_the_schema_lists_every_reason_and_type(root: Path, schema: Any) -> None:
    headers = root / "libauth/include/auth"
    reasons = names_in(headers / "person_reason.def", "AUTH_PERSON_REASON_ROW", 2)
    types = names_in(headers / "person_type.def", "AUTH_PERSON_TYPE_ROW", 3)
    assert "check-character" in reasons and "citizen" in types
    assert schema["properties"]["reason"]["enum"] == reasons
    assert schema["properties"]["type"]["enum"] == [*types, None]


def numbers(vectors: list[Vector]) -> bytes:
    return b"".join(each.number.encode() + b"\n" for each in vectors)


@pytest.mark.parametrize("legacy", [(), ("--legacy",)])
def test_every_vector(
    auth: Auth, vectors: list[Vector], validator: Any, legacy: tuple[str, ...]
) -> None:
    answer = auth("id", "check", "--from", "-", *TODAY, *legacy, stdin=numbers(vectors))
    assert answer.exit_code == NO
    assert len(answer.objects) == len(vectors)
    for line, (vector, it) in enumerate(zip(vectors, answer.objects), 1):
        validator.validate(it)
        assert it["line"] == line
        assert it["valid"] is (vector.is_valid and (bool(legacy) or not vector.is_legacy)), vector
        if not vector.is_valid:
            continue
        assert (it["birth_date"], it["sex"], it["region"]) == (
            vector.birth_date,
            vector.sex,
            vector.region,
        )
        upgrade = re.search(r"upgrades to (\w+)", vector.reason)
        assert it["canonical"] == (upgrade[1] if upgrade else vector.number.upper())
        assert it["reason"] == ("legacy-15" if vector.is_legacy and not legacy else "ok")


def test_arguments_are_counted_as_such(auth: Auth, vectors: list[Vector], validator: Any) -> None:
    numbers = [each.number for each in vectors]
    answer = auth("id", "check", "--json", *TODAY, "--", *numbers)
    assert [each["argument"] for each in answer.objects] == list(range(1, len(vectors) + 1))
    for each in answer.objects:
        validator.validate(each)
        assert "line" not in each
    by_line = auth("id", "check", *TODAY, "--from", "-", stdin="\n".join(numbers).encode())
    for one, other in zip(answer.objects, by_line.objects):
        assert {**one, "line": one["argument"]} == {**other, "argument": other["line"]}


@pytest.mark.parametrize(
    "kind", ["passport", "military-officer", "citizen", "permit", "foreign-2023", "foreign-2017"]
)
def test_with_every_type(auth: Auth, vectors: list[Vector], validator: Any, kind: str) -> None:
    lines = numbers(vectors) + "E12345678\nA000\nAB000\n军字第0000000号\n\n".encode()
    answer = auth("id", "check", "--from", "-", *TODAY, "--type", kind, stdin=lines)
    assert any(each["valid"] for each in answer.objects)
    for each in answer.objects:
        validator.validate(each)
        assert each["type"] == kind or not each["valid"]


def test_what_a_number_tells(auth: Auth) -> None:
    answer = auth("id", "check", "--json", *TODAY, "11010519491231002x", "110199190001010013", "x")
    whole, unlisted, refused = answer.objects
    assert whole == {
        "argument": 1,
        "valid": True,
        "type": "citizen",
        "reason": "ok",
        "position": 0,
        "message": "the number is well formed",
        "birth_date": "1949-12-31",
        "sex": "F",
        "region": "110105",
        "region_listed": True,
        "province": "Beijing",
        "province_zh": "北京市",
        "canonical": "11010519491231002X",
    }
    assert unlisted["region_listed"] is False
    assert refused == {
        "argument": 3,
        "valid": False,
        "type": None,
        "reason": "length",
        "position": 0,
        "message": refused["message"],
        "birth_date": None,
        "sex": None,
        "region": None,
        "region_listed": False,
        "province": None,
        "province_zh": None,
        "canonical": None,
    }


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"valid": False},
        {"reason": "length"},
        {"canonical": None},
        {"type": None},
        {"position": 3},
        {"birth_date": "1949-1-1"},
        {"region": "11010"},
        {"line": 1},
        {"message": ""},
    ],
)
def test_the_schema_refuses_what_is_never_said(
    auth: Auth, validator: Any, change: dict[str, Any]
) -> None:
    it = auth("id", "check", "--json", *TODAY, "11010519491231002X").objects[0]
    validator.validate(it)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({**it, **change})
    for name in it:
        with pytest.raises(jsonschema.ValidationError):
            validator.validate({key: value for key, value in it.items() if key != name})
