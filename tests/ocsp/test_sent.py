# SPDX-License-Identifier: Apache-2.0
"""Are answers, revocation lists, certificates and the page of auth-ocsp sent as HTTP caches and browsers expect, and do its
options do what they say?"""

from __future__ import annotations

import base64
import email.utils
import http.client
import re
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from world import Holder, Responder, World, must, wait_for

TYPE = "application/ocsp-request"
UNAUTHORIZED, TRY_LATER = b"\x30\x03\x0a\x01\x06", b"\x30\x03\x0a\x01\x03"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def ocsp(self) -> ocsp.OCSPResponse:
        assert self.status == 200 and self.headers["content-type"] == "application/ocsp-response"
        return ocsp.load_der_ocsp_response(self.body)


def ask(port: int, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def request_for(world: World, holder: Holder, nonce: bytes = b"") -> bytes:
    certificate = x509.load_der_x509_certificate(holder.certificate.read_bytes())
    issuer = x509.load_pem_x509_certificate(world.pem().read_bytes())
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())
    if nonce:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def path_of(request: bytes, safe: str = "") -> str:
    return "/ocsp/" + urllib.parse.quote(base64.b64encode(request).decode("ascii"), safe=safe)


def post(responder: Responder, request: bytes) -> Answer:
    return ask(responder.port, "POST", "/ocsp", request, Content_Type=TYPE)


@pytest.fixture(scope="module")
def holder(world: World) -> Holder:
    (made,) = world.enrol(1)
    return made


@pytest.fixture(scope="module")
def responder(world: World) -> Iterator[Responder]:
    with world.responder() as running:
        yield running


def http_time(text: str) -> float:
    return email.utils.parsedate_to_datetime(text).timestamp()


def test_an_answer_tells_caches_how_long_it_is_good(world: World, holder: Holder, responder: Responder) -> None:
    answer = ask(responder.port, "GET", path_of(request_for(world, holder)))
    said = answer.ocsp
    assert said.certificate_status == ocsp.OCSPCertStatus.GOOD and said.next_update is not None
    assert http_time(answer.headers["last-modified"]) == said.this_update.timestamp() - time.timezone
    assert http_time(answer.headers["expires"]) == said.next_update.timestamp() - time.timezone
    assert abs(http_time(answer.headers["date"]) - time.time()) < 60
    assert answer.headers["cache-control"] == "max-age=60, public, no-transform, must-revalidate"
    assert re.fullmatch(r'"[0-9a-f]{32}"', answer.headers["etag"])
    # By POST, from the same octets.
    assert post(responder, request_for(world, holder)).body == answer.body


def test_what_a_cache_has_is_not_sent_again(world: World, holder: Holder, responder: Responder) -> None:
    path = path_of(request_for(world, holder))
    first = ask(responder.port, "GET", path)
    again = ask(responder.port, "GET", path, If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"") and again.headers["expires"] == first.headers["expires"]
    assert ask(responder.port, "GET", path, If_None_Match='"other"').body == first.body
    head = ask(responder.port, "HEAD", path)
    assert (head.status, head.body) == (200, b"") and int(head.headers["content-length"]) == len(first.body)


def test_an_answer_of_the_second_of_an_act_is_kept_by_nobody(world: World, responder: Responder) -> None:
    """Of two answers with the same thisUpdate nobody could tell which is the newer one."""
    (acted_on,) = world.enrol(1)
    request = request_for(world, acted_on)

    def says(status: ocsp.OCSPCertStatus) -> Answer | None:
        answer = post(responder, request)
        return answer if answer.ocsp.certificate_status == status else None

    def suspends() -> Answer | None:
        world.act("suspend", acted_on.serial)
        answer = wait_for(lambda: says(ocsp.OCSPCertStatus.REVOKED))
        said = answer.ocsp
        if said.this_update - said.revocation_time <= timedelta(seconds=1):
            return answer
        # It came later, on a machine that is busy: once more.
        world.act("resume", acted_on.serial)
        return None

    answer = wait_for(suspends)
    first, suspended = answer.ocsp, answer.ocsp.revocation_time
    assert answer.headers["cache-control"] == "no-store" and "expires" not in answer.headers
    assert first.next_update - first.this_update < timedelta(seconds=20)
    lasting = wait_for(lambda: (found := post(responder, request)).headers["cache-control"] != "no-store" and found)
    said = lasting.ocsp
    assert said.certificate_status == ocsp.OCSPCertStatus.REVOKED and said.revocation_time == suspended
    assert said.this_update - suspended > timedelta(seconds=1)
    assert said.next_update - said.this_update > timedelta(seconds=60)
    assert post(responder, request).body == lasting.body
    world.act("resume", acted_on.serial)
    answer = wait_for(lambda: says(ocsp.OCSPCertStatus.GOOD))
    assert answer.ocsp.this_update > first.this_update


