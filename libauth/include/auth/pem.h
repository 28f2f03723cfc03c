/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_pem
 * @brief PEM text, one spelling for each object, and DER objects one after the other
 *
 * PEM is base64 between a BEGIN and an END line that carry a label. Read is what RFC 7468 calls the
 * strict form, a little wider where files of the field are: explanatory text may stand before an
 * object, lines may end in CR LF and be up to 1,024 characters long. Everything else has one
 * spelling: base64 is canonical, white space stands at line ends only, the labels match. Encrypted
 * PEM of the old kind (Proc-Type, DEK-Info) is refused: its key derivation is one round of MD5.
 *
 * Nothing is said about what the octets are: that is the label's matter and the reader's.
 */
#ifndef AUTH_PEM_H
#define AUTH_PEM_H

#include <auth/bytes.h>

AUTH_BEGIN_DECLS

/* Room for a label with its NUL: "NEW CERTIFICATE REQUEST". */
#define AUTH_PEM_LABEL_SIZE 64

/**
 * Read the next object of a PEM text: its label, and its octets appended to der.
 *
 * *text is what is not read yet; it moves behind the object's END line, and stays where it was on
 * failure. label and der are written on success only.
 *
 * Errors: AUTH_STATUS_NOT_FOUND when no BEGIN line is left; AUTH_STATUS_MALFORMED naming the line,
 * counted from where *text began; AUTH_STATUS_UNSUPPORTED for headers of encrypted PEM;
 * AUTH_STATUS_LIMIT when der would pass its maximum; AUTH_STATUS_MEMORY.
 * Source: RFC 7468 sections 2 and 3.
 */
AUTH_API auth_status auth_pem_next(auth_bytes *text, char label[AUTH_PEM_LABEL_SIZE], auth_buf *der,
                                   auth_error *err) AUTH_MUST_CHECK;

/**
 * Append octets as PEM: lines of 64 characters that end in LF.
 *
 * label is of capital letters, digits and single spaces or hyphens between them. der must not be a
 * view of out. On failure out is as it was.
 *
 * Errors: AUTH_STATUS_INVALID for another label; AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY.
 * Source: RFC 7468 section 3, figure 3.
 */
AUTH_API auth_status auth_pem_encode(const char *label, auth_bytes der, auth_buf *out,
                                     auth_error *err) AUTH_MUST_CHECK;

/**
 * Take the next DER object of a file: a SEQUENCE with its tag and length.
 *
 * *rest is what is not read yet; it moves behind the object, and stays where it was on failure. The
 * object's content is not looked into.
 *
 * Ownership: *object borrows the octets of rest.
 * Errors: AUTH_STATUS_NOT_FOUND when nothing is left; AUTH_STATUS_MALFORMED when what comes is not
 * a SEQUENCE in DER (X.690 section 10.1) or is cut.
 */
AUTH_API auth_status auth_der_next(auth_bytes *rest, auth_bytes *object,
                                   auth_error *err) AUTH_MUST_CHECK;

AUTH_END_DECLS

#endif
