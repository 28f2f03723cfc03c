# SPDX-License-Identifier: Apache-2.0
"""Which certificates make an officer, and for how long: the wrong ones are nobody's, and whoever is revoked, suspended or
dismissed is cut off while his connection is open."""

from __future__ import annotations

import datetime
import http.client
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from officers import Key, Officer, Realm, document, enrol, enrolment, id_of, new_key, payload_of, wait_for

DAY = datetime.timedelta(days=1)


def authority(realm: Realm, name: str) -> tuple[Key, x509.Certificate]:
    """An authority with its key, as somebody has it who stole it."""
    key = serialization.load_pem_private_key((realm.dir / f"keys/{name}.pem").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key, x509.load_der_x509_certificate((realm.dir / f"authorities/{name}.cer").read_bytes())


def forge(realm: Realm, like: Officer, issuer: str = "staff", **changes: Any) -> Officer:
    """A certificate as that of an officer, but for some changes."""
    original = x509.load_der_x509_certificate(like.certificate)
    issuer_key, above = authority(realm, issuer)
    key = changes.get("key", new_key())
    begin = changes.get("begin", datetime.datetime.utcnow() - DAY)
    subject = original.subject
    if "title" in changes:
        names = [
            x509.NameAttribute(each.oid, changes["title"]) if each.oid == NameOID.TITLE else each for each in subject
        ]
        subject = x509.Name(names)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(above.subject)
        .public_key(key.public_key())
        .serial_number(changes.get("serial", x509.random_serial_number() >> 16 | 1 << 135))
        .not_valid_before(begin)
        .not_valid_after(changes.get("end", begin + 30 * DAY))
    )
    for extension in original.extensions:
        value = extension.value
        if isinstance(value, x509.SubjectKeyIdentifier):
            value = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        if isinstance(value, x509.AuthorityKeyIdentifier):
            found = above.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
            value = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(found)
        if isinstance(value, x509.ExtendedKeyUsage) and "purpose" in changes:
            value = x509.ExtendedKeyUsage([changes["purpose"]])
        builder = builder.add_extension(value, extension.critical)
    made = builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    return Officer(key, made, realm.folder, f"forged-{id(key)}")


def self_signed(realm: Realm) -> Officer:
    key = new_key()
    name = x509.load_der_x509_certificate(realm.officers["clerk"].certificate).subject
    now = datetime.datetime.utcnow()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1 << 130)
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .sign(key, hashes.SHA256())
    )
    return Officer(key, made.public_bytes(serialization.Encoding.DER), realm.folder, "self-signed")


def citizen(realm: Realm) -> Officer:
    key = new_key()
    payload = payload_of("enrol", [enrolment(realm.person(), key)], "citizen-authentication")
    found = realm.obey(payload, realm.officers["clerk"], realm.officers["approver"], who="clerk")
    answer = realm.ask("clerk", "GET", f"/certificates/{found['items'][0]['certificate']}")
    return Officer(key, answer.body, realm.folder, "citizen")


def serial_number(of: Officer) -> int:
    return x509.load_der_x509_certificate(of.certificate).serial_number


NOBODIES: dict[str, Callable[[Realm], Officer]] = {
    "self-signed": self_signed,
    "a citizen's": citizen,
    "of the citizens' authority": lambda r: forge(r, r.officers["clerk"], issuer="citizens"),
    "of another role, not in the registry": lambda r: forge(r, r.officers["clerk"], title="approver"),
    "expired": lambda r: forge(r, r.officers["clerk"], begin=datetime.datetime.utcnow() - 40 * DAY),
    "not yet valid": lambda r: forge(r, r.officers["clerk"], begin=datetime.datetime.utcnow() + DAY),
    "for servers": lambda r: forge(r, r.officers["clerk"], purpose=ExtendedKeyUsageOID.SERVER_AUTH),
    "not in the registry": lambda r: forge(r, r.officers["clerk"]),
    "of an officer's serial number": lambda r: forge(r, r.officers["clerk"], serial=serial_number(r.officers["clerk"])),
    "of another role": lambda r: forge(
        r, r.officers["clerk"], serial=serial_number(r.officers["clerk"]), key=r.officers["clerk"].key, title="admin"
    ),
}


