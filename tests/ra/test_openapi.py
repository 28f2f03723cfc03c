# SPDX-License-Identifier: Apache-2.0
"""Do the OpenAPI files have exactly the calls that auth-ra and auth-lra have, with the same methods, callers and types?"""

from __future__ import annotations

import json
import re

import pytest

from openapi import ROOT, Api, api

ROW = re.compile(r'^    \{HTTP_(?P<method>[A-Z]+), "(?P<path>[^"]+)", (?P<access>[A-Z_]+), (?P<rest>.*)\},$', re.MULTILINE)
TABLES = {"ra": "ra/main.c", "lra": "lra/routes.c"}
CALLERS = {
    "OFFICE_ENTERS": ["clerk", "approver", "admin"],
    "OFFICE_ANY": ["clerk", "approver", "admin", "auditor"],
    "DAEMON_ANY_PEER": ["clerk", "approver", "admin", "auditor"],
    "DAEMON_PUBLIC": None,
}
TYPES = {"OFFICE_DOCUMENT_TYPE": "application/jose+json", '"application/json"': "application/json"}


def rows(program: str) -> dict[tuple[str, str], re.Match[str]]:
    """The table of routes: its rows are one line each."""
    text = (ROOT / TABLES[program]).read_text(encoding="utf-8")
    return {(row["method"].lower(), row["path"]): row for row in ROW.finditer(text)}


def option(row: re.Match[str], name: str) -> str | None:
    found = re.search(rf"\.{name} = ([^,]+)", row["rest"])
    return found and found[1]


@pytest.mark.parametrize("program", TABLES)
def test_the_table_of_routes_is_the_one_described(program: str) -> None:
    described = api(program).document["paths"]
    calls = {(method, path): call for path, methods in described.items() for method, call in methods.items()}
    table = rows(program)
    assert table.keys() == calls.keys() and len(table) >= 14
    for key, row in table.items():
        security = calls[key]["security"]
        callers = security[0]["officer"] if security else None
        assert callers == CALLERS[row["access"]], key
        body = option(row, "body_type")
        content = calls[key].get("requestBody", {}).get("content", {})
        assert list(content) == ([TYPES[body]] if body else []), key
        answer = option(row, "answer_type")
        if answer:
            good = [response for status, response in calls[key]["responses"].items() if status != "default"]
            assert all(list(response["content"]) == [TYPES[answer]] for response in good), key


@pytest.mark.parametrize("program", TABLES)
def test_the_names_are_those_of_the_tables(program: str) -> None:
    schemas = api(program).document["components"]["schemas"]

    def names(file: str, row: str) -> list[str]:
        text = (ROOT / file).read_text(encoding="utf-8")
        return re.findall(rf'^{row}\(\w+, \d+, "([^"]+)"', text, re.MULTILINE)

    reasons = names("libauth/include/auth/request_reason.def", "AUTH_REQUEST_REASON_ROW")
    assert schemas["reason"]["enum"] == reasons[1:] and reasons[0] == "none"
    kinds = names("libauth/include/auth/request_kind.def", "AUTH_REQUEST_KIND_ROW")
    assert schemas["kind"]["enum"] == [*kinds, "ceremony"]
    assert schemas["state"]["enum"] == names("registry/request_state.def", "REGISTRY_REQUEST_STATE_ROW")
    assert schemas["role"]["enum"] == names("libauth/include/auth/officer_role.def", "AUTH_OFFICER_ROLE_ROW")


@pytest.mark.parametrize("program", TABLES)
def test_every_reference_leads_somewhere(program: str) -> None:
    document: Api = api(program)
    text = json.dumps(document.document)
    for name in set(re.findall(r'"#/components/schemas/([^"]+)"', text)):
        assert name in document.document["components"]["schemas"], name
    unused = [name for name in document.document["components"]["schemas"] if f'schemas/{name}"' not in text]
    assert unused == []

