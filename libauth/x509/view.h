/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates, requests and CRLs as views of their DER: parsed once, by offset, without allocating
 * and without OpenSSL. Internal to libauth. A view borrows the DER and decides nothing: it holds
 * for every object that has the ASN.1 form of RFC 5280, good or bad. Rules are for lint and
 * validate.
 */
#ifndef X509_VIEW_H
#define X509_VIEW_H

#include "base/der.h"
#include "base/oid.h"

/* A certificate with more extensions is refused: 32 is twice what any profile met has. */
#define X509_EXTENSIONS_MAX 32

typedef struct x509_extension {
    oid id;           /* OID_UNKNOWN: see type */
    auth_bytes type;  /* content octets of the OID */
    auth_bytes value; /* content of the OCTET STRING */
    bool is_critical;
} x509_extension;

typedef struct x509_extensions {
    size_t count;
    x509_extension rows[X509_EXTENSIONS_MAX];
} x509_extensions;

typedef struct x509_cert_view {
    auth_bytes der;           /* the whole certificate */
    auth_bytes tbs;           /* with tag and length: what is signed */
    unsigned version;         /* 1, 2 or 3 */
    auth_bytes serial;        /* content octets of the INTEGER, of any sign and length */
    auth_bytes tbs_algorithm; /* AlgorithmIdentifier, whole */
    auth_bytes issuer;        /* Name, whole */
    auth_bytes subject;       /* Name, whole */
    auth_time not_before;
    auth_time not_after;
    bool not_before_is_generalized;
    bool not_after_is_generalized;
    auth_bytes spki; /* SubjectPublicKeyInfo, whole */
    x509_extensions extensions;
    auth_bytes algorithm; /* AlgorithmIdentifier outside, whole */
    auth_bytes signature; /* octets of the BIT STRING */
} x509_cert_view;

/*
 * Reads a certificate that fills der. Errors: AUTH_STATUS_MALFORMED naming the field;
 * AUTH_STATUS_LIMIT for too many extensions; AUTH_STATUS_INVALID for an extension that occurs twice
 * (RFC 5280 4.2) or a time outside the calendar.
 */
auth_status x509_cert_view_parse(auth_bytes der, x509_cert_view *out,
                                 auth_error *err) AUTH_MUST_CHECK;

typedef struct x509_csr_view {
    auth_bytes der;
    auth_bytes info;            /* CertificationRequestInfo, whole: what is signed */
    auth_bytes subject;         /* Name, whole */
    auth_bytes spki;            /* SubjectPublicKeyInfo, whole */
    x509_extensions extensions; /* of the extensionRequest attribute, if there is one */
    auth_bytes algorithm;       /* AlgorithmIdentifier, whole */
    auth_bytes signature;       /* octets of the BIT STRING */
} x509_csr_view;

/* Attributes of a request that take more octets are refused. */
#define X509_CSR_ATTRIBUTES_MAX 16384

/*
 * Reads a PKCS#10 request (RFC 2986) that fills der. Of its attributes only extensionRequest is
 * looked into; it may occur once, with one value. Errors: as x509_cert_view_parse;
 * AUTH_STATUS_LIMIT for attributes above X509_CSR_ATTRIBUTES_MAX.
 */
auth_status x509_csr_view_parse(auth_bytes der, x509_csr_view *out,
                                auth_error *err) AUTH_MUST_CHECK;

typedef struct x509_crl_view {
    auth_bytes der;
    auth_bytes tbs;
    unsigned version; /* 1 or 2; extensions only in 2 */
    auth_bytes tbs_algorithm;
    auth_bytes issuer;
    auth_time this_update;
    auth_time next_update; /* 0 with has_next_update false */
    bool has_next_update;
    bool this_update_is_generalized;
    bool next_update_is_generalized;
    auth_bytes entries; /* content of revokedCertificates; empty, with data NULL, when absent */
    x509_extensions extensions;
    auth_bytes algorithm;
    auth_bytes signature;
} x509_crl_view;

/* Reads a CRL (RFC 5280 section 5) that fills der; entries are checked when walked over. */
auth_status x509_crl_view_parse(auth_bytes der, x509_crl_view *out,
                                auth_error *err) AUTH_MUST_CHECK;

typedef struct x509_crl_entry {
    auth_bytes serial; /* content octets */
    auth_time revoked;
    bool revoked_is_generalized;
    bool has_extensions; /* which version 1 may not have (RFC 5280 5.1.2.6) */
    bool has_reason;
    uint8_t reason; /* CRLReason; 0 when absent */
    bool has_invalidity_date;
    auth_time invalidity_date;
    bool has_unknown_critical;
    auth_bytes certificate_issuer; /* value of the extension; empty when absent */
} x509_crl_entry;

/* An entry with more extensions is refused; three are defined. */
#define X509_ENTRY_EXTENSIONS_MAX 8