@pytest.mark.parametrize("name", NOBODIES)
def test_a_certificate_that_makes_no_officer(realm: Realm, name: str) -> None:
    who = NOBODIES[name](realm)
    refused = realm.events("peer-refused")
    answers = [who.ask(realm.ports["ra"], "GET", target) for target in ("/realm", "/requests", "/offices")]
    who.close()
    for answer in answers:
        assert answer.status == 403 and "certificate: " in answer.problem["detail"]
    # One record, however often it asks on its connection.
    assert wait_for(lambda: realm.events("peer-refused") == refused + 1)
    payload = enrol(realm.person(), new_key())
    denied = realm.ask("clerk", "POST", "/requests", document(payload, who))
    assert denied.status == 422 and denied.problem["reason"] in ("untrusted-signer", "signed-at", "signer-kind", "role")


def test_older_protocols_are_not_spoken(realm: Realm) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection(("127.0.0.1", realm.ports["ra"])) as plain, pytest.raises((ssl.SSLError, OSError)):
        context.wrap_socket(plain)


def act(realm: Realm, kind: str, item: dict[str, Any], *signers: str) -> None:
    payload = payload_of(kind, [item])
    found = realm.obey(payload, *(realm.officers[name] for name in signers))
    assert found["state"] == "done", found


def poll(who: Officer, realm: Realm, name: str, ends: list[str]) -> threading.Thread:
    """Waits for a request that nobody decides."""

    def wait() -> None:
        try:
            answer = who.ask(realm.ports["ra"], "GET", f"/requests/{name}/outcome?wait=30")
            ends.append(f"answered {answer.status}")
        except (OSError, http.client.HTTPException):
            ends.append("cut")

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


LEAVINGS = {
    "dismissed": lambda realm, who: act(realm, "dismiss", {"officer": who.name, "comment": "left"}, "zhang", "li"),
    "revoked": lambda realm, who: act(
        realm, "revoke", {"serial": who.serial, "reason": "keyCompromise"}, "zhang"
    ),
    "suspended": lambda realm, who: act(realm, "suspend", {"serial": who.serial}, "zhang"),
}


@pytest.mark.parametrize("how", LEAVINGS)
def test_who_leaves_is_cut_off(realm: Realm, how: str) -> None:
    who = realm.appoint(f"leaving-{how}", "approver")
    idle = Officer(who.key, who.certificate, realm.folder, who.name)
    waiting = Officer(who.key, who.certificate, realm.folder, who.name)
    payload = enrol(realm.person(), new_key())
    assert realm.ask("clerk", "POST", "/requests", document(payload, realm.officers["clerk"])).status == 201
    for each in (idle, waiting):
        assert each.ask(realm.ports["ra"], "GET", "/realm").json["you"]["officer"] == who.name
    ends: list[str] = []
    thread = poll(waiting, realm, id_of(payload), ends)
    LEAVINGS[how](realm, who)
    thread.join()
    # In the middle of the poll, not at its end: then it would be answered with 200.
    assert ends in (["cut"], ["answered 403"])
    connection = idle.connections[realm.ports["ra"]].sock
    assert isinstance(connection, ssl.SSLSocket)
    connection.settimeout(30)
    assert connection.recv(1) == b""
    idle.close()
    waiting.close()
    fresh = Officer(who.key, who.certificate, realm.folder, who.name)
    assert fresh.ask(realm.ports["ra"], "GET", "/realm").status == 403
    fresh.close()
    # Neither does the signature count any more.
    body = document(payload, who)
    late = realm.ask("approver", "POST", f"/requests/{id_of(payload)}/signatures", body)
    assert late.status == 422 and late.problem["reason"] in ("dismissed-signer", "revoked-signer")
    assert realm.ask("clerk", "GET", f"/requests/{id_of(payload)}").json["state"] == "submitted"


def test_who_was_suspended_and_resumed_is_an_officer_again(realm: Realm) -> None:
    who = realm.appoint("resting", "approver")
    act(realm, "suspend", {"serial": who.serial}, "zhang")
    assert who.ask(realm.ports["ra"], "GET", "/realm").status == 403
    who.close()
    act(realm, "resume", {"serial": who.serial}, "clerk", "approver")
    assert who.ask(realm.ports["ra"], "GET", "/realm").status == 200


def test_an_office_that_closes_closes_its_officers_out(realm: Realm) -> None:
    realm.open_office("hanzhong")
    who = realm.appoint("hanzhong-clerk", "clerk", "hanzhong")
    assert who.ask(realm.ports["ra"], "GET", "/realm").status == 200
    act(realm, "close-office", {"closed": "hanzhong"}, "zhang", "li")

    def is_refused() -> bool:
        fresh = Officer(who.key, who.certificate, realm.folder, who.name)
        try:
            return fresh.ask(realm.ports["ra"], "GET", "/realm").status == 403
        finally:
            fresh.close()

    assert is_refused()
    realm.fsck()
