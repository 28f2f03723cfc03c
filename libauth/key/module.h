/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading PKCS#11 modules, by dlopen, so that libauth needs no library for tokens. A module stays
 * loaded and initialised as long as the process runs: others in the process may use it too, and
 * C_Finalize would end their sessions. Internal to key/.
 */
#ifndef KEY_MODULE_H
#define KEY_MODULE_H

#include "key/uri.h"

#include <p11-kit/pkcs11.h>

/*
 * Loads and initialises the module that a URI names. A name is looked up as p11-kit does: in its
 * configuration, then in its folder of modules.
 *
 * Errors: AUTH_STATUS_NOT_FOUND; AUTH_STATUS_UNSUPPORTED when it is no PKCS#11 2.x module;
 * AUTH_STATUS_UNAVAILABLE when it does not start; AUTH_STATUS_MEMORY.
 */
auth_status module_load(const token_uri *uri, CK_FUNCTION_LIST **out,
                        auth_error *err) AUTH_MUST_CHECK;

/* Reports that a call of a module failed: AUTH_STATUS_UNAVAILABLE, or AUTH_STATUS_MEMORY. */
auth_status module_failed(auth_error *err, const char *call, CK_RV result);
#ifdef __clang_analyzer__
/* As with auth_error_set: never AUTH_STATUS_OK. */
#define module_failed(err, call, result)                                                           \
    ((void)module_failed((err), (call), (result)), AUTH_STATUS_UNAVAILABLE)
#endif

#endif
