# SPDX-License-Identifier: Apache-2.0
"""Does auth verify judge the oddities of certificates and chains that x509-limbo lists?

The names are those of its cases, which are made anew here. Web PKI's rules are asked for by the
purpose daemon-server. What one certificate alone can have wrong is in tests/unit/test_validate.c.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID
from verify_pki import CA_USAGE, DAY, EE_USAGE, NOW, Extension, at, new_key, pem, run_auth, subtrees

AKI, SKI = ExtensionOID.AUTHORITY_KEY_IDENTIFIER, ExtensionOID.SUBJECT_KEY_IDENTIFIER
SAN = ExtensionOID.SUBJECT_ALTERNATIVE_NAME
DNS, DIRECTORY = x509.DNSName, x509.DirectoryName


@cache
def key(name: str) -> Any:
    return new_key()


def cn(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)] if text else [])


def key_id(name: str) -> bytes:
    return x509.SubjectKeyIdentifier.from_public_key(key(name).public_key()).digest


def aki(name: str, issuer: str | None = None, serial: int | None = None) -> Extension:
    names = [DIRECTORY(cn(issuer))] if issuer is not None else None
    return x509.AuthorityKeyIdentifier(key_id(name), names, serial), False


def san(*names: x509.GeneralName, critical: bool = False) -> Extension:
    return x509.SubjectAlternativeName(list(names)), critical


@dataclass(frozen=True)
class Plan:
    """A certificate before it is signed; the names of keys are those of their owners."""

    subject: str
    issuer: str
    key: str
    signer: str
    extensions: list[Extension]
    serial: int = 4711
    not_after: datetime = NOW + 300 * DAY

    def but(self, *extensions: Extension, drop: Iterable[x509.ObjectIdentifier] = (), **changes: Any) -> Plan:
        new = {row[0].oid for row in extensions} | set(drop)
        kept = [row for row in self.extensions if row[0].oid not in new]
        return replace(self, extensions=[*kept, *extensions], **changes)

    def sign(self) -> x509.Certificate:
        builder = x509.CertificateBuilder(
            cn(self.issuer), cn(self.subject), key(self.key).public_key(), self.serial,
            NOW - 30 * DAY, self.not_after,
        )  # fmt: skip
        for extension, critical in self.extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(key(self.signer), hashes.SHA256())


def authority(subject: str, issuer: str, own_key: str, signer: str, *more: Extension) -> Plan:
    basic = x509.BasicConstraints(True, None), True
    ski = x509.SubjectKeyIdentifier(key_id(own_key)), False
    return Plan(subject, issuer, own_key, signer, [basic, (CA_USAGE, True), ski, *more])


ROOT = authority("root", "root", "root", "root")
OTHER = authority("other", "other", "other", "other")
CA = authority("ca", "root", "ca", "root", aki("root"))
LEAF = Plan(
    "example.com", "ca", "leaf", "ca",
    [
        (EE_USAGE, True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectKeyIdentifier(key_id("leaf")), False),
        aki("ca"),
        san(DNS("example.com")),
    ],
)  # fmt: skip
OTHER_NAME = x509.OtherName(x509.ObjectIdentifier("1.2.3.4"), b"\x0c\x01a")


@dataclass
class Oddity:
    name: str
    reason: str = "ok"
    leaf: Plan = LEAF
    path: list[Plan] = field(default_factory=lambda: [CA])
    roots: list[Plan] = field(default_factory=lambda: [ROOT])
    words: tuple[str, ...] = ()


ODDITIES = [
    Oddity("baseline"),
    Oddity("aki: leaf-missing-aki", "authority-key-id", LEAF.but(drop=[AKI])),
    Oddity("aki: intermediate-missing-aki", "authority-key-id", path=[CA.but(drop=[AKI])]),
    Oddity("aki: cross-signed-root-missing-aki", "authority-key-id",
           path=[CA, authority("root", "other", "root", "other")], roots=[OTHER]),
    Oddity("aki: cross-signed root", path=[CA, authority("root", "other", "root", "other", aki("other"))],
           roots=[OTHER]),
    Oddity("aki: the leaf's disagrees", "issuer-unknown", LEAF.but(aki("other"))),
    Oddity("aki: the leaf's issuer and serial agree", leaf=LEAF.but(aki("ca", "root", 4711))),
    Oddity("aki: the leaf's serial disagrees", "issuer-unknown", LEAF.but(aki("ca", "root", 99))),
    Oddity("aki: the leaf's issuer disagrees", "issuer-unknown", LEAF.but(aki("ca", "other", 4711))),
    Oddity("aki: the root's disagrees", "issuer-unknown", roots=[ROOT.but(aki("other"))]),
    Oddity("ski: root-missing-ski", "subject-key-id", roots=[ROOT.but(drop=[SKI])]),
    Oddity("san: san-critical-with-nonempty-subject", "criticality",
           LEAF.but(san(DNS("example.com"), critical=True))),
    Oddity("san: noncritical-with-empty-subject", "subject-empty", LEAF.but(subject="")),
    Oddity("san: critical with empty subject",
           leaf=LEAF.but(san(DNS("example.com"), critical=True), subject="")),
    Oddity("san: no-san", "subject-alt-name", LEAF.but(drop=[SAN])),
    Oddity("cn: not-in-san", "subject-alt-name", LEAF.but(subject="example.net")),
    Oddity("cn: case-mismatch", "subject-alt-name", LEAF.but(subject="Example.com")),
    Oddity("ee-empty-issuer", "issuer-empty", LEAF.but(issuer=""), [CA.but(subject="")]),
    Oddity("nc: othername excluded", "name-constraints", LEAF.but(san(DNS("example.com"), OTHER_NAME)),
           roots=[ROOT.but(subtrees(excluded=[OTHER_NAME]))]),
    Oddity("nc: othername-noapplicable", roots=[ROOT.but(subtrees([OTHER_NAME]))]),
    Oddity("nc: excluded-self-issued-intermediate", leaf=LEAF.but(issuer="root"),
           path=[CA.but(subject="root")], roots=[ROOT.but(subtrees(excluded=[DIRECTORY(cn("root"))]))]),
    Oddity("nc: excluded-self-issued-leaf", "name-constraints",
           LEAF.but(aki("root"), subject="root", issuer="root", signer="root"), [],
           [ROOT.but(subtrees(excluded=[DIRECTORY(cn("root"))]))]),
    Oddity("nc: a level below may not widen", "name-constraints",
           path=[CA.but(subtrees([DNS("example.com")]))], roots=[ROOT.but(subtrees([DNS("a.example.com")]))]),
    Oddity("chain-untrusted-root", "issuer-unknown", roots=[OTHER]),
    Oddity("root-and-intermediate-swapped", "issuer-unknown", path=[ROOT], roots=[CA]),
    Oddity("intermediate as anchor", path=[], roots=[CA], words=("--partial",)),
    Oddity("cve-2024-0567: cross signatures in a ring", "issuer-unknown",
           path=[CA, authority("root", "ca", "root", "ca", aki("ca"))], roots=[OTHER]),
    Oddity("expired intermediate with a good twin",
           path=[CA.but(not_after=NOW - DAY), CA.but(serial=5)]),
    Oddity("expired root with a good twin",
           roots=[ROOT.but(not_after=NOW - DAY), ROOT.but(serial=5)]),
    Oddity("expired root", "expired", roots=[ROOT.but(not_after=NOW - DAY)]),
]  # fmt: skip


@pytest.mark.parametrize("oddity", ODDITIES, ids=lambda row: row.name)
def test_an_oddity_is_judged_as_limbo_does(oddity: Oddity, tmp_path: Path) -> None:
    words: list[str | Path] = ["--purpose", "daemon-server", "--at", at(NOW), *oddity.words]
    for option, plans in (("--trust", oddity.roots), ("--untrusted", oddity.path)):
        if plans:
            path = tmp_path / option.strip("-")
            path.write_bytes(pem(plan.sign() for plan in plans))
            words += [option, path]
    leaf = tmp_path / "leaf.pem"
    leaf.write_bytes(pem([oddity.leaf.sign()]))
    verdict = run_auth(*words, leaf)
    assert verdict["reason"] == oddity.reason, verdict
