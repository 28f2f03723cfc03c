# SPDX-License-Identifier: Apache-2.0
"""Can officers work in a realm whose citizens have SM2, by the same commands?"""

from __future__ import annotations

from pathlib import Path

from conftest import NO, YES, Auth
from offices import running


def test_a_citizen_with_sm2(auth: Auth, build: Path) -> None:
    with running(auth, "--algorithm", "sm2") as office:
        office.appoint("wang", "clerk")
        office.appoint("zhao", "approver")
        asked = office.enrol(
            "wang", "--number-file", office.number(), "--key-type", "sm2", "--key-out", office.place / "li.pem"
        )
        done = office.done("zhao", "request", "approve", "--yes", asked["id"])
        serial = done["items"][0]["certificate"]
        path = office.place / "li.cer"
        assert office("wang", "cert", "get", serial, "--out", path).exit_code == YES
        shown = auth("cert", "show", path).text
        assert "key           sm2, 256 bits" in shown and "SM2-with-SM3" in shown
        # An officer with such a key could not be reached: that is told before anything is asked.
        answer = office("wang", "request", "list", "--certificate", path, "--key", office.place / "li.pem")
        assert answer.exit_code == NO and "SM2" in answer.error and "P-256" in answer.error
