/* SPDX-License-Identifier: Apache-2.0 */
/* The names of a TLS server's certificate. Internal to validate. */
#ifndef VALIDATE_SERVER_NAME_H
#define VALIDATE_SERVER_NAME_H

#include "validate/facts.h"

/*
 * Checks that subjectAltName names a host or an address, and that a common name that looks like one
 * of them stands there too, character for character: programs that read the common name and those
 * that do not must see the same server. False with *found.
 */
bool server_name_check(const x509_cert_view *view, const cert_facts *facts, finding *found);

#endif
