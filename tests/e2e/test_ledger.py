# SPDX-License-Identifier: Apache-2.0
"""Do the subcommands of the ledger and of sealing work on a registry, and say what is wrong with it?"""

from __future__ import annotations

import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import FAULT, NO, USAGE, YES, Auth

PSQL = "/usr/lib/postgresql/15/bin/psql"
SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"
POLICY = Path(__file__).resolve().parents[2] / "schemas/policy.json"
BODY = '{"event":"ca-start","at":"2026-01-31T23:59:59Z","realm":"example"}'


@pytest.fixture(scope="module")
def place(auth: Auth) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="auth-e2e-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        place = folder / "registry"
        assert auth("registry", "embed", place).exit_code == YES
        assert auth("registry", "migrate", "--dir", place).exit_code == YES
        sql(place, "INSERT INTO registry.realm VALUES (true, 'example')")
        yield place
        auth("registry", "stop", place)


def sql(place: Path, text: str) -> None:
    socket = (place / "socket").read_text(encoding="utf-8").strip()
    words = [PSQL, "-qX", "-v", "ON_ERROR_STOP=1", f"host='{socket}' user=postgres dbname=auth"]
    subprocess.run([*words, "-c", text], check=True, timeout=60)


def test_an_empty_registry_is_in_order(auth: Auth, place: Path) -> None:
    for words in (("ledger", "verify"), ("fsck",)):
        answer = auth(*words, "--dir", place)
        assert answer.exit_code == YES, answer.text + answer.error
        assert answer.text.startswith("in order: 0 ")
        (found,) = auth(*words, "--json", "--dir", place).objects
        assert found["in_order"] is True and found["faults"] == 0
    assert auth("ledger", "tail", "--dir", place).out == b""


def test_answers_are_held_against_the_registry(auth: Auth, place: Path, tmp_path: Path) -> None:
    serial = "01e30000000000000009a1b2c3d4e5f6"
    (tmp_path / "right").write_text(f"seen {serial} unknown 1000000 1000001 1\n", encoding="ascii")
    (tmp_path / "wrong").write_text(f"told {serial} revoked 1000000\n", encoding="ascii")
    files = ("--answers", tmp_path / "right", "--answers", tmp_path / "wrong")
    answer = auth("fsck", "--json", "--dir", place, *files)
    assert answer.exit_code == NO, answer.error
    finding, summary = answer.objects
    assert (finding["table"], finding["row"]) == ("answer", f"{tmp_path}/wrong:1")
    assert (summary["told"], summary["answers"], summary["faults"]) == (1, 1, 1)
    answer = auth("fsck", "--dir", place, *files[:2])
    assert answer.exit_code == YES, answer.text + answer.error
    (tmp_path / "wrong").write_text("revoked\n", encoding="ascii")
    answer = auth("fsck", "--dir", place, *files)
    assert answer.exit_code == NO and "wrong: line 1" in answer.error


def test_what_does_not_exist_is_not_proved(auth: Auth, place: Path) -> None:
    for name in ("0192d4e0-7f31-7c02-8e0a-5b1f3c2d4e6f", "01e30000000000000009a1b2c3d4e5f6"):
        answer = auth("ledger", "prove", "--dir", place, name)
        assert answer.exit_code == NO and "no entry" in answer.error


@pytest.mark.parametrize(
    "words",
    [
        ("ledger", "verify"),
        ("fsck", "--dir", "a", "--connect", "b"),
        ("fsck", "--dir", "a", "--deep"),
        ("fsck", "--dir", "a", "--deep", "--realm", "example", "--seal-key", "k"),
        ("ledger", "verify", "--dir", "a", "--deep", "--realm", "example"),
        ("ledger", "prove", "--dir", "a"),
        ("ledger", "prove", "--dir", "a", "not hex"),
        ("ledger", "consistency", "--dir", "a", "one"),
        ("ledger", "tail", "--dir", "a", "--lines", "0"),
        ("seal", "new", "--realm", "example"),
        ("seal", "new", "--realm", "example", "--out", "x", "--generation", "0"),
        ("seal", "export", "--realm", "example", "--out", "x"),
        ("registry", "reseal", "--dir", "a", "--realm", "example"),
    ],
)
def test_wrong_usage(auth: Auth, words: tuple[str, ...]) -> None:
    answer = auth(*words)
    assert answer.exit_code == USAGE, answer.error


def test_files_that_are_not_there(auth: Auth, place: Path, tmp_path: Path) -> None:
    answer = auth("ledger", "verify", "--dir", place, "--anchor", tmp_path / "none")
    assert answer.exit_code == NO and "none" in answer.error
    head = tmp_path / "head"
    head.write_text("no head\n", encoding="utf-8")
    answer = auth("ledger", "consistency", "--dir", place, head, head)
    assert answer.exit_code == NO and "head" in answer.error
    answer = auth("ledger", "verify", "--dir", place, "--head", head)
    assert answer.exit_code == NO and f"head {head}:1: " in answer.text


