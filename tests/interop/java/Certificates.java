// SPDX-License-Identifier: Apache-2.0
import java.io.ByteArrayInputStream;
import java.io.OutputStreamWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Security;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Certificates in Bouncy Castle: "show FILE" prints serial, subject and issuer in hex of their DER,
 * validity and the OIDs of the extensions; "make SUBJECT" prints an SM2 authority's certificate, PEM.
 */
public final class Certificates {
    private static final String PROVIDER = "BC";

    private Certificates() {}

    private static String hex(byte[] octets) {
        StringBuilder text = new StringBuilder();
        for (byte octet : octets) {
            text.append(String.format("%02x", octet));
        }
        return text.toString();
    }

    private static void show(String path) throws Exception {
        byte[] octets = Files.readAllBytes(Path.of(path));
        X509Certificate cert =
                (X509Certificate)
                        CertificateFactory.getInstance("X.509", PROVIDER)
                                .generateCertificate(new ByteArrayInputStream(octets));
        X509CertificateHolder holder = new X509CertificateHolder(cert.getEncoded());
        System.out.println(hex(cert.getSerialNumber().toByteArray()));
        System.out.println(hex(cert.getSubjectX500Principal().getEncoded()));
        System.out.println(hex(cert.getIssuerX500Principal().getEncoded()));
        System.out.println(cert.getNotBefore().toInstant());
        System.out.println(cert.getNotAfter().toInstant());
        for (Object oid : holder.getExtensionOIDs()) {
            System.out.println(oid);
        }
    }

    private static void make(String subject) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", PROVIDER);
        generator.initialize(new ECGenParameterSpec("sm2p256v1"));
        KeyPair pair = generator.generateKeyPair();
        X500Name name = new X500Name(subject);
        X509CertificateHolder cert =
                new JcaX509v3CertificateBuilder(
                                name,
                                BigInteger.valueOf(0x1234567890abcdefL),
                                new Date(1767225600000L),
                                new Date(2545084800000L),
                                name,
                                pair.getPublic())
                        .addExtension(Extension.basicConstraints, true, new BasicConstraints(1))
                        .addExtension(
                                Extension.keyUsage,
                                true,
                                new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                        .build(
                                new JcaContentSignerBuilder("SM3withSM2")
                                        .setProvider(PROVIDER)
                                        .build(pair.getPrivate()));
        try (JcaPEMWriter writer = new JcaPEMWriter(new OutputStreamWriter(System.out))) {
            writer.writeObject(cert);
        }
    }

    public static void main(String[] words) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        if (words[0].equals("show")) {
            show(words[1]);
        } else {
            make(words[1]);
        }
    }
}
