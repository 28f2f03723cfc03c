/* SPDX-License-Identifier: Apache-2.0 */
/* Text into the value of an option, by its row. Pure. Internal to daemon. */
#ifndef DAEMON_OPTION_VALUE_H
#define DAEMON_OPTION_VALUE_H

#include "daemon/option.h"

typedef struct option_value {
    int64_t number; /* numbers, milliseconds, octets, 1 for yes */
    daemon_address addresses[DAEMON_ADDRESSES_MAX];
    size_t address_count;
} option_value;

/*
 * Reads a value. The empty text is a value of texts, paths and addresses only when the row's
 * fallback is "".
 *
 * Errors: AUTH_STATUS_INVALID with the rule and what to write.
 */
auth_status option_value_read(const daemon_option *row, auth_bytes text, option_value *out,
                              auth_error *err) AUTH_MUST_CHECK;

#endif
