/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at JSON text before it is read. Internal to json/. */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include "json/json.h"

/*
 * Refuses what is too long, nested too deep or of too many values for the rules, in one pass that
 * neither recurses nor allocates. *values is how many values there are at the most; a text that is
 * no JSON may be counted wrongly.
 *
 * Errors: AUTH_STATUS_LIMIT.
 */
auth_status json_scan(auth_bytes text, const json_rules *rules, size_t *values,
                      auth_error *err) AUTH_MUST_CHECK;

#endif
