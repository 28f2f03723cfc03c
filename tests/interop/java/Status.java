// SPDX-License-Identifier: Apache-2.0
import java.io.FileInputStream;
import java.io.FileReader;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.gm.GMObjectIdentifiers;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.ocsp.OCSPObjectIdentifiers;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPReq;
import org.bouncycastle.cert.ocsp.OCSPReqBuilder;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.Req;
import org.bouncycastle.cert.ocsp.RespID;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.SingleResp;
import org.bouncycastle.cert.ocsp.UnknownStatus;
import org.bouncycastle.cert.ocsp.jcajce.JcaBasicOCSPRespBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/**
 * CRLs and OCSP messages of Bouncy Castle as files. Serials and nonces are hex, dates the clock's.
 *
 * <pre>
 * crl-make KEY CERT OUT [SERIAL=REASON]...        crl-find CRL CERT SERIAL...
 * ocsp-ask CERT SERIAL HASH NONCE|- OUT           ocsp-read REQUEST
 * ocsp-answer KEY RESPONDER ISSUER REQUEST STATUS OUT
 * ocsp-check ANSWER ISSUER SERIAL
 * </pre>
 */
public final class Status {
    private static final String PROVIDER = "BC";
    private static final String[] REASONS = {
        "unspecified", "keyCompromise", "cACompromise", "affiliationChanged", "superseded",
        "cessationOfOperation", "certificateHold", "", "removeFromCRL", "privilegeWithdrawn",
        "aACompromise"
    };
    private static final Map<String, AlgorithmIdentifier> HASHES =
            Map.of(
                    "sha1", new AlgorithmIdentifier(OIWObjectIdentifiers.idSHA1),
                    "sha256", new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256),
                    "sm3", new AlgorithmIdentifier(GMObjectIdentifiers.sm3));

    private Status() {}

    private static X509Certificate certificate(String path) throws Exception {
        try (FileInputStream in = new FileInputStream(path)) {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509", PROVIDER).generateCertificate(in);
        }
    }

    private static ContentSigner signer(String path) throws Exception {
        PrivateKey key;
        try (PEMParser pem = new PEMParser(new FileReader(path))) {
            key =
                    new JcaPEMKeyConverter()
                            .setProvider(PROVIDER)
                            .getPrivateKey((PrivateKeyInfo) pem.readObject());
        }
        return new JcaContentSignerBuilder(signature(key)).setProvider(PROVIDER).build(key);
    }

    private static String signature(PrivateKey key) {
        if (key instanceof org.bouncycastle.jce.interfaces.ECPrivateKey) {
            var parameters = ((org.bouncycastle.jce.interfaces.ECPrivateKey) key).getParameters();
            var sm2 = org.bouncycastle.jce.ECNamedCurveTable.getParameterSpec("sm2p256v1");
            if (parameters.getCurve().equals(sm2.getCurve())) {
                return "SM3withSM2";
            }
            return parameters.getN().bitLength() > 256 ? "SHA384withECDSA" : "SHA256withECDSA";
        }
        return key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "Ed25519";
    }

    private static int reason(String name) {
        for (int i = 0; i < REASONS.length; i++) {
            if (REASONS[i].equals(name)) {
                return i;
            }
        }
        throw new IllegalArgumentException("no reason " + name);
    }

    private static Date fromNow(long seconds) {
        return Date.from(Instant.now().plusSeconds(seconds));
    }

    private static DigestCalculatorProvider digests() throws Exception {
        return new JcaDigestCalculatorProviderBuilder().setProvider(PROVIDER).build();
    }

    private static void crlMake(String[] words) throws Exception {
        X509Certificate issuer = certificate(words[2]);
        JcaX509v2CRLBuilder crl = new JcaX509v2CRLBuilder(issuer.getSubjectX500Principal(), fromNow(0));
        crl.setNextUpdate(fromNow(3600));
        for (int i = 4; i < words.length; i++) {
            String[] entry = words[i].split("=");
            crl.addCRLEntry(new BigInteger(entry[0], 16), fromNow(-3600), reason(entry[1]));
        }
        crl.addExtension(Extension.cRLNumber, false, new CRLNumber(BigInteger.ONE));
        crl.addExtension(
                Extension.authorityKeyIdentifier,
                false,
                new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(issuer.getPublicKey()));
        Files.write(Path.of(words[3]), crl.build(signer(words[1])).getEncoded());
    }

    private static void crlFind(String[] words) throws Exception {
        X509CRL crl;
        try (FileInputStream in = new FileInputStream(words[1])) {
            crl = (X509CRL) CertificateFactory.getInstance("X.509", PROVIDER).generateCRL(in);
        }
        crl.verify(certificate(words[2]).getPublicKey(), PROVIDER);
        for (int i = 3; i < words.length; i++) {
            say(crl.getRevokedCertificate(new BigInteger(words[i], 16)));
        }
    }

    private static void say(X509CRLEntry entry) {
        if (entry == null) {
            System.out.println("not revoked");
            return;
        }
        var reason = entry.getRevocationReason();
        System.out.println(reason == null ? REASONS[0] : REASONS[reason.ordinal()]);
    }

    private static void ocspAsk(String[] words) throws Exception {
        X509CertificateHolder issuer = new JcaX509CertificateHolder(certificate(words[1]));
        BigInteger serial = new BigInteger(words[2], 16);
        OCSPReqBuilder request = new OCSPReqBuilder();
        request.addRequest(new CertificateID(digests().get(HASHES.get(words[3])), issuer, serial));
        if (!words[4].equals("-")) {
            request.setRequestExtensions(new Extensions(nonce(new BigInteger(words[4], 16))));
        }
        Files.write(Path.of(words[5]), request.build().getEncoded());
    }

    private static Extension nonce(BigInteger octets) throws Exception {
        DEROctetString value = new DEROctetString(octets.toByteArray());
        return new Extension(
                OCSPObjectIdentifiers.id_pkix_ocsp_nonce, false, new DEROctetString(value));
    }

    private static void ocspRead(String[] words) throws Exception {
        OCSPReq request = new OCSPReq(Files.readAllBytes(Path.of(words[1])));
        for (Req one : request.getRequestList()) {
            System.out.println(one.getCertID().getSerialNumber().toString(16));
        }
    }

    private static CertificateStatus statusOf(String word) {
        if (word.equals("good")) {
            return CertificateStatus.GOOD;
        }
        return word.equals("unknown")
                ? new UnknownStatus()
                : new RevokedStatus(fromNow(-3600), reason(word));
    }

    private static void ocspAnswer(String[] words) throws Exception {
        X509Certificate responder = certificate(words[2]);
        OCSPReq request = new OCSPReq(Files.readAllBytes(Path.of(words[4])));
        BasicOCSPRespBuilder answer =
                new JcaBasicOCSPRespBuilder(
                        responder.getPublicKey(), digests().get(RespID.HASH_SHA1));
        for (Req one : request.getRequestList()) {
            answer.addResponse(one.getCertID(), statusOf(words[5]), fromNow(-60), fromNow(3600));
        }
        Extension nonce = request.getExtension(OCSPObjectIdentifiers.id_pkix_ocsp_nonce);
        if (nonce != null) {
            answer.setResponseExtensions(new Extensions(nonce));
        }
        X509CertificateHolder[] chain = {new JcaX509CertificateHolder(responder)};
        BasicOCSPResp basic = answer.build(signer(words[1]), chain, fromNow(0));
        OCSPResp response = new OCSPRespBuilder().build(OCSPRespBuilder.SUCCESSFUL, basic);
        Files.write(Path.of(words[6]), response.getEncoded());
    }

    private static void ocspCheck(String[] words) throws Exception {
        X509CertificateHolder issuer = new JcaX509CertificateHolder(certificate(words[2]));
        OCSPResp response = new OCSPResp(Files.readAllBytes(Path.of(words[1])));
        BasicOCSPResp basic = (BasicOCSPResp) response.getResponseObject();
        var verifiers = new JcaContentVerifierProviderBuilder().setProvider(PROVIDER);
        X509CertificateHolder signer = issuer;
        if (basic.getCerts().length > 0) {
            signer = basic.getCerts()[0];
            must(signer.isSignatureValid(verifiers.build(issuer)), "responder's certificate");
        }
        must(basic.isSignatureValid(verifiers.build(signer)), "answer");
        for (SingleResp single : basic.getResponses()) {
            CertificateID id = single.getCertID();
            must(id.matchesIssuer(issuer, digests()), "issuer");
            if (id.getSerialNumber().equals(new BigInteger(words[3], 16))) {
                say(single.getCertStatus());
            }
        }
    }

    private static void must(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException(what + " does not verify");
        }
    }

    private static void say(CertificateStatus status) {
        if (status == CertificateStatus.GOOD) {
            System.out.println("good");
        } else if (status instanceof RevokedStatus) {
            RevokedStatus revoked = (RevokedStatus) status;
            int reason = revoked.hasRevocationReason() ? revoked.getRevocationReason() : 0;
            System.out.println("revoked " + REASONS[reason]);
        } else {
            System.out.println("unknown");
        }
    }

    public static void main(String[] words) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        switch (words[0]) {
            case "crl-make":
                crlMake(words);
                break;
            case "crl-find":
                crlFind(words);
                break;
            case "ocsp-ask":
                ocspAsk(words);
                break;
            case "ocsp-read":
                ocspRead(words);
                break;
            case "ocsp-answer":
                ocspAnswer(words);
                break;
            case "ocsp-check":
                ocspCheck(words);
                break;
            default:
                throw new IllegalArgumentException(words[0]);
        }
    }
}
