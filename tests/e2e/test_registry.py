# SPDX-License-Identifier: Apache-2.0
"""Does `auth registry` make, migrate, show and stop a registry, and refuse what is not protected?"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import jsonschema  # type: ignore[import]
import pytest
from conftest import FAULT, NO, USAGE, YES, Auth


@pytest.fixture
def place(auth: Auth) -> Iterator[Path]:
    """A directory whose server's account may enter it, with no cluster in it when the test is over."""
    with tempfile.TemporaryDirectory(prefix="auth-e2e-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder / "registry"
        auth("registry", "stop", folder / "registry")


@pytest.fixture
def embedded(auth: Auth, place: Path) -> Path:
    answer = auth("registry", "embed", place)
    assert answer.exit_code == YES, answer.error
    assert f"auth registry migrate --dir {place}" in answer.text
    return place


def status(auth: Auth, root: Path, place: Path) -> tuple[int, str, int]:
    answer = auth("registry", "status", "--json", "--dir", place)
    (found,) = answer.objects
    schema = json.loads((root / "schemas/registry-status.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(found, schema)
    assert found["known"] >= 1
    return answer.exit_code, found["state"], found["known"] - found["version"]


def test_a_registry_from_nothing_to_nothing(auth: Auth, root: Path, embedded: Path) -> None:
    assert status(auth, root, embedded)[:2] == (NO, "missing")
    answer = auth("registry", "migrate", "--dir", embedded)
    assert answer.exit_code == YES, answer.error
    assert "schema version" in answer.text and " 0 applied" not in answer.text
    assert status(auth, root, embedded) == (YES, "current", 0)
    again = auth("registry", "migrate", "--dir", embedded)
    assert again.exit_code == YES and " 0 applied" in again.text
    assert auth("registry", "embed", embedded).exit_code == YES
    assert auth("registry", "stop", embedded).exit_code == YES
    answer = auth("registry", "status", "--dir", embedded)
    assert answer.exit_code == NO and "auth registry embed" in answer.error
    assert auth("registry", "embed", embedded).exit_code == YES
    assert status(auth, root, embedded) == (YES, "current", 0)


def test_another_server_is_made_ready_by_its_superuser(auth: Auth, embedded: Path) -> None:
    """The embedded cluster stands in for a server that somebody else runs."""
    socket = (embedded / "socket").read_text(encoding="utf-8").strip()
    answer = auth(
        "registry", "migrate",
        "--bootstrap", f"host='{socket}' user=postgres dbname=postgres",
        "--connect", f"host='{socket}' user=postgres dbname=auth",
    )
    assert answer.exit_code == YES, answer.error
    answer = auth("registry", "status", "--connect", f"host='{socket}' user=auth_ca dbname=auth")
    assert answer.exit_code == YES and "current" in answer.text
    answer = auth("registry", "migrate", "--connect", f"host='{socket}' user=auth_ca dbname=auth")
    assert answer.exit_code == NO and "auth_owner" in answer.error


@pytest.mark.parametrize(
    ("conninfo", "told"),
    [
        ("host=db.example user=auth_ca", "sslmode=verify-full"),
        ("host=db.example sslmode=require", "sslmode=verify-full"),
        ("host=db.example sslmode=verify-ca", "sslmode=verify-full"),
        ("host=db.example sslmode=verify-full ssl_min_protocol_version=TLSv1.1", "TLSv1.2"),
        ("host=/run/postgresql hostaddr=127.0.0.1", "sslmode=verify-full"),
        ("host=/run/postgresql,db.example", "sslmode=verify-full"),
        ("hostaddr=127.0.0.1 sslmode=verify-full", "host is missing"),
        ("dbname=auth", "host is missing"),
        ("service=other host=/run/postgresql", "service"),
        ("postgresql://db.example/auth", "sslmode=verify-full"),
    ],
)
def test_lines_that_are_not_protected_are_refused(auth: Auth, conninfo: str, told: str) -> None:
    answer = auth("registry", "status", "--connect", conninfo)
    assert answer.exit_code == NO
    assert told in answer.error


def test_the_environment_cannot_undo_that(auth: Auth, embedded: Path) -> None:
    socket = (embedded / "socket").read_text(encoding="utf-8").strip()
    conninfo = f"host='{socket}' user=auth_ca dbname=auth"
    for variable, value in {"PGHOSTADDR": "127.0.0.1", "PGSERVICE": "other"}.items():
        answer = auth.with_environment(**{variable: value})("registry", "status", "--connect", conninfo)
        assert answer.exit_code == NO, variable
    # What is harmless is no reason to refuse.
    answer = auth.with_environment(PGSSLMODE="disable")("registry", "status", "--connect", conninfo)
    assert answer.exit_code == NO and "missing" in answer.text


def test_a_secret_in_a_connection_string_is_never_repeated(auth: Auth) -> None:
    for conninfo in ("password=wonderland host", "host=db.example password=wonderland"):
        answer = auth("registry", "status", "--connect", conninfo)
        assert answer.exit_code == NO
        assert "wonderland" not in answer.error


def test_a_server_that_is_not_there_is_a_fault(auth: Auth, tmp_path: Path) -> None:
    answer = auth("registry", "status", "--connect", f"host='{tmp_path}' dbname=auth user=auth_ca")
    assert answer.exit_code == FAULT
    assert "server" in answer.error


def test_usage(auth: Auth, tmp_path: Path) -> None:
    for words in (
        ("embed",),
        ("stop", "one", "two"),
        ("status",),
        ("migrate", "--dir", "one", "--connect", "host=two"),
    ):
        assert auth("registry", *words).exit_code == USAGE
    assert auth("registry", "stop", tmp_path).exit_code == NO
    (tmp_path / "diary").write_text("dear", encoding="utf-8")
    answer = auth("registry", "embed", tmp_path)
    assert answer.exit_code == NO
