# SPDX-License-Identifier: Apache-2.0
"""Does the login of auth-lra speak for the office that realm.conf names, also one that was opened later, and for no
other?"""

from __future__ import annotations

import subprocess
from pathlib import Path

from conftest import NO, TIMEOUT_S, USAGE, YES, Auth
from test_realm import make, place  # noqa: F401

OPEN = """
INSERT INTO registry.office (office_id, parent_no, path, region, name, opened_at)
VALUES ('xian', 1, '/centre/xian/', '610100', 'Xian', now());
"""


def ask(realm: Path, login: str, text: str) -> str:
    folder = realm / "registry"
    found = folder / "socket"
    socket = found.read_text(encoding="utf-8").strip() if found.exists() else str(folder / "run")
    words = ("psql", "-qXtA", "-v", "ON_ERROR_STOP=1", "-h", socket, "-U", login, "-c", text, "auth")
    result = subprocess.run(words, check=True, timeout=TIMEOUT_S, capture_output=True, text=True)
    return result.stdout.strip()


def scope(realm: Path) -> str:
    return ask(realm, "auth_lra", "SELECT registry.scope_path()")


def test_the_login_follows_realm_conf(auth: Auth, place: Path) -> None:  # noqa: F811
    realm = make(auth, place)
    assert auth("registry", "embed", realm / "registry").exit_code == YES
    assert scope(realm) == "/centre/"
    answer = auth("registry", "assign", realm)
    assert answer.exit_code == NO and "write lra-office = OFFICE" in answer.error
    with (realm / "realm.conf").open("a", encoding="utf-8") as conf:
        conf.write("lra-office = xian\n")
    # An office that is not open keeps auth-lra alone from being started.
    up = auth("up", realm)
    assert up.exit_code == YES, up.error
    assert "auth-lra: is not started, since the office xian is not open" in up.text
    assert "auth-ca: runs as process" in up.text
    answer = auth("registry", "assign", realm)
    assert answer.exit_code == NO and "open it first" in answer.error
    assert scope(realm) == "/centre/"
    ask(realm, "auth_owner", OPEN)
    for _ in range(2):
        answer = auth("registry", "assign", realm)
        assert answer.exit_code == YES and answer.text == "auth_lra speaks for the office xian\n"
        assert scope(realm) == "/centre/xian/"
    ask(realm, "auth_owner", "UPDATE registry.office_login SET office_no = 1")
    up = auth("up", realm)
    assert up.exit_code == YES and "not started" not in up.text, up.error
    assert scope(realm) == "/centre/xian/"


def test_usage(auth: Auth) -> None:
    assert auth("registry", "assign").exit_code == USAGE
