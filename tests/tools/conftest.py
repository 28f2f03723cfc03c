# SPDX-License-Identifier: Apache-2.0
"""What the tests of the tools share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tools/check")]

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def root() -> Path:
    return ROOT


@pytest.fixture
def build() -> Path:
    """A build with gcc: ./check makes it, AUTH_BUILD names it."""
    return Path(os.environ.get("AUTH_BUILD", ROOT / "build/gcc"))


@pytest.fixture
def run() -> Run:
    """Runs a command; strict about Python, as ./check is."""

    def call(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        settings = {**os.environ, "PYTHONWARNINGS": "error", "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            words, capture_output=True, text=True, env={**settings, **environment}, timeout=300
        )

    return call
