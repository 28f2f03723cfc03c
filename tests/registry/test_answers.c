/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is every answer that must not have been given, and every acknowledgement that the registry does
 * not bear out, found by its line, and nothing else?
 */
#include "registry_world.h"

#include "registry/fsck_answers.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NEVER "0100000000000000000000000000000000ff"

static registry_world *world;
static char path[160];
static int64_t now_us;

static void set_up(void)
{
    if (world != NULL)
        return;
    world = registry_world_new();
    now_us = ((int64_t)time(NULL) + 10) * 1000000;
    (void)snprintf(path, sizeof path, "%s.answers", world->ledger->anchor);
}

static void write_file(const char *text)
{
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

/*
 * A line with $0 to $4 for serial numbers, $n for one that was never issued, @N for a time N
 * milliseconds from now in microseconds, and %N for the second that is N from now.
 */
static void expand(const char *line, char *out, size_t size)
{
    size_t at = 0;
    while (*line != '\0' && at + 1 < size) {
        char *end = NULL;
        if (*line == '$') {
            const char *serial = line[1] == 'n' ? NEVER : world->serials[line[1] - '0'];
            at += (size_t)snprintf(out + at, size - at, "%s", serial);
            line += 2;
        } else if (*line == '@' || *line == '%') {
            long long number = strtoll(line + 1, &end, 10);
            at += (size_t)snprintf(out + at, size - at, "%lld",
                                   *line == '@' ? (long long)now_us + number * 1000
                                                : (long long)now_us / 1000000 + number);
            line = end;
        } else {
            out[at++] = *line++;
        }
    }
    out[at] = '\0';
}

typedef struct findings {
    size_t count;
    char row[256];
    char text[256];
} findings;

static void keep(void *context, const registry_finding *finding)
{
    findings *to = context;
    ck_assert_str_eq(finding->table, "answer");
    (void)snprintf(to->row, sizeof to->row, "%s", finding->row);
    (void)snprintf(to->text, sizeof to->text, "%s", finding->text);
    to->count++;
}

static findings examine(registry_answers_summary *summary)
{
    auth_error err;
    findings found = {.count = 0};
    registry_reporter reporter = {.find = keep, .context = &found};
    assert_ok(registry_fsck_answers(world->ledger->auditor, path, &reporter, summary, &err), &err);
    return found;
}

static const char *const right[] = {
    "told $3 issued @-500\nseen $3 unknown @0 @1 %0\n",
    "told $3 issued @0\nseen $3 good @2000 @2001 %2\n",
    "told $0 revoked @0\nseen $0 good @-20 @2000 %-1\n",
    /* an old answer that was still on the way */
    "told $0 revoked @0\nseen $0 good @900 @1500 %0\n",
    "told $0 revoked @0\nseen $0 revoked @-100 @3 %0\n",
    "told $1 suspended @0\nseen $1 suspended @1500 @1501 %1\n",
    "told $2 suspended @0\ntold $2 resumed @10\nseen $2 good @3000 @3001 %3\n",
    /* nobody was told of the resumption, but it is there */
    "told $2 suspended @0\nseen $2 good @3000 @3001 %3\n",
    "seen $n unknown @0 @1 %0\n",
    "seen $0 good @0 @1 %0\n",
    "",
};

START_TEST(what_is_right_is_in_order)
{
    char text[512];
    registry_answers_summary summary = {.told = 0};
    set_up();
    expand(right[_i], text, sizeof text);
    write_file(text);
    findings found = examine(&summary);
    ck_assert_msg(found.count == 0, "%s: %s", right[_i], found.text);
}

typedef struct wrong_file {
    const char *lines;
    unsigned line; /* that is named */
    const char *text;
} wrong_file;

static const wrong_file wrong[] = {
    {"told $0 revoked @0\nseen $0 good @1001 @1002 %0\n", 2, "more than a second after"},
    {"seen $0 good @1001 @1002 %0\ntold $0 revoked @0\n", 1, "more than a second after"},
    {"told $0 revoked @0\nseen $0 good @500 @501 %1\n", 2, "as of a time"},
    {"told $1 suspended @0\nseen $1 good @1001 @1002 %0\n", 2, "more than a second after"},
    {"told $3 issued @0\nseen $3 unknown @1001 @1002 %1\n", 2, "handed out"},
    {"seen $n good @0 @1 %0\n", 1, "does not have"},
    {"seen $n revoked @0 @1 %0\n", 1, "does not have"},
    {"seen $3 revoked @0 @1 %0\n", 1, "revoked, of which"},
    {"seen $0 suspended @0 @1 %0\n", 1, "suspended, of which"},
    {"told $n issued @0\n", 1, "does not have"},
    {"told $3 revoked @0\n", 1, "a revocation was acknowledged"},
    {"told $3 suspended @0\n", 1, "a suspension was acknowledged"},
    {"told $1 suspended @0\ntold $1 suspended @5\n", 2, "a suspension was acknowledged"},
    {"told $1 resumed @0\n", 1, "a resumption was acknowledged"},
    /* acknowledged before it was done */
    {"told $0 revoked @-600000\n", 1, "a revocation was acknowledged"},
    {"seen $0 revoked @-600000 @-599999 %0\n", 1, "revoked, of which"},
};

START_TEST(what_is_wrong_is_named_by_its_line)
{
    char text[512];
    char row[256];
    const wrong_file *it = &wrong[_i];
    registry_answers_summary summary = {.told = 0};
    set_up();
    expand(it->lines, text, sizeof text);
    write_file(text);
    findings found = examine(&summary);
    (void)snprintf(row, sizeof row, "%s:%u", path, it->line);
    ck_assert_msg(found.count == 1, "%zu findings for %s", found.count, it->lines);
    ck_assert_str_eq(found.row, row);
    ck_assert_ptr_nonnull(strstr(found.text, it->text));
}

#define LONG " and so on, and so on, and so on, and so on"

/* In front of each stands a line that is right. */
static const char *const malformed[] = {
    "\n",
    "seen $0 good @0 @1 %0 \n",
    "seen $0 good @0 @1\n",
    "seen $0 good @1 @0 %0\n",
    "seen $0 issued @0 @1 %0\n",
    "told $0 good @0\n",
    "told $0 revoked -1\n",
    "told $0 revoked 9007199254740993\n",
    "told $0 revoked 01\n",
    "told 01e revoked @0\n",
    "told 01e30000000000000000000000000000000000000000ff revoked @0\n",
    "told 01E3000000000000000000000000000000ff revoked @0\n",
    "told $0 revoked @0",
    "heard $0 revoked @0\n",
    "told $0 revoked @0" LONG LONG LONG LONG "\n",
};

START_TEST(what_is_no_line_is_refused_with_its_number)
{
    char text[512];
    auth_error err;
    findings found = {.count = 0};
    registry_reporter reporter = {.find = keep, .context = &found};
    registry_answers_summary summary = {.told = 7};
    set_up();
    (void)strcpy(text, "seen $n unknown @0 @1 %0\n");
    (void)strncat(text, malformed[_i], sizeof text - strlen(text) - 1);
    char whole[1024];
    expand(text, whole, sizeof whole);
    write_file(whole);
    ck_assert_int_eq((int)registry_fsck_answers(world->ledger->auditor, path, &reporter, &summary,
                                                &err),
                     AUTH_STATUS_MALFORMED);
    ck_assert_ptr_nonnull(strstr(err.text, "line 2"));
    ck_assert_uint_eq(summary.told, 7);
}

START_TEST(a_file_that_is_not_there_is_named)
{
    auth_error err;
    registry_reporter reporter = {.context = NULL};
    registry_answers_summary summary = {.told = 0};
    set_up();
    ck_assert_int_eq((int)registry_fsck_answers(world->ledger->auditor, "/nowhere/answers",
                                                &reporter, &summary, &err),
                     AUTH_STATUS_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(err.text, "/nowhere/answers"));
}

START_TEST(many_lines_are_all_looked_at)
{
    char line[256];
    registry_answers_summary summary = {.told = 0};
    set_up();
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    for (unsigned i = 0; i < 2500; i++) {
        expand(i % 2 == 0 ? "told $3 issued @0\n" : "seen $4 good @0 @1 %0\n", line, sizeof line);
        ck_assert_int_ge(fputs(line, file), 0);
    }
    expand("seen $n good @0 @1 %0\n", line, sizeof line);
    ck_assert_int_ge(fputs(line, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    findings found = examine(&summary);
    ck_assert_uint_eq(summary.told, 1250);
    ck_assert_uint_eq(summary.seen, 1251);
    ck_assert_uint_eq(found.count, 1);
    ck_assert_ptr_nonnull(strstr(found.row, ":2501"));
}

#define COUNT(rows) (sizeof rows / sizeof rows[0])

CLUSTER_SUITE("answers", TEST_EACH(what_is_right_is_in_order, COUNT(right)),
              TEST_EACH(what_is_wrong_is_named_by_its_line, COUNT(wrong)),
              TEST_EACH(what_is_no_line_is_refused_with_its_number, COUNT(malformed)),
              TEST(a_file_that_is_not_there_is_named), TEST(many_lines_are_all_looked_at))
