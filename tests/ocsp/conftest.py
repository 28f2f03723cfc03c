# SPDX-License-Identifier: Apache-2.0
"""What the tests of auth-ocsp share. AUTH_BUILD names the build folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="session")
def build() -> Path:
    folder = Path(os.environ.get("AUTH_BUILD", ROOT / "build/gcc")).resolve()
    if not (folder / "tests/load/auth-load").exists():
        pytest.fail(f"there is no auth-load in {folder}; build it, and name the folder in AUTH_BUILD")
    return folder