/*
 * Takes the next entry. False at the end, with *status telling whether it was the end
 * (AUTH_STATUS_OK) or a refusal: AUTH_STATUS_MALFORMED naming the field, AUTH_STATUS_LIMIT for too
 * many entry extensions, AUTH_STATUS_INVALID for one that occurs twice or a time outside the
 * calendar.
 */
bool x509_crl_next(auth_bytes *entries, x509_crl_entry *out, auth_status *status, auth_error *err);

/* Finds an extension; NULL when there is none. */
const x509_extension *x509_find(const x509_extensions *extensions, oid id);

/* The same by the content octets of its OID, for those that have no row in oid.def. */
const x509_extension *x509_find_type(const x509_extensions *extensions, auth_bytes type);

#define X509_OID_TEXT_SIZE 80

/* Writes the content octets of an OID dotted; "(long OID)" when that does not fit. */
void x509_oid_text(auth_bytes type, char out[X509_OID_TEXT_SIZE]);

/* Reads Extensions: SEQUENCE OF Extension, content octets of the outer SEQUENCE. */
auth_status x509_extensions_parse(auth_bytes content, x509_extensions *out,
                                  auth_error *err) AUTH_MUST_CHECK;

/* Bits of KeyUsage (RFC 5280 4.2.1.3), bit n of the standard as 1 << n. */
#define X509_DIGITAL_SIGNATURE (1U << 0)
#define X509_NON_REPUDIATION (1U << 1)
#define X509_KEY_ENCIPHERMENT (1U << 2)
#define X509_DATA_ENCIPHERMENT (1U << 3)
#define X509_KEY_AGREEMENT (1U << 4)
#define X509_KEY_CERT_SIGN (1U << 5)
#define X509_CRL_SIGN (1U << 6)
#define X509_ENCIPHER_ONLY (1U << 7)
#define X509_DECIPHER_ONLY (1U << 8)

/*
 * Decoded extension values. Each returns false when the value is not of its form; none is called
 * for an extension that is absent.
 */
typedef struct x509_basic_constraints {
    bool is_ca;
    bool has_path_len;
    uint64_t path_len;
} x509_basic_constraints;

/* A cA that is written although it is FALSE is read, as in the field (X.690 11.5 forbids it). */
bool x509_read_basic_constraints(auth_bytes value, x509_basic_constraints *out);
/* Bits that the standard does not name are given too; spare zero bits are read (X.690 11.2.2). */
bool x509_read_key_usage(auth_bytes value, uint32_t *bits);
/* A SEQUENCE OF OID: calls visit for each; stops, and returns true, when it returns false. */
bool x509_read_extended_key_usage(auth_bytes value, bool (*visit)(void *context, auth_bytes type),
                                  void *context);
bool x509_has_extended_key_usage(auth_bytes value, oid purpose, bool *out);
bool x509_read_key_identifier(auth_bytes value, auth_bytes *out);
/* keyIdentifier of an AuthorityKeyIdentifier; empty when absent. */
bool x509_read_authority_key_identifier(auth_bytes value, auth_bytes *key_id);

typedef struct x509_authority_key {
    auth_bytes key_id; /* each empty, with data NULL, when absent */
    auth_bytes issuer; /* content of GeneralNames */
    auth_bytes serial; /* content octets */
} x509_authority_key;

bool x509_read_authority_key(auth_bytes value, x509_authority_key *out);

/* The first http or https URI of the CRL distribution points, and of one access method. */
bool x509_read_distribution_uri(auth_bytes value, auth_bytes *uri);
bool x509_read_access_uri(auth_bytes value, oid method, auth_bytes *uri);

typedef struct x509_distribution_point {
    auth_bytes full_name;     /* content of GeneralNames; each empty, with data NULL, when absent */
    auth_bytes relative_name; /* content of RelativeDistinguishedName */
    auth_bytes reasons;       /* content of the BIT STRING, its unused bits in front */
    auth_bytes crl_issuer;    /* content of GeneralNames */
} x509_distribution_point;

/*
 * Walks over CRLDistributionPoints: *points starts as the content of the SEQUENCE. False at the end
 * and, with octets left, for what is not of its form.
 */
bool x509_next_distribution_point(auth_bytes *points, x509_distribution_point *out);

/* Walks over AuthorityInfoAccess or SubjectInfoAccess in the same way. */
typedef struct x509_access {
    oid method; /* OID_UNKNOWN: see type */
    auth_bytes type;
    der_item location; /* GeneralName */
} x509_access;

bool x509_next_access(auth_bytes *descriptions, x509_access *out);

/*
 * GeneralNames: takes the next; tag tells which choice. False at the end and, with octets left, for
 * what is no GeneralName: a choice above [8], text beyond IA5String, otherName or directoryName
 * that is not well formed.
 */
bool x509_next_general_name(auth_bytes *names, der_item *out);

/* OtherName: SEQUENCE { type-id, value [0] EXPLICIT }, from the content of a [0] general name. */
bool x509_read_other_name(auth_bytes content, auth_bytes *type, auth_bytes *value);

#endif
