/* SPDX-License-Identifier: Apache-2.0 */

import java.io.FileOutputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Security;
import java.security.spec.ECGenParameterSpec;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Makes an SM2 root, authority and holder and a CRL of each issuer, as Bouncy Castle has them:
 * VerifySm2Chain FOLDER NOW_SECONDS
 */
public final class VerifySm2Chain {
    private static final long DAY = 86_400_000L;

    private static Path folder;
    private static Date now;

    private static KeyPair newKey() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", "BC");
        generator.initialize(new ECGenParameterSpec("sm2p256v1"));
        return generator.generateKeyPair();
    }

    private static ContentSigner signer(KeyPair key) throws Exception {
        return new JcaContentSignerBuilder("SM3withSM2").setProvider("BC").build(key.getPrivate());
    }

    private static void write(String name, byte[] der) throws Exception {
        try (FileOutputStream out = new FileOutputStream(folder.resolve(name).toFile())) {
            out.write(der);
        }
    }

    private static X509CertificateHolder issue(String name, String issuer, KeyPair key,
            KeyPair issuerKey, int serial, boolean isAuthority) throws Exception {
        JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                new X500Name("CN=" + issuer), BigInteger.valueOf(serial),
                new Date(now.getTime() - DAY), new Date(now.getTime() + DAY),
                new X500Name("CN=" + name), key.getPublic());
        int usage = isAuthority ? KeyUsage.keyCertSign | KeyUsage.cRLSign
                : KeyUsage.digitalSignature;
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
        if (!isAuthority) {
            builder.addExtension(Extension.extendedKeyUsage, false,
                    new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth));
        }
        builder.addExtension(Extension.subjectKeyIdentifier, false,
                ids.createSubjectKeyIdentifier(key.getPublic()));
        builder.addExtension(Extension.authorityKeyIdentifier, false,
                ids.createAuthorityKeyIdentifier(issuerKey.getPublic()));
        X509CertificateHolder made = builder.build(signer(issuerKey));
        write(name + ".der", made.getEncoded());
        return made;
    }

    private static void revoke(String file, String issuer, KeyPair key, int revoked)
            throws Exception {
        X509v2CRLBuilder builder = new X509v2CRLBuilder(new X500Name("CN=" + issuer),
                new Date(now.getTime() - DAY));
        builder.setNextUpdate(new Date(now.getTime() + DAY));
        builder.addExtension(Extension.cRLNumber, false, new CRLNumber(BigInteger.ONE));
        builder.addExtension(Extension.authorityKeyIdentifier, false,
                new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(key.getPublic()));
        builder.addCRLEntry(BigInteger.valueOf(revoked), now, CRLReason.superseded);
        write(file, builder.build(signer(key)).getEncoded());
    }

    public static void main(String[] arguments) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        folder = Path.of(arguments[0]);
        now = new Date(Long.parseLong(arguments[1]) * 1000);
        Files.createDirectories(folder);
        KeyPair root = newKey();
        KeyPair authority = newKey();
        KeyPair holder = newKey();
        issue("root", "root", root, root, 1, true);
        issue("authority", "root", authority, root, 2, true);
        issue("holder", "authority", holder, authority, 3, false);
        revoke("root.crl", "root", root, 99);
        revoke("authority.crl", "authority", authority, 99);
        revoke("revoking.crl", "authority", authority, 3);
    }
}
