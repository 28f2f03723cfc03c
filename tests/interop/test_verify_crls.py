# SPDX-License-Identifier: Apache-2.0
"""Does auth verify find the status of certificates in CRLs as RFC 5280 section 6.3 has it?

The cases follow sections 4.4, 4.5, 4.14 and 4.15 of NIST's PKITS, made anew here; openssl verify
must agree where it can judge them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from verify_pki import (
    DAY,
    NOW,
    Case,
    Entity,
    ask_auth,
    ask_openssl,
    dn,
    idp,
    key_usage,
    new_key,
    new_root,
    point,
    points,
    write_case,
)

URI = x509.UniformResourceIdentifier
DIR = x509.DirectoryName
Reasons = x509.ReasonFlags
HOLD = Reasons.certificate_hold
REMOVE = Reasons.remove_from_crl
LOST = Reasons.key_compromise
UNKNOWN = x509.ObjectIdentifier("1.2.3.4")


def rdn(text: str) -> x509.RelativeDistinguishedName:
    return x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def below(name: x509.Name, text: str) -> x509.Name:
    return x509.Name([*name, x509.NameAttribute(NameOID.COMMON_NAME, text)])


def basic_cases(root: Entity) -> Iterator[Case]:
    """PKITS 4.4."""
    up = root.crl()
    ca = root.issue("CA", ca=True)
    ee = ca.issue("EE")
    other = ca.issue("Other")

    def case(name: str, valid: bool, *crls: x509.CertificateRevocationList,
             reason: str | None = None, leaf: Entity = ee) -> Case:  # fmt: skip
        return Case(name, valid, leaf, [ca], [up, *crls], reason=reason)

    yield case("not listed", True, ca.crl(other))
    yield case("missing", False, reason="revocation-unknown")
    yield case("revoked", False, ca.crl((ee, LOST)), reason="revoked")
    yield case("on hold", False, ca.crl((ee, HOLD)), reason="on-hold")
    revoked_ca = root.issue("Revoked CA", ca=True)
    yield Case("revoked CA", False, revoked_ca.issue("EE"), [revoked_ca],
               [root.crl(revoked_ca), revoked_ca.crl()], reason="revoked")  # fmt: skip
    stranger = Entity(ca.name, new_key(), ca.cert)
    yield case("forged", False, ca.crl(key=stranger.key))
    yield case("of another issuer", False, ca.crl(name=dn("Somebody")))
    yield case("one forged, one good", True, ca.crl(key=stranger.key), ca.crl())
    yield case("one of another issuer, one good", True, ca.crl(name=dn("Somebody")), ca.crl())
    critical = (x509.UnrecognizedExtension(UNKNOWN, b"\5\0"), True)
    harmless = (x509.UnrecognizedExtension(UNKNOWN, b"\5\0"), False)
    yield case("unknown critical extension", False, ca.crl(extensions=[critical]),
               reason="crl-critical-extension")  # fmt: skip
    yield case("unknown extension", True, ca.crl(extensions=[harmless]))
    yield case("unknown critical entry extension", False,
               ca.crl(other, entry_extensions=[critical]))  # fmt: skip
    yield case("out of date", False, ca.crl(this_update=NOW - 9 * DAY, next_update=NOW - DAY),
               reason="crl-expired")  # fmt: skip
    yield case("of the future", False, ca.crl(this_update=NOW + DAY, next_update=NOW + 2 * DAY),
               reason="crl-not-yet-valid")  # fmt: skip
    yield case("nextUpdate after 2050", True, ca.crl(next_update=NOW.replace(year=2055)))
    yield replace(case("without number", False, ca.crl(number=None), reason="crl-number"),
                  openssl=None)  # fmt: skip
    long = ca.issue("Long", serial=0x7F << 152 | 0x1234)
    yield case("long serial number", True, ca.crl(), leaf=long)
    near = ca.issue("Near", serial=0x7F << 152 | 0x1235)
    yield case("long serial number, another listed", True, ca.crl(near), leaf=long)
    yield case("long serial number, listed", False, ca.crl(long), leaf=long, reason="revoked")


def signer_cases(root: Entity) -> Iterator[Case]:
    """PKITS 4.4.19 to 4.4.21 and 4.5: CRLs signed with another key of the same authority."""
    ca = root.issue("Split CA", ca=True, usage=key_usage("key_cert_sign"))
    signer = root.issue("Split CA", usage=key_usage("crl_sign"), has_constraints=False)
    both = Entity(ca.name, signer.key, signer.cert)
    ee = ca.issue("EE")
    yield Case("separate CRL key", True, ee, [ca, signer], [root.crl(), both.crl()])
    yield Case("separate CRL key, revoked", False, ee, [ca, signer], [root.crl(), both.crl(ee)],
               reason="revoked")  # fmt: skip
    yield Case("separate CRL key itself revoked", False, ee, [ca, signer],
               [root.crl(signer), both.crl()])  # fmt: skip
    yield Case("separate CRL key not certified", False, ee, [ca], [root.crl(), both.crl()])
    yield Case("CRL by a key without cRLSign", False, ee, [ca, signer], [root.crl(), ca.crl()],
               reason="crl-issuer")  # fmt: skip
    old = root.issue("Rolled CA", ca=True)
    new_key_ = new_key()
    new = root.issue("Rolled CA", ca=True, key=new_key_)
    old_ee = old.issue("EE")
    yield Case("after a rollover the new key signs", True, old_ee, [old, new],
               [root.crl(), new.crl()])  # fmt: skip
    elsewhere = new_root("Other Anchor")
    foreign = elsewhere.issue("Split CA", usage=key_usage("crl_sign"), has_constraints=False)
    yield Case("CRL key of another anchor", False, ee, [ca, foreign, elsewhere],
               [root.crl(), elsewhere.crl(), Entity(ca.name, foreign.key, foreign.cert).crl()],
               )  # fmt: skip


def point_cases(root: Entity) -> Iterator[Case]:
    """PKITS 4.14.1 to 4.14.14: distribution points and whom a CRL is for."""
    up = root.crl()
    ca = root.issue("DP CA", ca=True)
    first = URI("http://example.com/1.crl")
    second = URI("http://example.com/2.crl")
    ee = ca.issue("EE", points(point([first])))
    plain = ca.issue("Plain")

    def case(name: str, valid: bool, leaf: Entity, *crls: x509.CertificateRevocationList,
             openssl: bool = True) -> Case:  # fmt: skip
        return Case(name, valid, leaf, [ca], [up, *crls], openssl=() if openssl else None)

    one = idp(full_name=[first])
    two = idp(full_name=[second])
    yield case("matching", True, ee, ca.crl(extensions=[one]))
    yield case("matching, revoked", False, ee, ca.crl(ee, extensions=[one]))
    yield case("another", False, ee, ca.crl(extensions=[two]))
    yield case("another, and the matching one", True, ee, ca.crl(extensions=[two]),
               ca.crl(extensions=[one]))  # fmt: skip
    yield case("CRL for all points", True, ee, ca.crl())
    yield case("certificate without a point", False, plain, ca.crl(extensions=[one]))
    yield case("one of several names", True, ca.issue("EE", points(point([second, first]))),
               ca.crl(extensions=[idp(full_name=[first, URI("http://example.com/3.crl")])]))  # fmt: skip
    yield case("second point", True, ca.issue("EE", points(point([second]), point([first]))),
               ca.crl(extensions=[one]))  # fmt: skip
    relative = ca.issue("EE", points(point(relative=rdn("shard"))))
    whole = [DIR(below(ca.name, "shard"))]
    yield case("relative and whole", True, relative, ca.crl(extensions=[idp(full_name=whole)]))
    yield case("relative and relative", True, relative,
               ca.crl(extensions=[idp(relative_name=rdn("shard"))]))  # fmt: skip
    yield case("whole and relative", True, ca.issue("EE", points(point(whole))),
               ca.crl(extensions=[idp(relative_name=rdn("shard"))]))  # fmt: skip
    yield case("relative, another", False, relative,
               ca.crl(extensions=[idp(relative_name=rdn("other"))]))  # fmt: skip
    users = idp(only_contains_user_certs=True)
    authorities = idp(only_contains_ca_certs=True)
    attributes = idp(only_contains_attribute_certs=True)
    sub = ca.issue("Sub", ca=True)
    yield case("for holders, a holder", True, plain, ca.crl(extensions=[users]))
    yield case("for holders, an authority", False, sub, ca.crl(extensions=[users]))
    yield case("for authorities, a holder", False, plain, ca.crl(extensions=[authorities]))
    yield case("for authorities, an authority", True, sub, ca.crl(extensions=[authorities]))
    yield case("for attribute certificates", False, plain, ca.crl(extensions=[attributes]))


def reason_cases(root: Entity) -> Iterator[Case]:
    """PKITS 4.14.15 to 4.14.21: CRLs for some reasons."""
    up = root.crl()
    ca = root.issue("Reasons CA", ca=True)
    ee = ca.issue("EE")
    every = set(Reasons) - {Reasons.unspecified, REMOVE}
    some = {LOST, Reasons.ca_compromise}
    first = idp(only_some_reasons=frozenset(some))
    rest = idp(only_some_reasons=frozenset(every - some))

    def case(name: str, valid: bool, *crls: x509.CertificateRevocationList) -> Case:
        return Case(name, valid, ee, [ca], [up, *crls])

    yield replace(case("some reasons", False, ca.crl(extensions=[first])), reason="crl-reasons")
    yield case("all reasons together", True, ca.crl(extensions=[first]), ca.crl(extensions=[rest]))
    yield case("revoked in the first", False, ca.crl((ee, LOST), extensions=[first]),
               ca.crl(extensions=[rest]))  # fmt: skip
    yield case("on hold in the second", False, ca.crl(extensions=[first]),
               ca.crl((ee, HOLD), extensions=[rest]))  # fmt: skip
    a, b = URI("http://example.com/a.crl"), URI("http://example.com/b.crl")
    split = ca.issue("Split", points(point([a], reasons=some), point([b], reasons=every - some)))
    a_crl = ca.crl(extensions=[idp(full_name=[a], only_some_reasons=frozenset(some))])
    b_crl = ca.crl(extensions=[idp(full_name=[b], only_some_reasons=frozenset(every - some))])
    yield Case("points for some reasons", True, split, [ca], [up, a_crl, b_crl])
    yield Case("points for some reasons, one missing", False, split, [ca], [up, a_crl])


def indirect_cases(root: Entity) -> Iterator[Case]:
    """PKITS 4.14.22 to 4.14.35: CRLs that speak of other issuers' certificates."""
    up = root.crl()
    own = root.issue("Indirect CA", ca=True)
    mine = own.issue("EE")
    flagged = idp(indirect_crl=True)
    yield Case("indirect, of the issuer itself", True, mine, [own],
               [up, own.crl(extensions=[flagged])])  # fmt: skip
    yield Case("indirect, of the issuer itself, revoked", False, mine, [own],
               [up, own.crl(mine, extensions=[flagged])], reason="revoked")  # fmt: skip

    signer = root.issue("CRL issuer", usage=key_usage("crl_sign"), has_constraints=False)
    ca = root.issue("CA without CRL", ca=True)
    ee = ca.issue("EE", points(point(issuer=signer.name)))
    twin = Entity(dn("Twin CA"), new_key(), ca.cert)
    of_ca = (x509.CertificateIssuer([DIR(ca.name)]), True)
    of_twin = (x509.CertificateIssuer([DIR(twin.name)]), True)
    path = [ca, signer]
    yield Case("cRLIssuer", True, ee, path, [up, signer.crl(extensions=[flagged])])
    yield Case("cRLIssuer, revoked", False, ee, path,
               [up, signer.crl(ee, extensions=[flagged], entry_extensions=[of_ca])],
               reason="revoked")  # fmt: skip
    yield Case("cRLIssuer, number of another issuer", True, ee, path,
               [up, signer.crl(ee, extensions=[flagged], entry_extensions=[of_twin])])  # fmt: skip
    yield Case("cRLIssuer, number of the CRL's issuer", True, ee, path,
               [up, signer.crl(ee, extensions=[flagged])])  # fmt: skip
    yield Case("cRLIssuer, CRL not indirect", False, ee, path, [up, signer.crl()])
    yield Case("CRL issuer not named", False, ca.issue("EE"), path,
               [up, signer.crl(extensions=[flagged])])  # fmt: skip
    yield Case("CRL issuer's certificate missing", False, ee, [ca],
               [up, signer.crl(extensions=[flagged])])  # fmt: skip
    yield Case("CRL issuer revoked", False, ee, path,
               [root.crl(signer), signer.crl(extensions=[flagged])])  # fmt: skip
    named = ca.issue("EE", points(point([DIR(below(signer.name, "shard"))], issuer=signer.name)))
    shard = idp(indirect_crl=True, full_name=[DIR(below(signer.name, "shard"))])
    yield Case("cRLIssuer with a name", True, named, path, [up, signer.crl(extensions=[shard])])
    relative = ca.issue("EE", points(point(relative=rdn("shard"), issuer=signer.name)))
    yield Case("cRLIssuer with a relative name", True, relative, path,
               [up, signer.crl(extensions=[shard])])  # fmt: skip
    yield Case("cRLIssuer with another name", False, relative, path,
               [up, signer.crl(extensions=[idp(indirect_crl=True, relative_name=rdn("other"))])],
               )  # fmt: skip
    circle_ca = root.issue("Circle CA", ca=True)
    circle_name = dn("Circle CRL issuer")
    circle = circle_ca.issue(circle_name, points(point(issuer=circle_name)),
                             usage=key_usage("crl_sign"))  # fmt: skip
    around = circle_ca.issue("EE", points(point(issuer=circle_name)))
    yield Case("CRL issuer on its own CRL", True, around, [circle_ca, circle],
               [up, circle.crl(extensions=[flagged])], openssl=None)  # fmt: skip


