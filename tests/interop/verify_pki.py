# SPDX-License-Identifier: Apache-2.0
"""Makes certificates and CRLs of every kind with python3-cryptography, and asks auth about them."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ROOT = Path(__file__).resolve().parent.parent.parent
# A program that takes longer hangs; a loaded machine is slow.
TIMEOUT_S = 120

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)
POLICY = {n: x509.ObjectIdentifier(f"2.16.840.1.101.3.2.1.48.{n}") for n in range(1, 7)}
ANY_POLICY = x509.ObjectIdentifier("2.5.29.32.0")

Extension = tuple[x509.ExtensionType, bool]


def new_key(kind: str = "p256") -> Any:
    if kind == "rsa":
        return rsa.generate_private_key(65537, 2048)
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP256R1())


def digest_for(key: Any) -> Any:
    return None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()


def dn(text: str, organization: str = "Test Certificates") -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, text),
        ]
    )


def key_usage(*names: str) -> x509.KeyUsage:
    every = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement "
        "key_cert_sign crl_sign encipher_only decipher_only"
    ).split()
    return x509.KeyUsage(**{name: name in names for name in every})


CA_USAGE = key_usage("key_cert_sign", "crl_sign")
EE_USAGE = key_usage("digital_signature")


def policies(*oids: x509.ObjectIdentifier) -> Extension:
    return x509.CertificatePolicies([x509.PolicyInformation(oid, None) for oid in oids]), False


def mappings(*pairs: tuple[x509.ObjectIdentifier, x509.ObjectIdentifier]) -> Extension:
    """policyMappings, which python3-cryptography cannot write: OIDs here are below 128 octets."""

    def oid_der(oid: x509.ObjectIdentifier) -> bytes:
        whole = policies(oid)[0].public_bytes()
        return whole[4:]

    rows = b""
    for a, b in pairs:
        body = oid_der(a) + oid_der(b)
        rows += bytes([0x30, len(body)]) + body
    value = bytes([0x30, len(rows)]) + rows
    return x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.33"), value), True


def constraints(explicit: int | None = None, mapping: int | None = None) -> Extension:
    return x509.PolicyConstraints(explicit, mapping), True


def names(*rows: x509.GeneralName) -> Extension:
    return x509.SubjectAlternativeName(list(rows)), False


def subtrees(
    permitted: Iterable[x509.GeneralName] = (), excluded: Iterable[x509.GeneralName] = ()
) -> Extension:
    return x509.NameConstraints(list(permitted) or None, list(excluded) or None), True


def point(
    full: Sequence[x509.GeneralName] | None = None,
    relative: x509.RelativeDistinguishedName | None = None,
    reasons: Iterable[x509.ReasonFlags] | None = None,
    issuer: x509.Name | None = None,
) -> x509.DistributionPoint:
    return x509.DistributionPoint(
        list(full) if full else None,
        relative,
        frozenset(reasons) if reasons else None,
        [x509.DirectoryName(issuer)] if issuer else None,
    )


def points(*rows: x509.DistributionPoint) -> Extension:
    return x509.CRLDistributionPoints(list(rows)), False


def idp(**options: Any) -> Extension:
    every: dict[str, Any] = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**{**every, **options}), True


@dataclass
class Entity:
    """A certificate with its key, and what it issues."""

    name: x509.Name
    key: Any
    cert: x509.Certificate
    now: datetime = NOW  # in the middle of the validity of what it issues
    serial: int = 1

    def issue(
        self,
        name: str | x509.Name,
        *extensions: Extension,
        ca: bool = False,
        path_len: int | None = None,
        usage: x509.KeyUsage | None = None,
        constraints_critical: bool = True,
        has_constraints: bool = True,
        key: Any = None,
        kind: str = "p256",
        serial: int | None = None,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
    ) -> Entity:
        key = key or new_key(kind)
        subject = dn(name) if isinstance(name, str) else name
        self.serial += 1
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(serial or self.serial)
            .not_valid_before(not_before or self.now - 365 * DAY)
            .not_valid_after(not_after or self.now + 365 * DAY)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False
            )
            .add_extension(usage or (CA_USAGE if ca else EE_USAGE), True)
        )
        if has_constraints:
            basic = x509.BasicConstraints(ca, path_len)
            builder = builder.add_extension(basic, constraints_critical)
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        cert = builder.sign(self.key, digest_for(self.key))
        return Entity(subject, key, cert, self.now)

    def crl(
        self,
        *revoked: Entity | tuple[Entity, x509.ReasonFlags],
        number: int | None = 1,
        base: int | None = None,
        extensions: Iterable[Extension] = (),
        this_update: datetime = NOW - DAY,
        next_update: datetime = NOW + DAY,
        name: x509.Name | None = None,
        key: Any = None,
        entry_extensions: Iterable[Extension] = (),
    ) -> x509.CertificateRevocationList:
        key = key or self.key
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(name or self.name)
            .last_update(this_update)
            .next_update(next_update)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), False
            )
        )
        if number is not None:
            builder = builder.add_extension(x509.CRLNumber(number), False)
        if base is not None:
            builder = builder.add_extension(x509.DeltaCRLIndicator(base), True)
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        for row in revoked:
            entity, reason = row if isinstance(row, tuple) else (row, None)
            entry = (
                x509.RevokedCertificateBuilder()
                .serial_number(entity.cert.serial_number)
                .revocation_date(NOW - 2 * DAY)
            )
            if reason is not None:
                entry = entry.add_extension(x509.CRLReason(reason), False)
            for extension, critical in entry_extensions:
                entry = entry.add_extension(extension, critical)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(key, digest_for(key))


def new_root(name: str = "Trust Anchor", kind: str = "p256", now: datetime = NOW) -> Entity:
    key = new_key(kind)
    own = Entity(dn(name), key, None, now)  # type: ignore[arg-type]
    return own.issue(name, ca=True, key=key, serial=1)


@dataclass
class Case:
    """What is handed in, and what must come out."""

    name: str
    valid: bool
    leaf: Entity
    path: Sequence[Entity] = ()
    crls: Sequence[x509.CertificateRevocationList] = ()
    root: Entity | None = None
    arguments: Sequence[str] = ()
    reason: str | None = None
    # What openssl verify is asked with to give the same verdict; None: it is known to differ.
    openssl: Sequence[str] | None = ()
    others: Sequence[Entity] = field(default_factory=list)


def pem(objects: Iterable[Any]) -> bytes:
    return b"".join(row.public_bytes(serialization.Encoding.PEM) for row in objects)


def auth_program() -> Path:
    folder = Path(os.environ.get("AUTH_BUILD", ROOT / "build/gcc")).resolve()
    program = folder / "cli/auth"
    if not program.exists():
        raise RuntimeError(f"there is no auth in {folder}; build it, name it in AUTH_BUILD")
    return program


def at(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def run_auth(*words: str | Path) -> dict[str, Any]:
    """The verdict of auth verify --json, its exit code held against what it says."""
    result = subprocess.run(
        [auth_program(), "verify", "--json", *words],
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
    )
    assert result.returncode in (0, 1), result.stderr.decode()
    verdict: dict[str, Any] = json.loads(result.stdout)
    assert verdict["valid"] == (result.returncode == 0)
    assert verdict["valid"] == (verdict["reason"] == "ok")
    return verdict


def write_case(case: Case, folder: Path) -> dict[str, Path]:
    assert case.root is not None
    files = {
        "root": (folder / "root.pem", pem([case.root.cert])),
        "path": (folder / "path.pem", pem([row.cert for row in (*case.path, *case.others)])),
        "leaf": (folder / "leaf.pem", pem([case.leaf.cert])),
        "crls": (folder / "crls.pem", pem(case.crls)),
    }
    for path, content in files.values():
        path.write_bytes(content)
    return {name: path for name, (path, _) in files.items()}


def ask_auth(case: Case, files: dict[str, Path]) -> dict[str, Any]:
    words: list[str | Path] = ["--trust", files["root"], "--at", at(NOW)]
    if case.path or case.others:
        words += ["--untrusted", files["path"]]
    if case.crls:
        words += ["--crl", files["crls"], "--require-revocation"]
    return run_auth(*words, *case.arguments, files["leaf"])


def ask_openssl(case: Case, files: dict[str, Path]) -> bool:
    words: list[str | Path] = [
        "openssl", "verify", "-attime", str(int(NOW.timestamp())), "-policy_check",
        "-CAfile", files["root"],
    ]  # fmt: skip
    if case.path or case.others:
        words += ["-untrusted", files["path"]]
    if case.crls:
        words += ["-CRLfile", files["crls"], "-crl_check_all", "-extended_crl", "-use_deltas"]
    assert case.openssl is not None
    result = subprocess.run(
        [*words, *case.openssl, files["leaf"]],
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    return result.returncode == 0
