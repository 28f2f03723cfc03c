/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The form of the extensions about policies, and a bound on how many there are. Which policies hold
 * is OpenSSL's to find out. Internal to validate.
 */
#ifndef VALIDATE_POLICIES_H
#define VALIDATE_POLICIES_H

#include "validate/finding.h"

/*
 * The most policies, and the most mappings, of a certificate: the trees that OpenSSL builds grow
 * with it (CVE-2023-0464). No profile met has more than ten.
 */
#define POLICIES_MAX 32

/* Each tells whether the value of the extension is of its form; false with *found. */
bool policies_check(auth_bytes value, finding *found);
bool policies_check_mappings(auth_bytes value, finding *found);
bool policies_check_constraints(auth_bytes value, finding *found);
bool policies_check_inhibit_any(auth_bytes value, finding *found);

#endif