@pytest.mark.parametrize("safe", ["", "/", "/+", "/+="])
def test_a_path_may_be_written_in_several_ways(world: World, responder: Responder, safe: str) -> None:
    """Of forty serial numbers, some have '+', '/' and '=' in their base64."""
    for holder in world.enrol(10):
        request = request_for(world, holder)
        answer = ask(responder.port, "GET", path_of(request, safe))
        assert answer.ocsp.serial_number == int(holder.serial, 16)
        without = path_of(request, safe).rstrip("=").removesuffix("%3D").removesuffix("%3D")
        assert ask(responder.port, "GET", without).body == answer.body
        assert ask(responder.port, "GET", "/ocsp/" + path_of(request, safe).removeprefix("/ocsp")).body == answer.body


def test_a_signed_request_is_answered_as_any_other(world: World, holder: Holder, responder: Responder) -> None:
    out = world.folder / "shared/signed.req"
    pem = world.folder / "shared/signer.pem"
    pem.write_text(must("openssl", "x509", "-inform", "der", "-in", holder.certificate), encoding="ascii")
    must("openssl", "ocsp", "-no_nonce", "-issuer", world.pem(), "-serial", f"0x{holder.serial}", "-signer", pem, "-signkey",
         holder.key, "-reqout", out)
    assert post(responder, out.read_bytes()).ocsp.certificate_status == ocsp.OCSPCertStatus.GOOD


# Nonces


def nonce_in(answer: Answer) -> bytes | None:
    try:
        return answer.ocsp.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except x509.ExtensionNotFound:
        return None


@pytest.mark.parametrize("length", [1, 16, 32, 127])
def test_a_nonce_comes_back_and_no_cache_keeps_it(
    world: World, holder: Holder, responder: Responder, length: int
) -> None:
    nonce = bytes(range(length))
    answer = post(responder, request_for(world, holder, nonce))
    # cryptography gives the value of the extension, an OCTET STRING in it.
    found = nonce_in(answer)
    assert found is not None and found.endswith(nonce)
    assert answer.headers["cache-control"] == "no-store"
    assert not {"expires", "etag", "last-modified"} & answer.headers.keys()


def test_nonces_by_policy(world: World, holder: Holder) -> None:
    request = request_for(world, holder, bytes(32))
    with world.responder("--nonce=ignore") as responder:
        first, second = post(responder, request), post(responder, request)
        assert nonce_in(first) is None and first.body == second.body
    with world.responder("--nonce=refuse") as responder:
        assert post(responder, request).body == UNAUTHORIZED
        assert post(responder, request_for(world, holder)).ocsp.certificate_status == ocsp.OCSPCertStatus.GOOD


def test_nonces_have_a_rate(world: World, holder: Holder) -> None:
    with world.responder("--nonce-rate=2") as responder:
        answers = [post(responder, request_for(world, holder, bytes([i] * 16))) for i in range(50)]
        with_nonce = sum(nonce_in(answer) is not None for answer in answers)
        assert 2 <= with_nonce < 50
        assert all(answer.ocsp.certificate_status == ocsp.OCSPCertStatus.GOOD for answer in answers)


# Never issued


def unissued(world: World, holder: Holder, change: int) -> bytes:
    """The request of a certificate with another serial number."""
    octets = bytearray(request_for(world, holder))
    at = octets.index(bytes.fromhex(holder.serial))
    octets[at + change] ^= 1
    return bytes(octets)


def test_never_issued_is_unknown_or_revoked(world: World, holder: Holder, responder: Responder) -> None:
    request = unissued(world, holder, 10)
    assert post(responder, request).ocsp.certificate_status == ocsp.OCSPCertStatus.UNKNOWN
    with world.responder("--never-issued=revoked") as other:
        said = post(other, request).ocsp
        assert said.certificate_status == ocsp.OCSPCertStatus.REVOKED
        assert said.revocation_reason == x509.ReasonFlags.certificate_hold
        assert said.revocation_time is not None and said.revocation_time.year == 1970


def test_junk_costs_a_hundred_signatures_a_second(world: World, holder: Holder) -> None:
    """Another year in the serial number: no authority has issued it."""
    request = unissued(world, holder, 0)
    with world.responder("--nonce-rate=1000000") as responder:
        bodies = []
        for i in range(300):
            octets = bytearray(request)
            octets[-1] = i % 256
            bodies.append(post(responder, bytes(octets)).body)
        assert bodies.count(UNAUTHORIZED) > 0 and len(bodies) - bodies.count(UNAUTHORIZED) >= 100
        first = next(body for body in bodies if body != UNAUTHORIZED)
        assert ocsp.load_der_ocsp_response(first).certificate_status == ocsp.OCSPCertStatus.UNKNOWN
        assert responder.metrics()['auth_ocsp_answers_total{source="unauthorized"}'] == bodies.count(UNAUTHORIZED)


# What is fetched


