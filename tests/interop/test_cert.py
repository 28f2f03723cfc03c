# SPDX-License-Identifier: Apache-2.0
"""Does auth tell of the certificates of others what they tell themselves, and hide person numbers
until it is asked to show them?"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from conftest import (
    COMMON_KINDS,
    KINDS,
    NO,
    YES,
    Answer,
    Authority,
    certtool,
    generate_key,
    openssl,
    signing_options,
)
from cryptography import x509

Run = Callable[..., Answer]

NUMBER = "11010519491231002X"
EXTENSIONS = """
basicConstraints = CA:false
keyUsage = critical,digitalSignature,nonRepudiation
extendedKeyUsage = clientAuth
subjectAltName = email:li@mail.example,DNS:a.example
crlDistributionPoints = URI:http://crl.example/1.crl
authorityInfoAccess = OCSP;URI:http://ocsp.example
certificatePolicies = 1.2.3.4
"""


@pytest.fixture(scope="session")
def leaves(
    authorities: dict[str, Authority], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """A certificate of each kind, by a root of its kind."""
    folder = tmp_path_factory.mktemp("leaves")
    made = {}
    for kind in KINDS:
        key, csr = folder / f"{kind}.key", folder / f"{kind}.csr"
        generate_key(kind, key)
        openssl(
            *("req", "-new", "-key", key, "-subj", f"/C=CN/O=Interop/CN={kind} leaf", "-out", csr),
            *signing_options(kind),
        )
        options = ["-vfyopt", "distid:1234567812345678"] if kind == "sm2" else []
        made[kind] = authorities[kind].sign(csr, EXTENSIONS, *options)
    return made


def show(auth: Run, path: Path, *words: str) -> dict[str, Any]:
    answer = auth("cert", "show", "--json", *words, path)
    assert answer.exit_code == YES, answer.error
    assert len(answer.objects) == 1
    return answer.objects[0]


def der_of(pem: Path) -> bytes:
    return openssl("x509", "-in", pem, "-outform", "DER").out


@pytest.mark.parametrize("kind", KINDS)
def test_it_tells_what_openssl_tells(auth: Run, leaves: dict[str, Path], kind: str) -> None:
    shown = show(auth, leaves[kind])
    told = openssl(
        *("x509", "-in", leaves[kind], "-noout", "-serial", "-subject", "-issuer", "-dates"),
        *("-fingerprint", "-sha256", "-dateopt", "iso_8601", "-nameopt", "RFC2253"),
    ).text
    fields = dict(line.split("=", 1) for line in told.splitlines())
    assert int(shown["serial"], 16) == int(fields["serial"], 16)
    assert shown["subject"] == fields["subject"]
    assert shown["issuer"] == fields["issuer"]
    assert shown["not_before"] == fields["notBefore"].replace(" ", "T")
    assert shown["not_after"] == fields["notAfter"].replace(" ", "T")
    assert shown["sha256"] == fields["sha256 Fingerprint"].replace(":", "").lower()
    der = der_of(leaves[kind])
    assert shown["sm3"] == openssl("dgst", "-sm3", "-r", stdin=der).text.split()[0]
    assert shown["public_key"]["type"] == kind
    texts = {e["name"]: e["text"] for e in shown["extensions"]}
    assert texts["keyUsage"] == "digitalSignature, nonRepudiation"
    assert texts["extKeyUsage"] == "clientAuth"
    assert texts["subjectAltName"] == "email:li@mail.example, DNS:a.example"
    assert texts["cRLDistributionPoints"] == "http://crl.example/1.crl"
    assert texts["authorityInfoAccess"] == "id-ad-ocsp http://ocsp.example"
    assert texts["certificatePolicies"] == "1.2.3.4"


@pytest.mark.parametrize("kind", COMMON_KINDS)
def test_it_tells_what_cryptography_tells(auth: Run, leaves: dict[str, Path], kind: str) -> None:
    shown = show(auth, leaves[kind])
    cert = x509.load_pem_x509_certificate(leaves[kind].read_bytes())
    assert int(shown["serial"], 16) == cert.serial_number
    assert shown["subject"] == cert.subject.rfc4514_string()
    assert shown["issuer"] == cert.issuer.rfc4514_string()
    told = [(e.oid.dotted_string, e.critical) for e in cert.extensions]
    assert [(e["oid"], e["critical"]) for e in shown["extensions"]] == told
    key_id = cert.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    assert {e["name"]: e["text"] for e in shown["extensions"]}[
        "subjectKeyIdentifier"
    ] == key_id.hex()


@pytest.mark.parametrize("kind", KINDS)
def test_it_tells_what_bouncy_castle_tells(
    auth: Run, java: Run, leaves: dict[str, Path], kind: str
) -> None:
    shown = show(auth, leaves[kind])
    lines = java("Certificates", "show", leaves[kind]).text.splitlines()
    assert shown["serial"] == lines[0]
    assert shown["not_before"] == lines[3]
    assert shown["not_after"] == lines[4]
    assert {e["oid"] for e in shown["extensions"]} == set(lines[5:])


def test_a_certificate_of_bouncy_castle_is_read(auth: Run, java: Run, tmp_path: Path) -> None:
    path = tmp_path / "sm2.pem"
    path.write_bytes(java("Certificates", "make", "C=CN,CN=them").out)
    shown = show(auth, path)
    assert shown["subject"] == shown["issuer"] == "CN=them,C=CN"
    assert shown["serial"] == "1234567890abcdef"
    assert (shown["not_before"], shown["not_after"]) == (
        "2026-01-01T00:00:00Z",
        "2050-08-26T00:00:00Z",  # GeneralizedTime
    )
    assert shown["public_key"] == {"type": "sm2", "bits": 256, "error": None}
    assert [e["text"] for e in shown["extensions"]] == [
        "an authority, path length 1",
        "keyCertSign, cRLSign",
    ]


@pytest.mark.parametrize("kind", COMMON_KINDS)
def test_a_certificate_of_gnutls_is_read(
    auth: Run, keys: dict[str, Path], kind: str, tmp_path: Path
) -> None:
    template = tmp_path / "template"
    template.write_text(
        'dn = "cn=them,o=Interop,c=CN"\nserial = 0x1234\nca\ncert_signing_key\npath_len = 0\n'
        "expiration_days = 10\nemail = them@mail.example\n",
        encoding="utf-8",
    )
    path = tmp_path / "cert.pem"
    certtool(
        *("--generate-self-signed", "--load-privkey", keys[kind], "--template", template),
        *("--outfile", path),
    )
    shown = show(auth, path)
    assert shown["subject"] == "CN=them,O=Interop,C=CN"
    assert shown["serial"] == "1234"
    texts = {e["name"]: e["text"] for e in shown["extensions"]}
    assert texts["basicConstraints"] == "an authority, path length 0"
    assert texts["subjectAltName"] == "email:them@mail.example"


def identity_cert(keys: dict[str, Path], folder: Path, extension: str, subject: str) -> Path:
    """A certificate that OpenSSL makes with one extension."""
    path, config = folder / "identity.pem", folder / "identity.cnf"
    config.write_text(
        f"[req]\ndistinguished_name=name\n[name]\n[leaf]\n{extension}\n"
        f"[other]\nC=CN\nserialNumber=PNOCN-{NUMBER}\n",
        encoding="utf-8",
    )
    openssl(
        *("req", "-x509", "-config", config, "-extensions", "leaf", "-key", keys["p256"]),
        *("-new", "-utf8", "-subj", subject, "-days", "10", "-out", path),
    )
    return path


CARRIERS = {
    "explicit": f"1.2.156.10260.4.1.1 = ASN1:EXPLICIT:0,PRINTABLESTRING:{NUMBER}",
    "implicit": f"1.2.156.10260.4.1.1 = ASN1:IMPLICIT:0,PRINTABLESTRING:{NUMBER}",
    "bare": f"1.2.156.10260.4.1.1.1 = ASN1:PRINTABLESTRING:{NUMBER}",
    "of 2006": f"1.2.86.11.7.1 = ASN1:PRINTABLESTRING:{NUMBER}",
    "vendor": f"1.2.86.11.7.1.8 = ASN1:UTF8String:SF{NUMBER}",
    "comment": f"nsComment = {NUMBER}",
    "critical": f"1.2.3.4 = critical,ASN1:UTF8String:{NUMBER}",
    "email": f"subjectAltName = email:{NUMBER}@mail.example",
    "DNS": f"subjectAltName = DNS:{NUMBER}.example",
    "URI": f"subjectAltName = URI:http://example/{NUMBER}",
    "other name": f"subjectAltName = otherName:1.2.3.4;UTF8:{NUMBER}",
    "directory name": "subjectAltName = dirName:other",
    "key identifier": f"subjectKeyIdentifier = {NUMBER.encode().hex()}",
    "CN": "",
}


def spellings(number: str) -> list[bytes]:
    """A number in clear, without its check character, in lower case, hex and base64."""
    octets = number.encode()
    return [
        octets[:-1],
        octets.lower(),
        octets.hex().encode(),
        octets.hex().upper().encode(),
        base64.b64encode(octets)[:-4],
        hashlib.sha256(octets).hexdigest().encode(),
    ]


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_number_is_shown_to_who_asks_only(
    auth: Run, keys: dict[str, Path], carrier: str, form: str, tmp_path: Path
) -> None:
    subject = f"/C=CN/serialNumber=PNOCN-{NUMBER}/CN=李雷{NUMBER}" if carrier == "CN" else "/CN=x"
    path = identity_cert(keys, tmp_path, CARRIERS[carrier], subject)
    words = ["--json"] if form == "json" else []
    answer = auth("cert", "show", *words, path)
    assert answer.exit_code == YES, answer.error
    for spelling in spellings(NUMBER):
        assert spelling not in answer.out + answer.err
    # Its parts name a person nearly as well: district with birth date, birth date with sequence.
    assert NUMBER[:14].encode() not in answer.out
    assert NUMBER[6:17].encode() not in answer.out
    revealed = auth("cert", "show", *words, "--reveal", path)
    assert revealed.exit_code == YES
    assert any(s in revealed.out for s in (NUMBER.encode(), NUMBER.encode().hex().encode()))


def test_bindings_are_named_and_numbers_masked(
    auth: Run, keys: dict[str, Path], tmp_path: Path
) -> None:
    path = identity_cert(
        keys, tmp_path, CARRIERS["explicit"], f"/C=CN/serialNumber=PNOCN-{NUMBER}/CN=x"
    )
    shown = show(auth, path)
    assert shown["identity"] == ["gbt20518", "pnocn"]
    assert shown["person_number"] == "110105********002X"
    assert show(auth, path, "--reveal")["person_number"] == NUMBER
    assert "identity      gbt20518\n" in auth("cert", "show", path).text


def test_two_numbers_are_a_contradiction_that_is_told(
    auth: Run, keys: dict[str, Path], tmp_path: Path
) -> None:
    path = identity_cert(
        keys, tmp_path, CARRIERS["explicit"], "/C=CN/serialNumber=PNOCN-440524188001010014/CN=x"
    )
    shown = show(auth, path)
    assert shown["person_number"] is None
    assert shown["person_number_error"]
    assert "440524" not in json.dumps(shown) and "110105" not in json.dumps(shown)


def test_a_certificate_shows_by_its_schema(
    auth: Run, keys: dict[str, Path], leaves: dict[str, Path], root: Path, tmp_path: Path
) -> None:
    schema = json.loads((root / "schemas/cert.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    paths = [*leaves.values(), identity_cert(keys, tmp_path, CARRIERS["bare"], "/CN=x")]
    for path in paths:
        validator.validate(show(auth, path))
        validator.validate(show(auth, path, "--reveal"))
    assert set(schema["required"]) == set(show(auth, paths[0]))


def test_a_key_that_cannot_be_used_is_told(auth: Run, tmp_path: Path) -> None:
    key, path = tmp_path / "key.pem", tmp_path / "cert.pem"
    openssl(
        *("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1", "-out", key)
    )
    openssl("req", "-x509", "-new", "-key", key, "-subj", "/CN=x", "-out", path)
    shown = show(auth, path)
    assert shown["public_key"]["type"] is None
    assert shown["public_key"]["error"]


def test_one_bad_certificate_does_not_hide_the_others(
    auth: Run, leaves: dict[str, Path], tmp_path: Path
) -> None:
    ders = [der_of(leaves[kind]) for kind in ("p256", "rsa", "sm2")]
    path = tmp_path / "chain.der"
    # A version that does not exist.
    bad = ders[1].replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x05", 1)
    path.write_bytes(ders[0] + bad + ders[2])
    answer = auth("cert", "show", "--json", path)
    assert answer.exit_code == NO
    assert [o["public_key"]["type"] for o in answer.objects] == ["p256", "sm2"]
    assert f"{path}: object 2: certificate: version" in answer.error


@pytest.mark.parametrize(
    ("octets", "says"),
    [
        (b"", "empty"),
        (b"hello\n", "neither PEM"),
        (b"-----BEGIN X509 CRL-----\nAAEC\n-----END X509 CRL-----\n", "CERTIFICATE"),
        (b"-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n", "base64"),
        (b"-----BEGIN CERTIFICATE-----\nAAEC\n", "END"),
        (b"0\x80\x00\x00", "object 1"),
        (b"0\x03\x02\x01", "object 1"),
    ],
)
def test_what_is_no_certificate_is_told(auth: Run, octets: bytes, says: str) -> None:
    answer = auth("cert", "show", "-", stdin=octets)
    assert answer.exit_code == NO
    assert answer.error.startswith("auth cert show: standard input: ")
    assert says in answer.error


def test_a_file_of_more_than_64_mib_is_refused(auth: Run, tmp_path: Path) -> None:
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.truncate((64 << 20) + 1)
    answer = auth("cert", "show", path)
    assert answer.exit_code == NO and "64 MiB" in answer.error
