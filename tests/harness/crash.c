/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/crash.h"

#include "harness/child.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#define ACK_MAX 64
/* Turns of an empty loop: up to some milliseconds. */
#define MAX_SPIN 100000U
#define MAX_ACKS_WAITED 8U

/* The harness watches write; acks are none of what is tested. */
ssize_t __real_write(int descriptor, const void *octets, size_t len);

void crash_ack(int acks, const void *octets, size_t len)
{
    if (__real_write(acks, octets, len) != (ssize_t)len)
        harness_die("the test has gone");
}

static bool next_ack(const crash_writer *writer, int acks,
                     void (*seen)(void *context, const void *octets))
{
    char octets[ACK_MAX];
    ssize_t len = read(acks, octets, writer->ack_size);
    if (len != (ssize_t)writer->ack_size)
        return false;
    seen(writer->context, octets);
    return true;
}

/* The moments differ from run to run, as they do in life; the seed tells nothing about them. */
static unsigned draw(unsigned below)
{
    static unsigned state;
    if (state == 0)
        state = (unsigned)getpid() | 1U;
    state = state * 1664525U + 1013904223U;
    return (state >> 8) % below;
}

static pid_t start(const crash_writer *writer, const char *folder, unsigned round, size_t fatal,
                   int pipes[2])
{
    if (writer->ack_size > ACK_MAX || pipe(pipes) != 0)
        harness_die("no pipe");
    pid_t child = fork();
    if (child == 0) {
        harness_child_begin();
        (void)close(pipes[0]);
        if (fatal != SIZE_MAX)
            harness_disk_fail(fatal, HARNESS_DISK_KILL);
        writer->run(folder, round, pipes[1], writer->context);
        _exit(0);
    }
    if (child < 0)
        harness_die("fork: %s", strerror(errno));
    (void)close(pipes[1]);
    return child;
}

static int finish(const crash_writer *writer, pid_t child, int acks, size_t *count,
                  void (*seen)(void *context, const void *octets))
{
    int status = 0;
    while (next_ack(writer, acks, seen))
        (*count)++;
    (void)close(acks);
    if (waitpid(child, &status, 0) != child)
        harness_die("waitpid: %s", strerror(errno));
    return status;
}

size_t crash_round(const crash_writer *writer, const char *folder, unsigned round,
                   void (*seen)(void *context, const void *octets))
{
    int pipes[2];
    size_t count = 0;
    pid_t child = start(writer, folder, round, SIZE_MAX, pipes);
    for (unsigned left = draw(MAX_ACKS_WAITED); left > 0 && next_ack(writer, pipes[0], seen);
         left--)
        count++;
    for (volatile unsigned spin = draw(MAX_SPIN); spin > 0; spin = spin - 1)
        ;
    (void)kill(child, SIGKILL);
    int status = finish(writer, child, pipes[0], &count, seen);
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
                  "the writer ended before it was killed");
    return count;
}

bool crash_at_call(const crash_writer *writer, const char *folder, size_t n,
                   void (*seen)(void *context, const void *octets))
{
    int pipes[2];
    size_t count = 0;
    pid_t child = start(writer, folder, 0, n, pipes);
    int status = finish(writer, child, pipes[0], &count, seen);
    ck_assert_msg(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0,
                  "the writer failed by itself");
    return WIFSIGNALED(status);
}

bool crash_mount(const char *folder, unsigned kib)
{
    char options[64];
    (void)snprintf(options, sizeof options, "size=%uk,mode=0700", kib);
    /* In a name space of this process: it ends with it, and nobody else sees it. */
    if (unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
        mount("none", folder, "tmpfs", MS_NODEV | MS_NOSUID, options) == 0)
        return true;
    (void)fprintf(stderr, "# left out: no small file system can be mounted: %s\n", strerror(errno));
    return false;
}

void crash_resize(const char *folder, unsigned kib)
{
    char options[64];
    (void)snprintf(options, sizeof options, "size=%uk", kib);
    if (mount("none", folder, NULL, MS_REMOUNT, options) != 0)
        harness_die("%s cannot be made larger: %s", folder, strerror(errno));
}

void crash_unmount(const char *folder)
{
    if (umount2(folder, MNT_DETACH) != 0)
        harness_die("%s cannot be unmounted: %s", folder, strerror(errno));
}