def address_in(certificate: x509.Certificate, kind: str) -> str:
    if kind == "ca":
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
        (uri,) = (one.access_location.value for one in access if one.access_method == x509.OID_CA_ISSUERS)
    else:
        which = x509.CRLDistributionPoints if kind == "crl" else x509.FreshestCRL
        (point,) = certificate.extensions.get_extension_for_class(which).value
        uri = point.full_name[0].value
    return urllib.parse.urlsplit(uri).path


@pytest.mark.parametrize("kind", ["crl", "delta"])
def test_a_certificate_names_lists_that_are_there(
    world: World, holder: Holder, responder: Responder, kind: str
) -> None:
    path = address_in(x509.load_der_x509_certificate(holder.certificate.read_bytes()), kind)
    found: list[Answer] = []

    def is_there() -> bool:
        found[:] = [ask(responder.port, "GET", path)]
        return found[0].status == 200

    wait_for(is_there)
    whole = found[0]
    assert whole.headers["content-type"] == "application/pkix-crl"
    crl = x509.load_der_x509_crl(whole.body)
    assert crl.next_update is not None
    assert http_time(whole.headers["expires"]) == crl.next_update.timestamp() - time.timezone
    assert http_time(whole.headers["last-modified"]) == crl.last_update.timestamp() - time.timezone
    assert whole.headers["accept-ranges"] == "bytes" and whole.headers["cache-control"].startswith("max-age=60, ")
    part = ask(responder.port, "GET", path, Range="bytes=10-19", If_Range=whole.headers["etag"])
    assert (part.status, part.body) == (206, whole.body[10:20])
    assert ask(responder.port, "GET", path, Range=f"bytes={len(whole.body)}-").status == 416
    assert ask(responder.port, "GET", path, If_None_Match=whole.headers["etag"]).status == 304


def test_a_newer_list_takes_the_place_of_the_older_one(world: World, responder: Responder) -> None:
    (holder,) = world.enrol(1)
    path = address_in(x509.load_der_x509_certificate(holder.certificate.read_bytes()), "delta")
    wait_for(lambda: ask(responder.port, "GET", path).status == 200)
    world.act("revoke", holder.serial)

    def is_named() -> bool:
        crl = x509.load_der_x509_crl(ask(responder.port, "GET", path).body)
        return crl.get_revoked_certificate_by_serial_number(int(holder.serial, 16)) is not None

    wait_for(is_named)


def test_a_certificate_names_its_authority(world: World, holder: Holder, responder: Responder) -> None:
    path = address_in(x509.load_der_x509_certificate(holder.certificate.read_bytes()), "ca")
    answer = ask(responder.port, "GET", path)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pkix-cert")
    assert answer.body == world.authority().read_bytes()
    assert ask(responder.port, "GET", path, If_None_Match=answer.headers["etag"]).status == 304


@pytest.mark.parametrize("path", [
    "/crl/{id}/2.crl", "/crl/{id}/00.crl", "/crl/{id}/0.crl/", "/crl/{id}/-1.crl", "/crl/{id}/0", "/crl/{id}/0-delta",
    "/crl/{id}/99999999999999999999.crl", "/crl/00/0.crl", "/crl/{upper}/0.crl", "/authority/{id}", "/authority/{id}.pem",
    "/authority/.cer", "/authority/../keys/master.key",
])
def test_what_is_not_there(world: World, responder: Responder, path: str) -> None:
    certificate = x509.load_der_x509_certificate(world.authority().read_bytes())
    key_id = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest.hex()
    assert ask(responder.port, "GET", path.format(id=key_id, upper=key_id.upper())).status == 404


@pytest.mark.parametrize("path", ["/", "/ocsp", "/ocsp/"])
def test_a_person_is_told_what_is_here(world: World, responder: Responder, path: str) -> None:
    english = ask(responder.port, "GET", path)
    chinese = ask(responder.port, "GET", path, Accept_Language="zh-CN, en;q=0.5")
    for page, language in ((english, "en"), (chinese, "zh")):
        assert (page.status, page.headers["content-language"]) == (200, language)
        assert page.headers["content-type"] == "text/html; charset=utf-8" and page.headers["vary"] == "Accept-Language"
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        for link in re.findall(r'href="([^"]+)"', page.body.decode()):
            wait_for(lambda at=link: ask(responder.port, "GET", "/" + at).status == 200)
    assert "证书状态查询" in chinese.body.decode() and "Certificate status" in english.body.decode()
    fingerprint = x509.load_der_x509_certificate(world.authority().read_bytes()).fingerprint(hashes.SHA256()).hex()
    assert fingerprint in english.body.decode()


def test_options_that_contradict_are_refused(world: World) -> None:
    for words, said in (
        ("--registry=embedded", "leave it out"),
        ("--registry=host=db.example dbname=auth user=postgres", "without a user"),
        ("--answer-life=1s", "answer-life"),
    ):
        with pytest.raises(AssertionError, match=said), world.responder(words):
            pass
