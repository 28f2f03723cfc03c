/* SPDX-License-Identifier: Apache-2.0 */
#include "answer_line.h"
#include "line.h"

#include <string.h>

#define SERIAL_MIN 16
/* Beyond every time that a clock shows: 2^53 microseconds are 285 years. */
#define TIME_MAX_US ((uint64_t)1 << 53)

typedef struct word_row {
    const char *text;
    answer_word word;
    bool is_told;
} word_row;

/* "revoked" and "suspended" are both told and seen. */
static const word_row words[] = {
    {"good ", ANSWER_GOOD, false},           {"revoked ", ANSWER_REVOKED, false},
    {"suspended ", ANSWER_SUSPENDED, false}, {"unknown ", ANSWER_UNKNOWN, false},
    {"issued ", ANSWER_ISSUED, true},        {"revoked ", ANSWER_REVOKED, true},
    {"suspended ", ANSWER_SUSPENDED, true},  {"resumed ", ANSWER_RESUMED, true},
};

static bool take_word(line_reader *in, bool is_told, answer_word *out)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (words[i].is_told == is_told && line_skip(in, words[i].text)) {
            *out = words[i].word;
            return true;
        }
    }
    return false;
}

static bool take_serial(line_reader *in, answer_line *out)
{
    const uint8_t *end = in->left.len == 0 ? NULL : memchr(in->left.data, ' ', in->left.len);
    size_t len = end == NULL ? 0 : (size_t)(end - in->left.data);
    if (len % 2 != 0 || len < (size_t)2 * SERIAL_MIN || len > sizeof out->serial * 2)
        return false;
    out->serial_len = (uint8_t)(len / 2);
    if (!line_hex(in->left.data, out->serial, out->serial_len))
        return false;
    in->left = (auth_bytes){end + 1, in->left.len - len - 1};
    return true;
}

static bool take_time(line_reader *in, int64_t *out)
{
    uint64_t number = 0;
    bool is_read = line_take_number(in, TIME_MAX_US, &number);
    *out = (int64_t)number;
    return is_read;
}

bool answer_line_read(auth_bytes text, answer_line *out)
{
    line_reader in = {.left = text};
    out->is_told = line_skip(&in, "told ");
    if ((!out->is_told && !line_skip(&in, "seen ")) || !take_serial(&in, out) ||
        !take_word(&in, out->is_told, &out->word) || !take_time(&in, &out->at_us))
        return false;
    out->answered_us = out->this_update = 0;
    if (!out->is_told &&
        (!line_skip(&in, " ") || !take_time(&in, &out->answered_us) || !line_skip(&in, " ") ||
         !take_time(&in, &out->this_update) || out->answered_us < out->at_us))
        return false;
    return in.left.len == 0;
}
