/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line of a file of answers (docs/answers.md): what a client was told about a certificate, or
 * what a responder was seen to answer. There is one spelling. Internal to registry/.
 */
#ifndef REGISTRY_ANSWER_LINE_H
#define REGISTRY_ANSWER_LINE_H

#include <auth/bytes.h>
#include <stdbool.h>
#include <stdint.h>

#define ANSWER_LINE_SIZE 160
#define ANSWER_SERIAL_MAX 20

/* What is said of the certificate. */
typedef enum answer_word {
    ANSWER_GOOD,
    ANSWER_REVOKED,
    ANSWER_SUSPENDED,
    ANSWER_UNKNOWN,
    ANSWER_ISSUED,
    ANSWER_RESUMED,
} answer_word;

typedef struct answer_line {
    bool is_told;
    answer_word word;
    uint8_t serial_len;
    uint8_t serial[ANSWER_SERIAL_MAX];
    int64_t at_us;       /* told, or asked */
    int64_t answered_us; /* of what was seen, as is the next */
    int64_t this_update; /* in seconds */
    uint64_t number;     /* of the line in its file, from 1 */
} answer_line;

/* Reads a line without its end; false when it is none. number is left alone. */
bool answer_line_read(auth_bytes text, answer_line *out);

static inline auth_bytes answer_line_serial(const answer_line *of)
{
    return (auth_bytes){of->serial, of->serial_len};
}

#endif
