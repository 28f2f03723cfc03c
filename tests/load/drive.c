/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define SECOND_US 1000000
#define EVENTS 256
#define OUT_MAX ((size_t)1 << 20)
#define IN_SIZE ((size_t)1 << 18)
#define LOOK_EVERY_US 100000

/* A connection with the questions on it, the oldest first. */
typedef struct line {
    int fd;       /* -1: not connected */
    bool is_free; /* it is in the stack of those that have room */
    bool waits_to_write;
    auth_buf *out;
    size_t out_at;
    uint8_t *in;
    size_t in_len;
    load_question questions[LOAD_DEPTH_MAX];
    unsigned first;
    unsigned count;
} line;

typedef struct driver {
    const load_plan *plan;
    const load_targets *targets;
    load_report *report;
    int epoll;
    line *lines;
    unsigned *free_lines;
    unsigned free_count;
    uint64_t asked;
    int64_t begin_us;
    uint64_t random;
    unsigned reconnects;
    int64_t looked_us;
    int64_t reached_us; /* when a connection was there last */
} driver;

/* SIGTERM ends the load; what is on the way is waited for. */
static volatile sig_atomic_t is_told_to_end;

static void tell_to_end(int number)
{
    (void)number;
    is_told_to_end = 1;
}

/* xorshift64*: fast, and its state is never zero. */
static uint64_t draw(driver *it)
{
    it->random ^= it->random >> 12;
    it->random ^= it->random << 25;
    it->random ^= it->random >> 27;
    return it->random * UINT64_C(0x2545f4914f6cdd1d);
}

static bool draw_percent(driver *it, unsigned percent)
{
    return percent > 0 && draw(it) % 100 < percent;
}

static void watch(driver *it, line *of, int operation)
{
    struct epoll_event event = {.events = EPOLLIN | (of->waits_to_write ? EPOLLOUT : 0),
                                .data.u32 = (uint32_t)(of - it->lines)};
    if (epoll_ctl(it->epoll, operation, of->fd, &event) != 0)
        load_die("epoll_ctl: %s", strerror(errno));
}

static void give_room(driver *it, line *of)
{
    if (of->is_free || of->count == it->plan->depth)
        return;
    of->is_free = true;
    it->free_lines[it->free_count++] = (unsigned)(of - it->lines);
}

