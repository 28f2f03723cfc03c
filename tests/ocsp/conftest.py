# SPDX-License-Identifier: Apache-2.0
"""What the tests of auth-ocsp share: realms that run, officers who act in them, clients who ask. AUTH_BUILD names
the build folder. A test that is scaled down runs at its full size with AUTH_OCSP_FULL=1."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from world import World, making

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="session")
def build() -> Path:
    folder = Path(os.environ.get("AUTH_BUILD", ROOT / "build/gcc")).resolve()
    for program in ("cli/auth", "ca/auth-ca", "ocsp/auth-ocsp", "tests/load/auth-load", "tests/counter/auth-counter"):
        if not (folder / program).exists():
            pytest.fail(f"there is no {program} in {folder}; build it, and name the folder in AUTH_BUILD")
    return folder


@pytest.fixture(scope="session")
def is_full() -> bool:
    return os.environ.get("AUTH_OCSP_FULL") == "1"


@pytest.fixture(scope="session")
def world(build: Path) -> Iterator[World]:
    """One realm for all tests that leave it whole; when all is done, everything that was seen in it has to agree
    with its registry."""
    with making(build) as made:
        yield made
        made.examine()
