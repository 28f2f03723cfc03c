# SPDX-License-Identifier: Apache-2.0
"""Does nobody end a request about his own certificate or his own office, where the policy lets two officers decide about
certificates, and does whoever else may sign it end it?"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from officers import JSON, Answer, Realm, document, id_of, payload_of

KINDS = ("revoke", "suspend")


def two_sign(realm: Realm) -> None:
    """Of the ready policy one officer revokes and suspends; here it takes two, as a realm may want it."""
    path = realm.dir / "policy.json"
    policy = json.loads(path.read_text(encoding="utf-8"))
    for row in policy["quorums"]:
        if row["kind"] in KINDS:
            row["signers"][0]["count"] = 2
    # Written in place: the file stays that of the realm's account.
    path.write_text(json.dumps(policy), encoding="utf-8")


@pytest.fixture(scope="module")
def strict(build: Path) -> Iterator[Realm]:
    """With officers of each role at the centre, and an admin of the office xian below it."""
    with tempfile.TemporaryDirectory(prefix="auth-ra-") as name:
        made = Realm(Path(name), build)
        made.make()
        two_sign(made)
        try:
            made.up()
            made.open_office("xian")
            for who, role, office in (
                ("clerk", "clerk", "centre"), ("approver", "approver", "centre"), ("boss", "admin", "centre"),
                ("auditor", "auditor", "centre"), ("chief", "admin", "xian"), ("guo", "approver", "xian"),
            ):
                made.appoint(who, role, office)
            yield made
        finally:
            made.down()


def reject(realm: Realm, who: str, name: str) -> Answer:
    return realm.ask(who, "POST", f"/requests/{name}/rejection", b'{"detail":"not so"}', kind=JSON)


def half_signed(realm: Realm, who: str, payload: bytes) -> str:
    sent = realm.ask(who, "POST", "/requests", document(payload, realm.officers[who]))
    assert sent.status == 201 and sent.json["state"] == "submitted", sent.body
    return id_of(payload)


def state(realm: Realm, name: str) -> str:
    found = realm.ask("li", "GET", f"/requests/{name}").json["state"]
    assert isinstance(found, str)
    return found


def about(realm: Realm, kind: str, who: str) -> bytes:
    item = {"serial": realm.officers[who].serial}
    return payload_of(kind, [{**item, "reason": "keyCompromise"} if kind == "revoke" else item])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("who", ["approver", "boss"])
def test_ones_own_certificate(strict: Realm, kind: str, who: str) -> None:
    others = {"approver", "boss", "zhang"} - {who}
    for other in sorted(others):
        name = half_signed(strict, "clerk", about(strict, kind, who))
        refused = reject(strict, who, name)
        assert refused.status == 403 and refused.problem["reason"] == "own-case", refused.body
        assert "your certificate" in refused.problem["detail"]
        # Auditors end nothing.
        assert reject(strict, "auditor", name).status == 403
        assert state(strict, name) == "submitted"
        assert reject(strict, other, name).status == 200
        assert state(strict, name) == "rejected"


def test_a_clerk_ends_what_he_asked_for_himself_alone(strict: Realm) -> None:
    """About his own certificate, too: to take back what oneself asked for decides nothing."""
    own = half_signed(strict, "clerk", about(strict, "suspend", "clerk"))
    other = half_signed(strict, "approver", about(strict, "suspend", "clerk"))
    refused = reject(strict, "clerk", other)
    assert refused.status == 403 and refused.problem["reason"] == "role", refused.body
    assert reject(strict, "clerk", own).status == 200
    assert (state(strict, own), state(strict, other)) == ("rejected", "submitted")
    assert reject(strict, "approver", other).status == 200


def test_one_among_many(strict: Realm) -> None:
    """It is enough that one of the items is about him."""
    holder, _ = strict.enrol("clerk", "approver")
    items = [{"serial": holder.serial}, {"serial": strict.officers["boss"].serial}]
    name = half_signed(strict, "clerk", payload_of("suspend", items))
    refused = reject(strict, "boss", name)
    assert refused.status == 403 and refused.problem["reason"] == "own-case", refused.body
    assert reject(strict, "zhang", name).status == 200


def test_ones_own_office(strict: Realm) -> None:
    """An office is closed from above, where those who work in it have no say."""
    name = half_signed(strict, "zhang", payload_of("close-office", [{"closed": "xian"}]))
    for who in ("chief", "guo"):
        assert reject(strict, who, name).status == 404, who
    refused = reject(strict, "approver", name)
    assert refused.status == 403 and refused.problem["reason"] == "role", refused.body
    assert state(strict, name) == "submitted"
    assert reject(strict, "boss", name).status == 200
    # Nor is his dismissal for him to end.
    gone = half_signed(strict, "zhang", payload_of("dismiss", [{"officer": "chief", "comment": "left"}], office="xian"))
    refused = reject(strict, "chief", gone)
    assert refused.status == 403 and refused.problem["reason"] == "own-case", refused.body
    assert refused.problem["detail"].startswith("request: it is about you")
    assert reject(strict, "li", gone).status == 200
    strict.fsck()
