// SPDX-License-Identifier: Apache-2.0
import java.io.FileReader;
import java.io.OutputStreamWriter;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Security;
import java.security.spec.ECGenParameterSpec;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * Certificate requests in Bouncy Castle: "verify FILE" prints the subject and whether the signature
 * is good; "make KIND SUBJECT" prints a request, PEM, that asks for a key usage. Its SM2 signatures
 * are made and verified with the default ID of GM/T 0009.
 */
public final class Requests {
    private static final String PROVIDER = "BC";

    private Requests() {}

    private static void verify(String path) throws Exception {
        try (PEMParser parser = new PEMParser(new FileReader(path))) {
            PKCS10CertificationRequest request = (PKCS10CertificationRequest) parser.readObject();
            boolean isGood =
                    request.isSignatureValid(
                            new JcaContentVerifierProviderBuilder()
                                    .setProvider(PROVIDER)
                                    .build(request.getSubjectPublicKeyInfo()));
            System.out.println(request.getSubject());
            System.out.println(isGood ? "good" : "bad");
        }
    }

    private static KeyPair newKey(String kind) throws Exception {
        if (kind.equals("rsa") || kind.equals("ed25519")) {
            KeyPairGenerator generator =
                    KeyPairGenerator.getInstance(kind.equals("rsa") ? "RSA" : "Ed25519", PROVIDER);
            if (kind.equals("rsa")) {
                generator.initialize(2048);
            }
            return generator.generateKeyPair();
        }
        String curve = kind.equals("sm2") ? "sm2p256v1" : kind.equals("p384") ? "P-384" : "P-256";
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", PROVIDER);
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }

    private static String algorithmOf(String kind) {
        return switch (kind) {
            case "rsa" -> "SHA256withRSA";
            case "ed25519" -> "Ed25519";
            case "sm2" -> "SM3withSM2";
            case "p384" -> "SHA384withECDSA";
            default -> "SHA256withECDSA";
        };
    }

    private static void make(String kind, String subject) throws Exception {
        KeyPair pair = newKey(kind);
        ExtensionsGenerator extensions = new ExtensionsGenerator();
        extensions.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        PKCS10CertificationRequest request =
                new JcaPKCS10CertificationRequestBuilder(new X500Name(subject), pair.getPublic())
                        .addAttribute(
                                PKCSObjectIdentifiers.pkcs_9_at_extensionRequest,
                                extensions.generate())
                        .build(
                                new JcaContentSignerBuilder(algorithmOf(kind))
                                        .setProvider(PROVIDER)
                                        .build(pair.getPrivate()));
        try (JcaPEMWriter writer = new JcaPEMWriter(new OutputStreamWriter(System.out))) {
            writer.writeObject(request);
        }
    }

    public static void main(String[] words) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        if (words[0].equals("verify")) {
            verify(words[1]);
        } else {
            make(words[1], words[2]);
        }
    }
}
