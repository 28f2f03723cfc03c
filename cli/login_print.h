/* SPDX-License-Identifier: Apache-2.0 */
/* How a verdict about a login is shown. */
#ifndef CLI_LOGIN_PRINT_H
#define CLI_LOGIN_PRINT_H

#include <auth/login.h>

/* Prints a verdict on standard output, as text or JSON. False: out of memory. */
bool cli_login_print(const auth_login_verdict *verdict, bool is_json);

#endif
