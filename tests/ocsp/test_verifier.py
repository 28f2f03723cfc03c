# SPDX-License-Identifier: Apache-2.0
"""Does an application that links libauth let a citizen of a running realm in, keep her out while she is suspended and
for good once she is revoked, and tell an outage of the responder from both? Each login is judged by a process of its
own; those that name a cache share it."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from world import Holder, World, must, preparing, run, wait_for

ORIGIN = "https://tax.example.cn"
YES, NO, FAULT = 0, 1, 3
LEVEL = "1.3.6.1.4.1.32473.1.2"  # of the arc for documentation, RFC 5612

# Of the authority only the root's list tells, so who asks for OCSP alone asks about the holder alone.
ASKING = {"version": 1, "name": "asking", "mode": "strict", "sources": ["ocsp"], "checks_authorities": False}
LISTS = {"version": 1, "name": "lists", "mode": "strict", "sources": ["crl"]}
STRICT = {"version": 1, "name": "strict", "mode": "strict", "sources": ["ocsp", "crl"]}
ALL = {"version": 1, "name": "all", "mode": "strict"}
HOUR = {"version": 1, "name": "hour", "mode": "max-age", "max_age_s": 3600}
SOFT = {**STRICT, "name": "soft", "mode": "soft", "soft_audiences": [ORIGIN]}


class Portal:
    """An application: its folder, its cache, its secrets."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder
        self.secret = folder / "challenge.key"
        self.secret.write_text("0123456789abcdef0123456789abcdef\n", encoding="ascii")
        self.secret.chmod(0o600)
        (folder / "replay").mkdir(mode=0o700)

    @property
    def cache(self) -> tuple[str, str]:
        return ("--cache", str(self.folder / "cache"))

    def response(self, holder: Holder, *words: str | Path) -> Path:
        """What her program answers to a new challenge."""
        challenge = must(self.world.auth, "login", "challenge", "--audience", ORIGIN, "--challenge-key", self.secret)
        key = self.folder / "holder.key"
        key.write_bytes(holder.key.read_bytes())
        key.chmod(0o600)
        out = self.folder / "response"
        out.unlink(missing_ok=True)
        must(self.world.auth, "login", "respond", "--key", key, "--cert", holder.certificate, "--audience", ORIGIN,
             "--out", out, *words, challenge.strip())  # fmt: skip
        return out

    def judge(self, response: Path, policy: dict[str, Any], *words: str | Path) -> dict[str, Any]:
        """The verdict of a process that begins now."""
        (self.folder / "policy").write_text(json.dumps(policy), encoding="utf-8")
        ended = run(
            self.world.auth, "login", "verify", "--json", "--trust", self.world.pem("root"), "--authority",
            self.world.pem(), "--audience", ORIGIN, "--challenge-key", self.secret, "--policy",
            self.folder / "policy", "--host", f"127.0.0.1:{self.world.port}", "--private-hosts", "--replay",
            self.folder / "replay", *words, response,
        )  # fmt: skip
        verdict: dict[str, Any] = json.loads(ended.stdout)
        code = {"accepted": YES, "refused": NO}.get(verdict["outcome"], FAULT)
        assert ended.returncode == code, ended.stdout + ended.stderr
        assert verdict["accepted"] is (code == YES)
        assert (verdict["name"] is not None) is verdict["accepted"], "who it is stands in a yes only"
        assert verdict["policy"]["name"] == policy["name"]
        return verdict

    def log_in(self, holder: Holder, policy: dict[str, Any], *words: str | Path) -> dict[str, Any]:
        return self.judge(self.response(holder), policy, *words)

    def log_in_until(self, reason: str, holder: Holder, policy: dict[str, Any], told: int) -> dict[str, Any]:
        """Logs in again and again until the verdict has a reason. Whatever said otherwise was known before a second
        had passed since the act was acknowledged, or nobody may have said it."""

        def attempt() -> dict[str, Any] | None:
            verdict = self.log_in(holder, policy)
            if verdict["reason"] == reason:
                return verdict
            assert seconds(verdict["status"]["known_from"]) <= told / 1e6 + 1, verdict
            return None

        found: dict[str, Any] = wait_for(attempt)
        return found


def seconds(text: str) -> float:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp()


def status_of(verdict: dict[str, Any]) -> tuple[str, str, str | None]:
    status = verdict["status"]
    return status["source"], status["evidence"], status["reason"]


