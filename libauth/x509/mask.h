/* SPDX-License-Identifier: Apache-2.0 */
/* Hiding what may be a person number in text that is about to be shown. Internal to x509. */
#ifndef X509_MASK_H
#define X509_MASK_H

#include <auth/bytes.h>

/*
 * Appends a string's text as UTF-8, with what may be a person number masked by '*'. A row of
 * letters and digits, with single spaces, hyphens, dots or slashes between digits, is masked when
 * it holds twelve digits or more: every number of a card or permit does. is_serial is for the
 * serialNumber attribute, which is there for such numbers: five digits suffice, as in a passport's,
 * and only the prefix of a semantics identifier such as PNOCN- (EN 319 412-1 5.1.3) is shown. It
 * errs on the side of hiding: a number with a wrong check character is still somebody's.
 *
 * Errors: AUTH_STATUS_MALFORMED when value is no text of this tag; AUTH_STATUS_LIMIT;
 * AUTH_STATUS_MEMORY.
 */
auth_status x509_mask_text(uint8_t tag, auth_bytes value, bool is_serial, auth_buf *out,
                           auth_error *err) AUTH_MUST_CHECK;

/*
 * Appends a string's text as UTF-8 for people, masked as above when is_masked: what is not seen is
 * written as \XX, and so is each octet of what is no text.
 */
auth_status x509_show_text(uint8_t tag, auth_bytes value, bool is_masked, auth_buf *out,
                           auth_error *err) AUTH_MUST_CHECK;

/*
 * Appends a URI that is not a holder's: when is_masked, a word of letters and digits is masked that
 * has 15 to 20 of them, 14 digits among them, as the numbers of cards and permits have.
 */
auth_status x509_show_uri(auth_bytes value, bool is_masked, auth_buf *out,
                          auth_error *err) AUTH_MUST_CHECK;

#endif
