/* SPDX-License-Identifier: Apache-2.0 */
/* Marks for texts that are translated where they are shown. */
#ifndef DAEMON_WORDS_H
#define DAEMON_WORDS_H

#include <libintl.h>

#define _(text) gettext(text)
#define N_(text) text

#endif