def test_a_leaf_that_was_put_in_is_named(auth: Auth, place: Path) -> None:
    sql(
        place,
        f"INSERT INTO registry.ledger_entry (event, body) VALUES (46, '{BODY}');"
        "INSERT INTO registry.ledger_leaf SELECT 0, entry_id, sha256('x') FROM registry.ledger_entry",
    )
    try:
        assert auth("ledger", "tail", "--dir", place).text == BODY + "\n"
        for words in (("ledger", "verify"), ("fsck",)):
            answer = auth(*words, "--dir", place)
            assert answer.exit_code == NO
            assert "ledger_entry 1: " in answer.text and "ledger_leaf 0" in answer.text
            *findings, summary = auth(*words, "--json", "--dir", place).objects
            assert findings[0]["table"] == "ledger_entry" and findings[0]["row"] == "1"
            assert summary["in_order"] is False and summary["faults"] == len(findings)
    finally:
        sql(
            place,
            "SET session_replication_role = replica; DELETE FROM registry.ledger_leaf;"
            " DELETE FROM registry.ledger_entry",
        )


def test_a_registry_changes_its_key(auth: Auth, place: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "1.key", tmp_path / "2.key"
    for generation, path in enumerate((first, second), 1):
        answer = auth(
            "seal", "new", "--realm", "example", "--generation", str(generation), "--out", path
        )
        assert answer.exit_code == YES, answer.error
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_text(encoding="utf-8").startswith("auth-master-key 1\nrealm example\n")
    again = auth("seal", "new", "--realm", "example", "--out", first)
    assert again.exit_code == NO and "never overwritten" in again.error

    def reseal(*keys: Path) -> tuple[int, str]:
        words: list[str | Path] = ["registry", "reseal", "--json", "--dir", place]
        for key in keys:
            words += ["--seal-key", key]
        answer = auth(*words, "--realm", "example")
        return answer.exit_code, answer.error

    assert reseal(first) == (YES, "")
    assert reseal(first, second) == (YES, "")
    code, error = reseal(first)
    assert code == NO and "generation" in error
    for words in (("ledger", "verify"), ("fsck",)):
        answer = auth(
            *words, "--json", "--dir", place, "--deep", "--realm", "example", "--seal-key", second,
            "--policy", POLICY,
        )
        assert answer.exit_code == YES and answer.objects[0]["documents"] == 0, answer.error
    second.chmod(0o640)
    code, error = reseal(second)
    assert code == NO and "chmod 600" in error


def test_an_office_gets_its_own_key(auth: Auth, tmp_path: Path) -> None:
    master, office, city = (tmp_path / name for name in ("master", "office", "city"))
    auth("seal", "new", "--realm", "example", "--out", master)

    def export(source: Path, path: str, out: Path) -> tuple[int, str]:
        answer = auth(
            "seal", "export", "--realm", "example", "--seal-key", source, "--office", path,
            "--out", out,
        )
        return answer.exit_code, answer.error

    assert export(master, "/centre/xian/", office) == (YES, "")
    assert "\npath /centre/xian/\n" in office.read_text(encoding="utf-8")
    assert export(office, "/centre/xian/yanta/", city) == (YES, "")
    code, error = export(office, "/centre/gansu/", tmp_path / "other")
    assert code == NO and "outside of /centre/xian/" in error
    assert not (tmp_path / "other").exists()


def test_a_key_that_only_a_token_opens(auth: Auth, tmp_path: Path) -> None:
    token, key = tmp_path / "rsa.pem", tmp_path / "seal.key"
    assert auth("key", "new", "--type", "rsa", "--bits", "2048", "--out", token).exit_code == YES
    answer = auth("seal", "new", "--realm", "example", "--out", key, "--token", token)
    assert answer.exit_code == YES, answer.error
    words = ("seal", "export", "--realm", "example", "--seal-key", key, "--office", "/a/", "--out")
    answer = auth(*words, tmp_path / "a")
    assert answer.exit_code == NO and "name the token" in answer.error
    answer = auth(*words, tmp_path / "a", "--token", token)
    assert answer.exit_code == YES, answer.error


def test_a_key_in_a_pkcs11_token(auth: Auth, tmp_path: Path) -> None:
    """The same with SoftHSM2: the key that opens the file never leaves the token."""
    (tmp_path / "tokens").mkdir()
    conf = tmp_path / "softhsm2.conf"
    conf.write_text(
        f"directories.tokendir = {tmp_path / 'tokens'}\nlog.level = ERROR\n", encoding="utf-8"
    )
    (tmp_path / "pin").write_text("1234\n", encoding="utf-8")
    (tmp_path / "pin").chmod(0o600)
    auth = auth.with_environment(SOFTHSM2_CONF=str(conf))
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", "t", "--pin", "1234", "--so-pin",
         "5678"],
        check=True, env=auth.environment, stdout=subprocess.DEVNULL, timeout=60,
    )
    uri = f"pkcs11:token=t;object=seal?module-path={SOFTHSM}&pin-source={tmp_path / 'pin'}"
    answer = auth("key", "new", "--type", "rsa", "--bits", "2048", "--token", uri)
    assert answer.exit_code == YES, answer.error
    key = tmp_path / "seal.key"
    answer = auth("seal", "new", "--realm", "example", "--out", key, "--token", uri)
    assert answer.exit_code == YES, answer.error
    answer = auth(
        "seal", "export", "--realm", "example", "--seal-key", key, "--office", "/a/",
        "--out", tmp_path / "a", "--token", uri,
    )
    assert answer.exit_code == YES, answer.error


def test_a_registry_that_is_not_there(auth: Auth, tmp_path: Path) -> None:
    answer = auth("ledger", "verify", "--dir", tmp_path / "none")
    assert answer.exit_code in (NO, FAULT) and "none" in answer.error
