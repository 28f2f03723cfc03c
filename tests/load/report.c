/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_MAX 20
/* So many parts of a load are looked at each for itself, one after the other. */
#define STRETCHES 15

/* An answer that waits to be checked. */
typedef struct kept_answer {
    load_question question;
    load_answer answer;
    int64_t answered_us;
} kept_answer;

/* How long questions waited, in microseconds. */
typedef struct times {
    uint32_t *us;
    size_t count;
    size_t room;
} times;

struct load_report {
    const load_plan *plan;
    load_targets *targets;
    FILE *record;
    kept_answer *kept;
    size_t kept_count;
    size_t kept_room;
    uint64_t done;
    uint64_t outcomes[LOAD_OUTCOMES];
    times answered; /* with a status */
    times refused;  /* with tryLater */
};

const char *load_outcome_name(load_outcome outcome)
{
    static const char *const names[] = {
        [LOAD_GOOD] = "good",
        [LOAD_REVOKED] = "revoked",
        [LOAD_SUSPENDED] = "suspended",
        [LOAD_UNKNOWN] = "unknown",
        [LOAD_TRY_LATER] = "try_later",
        [LOAD_OTHER_ERROR] = "other_error",
        [LOAD_CUT] = "cut",
        [LOAD_SILENT] = "silent",
        [LOAD_WRONG] = "wrong",
    };
    return names[outcome];
}

load_report *load_report_new(const load_plan *plan, load_targets *targets, FILE *record)
{
    load_report *made = calloc(1, sizeof *made);
    if (made == NULL)
        load_die("out of memory");
    made->plan = plan;
    made->targets = targets;
    made->record = record;
    return made;
}

void load_report_free(load_report *of)
{
    if (of == NULL)
        return;
    free(of->kept);
    free(of->answered.us);
    free(of->refused.us);
    free(of);
}

uint64_t load_report_done(const load_report *of) { return of->done; }

/* Makes room for one more of rows. */
static void *grow(void *rows, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return rows;
    *room = *room == 0 ? 4096 : 2 * *room;
    void *grown = realloc(rows, *room * size);
    if (grown == NULL)
        load_die("out of memory");
    return grown;
}

static void add_time(times *to, int64_t us)
{
    to->us = grow(to->us, to->count, &to->room, sizeof *to->us);
    to->us[to->count++] = us < 0 ? 0 : us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

static void show_wrong(const load_report *of, const load_question *question, const auth_error *why)
{
    if (of->outcomes[LOAD_WRONG] > SHOWN_MAX)
        return;
    (void)fprintf(stderr, "load: wrong: question about line %" PRIu32 ": %s\n",
                  question->serial + 1, why->text);
}

/* The form is that of docs/answers.md. */
static void write_record(const load_report *of, const load_question *question, load_outcome outcome,
                         const auth_ocsp_answer *says, int64_t answered_us)
{
    const load_target *target = &of->targets->rows[question->serial];
    char hex[2 * AUTH_SERIAL_MAX + 1];
    for (size_t i = 0; i < target->len; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", target->octets[i]);
    (void)fprintf(of->record, "seen %s %s %" PRId64 " %" PRId64 " %" PRId64 "\n", hex,
                  load_outcome_name(outcome), question->asked_us, answered_us,
                  (int64_t)says->this_update);
}

static void judge(load_report *to, const load_question *question, const load_answer *answer,
                  int64_t answered_us)
{
    auth_error why = {AUTH_STATUS_OK, ""};
    auth_ocsp_answer says = {.status = AUTH_OCSP_UNKNOWN};
    load_outcome outcome =
        load_check(to->plan, to->targets, question, answer, answered_us, &says, &why);
    to->outcomes[outcome]++;
    if (outcome == LOAD_WRONG)
        show_wrong(to, question, &why);
    if (outcome <= LOAD_UNKNOWN)
        add_time(&to->answered, answered_us - question->due_us);
    else if (outcome == LOAD_TRY_LATER)
        add_time(&to->refused, answered_us - question->due_us);
    if (outcome <= LOAD_UNKNOWN && to->record != NULL)
        write_record(to, question, outcome, &says, answered_us);
}

static void keep(load_report *to, const load_question *question, const load_answer *answer,
                 int64_t answered_us)
{
    to->kept = grow(to->kept, to->kept_count, &to->kept_room, sizeof *to->kept);
    uint8_t *body = malloc(answer->body.len + 1);
    if (body == NULL)
        load_die("out of memory");
    memcpy(body, answer->body.data, answer->body.len);
    kept_answer *kept = &to->kept[to->kept_count++];
    *kept = (kept_answer){*question, *answer, answered_us};
    kept->answer.body.data = body;
}

void load_report_take(load_report *to, const load_question *question, const load_answer *answer,
                      load_outcome none)
{
    int64_t now = load_now_us();
    to->done++;
    if (answer == NULL)
        to->outcomes[none]++;
    else if (to->plan->is_checked_late)
        keep(to, question, answer, now);
    else
        judge(to, question, answer, now);
}

static void judge_kept(load_report *of)
{
    for (size_t i = 0; i < of->kept_count; i++) {
        kept_answer *kept = &of->kept[i];
        judge(of, &kept->question, &kept->answer, kept->answered_us);
        free((void *)(uintptr_t)kept->answer.body.data);
    }
    of->kept_count = 0;
}

static int compare(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

/* What so great a part of some times does not pass; puts them in order. */
static double part_ms(uint32_t *us, size_t count, double part)
{
    if (count == 0)
        return 0;
    qsort(us, count, sizeof *us, compare);
    size_t at = (size_t)(part * (double)count);
    return us[at < count ? at : count - 1] / 1000.0;
}

/*
 * The median of what 99 of 100 do not pass in a stretch: a pause of the machine is in some of them.
 */
static double stretch_p99_ms(const times *of)
{
    uint32_t medians[STRETCHES];
    size_t len = of->count / STRETCHES;
    for (size_t i = 0; i < STRETCHES; i++)
        medians[i] = (uint32_t)(part_ms(of->us + i * len, len, 0.99) * 1000);
    return part_ms(medians, STRETCHES, 0.5);
}

static void print_times(const char *name, const times *of)
{
    /* First, since it wants them in the order in which they came. */
    double stretch = stretch_p99_ms(of);
    printf(",\"%s_p50_ms\":%.3f", name, part_ms(of->us, of->count, 0.5));
    printf(",\"%s_p99_ms\":%.3f", name, part_ms(of->us, of->count, 0.99));
    printf(",\"%s_stretch_p99_ms\":%.3f", name, stretch);
    printf(",\"%s_max_ms\":%.3f", name, part_ms(of->us, of->count, 1));
}

bool load_report_print(load_report *of, double seconds, uint64_t unasked, unsigned reconnects)
{
    judge_kept(of);
    printf("{\"asked\":%" PRIu64 ",\"unasked\":%" PRIu64 ",\"reconnects\":%u,\"seconds\":%.3f",
           of->done, unasked, reconnects, seconds);
    for (int i = 0; i < LOAD_OUTCOMES; i++)
        printf(",\"%s\":%" PRIu64, load_outcome_name((load_outcome)i), of->outcomes[i]);
    printf(",\"answers_per_second\":%.1f", seconds > 0 ? (double)of->answered.count / seconds : 0);
    print_times("answer", &of->answered);
    print_times("refusal", &of->refused);
    printf("}\n");
    return of->outcomes[LOAD_WRONG] == 0;
}
