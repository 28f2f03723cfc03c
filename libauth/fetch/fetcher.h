/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of fetch share: the fetcher, its transfers and its searches. A search asks one
 * source after the other; a transfer brings one thing from the network for all searches that wait
 * for it. Internal to fetch.
 *
 * One lock is over the transfers, the searches, the hosts and all of libcurl. It is never held
 * while something waits or while a signature is verified.
 */
#ifndef FETCH_FETCHER_H
#define FETCH_FETCHER_H

#include "fetch/address.h"
#include "fetch/issuers.h"
#include "fetch/lists.h"
#include "fetch/memory.h"
#include "fetch/outcome.h"

#include <curl/curl.h>
#include <pthread.h>
#include <unistd.h>

typedef struct fetch_transfer fetch_transfer;

/* A question that failed for what was answered, not repeated at once. */
typedef struct fetch_refusal {
    uint8_t key[FETCH_KEY_SIZE];
    int64_t until_ms;
    auth_fetch_outcome outcome;
} fetch_refusal;

#define FETCH_REFUSALS 256

struct auth_fetcher {
    pid_t owner;                /* the process that made it */
    auth_fetch_options options; /* with the numbers that zero stands for; no pointers */
    char *tls_ca_file;
    fetch_issuers *issuers;
    fetch_memory *memory;
    struct status_cache *shared;     /* NULL: none */
    struct fetch_verified *verified; /* of what lies there; NULL with it */
    struct fetch_snapshot *snapshot; /* NULL: none */
    struct list_files *files;        /* lists that are shared; NULL: none */

    pthread_mutex_t lock;   /* of all that follows */
    pthread_cond_t changed; /* a search has ended, or nobody waits for the network any more */
    fetch_host *hosts;
    size_t host_count;
    fetch_refusal refusals[FETCH_REFUSALS];
    fetch_lists lists;

    CURLM *multi;
    int network;         /* epoll: libcurl's sockets and the timer */
    int timer;           /* timerfd */
    int64_t timer_at_ms; /* when libcurl wants to be called; -1: it does not */
    int outer;           /* epoll: network and bell, what a program waits on */
    int bell;            /* eventfd: functions are to be called */
    bool is_watched;     /* a thread waits for the network, */
    bool is_woken;       /* and is to look again */

    fetch_transfer *transfers;
    fetch_transfer *local; /* those of them that need no network, and were not begun */
    auth_fetch *searches;  /* under way */
    size_t search_count;
    auth_fetch *ended; /* whose functions are to be called, in their order */

    bool has_driver; /* a thread renews */
    bool is_driver_over;
    bool is_ending;
    pthread_t driver;
};

/* The monotonic clock. */
int64_t fetch_clock_ms(void);

#endif
