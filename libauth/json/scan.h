/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at JSON text before it is read. Internal to json/. */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include "json/json.h"

/*
 * Refuses what is too long, nested too deep or of too many values for the rules, in one pass that
 * neither recurses nor allocates. A text that is no JSON may be counted wrongly, but never deeper
 * or longer than the reader would go before it stops.
 *
 * Errors: AUTH_STATUS_LIMIT; AUTH_STATUS_MALFORMED for a NUL octet.
 */
auth_status json_scan(auth_bytes text, const json_rules *rules, auth_error *err) AUTH_MUST_CHECK;

#endif
