# SPDX-License-Identifier: Apache-2.0
"""schemas/ra.openapi.json: what it says of a call, and whether an answer is one that it describes."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

ROOT = Path(__file__).resolve().parent.parent.parent


class Api:
    def __init__(self, name: str) -> None:
        text = (ROOT / f"schemas/{name}.openapi.json").read_text(encoding="utf-8")
        self.document: dict[str, Any] = json.loads(text)
        self.routes = [(re.compile(self.pattern(path)), path) for path in self.document["paths"]]
        # Addresses without a part in braces are meant before those with one.
        self.routes.sort(key=lambda route: "{" in route[1])

    @staticmethod
    def pattern(path: str) -> str:
        return "^" + re.sub(r"\{[a-z]+\}", "[^/]+", path) + "$"

    def operation(self, method: str, target: str) -> dict[str, Any] | None:
        path = target.partition("?")[0]
        for pattern, name in self.routes:
            found = self.document["paths"][name].get(method.lower())
            if pattern.match(path) and found is not None:
                assert isinstance(found, dict)
                return found
        return None

    def validate(self, schema: dict[str, Any], value: Any) -> None:
        whole = {**schema, "components": self.document["components"]}
        jsonschema.Draft202012Validator(whole).validate(value)

    def check(self, method: str, target: str, status: int, kind: str, body: bytes) -> None:
        """Fails when the answer is not one that the document describes."""
        operation = self.operation(method, target)
        if operation is None:
            assert status in (404, 405, 403), (method, target, status)
            return
        described = operation["responses"].get(str(status), operation["responses"]["default"])
        assert kind in described["content"], (method, target, status, kind)
        if kind.endswith("json"):
            self.validate(described["content"][kind]["schema"], json.loads(body))


@cache
def api(name: str) -> Api:
    return Api(name)
