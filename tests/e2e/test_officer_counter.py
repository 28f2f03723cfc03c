# SPDX-License-Identifier: Apache-2.0
"""Does a clerk of a city work through auth-lra by the same commands, also while the registry is away?"""

from __future__ import annotations

import time

from conftest import YES, Auth
from offices import running

DEADLINE_S = 90


def test_a_counter_goes_on_without_the_registry(auth: Auth) -> None:
    with running(auth) as office:
        office.appoint("zhao", "approver")
        asked = office.done("zhang", "office", "open", "xian", "--region", "610100", "--name", "西安")
        office.done("li", "request", "approve", "--yes", asked["id"])
        office.appoint("sun", "clerk", "--office", "xian")
        with (office.realm / "realm.conf").open("a", encoding="utf-8") as conf:
            conf.write("lra-office = xian\n")
        up = auth("up", office.realm)
        assert up.exit_code == YES and "auth-lra: runs as process" in up.text, up.error
        where = auth("status", "--json", office.realm).objects[0]["addresses"]["auth-lra"]
        server = ("--server", "https://localhost:" + where.rpartition(":")[2])
        entered = office.enrol("sun", *server, "--number-file", office.number(), "--key-out", office.place / "1.pem")
        assert (entered["state"], entered["kept"]) == ("submitted", False)
        assert auth("registry", "stop", office.realm / "registry").exit_code == YES
        kept = office.enrol("sun", *server, "--number-file", office.number(), "--key-out", office.place / "2.pem")
        assert (kept["state"], kept["kept"]) == ("kept", True)
        told = office(
            "sun", "enrol", *server, "--name", "Li", "--evidence", office.record(), "--number-file", office.number(),
            "--key-out", office.place / "3.pem",
        )  # fmt: skip
        assert told.exit_code == YES and "kept" in told.text, told.error
        table = office.place / "t.csv"
        number = office.number().read_text(encoding="utf-8").strip()
        table.write_text(
            f"number,name,evidence-method,evidence-file\n{number},Li,id-card-read,record.xml\n", encoding="utf-8"
        )
        office("sun", "enrol", *server, "--csv", table)
        state = table.with_name("t.csv.state").read_text(encoding="utf-8")
        assert "\ntaken " in state
        assert auth("up", office.realm).exit_code == YES
        end = time.monotonic() + DEADLINE_S
        while office("zhao", "request", "show", kept["id"]).exit_code != YES:
            assert time.monotonic() < end, "what was kept is not delivered"
        done = office.done("zhao", "request", "approve", "--yes", kept["id"])
        assert done["state"] == "done" and done["items"][0]["certificate"]
