# SPDX-License-Identifier: Apache-2.0
"""Does auth verify judge paths, names, policies and name constraints as RFC 5280 has it?

The cases follow the sections of NIST's PKITS, made anew here; openssl verify must agree where it
can judge them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID
from verify_pki import (
    ANY_POLICY,
    CA_USAGE,
    DAY,
    NOW,
    POLICY,
    Case,
    Entity,
    Extension,
    ask_auth,
    ask_openssl,
    constraints,
    dn,
    key_usage,
    mappings,
    names,
    new_key,
    new_root,
    policies,
    run_auth,
    subtrees,
    write_case,
)

DNS = x509.DNSName
MAIL = x509.RFC822Name
URI = x509.UniformResourceIdentifier


def chain(root: Entity, *steps: tuple[str, dict[str, Any]]) -> list[Entity]:
    """Authorities below a root, each with the options of its step; the last one first."""
    made = [root]
    for name, options in steps:
        extensions = options.pop("extensions", ())
        made.append(made[-1].issue(name, *extensions, ca=True, **options))
    return made[:0:-1]


def path_cases(root: Entity) -> Iterator[Case]:
    """PKITS 4.1 to 4.3 and 4.5: signatures, validity, names, self-issued certificates."""
    ca = root.issue("Good CA", ca=True)
    yield Case("valid signatures", True, ca.issue("EE"), [ca])
    for kind in ("rsa", "ed25519"):
        other = root.issue(f"CA {kind}", ca=True, kind=kind)
        yield Case(f"valid {kind}", True, other.issue("EE", kind=kind), [other])
    forged = Entity(ca.name, new_key(), ca.cert).issue("EE forged")
    yield Case("signed by another key", False, forged, [ca])
    twin_key = Entity(ca.name, ca.key, ca.cert)
    late = root.issue("Late CA", ca=True, not_before=NOW + DAY)
    old = root.issue("Old CA", ca=True, not_after=NOW - DAY)
    yield Case("CA not yet valid", False, late.issue("EE"), [late], reason="not-yet-valid")
    yield Case("CA expired", False, old.issue("EE"), [old], reason="expired")
    yield Case(
        "EE not yet valid", False, ca.issue("EE", not_before=NOW + timedelta(seconds=1)), [ca],
        reason="not-yet-valid",
    )  # fmt: skip
    yield Case(
        "EE expired", False, ca.issue("EE", not_after=NOW - timedelta(seconds=1)), [ca],
        reason="expired",
    )  # fmt: skip
    yield Case("EE ends now", True, ca.issue("EE", not_after=NOW), [ca], openssl=None)
    yield Case("EE begins now", True, ca.issue("EE", not_before=NOW), [ca])
    yield Case("EE until 2050", True, ca.issue("EE", not_after=NOW.replace(year=2060)), [ca])
    wrong = Entity(dn("Wrong CA"), ca.key, ca.cert).issue("EE")
    yield Case("name chaining", False, wrong, [ca], reason="issuer-unknown")
    order = Entity(x509.Name(list(ca.name)[::-1]), ca.key, ca.cert).issue("EE")
    yield Case("name chaining, order", False, order, [ca], reason="issuer-unknown")
    loose = Entity(dn("  gOOD   ca "), ca.key, ca.cert).issue("EE")
    yield Case("name chaining, white space and case", True, loose, [ca])
    printable = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(
                NameOID.ORGANIZATION_NAME, "Test Certificates", x509.name._ASN1Type.PrintableString
            ),
            x509.NameAttribute(
                NameOID.COMMON_NAME, "Good CA", x509.name._ASN1Type.PrintableString
            ),
        ]
    )
    yield Case(
        "name chaining, string types", True, Entity(printable, ca.key, ca.cert).issue("EE"), [ca]
    )
    new_twin = Entity(ca.name, new_key(), ca.cert)
    new_with_old = twin_key.issue(ca.name, ca=True, key=new_twin.key)
    yield Case("new with old", True, new_twin.issue("EE"), [new_with_old, ca])
    renewed = root.issue("Good CA", ca=True, key=new_twin.key)
    old_with_new = new_twin.issue(ca.name, ca=True, key=ca.key)
    yield Case("old with new", True, ca.issue("EE"), [old_with_new, renewed])
    crl_key = twin_key.issue(ca.name, usage=key_usage("crl_sign"), has_constraints=False)
    yield Case(
        "CRL key signs a certificate", False, Entity(ca.name, crl_key.key, crl_key.cert).issue("EE"),
        [crl_key, ca],
    )  # fmt: skip
    yield Case("self-signed", False, new_root("Nobody"), [], reason="untrusted-root")
    yield Case("CA as the one asked about", True, ca)


def constraint_cases(root: Entity) -> Iterator[Case]:
    """PKITS 4.6 and 4.7: basic constraints and key usage."""
    none = root.issue("CA", usage=CA_USAGE, has_constraints=False)
    yield Case("missing basicConstraints", False, none.issue("EE"), [none])
    false = root.issue("CA", ca=False)
    yield Case(
        "cA false", False, false.issue("EE"), [false], reason="not-an-authority"
    )
    loose = root.issue("CA", ca=True, constraints_critical=False)
    yield Case("basicConstraints not critical", True, loose.issue("EE"), [loose])
    zero = root.issue("pathLen0", ca=True, path_len=0)
    below = zero.issue("Below", ca=True)
    yield Case("pathLen 0, EE", True, zero.issue("EE"), [zero])
    yield Case("pathLen 0, CA as EE", True, below, [zero])
    yield Case("pathLen 0, CA between", False, below.issue("EE"), [below, zero],
               reason="path-length")  # fmt: skip
    self_issued = Entity(zero.name, zero.key, zero.cert).issue(zero.name, ca=True)
    yield Case("pathLen 0, self-issued between", True, self_issued.issue("EE"), [self_issued, zero])
    for depth, path_len, valid in ((1, 1, True), (2, 1, False), (4, 4, True), (5, 4, False)):
        steps: list[tuple[str, dict[str, Any]]] = [(f"sub {i}", {}) for i in range(depth)]
        rows = chain(root, (f"pathLen{path_len}", {"path_len": path_len}), *steps)
        yield Case(
            f"pathLen {path_len}, {depth} below", valid, rows[0].issue("EE"), rows,
            reason=None if valid else "path-length",
        )  # fmt: skip
    narrow = root.issue("pathLen6", ca=True, path_len=6)
    wide = narrow.issue("pathLen0 below", ca=True, path_len=0)
    widest = wide.issue("pathLen4 below", ca=True, path_len=4)
    yield Case("pathLen cannot widen", False, widest.issue("EE"), [widest, wide, narrow])
    no_sign = root.issue("CA", ca=True, usage=key_usage("digital_signature", "crl_sign"))
    yield Case("no keyCertSign", False, no_sign.issue("EE"), [no_sign], reason="key-usage")


def policy_cases(root: Entity) -> Iterator[Case]:
    """PKITS 4.8 to 4.12: policies, their constraints and mappings."""
    explicit = ("--explicit-policy",)
    asked = [("--policy", POLICY[n].dotted_string) for n in (1, 2)]

    def case(name: str, valid: bool, leaf: Entity, path: list[Entity], *words: str) -> Case:
        openssl = []
        for word in words:
            openssl.append({"--explicit-policy": "-explicit_policy", "--policy": "-policy",
                            "--inhibit-any": "-inhibit_any",
                            "--inhibit-mapping": "-inhibit_map"}.get(word, word))  # fmt: skip
        if "-policy" not in openssl:
            openssl += ["-policy", ANY_POLICY.dotted_string]
        return Case(name, valid, leaf, path, arguments=words,
                    reason=None if valid else "policy", openssl=openssl)  # fmt: skip

    one = root.issue("P1", policies(POLICY[1]), ca=True)
    ee = one.issue("EE", policies(POLICY[1]))
    yield case("all certificates same policy", True, ee, [one], *explicit)
    yield case("asked for P1", True, ee, [one], *explicit, *asked[0])
    yield case("asked for P2", False, ee, [one], *explicit, *asked[1])
    yield case("asked for both", True, ee, [one], *explicit, *asked[0], *asked[1])
    none = root.issue("no policy", ca=True)
    yield case("no policies", True, none.issue("EE"), [none])
    yield case("no policies, explicit", False, none.issue("EE"), [none], *explicit)
    yield case("different policies", True, one.issue("EE", policies(POLICY[2])), [one])
    yield case(
        "different policies, explicit", False, one.issue("EE", policies(POLICY[2])), [one],
        *explicit,
    )  # fmt: skip
    sub = one.issue("sub P2", policies(POLICY[2]), ca=True)
    yield case("lost on the way", False, sub.issue("EE", policies(POLICY[1])), [sub, one], *explicit)
    every = root.issue("any", policies(ANY_POLICY), ca=True)
    yield case("any policy", True, every.issue("EE", policies(POLICY[1])), [every], *explicit)
    yield case(
        "any policy inhibited", False, every.issue("EE", policies(POLICY[1])), [every], *explicit,
        "--inhibit-any",
    )  # fmt: skip
    requires = root.issue("requires 0", policies(POLICY[1]), constraints(explicit=0), ca=True)
    yield case("CA requires, held", True, requires.issue("EE", policies(POLICY[1])), [requires])
    yield case("CA requires, none", False, requires.issue("EE"), [requires])
    later = root.issue("requires 1", policies(POLICY[1]), constraints(explicit=3), ca=True)
    later_sub = later.issue("sub", ca=True)
    yield case("requires later, not yet", True, later_sub.issue("EE"), [later_sub, later])
    inhibit = root.issue(
        "inhibit any 0", policies(POLICY[1]), (x509.InhibitAnyPolicy(0), True), ca=True
    )
    yield case("any inhibited by CA", False, inhibit.issue("EE", policies(ANY_POLICY)), [inhibit],
               *explicit)  # fmt: skip
    mapped = root.issue("map 1 to 2", policies(POLICY[1]), mappings((POLICY[1], POLICY[2])), ca=True)
    to_two = mapped.issue("EE", policies(POLICY[2]))
    yield case("mapped", True, to_two, [mapped], *explicit, *asked[0])
    yield case("mapped, asked for the other", False, to_two, [mapped], *explicit, *asked[1])
    yield case("mapping inhibited", False, to_two, [mapped], *explicit, "--inhibit-mapping")
    yield case(
        "mapped away", False, mapped.issue("EE", policies(POLICY[1])), [mapped], *explicit
    )
    bounded = root.issue("inhibit map 0", policies(POLICY[1]), constraints(0, 0), ca=True)
    bounded_sub = bounded.issue(
        "sub", policies(POLICY[1]), mappings((POLICY[1], POLICY[2])), ca=True
    )
    yield case("mapping inhibited by CA", False, bounded_sub.issue("EE", policies(POLICY[2])),
               [bounded_sub, bounded])  # fmt: skip


def name_cases(root: Entity) -> Iterator[Case]:
    """PKITS 4.13: name constraints of each kind."""

    def cases(
        name: str, extension: Extension, *rows: tuple[str, bool, x509.GeneralName | x509.Name]
    ) -> Iterator[Case]:
        ca = root.issue(f"NC {name}", extension, ca=True)
        for what, valid, row in rows:
            subject: str | x509.Name = row if isinstance(row, x509.Name) else f"EE {what}"
            more = () if isinstance(row, x509.Name) else (names(row),)
            yield Case(
                f"{name}: {what}", valid, ca.issue(subject, *more), [ca],
                reason=None if valid else "name-constraints",
            )  # fmt: skip

    unit = x509.Name([*dn("x")][:2])
    other = dn("EE", "Somebody else")
    inside = dn("EE")
    yield from cases(
        "permitted DN", subtrees([x509.DirectoryName(unit)]),
        ("inside", True, inside), ("outside", False, other),
        ("inside, alternative name outside", False, x509.DirectoryName(other)),
    )  # fmt: skip
    yield from cases(
        "excluded DN", subtrees(excluded=[x509.DirectoryName(unit)]),
        ("outside", True, other), ("inside", False, inside),
    )  # fmt: skip
    yield from cases(
        "permitted mail domain", subtrees([MAIL(".example.com")]),
        ("host in it", True, MAIL("a@mail.example.com")),
        ("the domain itself", False, MAIL("a@example.com")),
        ("another", False, MAIL("a@example.org")),
    )  # fmt: skip
    yield from cases(
        "permitted mail host", subtrees([MAIL("example.com")]),
        ("host", True, MAIL("a@example.com")),
        ("below it", False, MAIL("a@mail.example.com")),
        ("another kind of name", True, DNS("example.org")),
    )  # fmt: skip
    yield from cases(
        "excluded mail host", subtrees(excluded=[MAIL("example.com")]),
        ("host", False, MAIL("a@example.com")), ("below it", True, MAIL("a@mail.example.com")),
    )  # fmt: skip
    yield from cases(
        "permitted DNS", subtrees([DNS("example.com")]),
        ("itself", True, DNS("example.com")), ("below", True, DNS("a.b.example.com")),
        ("case", True, DNS("A.EXAMPLE.COM")), ("another", False, DNS("notexample.com")),
    )  # fmt: skip
    yield from cases(
        "excluded DNS", subtrees(excluded=[DNS("example.com")]),
        ("below", False, DNS("a.example.com")), ("another", True, DNS("notexample.com")),
    )  # fmt: skip
    yield from cases(
        "permitted URI", subtrees([URI(".example.com")]),
        ("below", True, URI("http://a.example.com/x")), ("itself", False, URI("ldap://example.com/")),
    )  # fmt: skip
    yield from cases(
        "excluded URI", subtrees(excluded=[URI("example.com")]),
        ("itself", False, URI("ftp://example.com:21/")), ("below", True, URI("http://a.example.com/")),
    )  # fmt: skip
    first = root.issue("NC outer", subtrees([DNS("example.com")]), ca=True)
    second = first.issue("NC inner", subtrees([DNS("a.example.com")]), ca=True)
    yield Case("both levels", True, second.issue("EE", names(DNS("b.a.example.com"))),
               [second, first])  # fmt: skip
    yield Case("inner level", False, second.issue("EE", names(DNS("c.example.com"))),
               [second, first], reason="name-constraints")  # fmt: skip
    bad = first.issue("NC bad CA", names(DNS("example.org")), ca=True)
    yield Case("an authority outside", False, bad.issue("EE", names(DNS("example.com"))),
               [bad, first], reason="name-constraints")  # fmt: skip


SECTIONS = {
    "paths": path_cases,
    "constraints": constraint_cases,
    "policies": policy_cases,
    "names": name_cases,
}


@pytest.mark.parametrize("section", SECTIONS)
def test_paths_are_judged_as_rfc_5280_has_it(section: str, tmp_path: Path) -> None:
    root = new_root()
    wrong = []
    for case in SECTIONS[section](root):
        case.root = root
        files = write_case(case, tmp_path)
        verdict = ask_auth(case, files)
        if verdict["valid"] != case.valid or case.reason not in (None, verdict["reason"]):
            wrong.append(f"{case.name}: {verdict['reason']}: {verdict['detail']}")
        if case.openssl is not None and ask_openssl(case, files) != verdict["valid"]:
            wrong.append(f"{case.name}: openssl verify disagrees with {verdict['reason']}")
    assert not wrong, "\n".join(wrong)


def test_der_and_pem_and_several_in_a_file_are_read(tmp_path: Path) -> None:
    root = new_root()
    ca = root.issue("CA", ca=True)
    leaf = ca.issue("EE")
    der = serialization.Encoding.DER
    (tmp_path / "root.der").write_bytes(root.cert.public_bytes(der))
    (tmp_path / "both.der").write_bytes(leaf.cert.public_bytes(der) + ca.cert.public_bytes(der))
    (tmp_path / "both.pem").write_bytes(
        b"a remark\n"
        + leaf.cert.public_bytes(serialization.Encoding.PEM)
        + ca.cert.public_bytes(serialization.Encoding.PEM)
    )
    for name in ("both.der", "both.pem"):
        verdict = run_auth(
            "--trust", tmp_path / "root.der", "--at", "2026-01-01T00:00:00Z", tmp_path / name
        )
        assert verdict["valid"], verdict
        assert [row["subject"] for row in verdict["chain"]] == [
            "CN=EE,O=Test Certificates,C=CN",
            "CN=CA,O=Test Certificates,C=CN",
            "CN=Trust Anchor,O=Test Certificates,C=CN",
        ]


def test_a_second_chain_is_found_when_the_first_is_refused(tmp_path: Path) -> None:
    """One authority with two certificates, one of them below an authority that excludes it."""
    root = new_root()
    strict = root.issue("Strict", subtrees(excluded=[DNS("forbidden.example")]), ca=True)
    key = new_key()
    refused = strict.issue("Twin", names(DNS("forbidden.example")), ca=True, key=key)
    accepted = root.issue("Twin", ca=True, key=key)
    case = Case("twins", True, accepted.issue("EE"), [strict, refused, accepted], root=root)
    for path in ([strict, refused, accepted], [accepted, refused, strict]):
        case.path = path
        verdict = ask_auth(case, write_case(case, tmp_path))
        assert verdict["valid"], verdict


@pytest.mark.parametrize("kind", ["p256", "rsa", "ed25519"])
def test_each_altered_octet_of_a_certificate_is_noticed(kind: str, tmp_path: Path) -> None:
    root = new_root(kind=kind)
    leaf = root.issue("EE", kind=kind).cert.public_bytes(serialization.Encoding.DER)
    (tmp_path / "root.der").write_bytes(root.cert.public_bytes(serialization.Encoding.DER))
    step = 1 if kind == "ed25519" else 23
    for i in range(0, len(leaf), step):
        altered = bytearray(leaf)
        altered[i] ^= 0x04
        (tmp_path / "leaf.der").write_bytes(altered)
        verdict = run_auth(
            "--trust", tmp_path / "root.der", "--at", "2026-01-01T00:00:00Z", tmp_path / "leaf.der"
        )
        assert not verdict["valid"], f"octet {i}"
