# SPDX-License-Identifier: Apache-2.0
"""Does a counter that goes on entering as fast as its answers let it catch up with what waits, in order and exactly once, when
the registry is back?"""

from __future__ import annotations

import json
import struct
import subprocess
from pathlib import Path

from counter import Counter
from officers import PATIENCE_S, id_of, wait_for

BACKLOG = 300
INTAKE = 4000
CONNECTIONS = 8


def prepare(counter: Counter, path: Path, count: int) -> list[str]:
    """Writes documents for auth-ra-load; gives their ids."""
    ids = []
    with path.open("wb") as file:
        for _ in range(count):
            payload = counter.enrolment()
            body = counter.signed(payload)
            file.write(struct.pack(">I", len(body)) + body)
            ids.append(id_of(payload))
    return ids


def intake(counter: Counter, path: Path) -> subprocess.Popen[bytes]:
    """A counter that is busy: each connection sends its next document as soon as it has an answer."""
    certificate, key = counter.realm.officers["chen"].files
    words = [counter.realm.build / "tests/ra/auth-ra-load", str(counter.port), certificate, key, path, str(CONNECTIONS)]
    return subprocess.Popen(words, stdout=subprocess.PIPE)


def test_a_busy_counter_catches_up(counter: Counter) -> None:
    counter.introduce()
    folder = counter.realm.folder
    waiting = prepare(counter, folder / "backlog", BACKLOG)
    coming = prepare(counter, folder / "intake", INTAKE)
    counter.registry_down()
    with intake(counter, folder / "backlog") as kept:
        kept.communicate(timeout=PATIENCE_S)
        assert kept.returncode == 0
    assert counter.metric("auth_lra_spool_waiting") == BACKLOG
    counter.registry_up()
    with intake(counter, folder / "intake") as busy:
        # Nobody has to stop for it: the backlog is gone while documents still come.
        assert wait_for(lambda: counter.metric("auth_lra_spool_waiting") == 0 or busy.poll() is not None)
        assert busy.poll() is None, "all has come in before the backlog was gone"
        late = counter.metric("auth_lra_kept_total")
        assert BACKLOG <= late < BACKLOG + INTAKE
        out, _ = busy.communicate(timeout=PATIENCE_S)
        assert busy.returncode == 0
    # Those that came when nothing waited any more went in directly.
    assert json.loads(out)["new"] > 0
    counter.wait_delivered()
    rows = counter.rows()
    assert sorted(rows) == sorted(set(rows)) and set(waiting + coming) <= set(rows)
    assert [name for name in rows if name in set(waiting)] == sorted(waiting)
    # What was entered meanwhile is behind all that waited.
    assert not set(rows[: rows.index(max(waiting)) + 1]) & set(coming)
    assert not counter.events("delivery-failed") and not counter.events("delivery-refused")
