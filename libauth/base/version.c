/* SPDX-License-Identifier: Apache-2.0 */
#include <auth/version.h>

const char *auth_version(void) { return AUTH_VERSION; }
