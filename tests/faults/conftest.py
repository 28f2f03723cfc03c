# SPDX-License-Identifier: Apache-2.0
"""Realms with all daemons and two offices, for tests that kill or torment them. AUTH_BUILD names the build folder."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[1:1] = [str(ROOT / f"tests/{name}") for name in ("lra", "ra", "harness")]

from counter import make_realm  # noqa: E402
from officers import Realm  # noqa: E402


@contextlib.contextmanager
def running_realm() -> Iterator[Realm]:
    build = Path(os.environ.get("AUTH_BUILD", ROOT / "build/gcc")).resolve()
    for program in ("ca", "ra", "lra", "ocsp"):
        if not (build / program / f"auth-{program}").exists():
            pytest.fail(f"there is no auth-{program} in {build}; build it, and name the folder in AUTH_BUILD")
    with tempfile.TemporaryDirectory(prefix="auth-faults-") as name:
        made = make_realm(Path(name), build)
        try:
            # The office of auth-lra is open by now.
            made.up()
            yield made
        finally:
            made.down()


@pytest.fixture
def realm() -> Iterator[Realm]:
    """With a clerk and an approver at the centre, too."""
    with running_realm() as made:
        for who, role in (("clerk", "clerk"), ("approver", "approver")):
            made.appoint(who, role)
        yield made


@pytest.fixture(scope="module")
def quiet_realm() -> Iterator[Realm]:
    """One for all tests of a file that leave it as it was."""
    with running_realm() as made:
        yield made
