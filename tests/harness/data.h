/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte strings and files for tests and benchmarks. A test cannot go on without its data, so these
 * functions say what is missing and abort.
 */
#ifndef HARNESS_DATA_H
#define HARNESS_DATA_H

#include <auth/bytes.h>

/* Views a string literal, NUL octets inside it included. */
#define BYTES(literal) ((auth_bytes){(const uint8_t *)(literal), sizeof(literal) - 1})

/* Says why the test cannot go on, and aborts. */
void harness_die(const char *format, ...) AUTH_PRINTF(1, 2) __attribute__((noreturn));

/* Writes the octets of lower-case hex into out[size] and views them. */
auth_bytes harness_hex(const char *hex, uint8_t *out, size_t size);

/* Reads a file whole, puts a NUL behind it and tells its length. The caller frees it. */
char *harness_read_file(const char *path, size_t *len);

/* The same for a file of tests/data. */
char *harness_read_data(const char *name, size_t *len);

#endif
