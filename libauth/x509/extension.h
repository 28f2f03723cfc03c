/* SPDX-License-Identifier: Apache-2.0 */
/* An extension of a view as auth/cert.h gives it. Internal to x509. */
#ifndef X509_EXTENSION_H
#define X509_EXTENSION_H

#include "x509/view.h"

#include <auth/cert.h>

/* Gives the extension at index, counted from 0; false past the end. */
bool x509_extension_at(const x509_extensions *extensions, size_t index, auth_extension *out);

#endif
