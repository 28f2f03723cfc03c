/* SPDX-License-Identifier: Apache-2.0 */
#include "fsck_answers_part.h"

#define SECOND_US INT64_C(1000000)
/* How long after an acknowledgement an answer may still be the old one. */
#define GRACE_US SECOND_US
/* Clocks of who kept the file and of the authority, and acts have whole seconds. */
#define SKEW_US (2 * SECOND_US)

/* Columns of REGISTRY_STATEMENT_FSCK_ANSWERS. */
enum { SERIAL, IS_KNOWN, ACTION, AT };

/* The first line of what was told about a certificate, and behind the last. */
static void find_told(const answers_told *all, auth_bytes serial, const answer_line **begin,
                      const answer_line **end)
{
    size_t low = 0;
    size_t high = all->count;
    *begin = *end = all->rows;
    if (high == 0) /* rows is NULL then, and has no place 0 */
        return;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (auth_bytes_compare(answer_line_serial(&all->rows[middle]), serial) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *begin = all->rows + low;
    while (low < all->count && auth_bytes_equal(answer_line_serial(&all->rows[low]), serial))
        low++;
    *end = all->rows + low;
}

/* What the registry knows of the certificate of a line. */
typedef struct knowledge {
    registry_result *rows;
    size_t begin;
    size_t end;
} knowledge;

static knowledge find_rows(registry_result *rows, auth_bytes serial)
{
    knowledge found = {.rows = rows};
    size_t high = registry_result_rows(rows);
    while (found.begin < high) {
        size_t middle = found.begin + (high - found.begin) / 2;
        if (auth_bytes_compare(registry_value_bytes(rows, middle, SERIAL), serial) < 0)
            found.begin = middle + 1;
        else
            high = middle;
    }
    for (found.end = found.begin;
         found.end < registry_result_rows(rows) &&
         auth_bytes_equal(registry_value_bytes(rows, found.end, SERIAL), serial);
         found.end++)
        continue;
    return found;
}

static bool is_known(const knowledge *of)
{
    return of->begin < of->end && registry_value_bool(of->rows, of->begin, IS_KNOWN);
}

/* How many acts of a kind there were up to a time. */
static size_t count_acts(const knowledge *of, registry_action action, int64_t until_us)
{
    size_t count = 0;
    for (size_t i = of->begin; i < of->end; i++) {
        if (!registry_value_is_null(of->rows, i, ACTION) &&
            registry_value_int64(of->rows, i, ACTION) == (int64_t)action &&
            registry_value_time_us(of->rows, i, AT) <= until_us)
            count++;
    }
    return count;
}

/* How often this was told of the certificate up to this line. */
static size_t count_told(const answer_line *begin, const answer_line *line, answer_word word)
{
    size_t count = 0;
    for (; begin <= line; begin++)
        count += begin->word == word ? 1 : 0;
    return count;
}

static const char *judge_told(const knowledge *known, const answer_line *begin,
                              const answer_line *line)
{
    int64_t until = line->at_us + SKEW_US;
    size_t told = count_told(begin, line, line->word);
    if (!is_known(known))
        return "it was told of a certificate that the registry does not have";
    if (line->word == ANSWER_REVOKED && count_acts(known, REGISTRY_ACTION_REVOKE, until) == 0)
        return "a revocation was acknowledged that the registry does not have";
    if (line->word == ANSWER_SUSPENDED && count_acts(known, REGISTRY_ACTION_SUSPEND, until) < told)
        return "a suspension was acknowledged that the registry does not have";
    if (line->word == ANSWER_RESUMED && count_acts(known, REGISTRY_ACTION_RESUME, until) < told)
        return "a resumption was acknowledged that the registry does not have";
    return NULL;
}

/* Whether a suspension that was told had ended by an act of the registry when the answer came. */
static bool has_ended(const knowledge *known, const answer_line *begin, const answer_line *told,
                      const answer_line *seen)
{
    return count_acts(known, REGISTRY_ACTION_RESUME, seen->answered_us + SKEW_US) >=
           count_told(begin, told, ANSWER_SUSPENDED);
}

static const char *judge_good(const answers_told *all, const knowledge *known,
                              const answer_line *seen)
{
    const answer_line *begin = NULL;
    const answer_line *end = NULL;
    find_told(all, answer_line_serial(seen), &begin, &end);
    for (const answer_line *told = begin; told < end; told++) {
        bool is_over = told->word == ANSWER_REVOKED ||
                       (told->word == ANSWER_SUSPENDED && !has_ended(known, begin, told, seen));
        if (is_over && seen->at_us > told->at_us + GRACE_US)
            return "good, to a question that was asked more than a second after the revocation or "
                   "suspension was acknowledged";
        if (is_over && seen->this_update * SECOND_US > told->at_us)
            return "good, as of a time at which the revocation or suspension had been acknowledged";
    }
    return NULL;
}

static const char *judge_unknown(const answers_told *all, const answer_line *seen)
{
    const answer_line *begin = NULL;
    const answer_line *end = NULL;
    find_told(all, answer_line_serial(seen), &begin, &end);
    for (const answer_line *told = begin; told < end; told++) {
        if (told->word == ANSWER_ISSUED && seen->at_us > told->at_us + GRACE_US)
            return "unknown, to a question that was asked more than a second after the certificate "
                   "was handed out";
    }
    return NULL;
}

static const char *judge_seen(const answers_told *all, const knowledge *known,
                              const answer_line *seen)
{
    int64_t until = seen->answered_us + SKEW_US;
    if (seen->word == ANSWER_UNKNOWN)
        return judge_unknown(all, seen);
    if (!is_known(known))
        return "a status of a certificate that the registry does not have";
    if (seen->word == ANSWER_REVOKED && count_acts(known, REGISTRY_ACTION_REVOKE, until) == 0)
        return "revoked, of which the registry does not know";
    if (seen->word == ANSWER_SUSPENDED && count_acts(known, REGISTRY_ACTION_SUSPEND, until) == 0)
        return "suspended, of which the registry does not know";
    return seen->word == ANSWER_GOOD ? judge_good(all, known, seen) : NULL;
}

const char *answers_judge(const answers_told *all, registry_result *rows, const answer_line *line)
{
    const answer_line *begin = NULL;
    const answer_line *end = NULL;
    knowledge known = find_rows(rows, answer_line_serial(line));
    find_told(all, answer_line_serial(line), &begin, &end);
    return line->is_told ? judge_told(&known, begin, line) : judge_seen(all, &known, line);
}