def delta_cases(root: Entity) -> Iterator[Case]:
    """PKITS 4.15: delta CRLs."""
    up = root.crl()
    ca = root.issue("Delta CA", ca=True)
    fresh = (x509.FreshestCRL([point([URI("http://example.com/delta.crl")])]), False)
    ee = ca.issue("EE", fresh)

    def case(name: str, valid: bool, *crls: x509.CertificateRevocationList,
             reason: str | None = None, openssl: bool = True) -> Case:  # fmt: skip
        return Case(name, valid, ee, [ca], [up, *crls], reason=reason,
                    openssl=() if openssl else None)  # fmt: skip

    def full(*rows: object, number: int = 5, **more: object) -> x509.CertificateRevocationList:
        return ca.crl(*rows, number=number, extensions=[fresh], **more)  # type: ignore

    yield case("delta alone", False, ca.crl(number=6, base=5))
    yield case("delta without news", True, full(), ca.crl(number=6, base=5))
    yield case("revoked in the delta", False, full(), ca.crl((ee, LOST), number=6, base=5),
               reason="revoked")  # fmt: skip
    yield case("revoked in the full CRL", False, full((ee, LOST)), ca.crl(number=6, base=5),
               reason="revoked")  # fmt: skip
    yield case("hold released", True, full((ee, HOLD)), ca.crl((ee, REMOVE), number=6, base=5))
    yield case("hold became a revocation", False, full((ee, HOLD)),
               ca.crl((ee, LOST), number=6, base=5), reason="revoked")  # fmt: skip
    yield case("full CRL newer than the base", False, full(number=6),
               ca.crl((ee, LOST), number=7, base=4))  # fmt: skip
    yield case("gap", False, full(number=3), ca.crl(number=7, base=5), reason="crl-delta-gap",
               openssl=False)  # fmt: skip
    yield case("full CRL out of date, delta current", True,
               full(this_update=NOW - 9 * DAY, next_update=NOW - DAY),
               ca.crl(number=6, base=5))  # fmt: skip
    yield case("delta out of date", True, full(),
               ca.crl((ee, HOLD), number=6, base=5, this_update=NOW - 9 * DAY,
                      next_update=NOW - DAY), openssl=False)  # fmt: skip


SECTIONS = {
    "basic": basic_cases,
    "signers": signer_cases,
    "points": point_cases,
    "reasons": reason_cases,
    "indirect": indirect_cases,
    "deltas": delta_cases,
}


@pytest.mark.parametrize("section", SECTIONS)
def test_crls_are_judged_as_rfc_5280_has_it(section: str, tmp_path: Path) -> None:
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


def test_the_order_of_crls_and_certificates_does_not_matter(tmp_path: Path) -> None:
    root = new_root()
    for case in (*delta_cases(root), *reason_cases(root), *signer_cases(root)):
        case.root = root
        case.crls = list(case.crls)[::-1]
        case.path = list(case.path)[::-1]
        verdict = ask_auth(case, write_case(case, tmp_path))
        assert verdict["valid"] == case.valid, f"{case.name}: {verdict}"
