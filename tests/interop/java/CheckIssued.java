/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does Bouncy Castle accept chains of ours? Arguments: leaf, issuing authority and root, DER files, of
 * each chain. Prints "ok" or why not, and the leaf, a line a chain.
 * SM2 signatures are verified with the default distinguishing ID, as GM/T 0009 says.
 */
import java.nio.file.Files;
import java.nio.file.Paths;
import java.security.Security;
import java.util.Arrays;
import java.util.Date;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;

public final class CheckIssued {
    private static void demand(boolean holds, String what) throws Exception {
        if (!holds) {
            throw new Exception(what);
        }
    }

    private static X509CertificateHolder read(String path) throws Exception {
        byte[] der = Files.readAllBytes(Paths.get(path));
        X509CertificateHolder certificate = new X509CertificateHolder(der);
        byte[] again = certificate.toASN1Structure().getEncoded(ASN1Encoding.DER);
        demand(Arrays.equals(der, again), path + ": written differently by Bouncy Castle");
        return certificate;
    }

    private static void check(X509CertificateHolder certificate, X509CertificateHolder issuer)
        throws Exception {
        demand(certificate.isValidOn(new Date()), "not valid now");
        demand(certificate.getIssuer().equals(issuer.getSubject()), "issuer is another name");
        demand(certificate.isSignatureValid(new JcaContentVerifierProviderBuilder()
                                                .setProvider("BC")
                                                .build(issuer)),
               "signature does not verify");
    }

    private static void checkChain(String[] paths, int at) throws Exception {
        X509CertificateHolder leaf = read(paths[at]);
        X509CertificateHolder authority = read(paths[at + 1]);
        X509CertificateHolder root = read(paths[at + 2]);
        check(root, root);
        check(authority, root);
        check(leaf, authority);
        demand(BasicConstraints.fromExtensions(authority.getExtensions()).isCA(), "no authority");
        BasicConstraints basic = BasicConstraints.fromExtensions(leaf.getExtensions());
        demand(basic == null || !basic.isCA(), "an authority");
        Extension names = leaf.getExtension(Extension.subjectAlternativeName);
        if (names != null) {
            demand(GeneralNames.getInstance(names.getParsedValue()).getNames().length > 0,
                   "no names");
        }
    }

    public static void main(String[] arguments) {
        Security.addProvider(new BouncyCastleProvider());
        for (int at = 0; at + 2 < arguments.length; at += 3) {
            String verdict = "ok";
            try {
                checkChain(arguments, at);
            } catch (Exception why) {
                verdict = "refused: " + why.getMessage();
            }
            System.out.println(verdict + " " + arguments[at]);
        }
    }
}
