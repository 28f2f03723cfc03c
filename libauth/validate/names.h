/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The form of GeneralNames: as names of a holder, and as constraints on names. Whether a name keeps
 * within the constraints is OpenSSL's to find out, but for what it leaves out. Internal to
 * validate.
 */
#ifndef VALIDATE_NAMES_H
#define VALIDATE_NAMES_H

#include "validate/finding.h"

/* The most names in one subjectAltName, and the most subtrees in one nameConstraints. */
#define NAMES_MAX 1024

/*
 * Tells whether GeneralNames (their content; empty is fine) are of their form and hold nothing that
 * OpenSSL must not see: x400Address and ediPartyName (CVE-2023-0286). False with *found.
 */
bool names_are_safe(auth_bytes names, const char *extension, finding *found);

/* Checks the value of subjectAltName. */
bool names_check_subject_alt(auth_bytes value, finding *found);

/* Checks the value of nameConstraints. */
bool names_check_constraints(auth_bytes value, finding *found);

/*
 * Tells whether a wildcard among the names could stand for a host that the constraints exclude:
 * "*.example.com" under an excluded "bar.example.com". OpenSSL compares the wildcard as it stands.
 * constraints and subject_alt are the values of the extensions, both well formed.
 */
bool names_wildcard_is_excluded(auth_bytes constraints, auth_bytes subject_alt);

/*
 * Tells whether a uniformResourceIdentifier breaks the constraints, or has no host that could be
 * told. Both values were checked.
 */
bool names_uri_is_refused(auth_bytes constraints, auth_bytes subject_alt);

#endif
