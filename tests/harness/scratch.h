/* SPDX-License-Identifier: Apache-2.0 */
/* A private folder for one test. Functions die when a call fails. */
#ifndef HARNESS_SCRATCH_H
#define HARNESS_SCRATCH_H

/* Makes a folder. The caller gives its path to scratch_free. */
char *scratch_new(void);

/* Removes a folder with all that is in it. */
void scratch_free(char *folder);

#endif
