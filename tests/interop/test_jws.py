# SPDX-License-Identifier: Apache-2.0
"""Does python3-jwcrypto verify the JWS made here and we its, in both forms, and does each refuse
altered ones?"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import Answer, call, generate_key, must, openssl
from jwcrypto import jwk, jws
from jwcrypto.common import json_encode

TYPE = "interop+jws"
NOW = 1767225600
PAYLOAD = '{"text":"中文","n":1}'.encode()
ALGORITHMS = {"p256": ("ES256",), "p384": ("ES384",), "rsa": ("RS256", "PS256"), "ed25519": ("EdDSA",)}
MADE_THERE = [(kind, algorithm) for kind, names in ALGORITHMS.items() for algorithm in names]
Tool = Callable[..., Answer]


@dataclass(frozen=True)
class Signer:
    kind: str
    key: Path
    cert: Path

    @property
    def jwk(self) -> jwk.JWK:
        return jwk.JWK.from_pem(self.key.read_bytes())

    def header(self, algorithm: str, **more: object) -> str:
        chain = [base64.b64encode(self.cert.read_bytes()).decode()]
        text: str = json_encode({"alg": algorithm, "typ": TYPE, "x5c": chain, "iat": NOW, **more})
        return text


@pytest.fixture(scope="module")
def tool(build: Path) -> Tool:
    def run(*words: str | Path) -> Answer:
        return call(build / "tests/interop/jws_tool", *words)

    return run


@pytest.fixture(scope="module")
def signers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Signer]:
    made = {}
    for kind in ALGORITHMS:
        folder = tmp_path_factory.mktemp(f"jws-{kind}")
        key, cert = folder / "key.pem", folder / "cert.der"
        generate_key(kind, key)
        openssl("req", "-x509", "-new", "-key", key, "-subj", f"/CN={kind}", "-outform", "DER", "-out", cert)
        made[kind] = Signer(kind, key, cert)
    return made


def verify(tool: Tool, text: str, folder: Path) -> tuple[Answer, bytes]:
    (folder / "there.jws").write_text(text)
    answer = tool("verify", folder / "there.jws", TYPE, folder / "payload")
    return answer, (folder / "payload").read_bytes() if answer.exit_code == 0 else b""


def verify_there(text: str, key: jwk.JWK) -> bytes:
    token = jws.JWS()
    token.allowed_algs = ["ES256", "ES384", "RS256", "PS256", "EdDSA"]
    token.deserialize(text)
    token.verify(key)
    payload: bytes = token.payload
    return payload


@pytest.mark.parametrize(("kind", "algorithm"), MADE_THERE)
def test_a_compact_text_made_there_verifies_here(
    tool: Tool, signers: dict[str, Signer], tmp_path: Path, kind: str, algorithm: str
) -> None:
    token = jws.JWS(PAYLOAD)
    token.add_signature(signers[kind].jwk, alg=algorithm, protected=signers[kind].header(algorithm))
    answer, payload = verify(tool, token.serialize(compact=True), tmp_path)
    assert (answer.text, payload) == (f"{algorithm} {NOW}\n", PAYLOAD), answer.error


def test_a_document_that_many_signed_there_verifies_here(
    tool: Tool, signers: dict[str, Signer], tmp_path: Path
) -> None:
    token = jws.JWS(PAYLOAD)
    for kind, (algorithm, *_) in ALGORITHMS.items():
        token.add_signature(signers[kind].jwk, alg=algorithm, protected=signers[kind].header(algorithm))
    answer, payload = verify(tool, token.serialize(), tmp_path)
    expected = "".join(f"{names[0]} {NOW}\n" for names in ALGORITHMS.values())
    assert (answer.text, payload) == (expected, PAYLOAD), answer.error


@pytest.mark.parametrize("kind", ALGORITHMS)
def test_a_compact_text_made_here_verifies_there(
    tool: Tool, signers: dict[str, Signer], tmp_path: Path, kind: str
) -> None:
    it, out = signers[kind], tmp_path / "here.jws"
    (tmp_path / "payload").write_bytes(PAYLOAD)
    answer = tool("sign", "compact", it.key, it.cert, TYPE, str(NOW), tmp_path / "payload", out)
    assert answer.exit_code == 0, answer.error
    text = out.read_text()
    assert verify_there(text, it.jwk) == PAYLOAD
    header, payload, signature = text.split(".")
    other = "A" if signature[8] != "A" else "B"
    with pytest.raises(jws.InvalidJWSSignature):
        verify_there(f"{header}.{payload}.{signature[:8]}{other}{signature[9:]}", it.jwk)


def test_a_document_that_many_signed_here_verifies_there(
    tool: Tool, signers: dict[str, Signer], tmp_path: Path
) -> None:
    out = tmp_path / "here.jws"
    (tmp_path / "payload").write_bytes(PAYLOAD)
    for kind, it in signers.items():
        words: tuple[str | Path, ...] = (it.key, it.cert, TYPE, str(NOW))
        answer = (
            tool("add", out, *words, out)
            if out.exists()
            else tool("sign", "general", *words, tmp_path / "payload", out)
        )
        assert answer.exit_code == 0, f"{kind}: {answer.error}"
    text = out.read_text()
    assert len(json.loads(text)["signatures"]) == len(signers)
    for it in signers.values():
        assert verify_there(text, it.jwk) == PAYLOAD


@pytest.mark.parametrize(("kind", "algorithm"), MADE_THERE)
def test_a_text_altered_there_is_refused_here(
    tool: Tool, signers: dict[str, Signer], tmp_path: Path, kind: str, algorithm: str
) -> None:
    token = jws.JWS(PAYLOAD)
    token.add_signature(signers[kind].jwk, alg=algorithm, protected=signers[kind].header(algorithm))
    header, payload, signature = token.serialize(compact=True).split(".")
    other = "A" if signature[8] != "A" else "B"
    answer, _ = verify(tool, f"{header}.{payload}.{signature[:8]}{other}{signature[9:]}", tmp_path)
    assert answer.exit_code == 1 and answer.error.startswith("untrusted: JWS: signature 1"), answer.error


@pytest.mark.parametrize(
    ("more", "says"),
    [({"b64": False, "crit": ["b64"]}, "$.crit"), ({"kid": "1"}, "$.kid"), ({"jku": "https://a.example"}, "$.jku")],
)
def test_what_others_may_put_into_a_header_is_refused(
    tool: Tool, signers: dict[str, Signer], tmp_path: Path, more: dict[str, object], says: str
) -> None:
    it = signers["p256"]
    token = jws.JWS("plain")
    token.add_signature(it.jwk, alg="ES256", protected=it.header("ES256", **more))
    answer, _ = verify(tool, token.serialize(compact=True), tmp_path)
    assert answer.exit_code == 1 and says in answer.error, answer.error


def test_a_public_key_is_no_secret(tool: Tool, signers: dict[str, Signer], tmp_path: Path) -> None:
    """HS256 with the text of the certificate's key as the secret, which fooled many."""
    it = signers["rsa"]
    public = must("openssl", "pkey", "-in", it.key, "-pubout").out
    secret = jwk.JWK(kty="oct", k=base64.urlsafe_b64encode(public).rstrip(b"=").decode())
    token = jws.JWS(PAYLOAD)
    token.add_signature(secret, alg="HS256", protected=it.header("HS256"))
    answer, _ = verify(tool, token.serialize(compact=True), tmp_path)
    assert answer.exit_code == 1 and "unsupported: JWS: signature 1: protected header: $.alg" in answer.error
