# SPDX-License-Identifier: Apache-2.0
"""Does `auth doctor` say by its exit code and in JSON what is wrong, also of what waits in the registry?"""

from __future__ import annotations

import json
import os
import socket
import subprocess
from pathlib import Path

import jsonschema  # type: ignore[import]
from conftest import NO, TIMEOUT_S, USAGE, YES, Auth
from test_realm import make, place  # noqa: F401

# What nobody but the owner could do: a request that was approved an hour ago, and a CRL that is overdue.
WAITING = """
INSERT INTO registry.request (request_id, kind, office_no, state, item_count, payload_hash, document, seal_key,
    created_at, expires_at, submitted_at)
VALUES (gen_random_uuid(), 1, 1, 2, 1, sha256('x'), decode(repeat('00', 64), 'hex'), 1, now(), now() + interval '1 day',
    now() - interval '65 minutes');
"""
OVERDUE = """
INSERT INTO registry.crl_scope VALUES (2, 0, 1), (3, 0, 1);
INSERT INTO registry.crl (authority_id, shard, number, revision, this_update, next_update, entry_count, der)
VALUES (2, 0, 1, 0, now() - interval '3 days', now() + interval '1 day', 0, '\\x00'),
    (3, 0, 1, 0, now() - interval '3 days', now() - interval '1 day', 0, '\\x00');
"""


def sql(realm: Path, text: str) -> None:
    folder = realm / "registry"
    place = folder / "socket"
    socket = place.read_text(encoding="utf-8").strip() if place.exists() else str(folder / "run")
    subprocess.run(
        ["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-h", socket, "-U", "auth_owner", "-c", text, "auth"],
        check=True,
        timeout=TIMEOUT_S,
    )


def find(auth: Auth, root: Path, realm: Path) -> tuple[int, set[tuple[str, bool]]]:
    answer = auth("doctor", "--json", realm)
    schema = json.loads((root / "schemas/doctor.schema.json").read_text(encoding="utf-8"))
    for finding in answer.objects:
        jsonschema.validate(finding, schema)
    return answer.exit_code, {(finding["check"], finding["is_fault"]) for finding in answer.objects}


def test_what_is_wrong_comes_and_goes(auth: Auth, root: Path, place: Path) -> None:  # noqa: F811
    realm = make(auth, place)
    assert find(auth, root, realm) == (NO, {("safe", False), ("registry", True)})
    # The registry alone: an authority that runs would refuse at once what is to wait here.
    assert auth("registry", "embed", realm / "registry").exit_code == YES
    assert find(auth, root, realm) == (YES, {("safe", False)})
    (realm / "keys/root.pem").rename(place / "root.pem")
    assert find(auth, root, realm) == (YES, set())
    assert auth("doctor", realm).text == "faults: 0, warnings: 0\n"
    sql(realm, WAITING)
    assert find(auth, root, realm) == (NO, {("queue", True)})
    answer = auth("doctor", realm)
    assert "1 approved requests wait" in answer.text and "for 65 min" in answer.text
    sql(realm, OVERDUE)
    assert find(auth, root, realm) == (NO, {("queue", True), ("crl", True)})


def test_ports_are_those_of_the_daemons(auth: Auth, root: Path, place: Path) -> None:  # noqa: F811
    realm = make(auth, place)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with (realm / "realm.conf").open(encoding="utf-8") as file:
            text = file.read()
        conf = text.replace("ocsp-listen = 127.0.0.1:0", f"ocsp-listen = 127.0.0.1:{port}")
        (realm / "realm.conf").write_text(conf, encoding="utf-8")
        assert ("ports", True) in find(auth, root, realm)[1]
        answer = auth("doctor", realm)
        assert f"somebody else listens at 127.0.0.1:{port}" in answer.text
    assert ("ports", True) not in find(auth, root, realm)[1]
    assert "registry: the embedded one does not run; start the realm with 'auth up'" in auth("doctor", realm).text


def test_a_daemon_that_does_not_answer_is_told(auth: Auth, root: Path, place: Path) -> None:  # noqa: F811
    """A process that is no daemon stands in for one that has lost its socket."""
    realm = make(auth, place)
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    (realm / "run/ra.listen").write_text(f"127.0.0.1:{port}", encoding="utf-8")
    start = Path(f"/proc/{os.getpid()}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    (realm / "run/ra.pid").write_text(f"{os.getpid()} {start}\n", encoding="utf-8")
    for name in ("ra.listen", "ra.pid"):
        (realm / "run" / name).chmod(0o644)
    assert ("ports", True) in find(auth, root, realm)[1]
    assert f"nobody answers at 127.0.0.1:{port}" in auth("doctor", realm).text
    (realm / "run/ra.pid").unlink()


def test_usage(auth: Auth, tmp_path: Path) -> None:
    assert auth("doctor").exit_code == USAGE
    answer = auth("doctor", tmp_path)
    assert answer.exit_code == NO and "realm.conf" in answer.error