@pytest.fixture(scope="module")
def own(build: Path) -> Iterator[World]:
    """A realm whose responder may be killed, and whose certificates for logging in state a policy."""
    with preparing(build) as made:
        profile = made.realm / "profiles/citizen-authentication.json"
        members = json.loads(profile.read_text(encoding="utf-8"))
        members["extensions"]["certificatePolicies"] = {"policies": [{"oid": LEVEL}]}
        profile.write_text(json.dumps(members), encoding="utf-8")
        made.up()
        made.counter = made.open_counter("appoint")
        yield made
        made.counter.end()
        made.examine()


@pytest.fixture
def portal(own: World, tmp_path: Path) -> Portal:
    return Portal(own, tmp_path)


@pytest.fixture
def holder(own: World) -> Holder:
    (made,) = own.enrol(1)
    return made


def kill_responder(world: World) -> None:
    os.kill(world.process(), signal.SIGKILL)


def fetch(world: World, holder: Holder, kind: type[Any], portal: Portal) -> bytes:
    """What stands at the address of a list that her certificate names."""
    certificate = x509.load_der_x509_certificate(holder.certificate.read_bytes())
    (point,) = certificate.extensions.get_extension_for_class(kind).value
    out = portal.folder / "list"
    must("curl", "--silent", "--fail", "--noproxy", "*", "--output", out, point.full_name[0].value)
    return out.read_bytes()


def test_a_citizen_is_let_in_and_the_next_process_knows_already(portal: Portal, holder: Holder) -> None:
    began = int(time.time())
    first = portal.log_in(holder, ALL, *portal.cache)
    ended = time.time()
    assert (first["reason"], first["serial"]) == ("ok", holder.serial)
    assert status_of(first) == ("ocsp", "ocsp", None)
    assert first["status"]["revoked_at"] is None
    age = first["status"]["age_s"]
    assert began - age - 1 <= seconds(first["status"]["known_from"]) <= ended - age
    assert seconds(first["status"]["known_until"]) > ended
    second = portal.log_in(holder, ALL, *portal.cache)
    assert (second["reason"], status_of(second)) == ("ok", ("cache", "ocsp", None))
    assert second["status"]["known_from"] == first["status"]["known_from"]
    assert second["status"]["age_s"] >= age
    # Without the cache it is asked for again.
    assert status_of(portal.log_in(holder, ALL)) == ("ocsp", "ocsp", None)


def test_she_is_refused_while_suspended_and_for_good_once_revoked(own: World, portal: Portal, holder: Holder) -> None:
    assert portal.log_in(holder, ASKING)["reason"] == "ok"
    told = own.act("suspend", holder.serial)
    refused = portal.log_in_until("suspended", holder, ASKING, told)
    assert status_of(refused) == ("ocsp", "ocsp", "certificateHold")
    assert seconds(refused["status"]["revoked_at"]) <= told / 1e6
    assert refused["outcome"] == "refused"

    told = own.act("resume", holder.serial)
    back = portal.log_in_until("ok", holder, ASKING, told)
    assert status_of(back) == ("ocsp", "ocsp", None)

    told = own.act("revoke", holder.serial)
    refused = portal.log_in_until("revoked", holder, ASKING, told)
    source, evidence, reason = status_of(refused)
    assert (source, evidence) == ("ocsp", "ocsp") and reason not in (None, "certificateHold", "removeFromCRL")
    assert seconds(refused["status"]["revoked_at"]) <= told / 1e6


def test_a_staple_from_before_counts_less_than_a_revocation_that_the_host_knows(
    own: World, portal: Portal, holder: Holder
) -> None:
    staple = portal.folder / "staple"
    must("openssl", "ocsp", "-issuer", own.pem(), "-cert", holder.certificate, "-CAfile", own.pem("root"),
         "-url", f"http://127.0.0.1:{own.port}/ocsp", "-no_nonce", "-respout", staple, "-noverify")  # fmt: skip
    stapled = portal.judge(portal.response(holder, "--ocsp", staple), ALL, *portal.cache)
    assert (stapled["reason"], status_of(stapled)) == ("ok", ("staple", "ocsp", None))
    told = own.act("revoke", holder.serial)
    portal.log_in_until("revoked", holder, ASKING, told)
    assert portal.log_in(holder, {**ALL, "sources": ["cache", "ocsp", "crl"]}, *portal.cache)["reason"] == "revoked"
    # Nobody is asked: the staple is good as far as it goes, the host knows better.
    silent = {**ALL, "sources": ["staple", "cache"]}
    late = portal.judge(portal.response(holder, "--ocsp", staple), silent, *portal.cache)
    assert (late["reason"], late["status"]["source"]) == ("revoked", "cache")


