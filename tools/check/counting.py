# SPDX-License-Identifier: Apache-2.0
"""Counts what a command tested, from its exit code, its TAP output or the report that it wrote."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from model import Counter, Counts, Outcome

TAP_LINE = re.compile(r"^(not )?ok\b(.*)$", re.M)
TAP_PLAN = re.compile(r"^1\.\.(\d+)", re.M)
TAP_SKIP = re.compile(r"#\s*skip", re.I)
MESON_FAILURES = {"FAIL", "ERROR", "TIMEOUT", "INTERRUPT", "UNEXPECTEDPASS"}


def with_exit_code(counts: Counts, outcome: Outcome) -> Counts:
    """A command that failed without a failed test, or that tested nothing, is a failure itself."""
    if counts.failed == 0 and (outcome.exit_code != 0 or counts.total == 0):
        return counts + Counts(failed=1)
    return counts


def once(outcome: Outcome) -> Counts:
    """The command is one test."""
    return Counts(passed=1) if outcome.exit_code == 0 else Counts(failed=1)


def count_tap(output: str) -> Counts:
    counts = Counts()
    for failed, rest in TAP_LINE.findall(output):
        if TAP_SKIP.search(rest):
            counts += Counts(skipped=1)
        else:
            counts += Counts(failed=1) if failed else Counts(passed=1)
    plan = TAP_PLAN.search(output)
    if plan is None or int(plan[1]) != counts.total:
        counts += Counts(failed=1)
    return counts


def tap(outcome: Outcome) -> Counts:
    """The command prints TAP."""
    return with_exit_code(count_tap(outcome.output), outcome)


def count_case(case: ElementTree.Element) -> Counts:
    if case.find("failure") is not None or case.find("error") is not None:
        return Counts(failed=1)
    return Counts(skipped=1) if case.find("skipped") is not None else Counts(passed=1)


def count_suite(suite: ElementTree.Element) -> Counts:
    return sum((count_case(case) for case in suite.findall("testcase")), Counts())


def junit(report: Path) -> Counter:
    """The command writes a JUnit report."""

    def count(outcome: Outcome) -> Counts:
        counts = Counts()
        if report.exists():
            counts = sum(map(count_suite, read_suites(report)), Counts())
        return with_exit_code(counts, outcome)

    return count


def read_suites(report: Path) -> list[ElementTree.Element]:
    return list(ElementTree.parse(report).iter("testsuite"))


def count_failed_programs(suites: list[ElementTree.Element]) -> int:
    """Counts the test programs that the report shows as failed.

    A program with subtests is a suite; the others are cases, told by their time, of one suite.
    """
    failed = 0
    for suite in suites:
        programs = [case for case in suite.findall("testcase") if case.get("time")]
        if programs:
            failed += sum(count_case(case).failed for case in programs)
        else:
            failed += min(1, count_suite(suite).failed)
    return failed


def meson(build: Path, log: str) -> Counter:
    """The command is `meson test` with --logbase=log.

    Meson's JUnit report has the subtests; that a program crashed after its last subtest, or ran out
    of time, stands in its other report only.
    """

    def count(outcome: Outcome) -> Counts:
        report = build / "meson-logs" / f"{log}.junit.xml"
        programs = build / "meson-logs" / f"{log}.json"
        counts = Counts()
        if report.exists() and programs.exists():
            suites = read_suites(report)
            counts = sum(map(count_suite, suites), Counts())
            results = [json.loads(line)["result"] for line in programs.read_text().splitlines()]
            failed = sum(result in MESON_FAILURES for result in results)
            counts += Counts(failed=max(0, failed - count_failed_programs(suites)))
        return with_exit_code(counts, outcome)

    return count
