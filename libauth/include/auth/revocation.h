/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_revocation
 * @brief the reasons for a revocation
 *
 * One table, auth/revocation_reason.def, holds the reasons of RFC 5280 section 5.3.1 with their
 * numbers and names. CRLs and OCSP answers write the number, everything else the name. Only
 * certificateHold can be undone; unspecified is never written, since an absent reason means the
 * same (RFC 5280 section 5.3.1).
 */
#ifndef AUTH_REVOCATION_H
#define AUTH_REVOCATION_H

#include <auth/bytes.h>

AUTH_BEGIN_DECLS

/* The reasons, from auth/revocation_reason.def. */
typedef enum auth_revocation_reason {
#define AUTH_REVOCATION_REASON_ROW(id, number, name, is_given, is_reversible, text)                \
    AUTH_REVOCATION_REASON_##id = (number),
#include <auth/revocation_reason.def>
} auth_revocation_reason;

/**
 * Tell the name of a reason as RFC 5280 spells it: "keyCompromise".
 *
 * A number that is not in the table gives "".
 *
 * Ownership: the text is static.
 * Source: RFC 5280 section 5.3.1.
 */
AUTH_API const char *auth_revocation_reason_name(auth_revocation_reason reason);

/**
 * Tell what a reason means in English; "" for a number that is not in the table.
 *
 * Ownership: the text is static.
 */
AUTH_API const char *auth_revocation_reason_text(auth_revocation_reason reason);

/**
 * Find a reason by its name. Upper and lower case are told apart.
 *
 * Errors: AUTH_STATUS_NOT_FOUND, with the names that there are.
 */
AUTH_API auth_status auth_revocation_reason_find(const char *name, auth_revocation_reason *out,
                                                 auth_error *err) AUTH_MUST_CHECK;

/**
 * Tell whether a number is a reason: 0 to 10 without 7.
 */
AUTH_API bool auth_revocation_reason_exists(unsigned number);

/**
 * Tell whether a person may give this reason when revoking a certificate that is not an
 * authority's.
 */
AUTH_API bool auth_revocation_reason_is_given(auth_revocation_reason reason);

/**
 * Tell whether a certificate revoked for this reason may become good again: certificateHold only.
 */
AUTH_API bool auth_revocation_reason_is_reversible(auth_revocation_reason reason);

AUTH_END_DECLS

#endif