def test_an_outage_is_told_from_a_refusal_and_age_decides_who_gets_in(own: World, portal: Portal) -> None:
    holder, revoked = own.enrol(2)
    told = own.act("revoke", revoked.serial)
    portal.log_in_until("revoked", revoked, ASKING, told)
    for one, reason in ((holder, "ok"), (revoked, "revoked")):
        assert portal.log_in(one, HOUR, *portal.cache)["reason"] == reason
    snapshot = portal.folder / "snapshot"
    lists = [fetch(own, holder, x509.CRLDistributionPoints, portal), root_list(own, portal)]
    snapshot.write_bytes(b"".join(lists))

    kill_responder(own)
    for policy in (ASKING, STRICT):
        down = portal.log_in(holder, policy)
        assert (down["outcome"], down["reason"]) == ("outage", "status-down"), down
        assert (down["status"]["source"], down["status"]["known_from"]) == ("none", None)
        assert down["status"]["age_s"] == -1
    soft = portal.log_in(holder, SOFT)
    assert (soft["outcome"], soft["reason"], soft["policy"]["soft"]) == ("accepted", "ok-without-status", True)
    aged = portal.log_in(holder, HOUR, *portal.cache)
    assert (aged["reason"], status_of(aged)) == ("ok", ("cache", "ocsp", None))
    assert 0 <= aged["status"]["age_s"] <= 3600
    assert aged["policy"] == {"name": "hour", "mode": "max-age", "max_age_s": 3600, "soft": False}
    known = portal.log_in(revoked, HOUR, *portal.cache)
    assert (known["outcome"], known["reason"], known["status"]["source"]) == ("refused", "revoked", "cache")
    placed = portal.log_in(holder, ALL, "--snapshot", snapshot)
    assert (placed["reason"], status_of(placed)) == ("ok", ("snapshot", "crl", None))

    own.up()
    again = portal.log_in(holder, STRICT)
    assert (again["reason"], status_of(again)) == ("ok", ("ocsp", "ocsp", None))


def root_list(world: World, portal: Portal) -> bytes:
    """The list that tells of the authority."""
    authority = x509.load_der_x509_certificate(world.authority().read_bytes())
    (point,) = authority.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    out = portal.folder / "root-list"
    must("curl", "--silent", "--fail", "--noproxy", "*", "--output", out, point.full_name[0].value)
    return out.read_bytes()


def test_a_response_is_good_again_when_the_outage_is_over(own: World, portal: Portal, holder: Holder) -> None:
    response = portal.response(holder)
    kill_responder(own)
    assert portal.judge(response, ASKING)["outcome"] == "outage"
    own.up()
    assert portal.judge(response, ASKING)["reason"] == "ok"
    assert portal.judge(response, ASKING)["reason"] == "replay"


def test_lists_alone_tell_as_much(own: World, portal: Portal, holder: Holder) -> None:
    first = portal.log_in(holder, LISTS)
    assert (first["reason"], status_of(first)) == ("ok", ("crl", "crl", None))
    assert first["status"]["age_s"] >= 0
    for word, reason in (("suspend", "suspended"), ("resume", "ok"), ("revoke", "revoked")):
        own.act(word, holder.serial)

        def attempt(reason: str = reason) -> dict[str, Any] | None:
            verdict = portal.log_in(holder, LISTS)
            return verdict if verdict["reason"] == reason else None

        found = wait_for(attempt)
        assert status_of(found)[:2] == ("crl", "crl")


def test_sources_are_asked_in_the_order_of_the_policy(own: World, portal: Portal, holder: Holder) -> None:
    for order, source, evidence in (
        (["crl", "ocsp"], "crl", "crl"),
        (["ocsp", "crl"], "ocsp", "ocsp"),
        (["cache", "crl", "ocsp"], "crl", "crl"),
    ):
        verdict = portal.log_in(holder, {**ALL, "name": "order", "sources": order})
        assert (verdict["reason"], *status_of(verdict)[:2]) == ("ok", source, evidence), order


def test_a_level_is_what_the_profile_states_and_the_policy_maps(own: World, portal: Portal, holder: Holder) -> None:
    """As docs/login.md tells an operator to state one."""
    assert portal.log_in(holder, STRICT)["assurance"] == "unstated"
    levels = {"assurance": [{"policy": LEVEL, "level": "substantial"}], "min_assurance": "substantial"}
    stated = portal.log_in(holder, {**STRICT, **levels})
    assert (stated["reason"], stated["assurance"]) == ("ok", "substantial")
    for others in (
        {**levels, "min_assurance": "high"},
        {"assurance": [{"policy": LEVEL + ".1", "level": "high"}], "min_assurance": "low"},
    ):
        refused = portal.log_in(holder, {**STRICT, **others})
        assert (refused["outcome"], refused["reason"]) == ("refused", "assurance")
