# SPDX-License-Identifier: Apache-2.0
"""Do HTTP clients and caches get what the lightweight profile (RFC 5019) asks for, and does whoever follows the addresses
in a certificate find its revocation lists and its issuer?"""

from __future__ import annotations

import base64
import calendar
import email.utils
import http.client
import re
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from cryptography import x509
from cryptography.x509 import ocsp

from test_time import make_request
from world import Holder, World, wait_for


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes


def fetch(url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Reply:
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, parts.path, body, names)
    answer = connection.getresponse()
    got = Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    connection.close()
    return got


def base(world: World) -> str:
    return f"http://127.0.0.1:{world.port}"


@pytest.fixture(scope="module")
def holder(world: World) -> Holder:
    return world.enrol(1)[0]


def path_of(world: World, holder: Holder, nonce: bytes = b"", safe: str = "") -> str:
    der = make_request(world, holder.certificate.read_bytes(), nonce=nonce)
    return "/ocsp/" + urllib.parse.quote(base64.b64encode(der).decode("ascii"), safe=safe)


def seconds(date: str) -> float:
    return email.utils.parsedate_to_datetime(date).timestamp()


def check_cacheable(got: Reply) -> None:
    """RFC 5019 section 6.2: the times of HTTP are those of the answer."""
    answer = ocsp.load_der_ocsp_response(got.body)
    assert got.status == 200 and got.headers["content-type"] == "application/ocsp-response"
    assert answer.next_update is not None
    assert seconds(got.headers["last-modified"]) == calendar.timegm(answer.this_update.timetuple())
    assert seconds(got.headers["expires"]) == calendar.timegm(answer.next_update.timetuple())
    match = re.search(r"max-age=(\d+)", got.headers["cache-control"])
    assert match is not None
    assert 0 < int(match[1]) <= seconds(got.headers["expires"]) - seconds(got.headers["date"])
    assert got.headers["etag"].startswith('"')


def test_a_cache_may_keep_an_answer(world: World, holder: Holder) -> None:
    first = fetch(base(world) + path_of(world, holder))
    check_cacheable(first)
    again = fetch(base(world) + path_of(world, holder), If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other = fetch(base(world) + path_of(world, holder), If_None_Match='"another"')
    assert other.status == 200 and other.body == first.body
    head = fetch(base(world) + path_of(world, holder), method="HEAD")
    assert head.status == 200 and head.body == b""
    assert int(head.headers["content-length"]) == len(first.body)


def test_post_and_every_spelling_of_get_give_the_same(world: World, holder: Holder) -> None:
    first = fetch(base(world) + path_of(world, holder))
    der = make_request(world, holder.certificate.read_bytes())
    posted = fetch(base(world) + "/ocsp", "POST", der, Content_Type="application/ocsp-request")
    check_cacheable(posted)
    assert posted.body == first.body
    assert fetch(base(world) + path_of(world, holder, safe="/+=")).body == first.body
    assert fetch(base(world) + path_of(world, holder).rstrip("%3D")).body == first.body


def test_no_cache_keeps_an_answer_to_a_nonce_or_an_error(world: World, holder: Holder) -> None:
    answered = fetch(base(world) + path_of(world, holder, nonce=b"0123456789abcdef"))
    assert ocsp.load_der_ocsp_response(answered.body).extensions.get_extension_for_class(x509.OCSPNonce)
    refused = fetch(base(world) + "/ocsp/MAA")
    assert ocsp.load_der_ocsp_response(refused.body).response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST
    for got in (answered, refused):
        assert got.headers["cache-control"] == "no-store" and "etag" not in got.headers


@pytest.mark.parametrize("path", ["/ocsp/%", "/ocsp/%zz", "/ocsp/a*b", "/ocsp/" + "A" * 9000])
def test_a_path_that_is_no_base64(world: World, path: str) -> None:
    assert fetch(base(world) + path).status in (400, 414)


def find_addresses(certificate: x509.Certificate) -> Iterator[tuple[str, str]]:
    for kind, name in ((x509.CRLDistributionPoints, "full"), (x509.FreshestCRL, "delta")):
        for point in certificate.extensions.get_extension_for_class(kind).value:
            yield name, point.full_name[0].value
    for access in certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value:
        yield access.access_method._name, access.access_location.value


def wait_for_list(url: str) -> Reply:
    """The first list of a shard comes with the first seconds of a realm."""

    def find() -> Reply | None:
        got = fetch(url)
        return None if got.status == 404 else got

    found: Reply = wait_for(find)
    return found


def test_the_addresses_in_a_certificate_lead_to_what_they_name(world: World) -> None:
    (holder,) = world.enrol(1)
    world.act("revoke", holder.serial)
    certificate = x509.load_der_x509_certificate(holder.certificate.read_bytes())
    issuer = x509.load_der_x509_certificate(world.authority().read_bytes())
    addresses = dict(find_addresses(certificate))
    assert set(addresses) == {"full", "delta", "OCSP", "caIssuers"}
    assert addresses["OCSP"] == base(world) + "/ocsp"

    got = fetch(addresses["caIssuers"])
    assert got.headers["content-type"] == "application/pkix-cert"
    assert x509.load_der_x509_certificate(got.body) == issuer

    full = wait_for_list(addresses["full"])
    assert full.headers["content-type"] == "application/pkix-crl"
    assert x509.load_der_x509_crl(full.body).is_signature_valid(issuer.public_key())

    def delta() -> x509.RevokedCertificate | None:
        """A delta list comes soon after the full one, and at once after an act; until then there is none."""
        got = fetch(addresses["delta"])
        if got.status == 404:
            return None
        crl = x509.load_der_x509_crl(got.body)
        assert crl.is_signature_valid(issuer.public_key())
        return crl.get_revoked_certificate_by_serial_number(certificate.serial_number)

    assert wait_for(delta).serial_number == certificate.serial_number


def test_a_list_comes_in_parts_and_only_when_it_is_new(world: World, holder: Holder) -> None:
    certificate = x509.load_der_x509_certificate(holder.certificate.read_bytes())
    url = dict(find_addresses(certificate))["full"]
    whole = wait_for_list(url)
    assert whole.status == 200 and "last-modified" in whole.headers
    tag = whole.headers["etag"]
    assert fetch(url, If_None_Match=tag).status == 304
    assert fetch(url, If_Modified_Since=whole.headers["last-modified"]).status == 304
    part = fetch(url, Range="bytes=10-19", If_Range=tag)
    assert (part.status, part.body) == (206, whole.body[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole.body)}"
    assert fetch(url, Range="bytes=-5").body == whole.body[-5:]
    assert fetch(url, Range=f"bytes={len(whole.body)}-").status == 416
    head = fetch(url, "HEAD")
    assert head.status == 200 and int(head.headers["content-length"]) == len(whole.body)
    for missing in ("/crl/00/0.crl", url.rpartition("/")[0][len(base(world)):] + "/9999.crl", "/authority/00.cer"):
        assert fetch(base(world) + missing).status == 404


def test_a_person_is_told_what_is_here(world: World) -> None:
    for language, word in (("zh-CN", "证书"), ("en", "certificate")):
        page = fetch(base(world) + "/", Accept_Language=language)
        assert page.status == 200 and page.headers["content-type"].startswith("text/html")
        assert word in page.body.decode("utf-8")
