# SPDX-License-Identifier: Apache-2.0
"""
Does auth verify judge every path of NIST's PKITS as its authors do?

The suite comes with Debian's python3-cryptography-vectors. Each end certificate is asked about with
all authorities and all CRLs of the suite at hand, so that the right ones have to be found.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import cryptography_vectors
import pytest
from verify_pki import run_auth

SUITE = Path(cryptography_vectors.__file__).parent / "x509" / "PKITS_data"
# The certificates are valid from 2010 to 2030.
NOW = "2012-01-01T00:00:00Z"
# libauth knows no DSA (docs/verify.md).
REFUSED_ON_PURPOSE = {"ValidDSASignaturesTest4EE", "ValidDSAParameterInheritanceTest5EE"}
# 4.8: names that do not tell the verdict, with any policy accepted and none asked for.
INVALID = {f"DifferentPoliciesTest{number}EE" for number in (4, 5, 7, 8, 9, 12)}
EXPLICIT, NO_MAPPING, NO_ANY = "--explicit-policy", "--inhibit-mapping", "--inhibit-any"

END_CERTIFICATES = sorted(path.stem for path in (SUITE / "certs").glob("*Test*EE.crt"))

# Section 4.8 to 4.12: certificate, accepted test policies, other settings, verdict.
POLICY_CASES: list[tuple[str, tuple[int, ...], tuple[str, ...], bool]] = [
    ("ValidCertificatePathTest1EE", (), (EXPLICIT,), True),
    ("ValidCertificatePathTest1EE", (1,), (EXPLICIT,), True),
    ("ValidCertificatePathTest1EE", (2,), (EXPLICIT,), False),
    ("ValidCertificatePathTest1EE", (1, 2), (EXPLICIT,), True),
    ("AllCertificatesNoPoliciesTest2EE", (), (EXPLICIT,), False),
    ("DifferentPoliciesTest3EE", (), (EXPLICIT,), False),
    ("DifferentPoliciesTest3EE", (1, 2), (EXPLICIT,), False),
    ("OverlappingPoliciesTest6EE", (1,), (), True),
    ("OverlappingPoliciesTest6EE", (2,), (), False),
    ("AllCertificatesSamePoliciesTest10EE", (1,), (), True),
    ("AllCertificatesSamePoliciesTest10EE", (2,), (), True),
    ("AllCertificatesanyPolicyTest11EE", (1,), (), True),
    ("AllCertificatesSamePoliciesTest13EE", (1,), (), True),
    ("AllCertificatesSamePoliciesTest13EE", (2,), (), True),
    ("AllCertificatesSamePoliciesTest13EE", (3,), (), True),
    ("AnyPolicyTest14EE", (1,), (), True),
    ("AnyPolicyTest14EE", (2,), (), False),
    ("ValidPolicyMappingTest1EE", (1,), (), True),
    ("ValidPolicyMappingTest1EE", (2,), (), False),
    ("ValidPolicyMappingTest1EE", (), (NO_MAPPING,), False),
    ("ValidPolicyMappingTest3EE", (1,), (), False),
    ("ValidPolicyMappingTest3EE", (2,), (), True),
    ("ValidPolicyMappingTest5EE", (1,), (), True),
    ("ValidPolicyMappingTest5EE", (6,), (), False),
    ("ValidPolicyMappingTest6EE", (1,), (), True),
    ("ValidPolicyMappingTest6EE", (6,), (), False),
    ("ValidPolicyMappingTest12EE", (1,), (), True),
    ("ValidPolicyMappingTest12EE", (2,), (), True),
    ("inhibitAnyPolicyTest3EE", (), (NO_ANY,), False),
]


@cache
def evidence() -> tuple[str, ...]:
    words = ["--trust", str(SUITE / "certs" / "TrustAnchorRootCertificate.crt")]
    for path in sorted((SUITE / "certs").glob("*.crt")):
        if "Test" not in path.stem:
            words += ["--untrusted", str(path)]
    for path in sorted((SUITE / "crls").glob("*.crl")):
        words += ["--crl", str(path)]
    return tuple(words)


def ask(name: str, *settings: str) -> dict[str, Any]:
    certificate = SUITE / "certs" / f"{name}.crt"
    return run_auth("--at", NOW, "--require-revocation", *evidence(), *settings, certificate)


def should_be_valid(name: str) -> bool:
    return not name.startswith("Invalid") and name not in INVALID | REFUSED_ON_PURPOSE


def test_the_suite_is_whole() -> None:
    assert len(END_CERTIFICATES) == 223


@pytest.mark.parametrize("name", END_CERTIFICATES)
def test_a_path_is_judged_as_its_authors_do(name: str) -> None:
    verdict = ask(name)
    assert verdict["valid"] is should_be_valid(name), verdict


@pytest.mark.parametrize(("name", "accepted", "settings", "is_valid"), POLICY_CASES)
def test_a_path_is_judged_by_the_policies_asked_for(
    name: str, accepted: tuple[int, ...], settings: tuple[str, ...], is_valid: bool
) -> None:
    policies = [f"--policy=2.16.840.1.101.3.2.1.48.{number}" for number in accepted]
    verdict = ask(name, *policies, *settings)
    assert verdict["valid"] is is_valid, verdict
