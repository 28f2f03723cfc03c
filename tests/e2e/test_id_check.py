# SPDX-License-Identifier: Apache-2.0
"""Does `auth id check` answer for every line or argument exactly as it stands, say by its exit code
whether all are good, and never repeat a number that it refuses?"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from conftest import FAULT, NO, TIMEOUT_S, USAGE, YES, Auth, Vector

ANNEX = "11010519491231002X"
ANNEX_OLD = "440524188001010014"
WRONG = "110105194912310020"
LEGACY = "440309050315123"
TODAY = ("--today", "2026-01-31")

# Exit codes


def test_yes_when_all_are_good(auth: Auth) -> None:
    answer = auth("id", "check", ANNEX, "130429201912310031")
    assert answer.exit_code == YES
    assert answer.text.splitlines() == [
        "1  valid    110105********002X  citizen identity number, female, born in 1949, Beijing",
        "2  valid    130429********0031  citizen identity number, male, born in 2019, Hebei",
    ]
    assert answer.err == b""


@pytest.mark.parametrize("numbers", [(WRONG,), (ANNEX, WRONG), (WRONG, ANNEX), ("",)])
def test_no_when_one_is_not(auth: Auth, numbers: tuple[str, ...]) -> None:
    answer = auth("id", "check", *numbers)
    assert answer.exit_code == NO
    assert len(answer.text.splitlines()) == len(numbers)
    assert answer.err == b""


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--json",),
        ("--from", "-", ANNEX),
        ("--from",),
        ("--today", "2026-02-29", ANNEX),
        ("--today", "20260131", ANNEX),
        ("--today", "2026-1-31", ANNEX),
        ("--today", "2026-01-31T00:00:00Z", ANNEX),
        ("--today", "tomorrow", ANNEX),
        ("--today", "", ANNEX),
        ("--today=0000-00-00", ANNEX),
        ("--today",),
        ("--type", "citizens", ANNEX),
        ("--type", "Citizen", ANNEX),
        ("--type", "", ANNEX),
        ("--type=%s%n", ANNEX),
        ("--type",),
        ("--legacy=yes", ANNEX),
        ("--json=1", ANNEX),
        ("--no-such-option", ANNEX),
        ("-j", ANNEX),
        ("-", "-x", ANNEX),
    ],
)
def test_wrong_usage_is_said_and_nothing_is_done(auth: Auth, words: tuple[str, ...]) -> None:
    answer = auth("id", "check", *words)
    assert answer.exit_code == USAGE
    assert answer.out == b""
    assert answer.error.startswith("auth id check: ")
    option = words[0].partition("=")[0] if words and words[0].startswith("--") else None
    if option in ("--today", "--type", "--from", "--legacy") and ANNEX not in words[-1:]:
        assert option in answer.error
    assert ANNEX not in answer.error


def test_wrong_values_are_answered_with_the_right_ones(auth: Auth) -> None:
    error = auth("id", "check", "--type", "x", ANNEX).error
    for name in ("any", "citizen", "permit", "foreign-2023", "foreign-2017", "passport"):
        assert f" {name}" in error
    assert "2026-01-31" in auth("id", "check", "--today", "x", ANNEX).error
    assert "DATE" in auth("id", "check", ANNEX, "--today").error


@pytest.mark.parametrize("path", ["no-such-file", "/", "/proc/self/mem", "no-such-folder/file"])
def test_a_file_that_cannot_be_read_is_a_fault(auth: Auth, path: str) -> None:
    answer = auth("id", "check", "--from", path)
    assert answer.exit_code == FAULT
    assert path in answer.error
    assert answer.out == b""


@pytest.mark.parametrize("words", [(ANNEX,), ("--json", ANNEX), ("--from", "-"), (WRONG,)])
def test_an_answer_that_cannot_be_written_is_a_fault(auth: Auth, words: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        for lines in (1, 5000):
            answer = auth("id", "check", *words, stdin=b"1\n" * lines, stdout=full)
            assert answer.exit_code == FAULT
            assert "No space left" in answer.error


def test_a_closed_output_is_a_fault(auth: Auth, tmp_path: Path) -> None:
    """The file of --from then gets the number of standard output, and must not be written to."""
    file = tmp_path / "numbers"
    file.write_text(f"{ANNEX}\n")
    for words in ((ANNEX,), ("--from", str(file))):
        close = ["sh", "-c", 'exec "$@" >&- 2>&-', "sh"]
        command = [*close, str(auth.program), "id", "check", *words]
        result = subprocess.run(command, env=auth.environment, timeout=TIMEOUT_S)
        assert result.returncode == FAULT
    assert file.read_text() == f"{ANNEX}\n"


# Lines


def reasons(auth: Auth, lines: bytes) -> list[tuple[str, int]]:
    answer = auth("id", "check", *TODAY, "--from", "-", stdin=lines)
    objects = answer.objects
    assert [each["line"] for each in objects] == list(range(1, len(objects) + 1))
    assert answer.exit_code == (YES if all(each["valid"] for each in objects) else NO)
    return [(each["reason"], each["position"]) for each in objects]


GOOD = ("ok", 0)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (b"", []),
        (b"\n", [("empty", 0)]),
        (b"\n\n", [("empty", 0), ("empty", 0)]),
        (ANNEX.encode(), [GOOD]),
        (f"{ANNEX}\n{ANNEX_OLD}".encode(), [GOOD, GOOD]),
        (f"{ANNEX}\n{ANNEX_OLD}\n".encode(), [GOOD, GOOD]),
        (f"{ANNEX}\n\n{ANNEX_OLD}\n".encode(), [GOOD, ("empty", 0), GOOD]),
        (f"{ANNEX}\r\n".encode(), [("space", 19)]),
        (f"{ANNEX}\r".encode(), [("space", 19)]),
        (f" {ANNEX}\n".encode(), [("space", 1)]),
        (f"{ANNEX} \n".encode(), [("space", 19)]),
        (f"\t{ANNEX}\n".encode(), [("space", 1)]),
        (f"{ANNEX}\x00\n".encode(), [("nul", 19)]),
        (f"\x00{ANNEX}\n{ANNEX}".encode(), [("nul", 1), GOOD]),
        (b"\x00", [("nul", 1)]),
        (f"\ufeff{ANNEX}\n".encode(), [("character", 1)]),
        (b"\xff\xfe\n", [("character", 1)]),
        (b"1" * 10_000_000 + b"\n" + ANNEX.encode(), [("length", 0), GOOD]),
        (ANNEX.encode() + b" " * 300 + b"\n", [("space", 19)]),
        (ANNEX.encode() * 20 + b"\n", [("length", 0)]),
    ],
)
def test_lines_are_checked_as_they_stand(
    auth: Auth, lines: bytes, expected: list[tuple[str, int]]
) -> None:
    assert reasons(auth, lines) == expected


@pytest.mark.parametrize("length", range(250, 262))
def test_lines_around_the_length_that_is_kept(auth: Auth, length: int) -> None:
    assert reasons(auth, b"1" * length + b"\n" + ANNEX.encode()) == [("length", 0), GOOD]


def test_a_hundred_thousand_lines_are_answered_in_order(auth: Auth, tmp_path: Path) -> None:
    file = tmp_path / "numbers.txt"
    file.write_text(f"{ANNEX}\n{WRONG}\n" * 50_000)
    answer = auth("id", "check", *TODAY, "--from", file)
    assert answer.exit_code == NO
    objects = answer.objects
    assert [each["line"] for each in objects] == list(range(1, 100_001))
    assert [each["valid"] for each in objects] == [True, False] * 50_000


def test_a_file_and_standard_input_are_the_same(auth: Auth, tmp_path: Path) -> None:
    lines = f"{ANNEX}\n {ANNEX}\n".encode()
    file = tmp_path / "a name with spaces"
    file.write_bytes(lines)
    assert auth("id", "check", "--from", file) == auth("id", "check", "--from", "-", stdin=lines)


# Rules


def first(auth: Auth, *words: str) -> dict[str, object]:
    return dict(auth("id", "check", "--json", *words).objects[0])


def test_today_is_the_last_day_of_birth(auth: Auth) -> None:
    assert first(auth, "--today", "1949-12-31", ANNEX)["valid"] is True
    refused = first(auth, "--today", "1949-12-30", ANNEX)
    assert (refused["reason"], refused["position"]) == ("birth-future", 7)


def test_the_last_of_two_values_counts(auth: Auth) -> None:
    words = ("--today", "1949-12-30", "--today", "1949-12-31", ANNEX)
    assert first(auth, *words)["valid"] is True


def test_without_today_nobody_is_born_in_2999(auth: Auth) -> None:
    assert first(auth, "110103299901010011")["reason"] == "birth-future"
    assert first(auth, ANNEX)["valid"] is True


@pytest.mark.parametrize(
    ("kind", "number", "reason"),
    [
        ("any", ANNEX, "ok"),
        ("citizen", ANNEX, "ok"),
        ("permit", ANNEX, "type-mismatch"),
        ("permit", "810000190501010014", "ok"),
        ("foreign-2023", "911124190501010015", "ok"),
        ("foreign-2017", "JPN310008022920", "ok"),
        ("passport", "E12345678", "ok"),
        ("any", "E12345678", "type-needed"),
        ("passport", ANNEX, "document-length"),
        ("military-officer", "军字第0000000号", "ok"),
    ],
)
def test_a_type_can_be_named(auth: Auth, kind: str, number: str, reason: str) -> None:
    answer = first(auth, *TODAY, "--type", kind, number)
    assert answer["reason"] == reason
    if reason == "ok" and kind != "any":
        assert answer["type"] == kind


def test_fifteen_digits_need_to_be_asked_for(auth: Auth) -> None:
    refused = first(auth, *TODAY, LEGACY)
    assert (refused["valid"], refused["reason"]) == (False, "legacy-15")
    accepted = first(auth, *TODAY, "--legacy", LEGACY)
    assert (accepted["valid"], accepted["reason"]) == (True, "ok")
    assert refused["canonical"] == accepted["canonical"] == "440309190503151237"


# What is not said


def pieces(number: str, length: int) -> list[str]:
    return [number[at : at + length] for at in range(len(number) - length + 1)]


def test_refused_numbers_are_not_repeated(auth: Auth, vectors: list[Vector]) -> None:
    refused = [each.number for each in vectors if not each.is_valid and len(each.number) > 8]
    answer = auth("id", "check", *TODAY, "--", *refused)
    assert answer.exit_code == NO
    assert answer.err == b""
    assert len(answer.text.splitlines()) == len(refused)
    for number in refused:
        assert not any(piece in answer.text for piece in pieces(number, 8))


def test_accepted_numbers_are_masked(auth: Auth, vectors: list[Vector]) -> None:
    accepted = [each.number for each in vectors if each.is_valid]
    text = auth("id", "check", *TODAY, "--legacy", "--", *accepted).text
    for number in accepted:
        assert not any(piece in text for piece in pieces(number.upper(), 9))


@pytest.mark.parametrize(
    "words",
    [
        ("id", "check", f"-{ANNEX}"),
        ("id", "check", ANNEX, f"-{ANNEX}"),
        ("id", "check", ANNEX, "-xy"),
        ("id", "check", ANNEX, "-x"),
        ("id", "check", f"--{ANNEX}"),
        ("id", "check", f"--json={ANNEX}"),
        ("id", "check", f"--jsonn={ANNEX}"),
        ("id", "check", "--type", ANNEX, ANNEX),
        ("id", "check", "--today", ANNEX, ANNEX),
        ("id", ANNEX),
        (ANNEX,),
        (f"-{ANNEX}",),
        ("help", ANNEX),
        ("help", "id", ANNEX),
        ("manual", ANNEX),
        ("version", ANNEX),
        ("completion", ANNEX),
    ],
)
def test_numbers_in_the_wrong_place_are_not_repeated(auth: Auth, words: tuple[str, ...]) -> None:
    answer = auth(*words)
    assert answer.exit_code == USAGE
    assert not any(piece in answer.text + answer.error for piece in pieces(ANNEX, 6))