static void open_line(driver *it, line *of)
{
    int yes = 1;
    of->fd = socket(it->targets->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (of->fd < 0)
        load_die("socket: %s", strerror(errno));
    if (connect(of->fd, (const struct sockaddr *)&it->targets->address, it->targets->address_len) !=
        0) {
        (void)close(of->fd);
        of->fd = -1;
        return;
    }
    (void)setsockopt(of->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    of->waits_to_write = false;
    watch(it, of, EPOLL_CTL_ADD);
    give_room(it, of);
}

static void renew_line(driver *it, line *of)
{
    if (of->fd >= 0)
        (void)close(of->fd);
    of->in_len = of->out_at = 0;
    auth_buf_truncate(of->out, 0);
    it->reconnects++;
    open_line(it, of);
}

/* The questions that are left on it have no answer; it is made anew. */
static void cut_line(driver *it, line *of, load_outcome why)
{
    for (; of->count > 0; of->count--) {
        load_report_take(it->report, &of->questions[of->first], NULL, why);
        of->first = (of->first + 1) % LOAD_DEPTH_MAX;
    }
    renew_line(it, of);
}

/* Writes what there is; false when the connection is over. */
static bool flush(driver *it, line *of)
{
    auth_bytes out = auth_buf_bytes(of->out);
    while (of->out_at < out.len) {
        ssize_t sent =
            send(of->fd, out.data + of->out_at, out.len - of->out_at, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EAGAIN)
            break;
        if (sent < 0)
            return false;
        of->out_at += (size_t)sent;
    }
    if (of->out_at == out.len) {
        auth_buf_truncate(of->out, 0);
        of->out_at = 0;
    }
    bool waits = of->out_at > 0;
    if (waits != of->waits_to_write) {
        of->waits_to_write = waits;
        watch(it, of, EPOLL_CTL_MOD);
    }
    return true;
}

static void ask(driver *it, line *of, int64_t due_us)
{
    const load_plan *plan = it->plan;
    uint32_t next = (uint32_t)(plan->is_random ? draw(it) % it->targets->count
                                               : it->asked % it->targets->count);
    load_question *question = &of->questions[(of->first + of->count++) % LOAD_DEPTH_MAX];
    *question = (load_question){.serial = next,
                                .has_nonce = draw_percent(it, plan->nonce_percent),
                                .due_us = due_us,
                                .asked_us = load_now_us()};
    for (size_t i = 0; question->has_nonce && i < LOAD_NONCE; i += 8) {
        uint64_t part = draw(it);
        memcpy(question->nonce + i, &part, 8);
    }
    bool is_get = draw_percent(it, plan->get_percent);
    bool expects = !is_get && draw_percent(it, plan->expect_percent);
    load_question_write(plan, it->targets, question, is_get, expects, of->out);
    it->asked++;
    if (!flush(it, of))
        cut_line(it, of, LOAD_CUT);
}

/* Takes the answers that are there; false when the last of them says that the server closes. */
static bool take_answers(driver *it, line *of)
{
    size_t at = 0;
    bool goes_on = true;
    load_answer answer;
    while (goes_on) {
        size_t len = load_reply_read((auth_bytes){of->in + at, of->in_len - at}, &answer);
        if (len == 0)
            break;
        if (of->count == 0)
            load_die("an answer came that nobody asked for");
        load_report_take(it->report, &of->questions[of->first], &answer, LOAD_CUT);
        of->first = (of->first + 1) % LOAD_DEPTH_MAX;
        of->count--;
        at += len;
        goes_on = !answer.closes;
    }
    of->in_len -= at;
    memmove(of->in, of->in + at, of->in_len);
    return goes_on;
}

/*
 * The server said with its last answer that it closes: what was asked behind that is nobody's fault
 * and asked again (RFC 9112 9.3.2, 9.6).
 */
static void ask_again(driver *it, line *of)
{
    renew_line(it, of);
    for (unsigned i = 0; i < of->count; i++) {
        load_question *question = &of->questions[(of->first + i) % LOAD_DEPTH_MAX];
        question->asked_us = load_now_us();
        load_question_write(it->plan, it->targets, question, false, false, of->out);
    }
    if (of->fd < 0 || !flush(it, of))
        cut_line(it, of, LOAD_CUT);
}

static void read_line(driver *it, line *of)
{
    ssize_t got = recv(of->fd, of->in + of->in_len, IN_SIZE - of->in_len, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got > 0)
        of->in_len += (size_t)got;
    if (got <= 0)
        cut_line(it, of, LOAD_CUT);
    else if (!take_answers(it, of))
        ask_again(it, of);
    else
        give_room(it, of);
}

/* When the next question is due; of a closed load, always. */
static int64_t due_us(const driver *it)
{
    return it->plan->rate > 0
               ? it->begin_us + (int64_t)((double)it->asked / it->plan->rate * SECOND_US)
               : load_now_us();
}

static bool is_over(const driver *it, int64_t now)
{
    if (is_told_to_end != 0 || (it->plan->count > 0 && it->asked >= it->plan->count))
        return true;
    return it->plan->seconds > 0 && (double)(now - it->begin_us) >= it->plan->seconds * SECOND_US;
}

static void ask_what_is_due(driver *it)
{
    int64_t now = load_now_us();
    while (it->free_count > 0 && !is_over(it, now)) {
        int64_t due = due_us(it);
        if (due > now)
            break;
        line *of = &it->lines[it->free_lines[--it->free_count]];
        of->is_free = false;
        if (of->fd < 0)
            continue;
        ask(it, of, due);
        give_room(it, of);
    }
}

/* With nobody there for so long, nobody will come. */
static void check_that_somebody_is_there(driver *it, int64_t now, bool is_alone)
{
    if (!is_alone)
        it->reached_us = now;
    else if (now - it->reached_us > (int64_t)it->plan->patience_ms * 1000)
        load_die("no connection can be made");
}

/* Ends connections whose answers do not come, and connects again those that could not be. */
static void look_after_lines(driver *it, int64_t now)
{
    if (now - it->looked_us < LOOK_EVERY_US)
        return;
    it->looked_us = now;
    bool is_alone = true;
    for (unsigned i = 0; i < it->plan->connections; i++) {
        line *of = &it->lines[i];
        if (of->fd < 0)
            open_line(it, of);
        else if (of->count > 0 &&
                 now - of->questions[of->first].asked_us > (int64_t)it->plan->patience_ms * 1000)
            cut_line(it, of, LOAD_SILENT);
        is_alone = is_alone && of->fd < 0;
    }
    check_that_somebody_is_there(it, now, is_alone);
}

static void wait_for_events(driver *it)
{
    struct epoll_event events[EVENTS];
    int64_t left = it->plan->rate > 0 ? due_us(it) - load_now_us() : LOOK_EVERY_US;
    if (left < 0 || (it->plan->rate <= 0 && it->free_count > 0))
        left = it->free_count > 0 ? 0 : LOOK_EVERY_US;
    if (left > LOOK_EVERY_US)
        left = LOOK_EVERY_US;
    struct timespec timeout = {.tv_sec = 0, .tv_nsec = (long)left * 1000};
    int count = epoll_pwait2(it->epoll, events, EVENTS, &timeout, NULL);
    for (int i = 0; i < count; i++) {
        line *of = &it->lines[events[i].data.u32];
        if (of->fd >= 0 && (events[i].events & EPOLLOUT) != 0 && !flush(it, of))
            cut_line(it, of, LOAD_CUT);
        else if (of->fd >= 0 && (events[i].events & ~(uint32_t)EPOLLOUT) != 0)
            read_line(it, of);
    }
}

static void open_lines(driver *it)
{
    auth_error err;
    unsigned count = it->plan->connections;
    it->lines = calloc(count, sizeof *it->lines);
    it->free_lines = calloc(count, sizeof *it->free_lines);
    it->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (it->lines == NULL || it->free_lines == NULL || it->epoll < 0)
        load_die("out of memory or descriptors");
    for (unsigned i = 0; i < count; i++) {
        line *of = &it->lines[i];
        load_must(auth_buf_new(OUT_MAX, &of->out, &err), &err);
        of->in = malloc(IN_SIZE);
        if (of->in == NULL)
            load_die("out of memory");
        open_line(it, of);
    }
}

static void close_lines(driver *it)
{
    for (unsigned i = 0; i < it->plan->connections; i++) {
        if (it->lines[i].fd >= 0)
            (void)close(it->lines[i].fd);
        auth_buf_free(it->lines[i].out);
        free(it->lines[i].in);
    }
    free(it->lines);
    free(it->free_lines);
    (void)close(it->epoll);
}

uint64_t load_drive(const load_plan *plan, const load_targets *targets, load_report *report,
                    double *seconds, unsigned *reconnects)
{
    driver it = {.plan = plan,
                 .targets = targets,
                 .report = report,
                 .random = (uint64_t)load_now_us() | 1};
    (void)signal(SIGTERM, tell_to_end);
    open_lines(&it);
    it.begin_us = it.reached_us = load_now_us();
    while (!is_over(&it, load_now_us())) {
        ask_what_is_due(&it);
        wait_for_events(&it);
        look_after_lines(&it, load_now_us());
    }
    int64_t end = load_now_us();
    while (load_report_done(report) < it.asked) {
        wait_for_events(&it);
        look_after_lines(&it, load_now_us());
    }
    *seconds = (double)(end - it.begin_us) / SECOND_US;
    *reconnects = it.reconnects;
    uint64_t due = plan->rate > 0 ? (uint64_t)(*seconds * plan->rate) : it.asked;
    if (plan->count > 0 && due > plan->count)
        due = plan->count;
    close_lines(&it);
    return due > it.asked ? due - it.asked : 0;
}
