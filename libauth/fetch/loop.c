/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/loop.h"

#include "fetch/hand.h"
#include "fetch/search.h"
#include "fetch/transfer.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>

#define EVENTS 64

int64_t fetch_clock_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Arms the timer for a time of the monotonic clock; -1 stops it. */
static void arm(const auth_fetcher *fetcher, int64_t at_ms)
{
    struct itimerspec when = {0};
    if (at_ms >= 0) {
        when.it_value.tv_sec = (time_t)(at_ms / 1000);
        /* Zero would stop it. */
        when.it_value.tv_nsec = (long)(at_ms % 1000) * 1000000 + 1;
    }
    (void)timerfd_settime(fetcher->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

/* For libcurl's time, or at once when there is something else to look at. */
static void arm_for_next(const auth_fetcher *fetcher)
{
    bool is_now = fetcher->is_woken || fetcher->local != NULL;
    arm(fetcher, is_now ? 0 : fetcher->timer_at_ms);
}

static int on_timer(CURLM *multi, long timeout_ms, void *context)
{
    auth_fetcher *fetcher = context;
    (void)multi;
    fetcher->timer_at_ms = timeout_ms < 0 ? -1 : fetch_clock_ms() + timeout_ms;
    arm_for_next(fetcher);
    return 0;
}

/* libcurl tells with socket_context whether a socket is watched already. */
static int on_socket(CURL *easy, curl_socket_t descriptor, int what, void *context,
                     void *socket_context)
{
    auth_fetcher *fetcher = context;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        (void)epoll_ctl(fetcher->network, EPOLL_CTL_DEL, descriptor, NULL);
        return 0;
    }
    struct epoll_event event = {.data.fd = descriptor};
    if ((what & CURL_POLL_IN) != 0)
        event.events |= EPOLLIN;
    if ((what & CURL_POLL_OUT) != 0)
        event.events |= EPOLLOUT;
    int failed = epoll_ctl(fetcher->network, socket_context == NULL ? EPOLL_CTL_ADD : EPOLL_CTL_MOD,
                           descriptor, &event);
    if (failed != 0 && errno == EEXIST)
        failed = epoll_ctl(fetcher->network, EPOLL_CTL_MOD, descriptor, &event);
    if (failed == 0 && socket_context == NULL)
        (void)curl_multi_assign(fetcher->multi, descriptor, fetcher);
    return failed == 0 ? 0 : -1;
}

static bool watch(int where, int descriptor)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    return epoll_ctl(where, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

static auth_status open_descriptors(auth_fetcher *fetcher, auth_error *err)
{
    fetcher->network = epoll_create1(EPOLL_CLOEXEC);
    fetcher->outer = epoll_create1(EPOLL_CLOEXEC);
    fetcher->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    fetcher->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fetcher->network < 0 || fetcher->outer < 0 || fetcher->timer < 0 || fetcher->bell < 0 ||
        !watch(fetcher->network, fetcher->timer) || !watch(fetcher->outer, fetcher->network) ||
        !watch(fetcher->outer, fetcher->bell))
        return auth_error_set(err, AUTH_STATUS_IO,
                              "fetcher: it cannot get its descriptors: %s; allow the process more "
                              "open files",
                              strerror(errno));
    return AUTH_STATUS_OK;
}

auth_status loop_open(auth_fetcher *fetcher, auth_error *err)
{
    const auth_fetch_options *options = &fetcher->options;
    auth_status status = open_descriptors(fetcher, err);
    if (status != AUTH_STATUS_OK)
        return status;
    fetcher->timer_at_ms = -1;
    fetcher->multi = curl_multi_init();
    if (fetcher->multi == NULL)
        return auth_error_memory(err);
    CURLM *multi = fetcher->multi;
    bool is_set =
        curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket) == CURLM_OK &&
        curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, fetcher) == CURLM_OK &&
        curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer) == CURLM_OK &&
        curl_multi_setopt(multi, CURLMOPT_TIMERDATA, fetcher) == CURLM_OK &&
        curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)options->concurrency) == CURLM_OK &&
        curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)options->concurrency) ==
            CURLM_OK &&
        curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)options->host_concurrency) ==
            CURLM_OK;
    if (!is_set)
        return auth_error_set(err, AUTH_STATUS_INTERNAL,
                              "libcurl: it does not take an option; use version 7.87 or later");
    return AUTH_STATUS_OK;
}

static void close_one(int descriptor)
{
    if (descriptor >= 0)
        (void)close(descriptor);
}

void loop_close(auth_fetcher *fetcher)
{
    if (fetcher->multi != NULL)
        (void)curl_multi_cleanup(fetcher->multi);
    close_one(fetcher->outer);
    close_one(fetcher->network);
    close_one(fetcher->timer);
    close_one(fetcher->bell);
}

auth_status loop_add(auth_fetcher *fetcher, fetch_transfer *transfer, auth_error *err)
{
    if (transfer->easy == NULL) {
        transfer->next_local = fetcher->local;
        fetcher->local = transfer;
        arm_for_next(fetcher);
        return AUTH_STATUS_OK;
    }
    CURLMcode code = curl_multi_add_handle(fetcher->multi, transfer->easy);
    if (code == CURLM_OUT_OF_MEMORY)
        return auth_error_memory(err);
    if (code != CURLM_OK)
        return auth_error_set(err, AUTH_STATUS_INTERNAL, "libcurl: %s", curl_multi_strerror(code));
    return AUTH_STATUS_OK;
}

void loop_remove(auth_fetcher *fetcher, fetch_transfer *transfer)
{
    if (transfer->easy != NULL)
        (void)curl_multi_remove_handle(fetcher->multi, transfer->easy);
}

static int curl_events(uint32_t events)
{
    int what = 0;
    if ((events & EPOLLIN) != 0)
        what |= CURL_CSELECT_IN;
    if ((events & EPOLLOUT) != 0)
        what |= CURL_CSELECT_OUT;
    if ((events & (EPOLLERR | EPOLLHUP)) != 0)
        what |= CURL_CSELECT_ERR;
    return what;
}

static void act(auth_fetcher *fetcher)
{
    struct epoll_event events[EVENTS];
    int running = 0;
    int count = epoll_wait(fetcher->network, events, EVENTS, 0);
    for (int i = 0; i < count; i++) {
        uint64_t expirations = 0;
        if (events[i].data.fd == fetcher->timer)
            (void)!read(fetcher->timer, &expirations, sizeof expirations);
        else
            (void)curl_multi_socket_action(fetcher->multi, events[i].data.fd,
                                           curl_events(events[i].events), &running);
    }
    (void)curl_multi_socket_action(fetcher->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    fetcher->is_woken = false;
    arm_for_next(fetcher);
}

/* The next transfer that libcurl has done with, or that never needed it. */
static fetch_transfer *take_over(auth_fetcher *fetcher)
{
    int left = 0;
    fetch_transfer *local = fetcher->local;
    if (local != NULL) {
        fetcher->local = local->next_local;
        return local;
    }
    CURLMsg *message = curl_multi_info_read(fetcher->multi, &left);
    while (message != NULL && message->msg != CURLMSG_DONE)
        message = curl_multi_info_read(fetcher->multi, &left);
    if (message == NULL)
        return NULL;
    CURLcode result = message->data.result;
    char *transfer = NULL;
    (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    fetch_transfer *over = (fetch_transfer *)(void *)transfer;
    over->result = result;
    loop_remove(fetcher, over);
    return over;
}

static void unlink_transfer(auth_fetcher *fetcher, const fetch_transfer *transfer)
{
    fetch_transfer **place = &fetcher->transfers;
    while (*place != transfer)
        place = &(*place)->next;
    *place = transfer->next;
}

void loop_run(auth_fetcher *fetcher)
{
    fetch_transfer *over = NULL;
    act(fetcher);
    while ((over = take_over(fetcher)) != NULL) {
        /* It stays in the list, so that who asks now waits for it and does not ask again. */
        (void)pthread_mutex_unlock(&fetcher->lock);
        transfer_verify(over);
        if (over->fetched != NULL) {
            over->fetched = hand_keep(fetcher, over->fetched);
            fetched_confirm(over->fetched);
        }
        (void)pthread_mutex_lock(&fetcher->lock);
        if (over->list != NULL)
            over->list = lists_store(&fetcher->lists, over->list, transfer_now(over),
                                     FETCH_LISTS_FACTOR * (size_t)fetcher->options.crl_max);
        unlink_transfer(fetcher, over);
        transfer_learn(fetcher, over);
        search_take(fetcher, over);
        transfer_free(over);
    }
}

void loop_wait(auth_fetcher *fetcher)
{
    struct pollfd events = {.fd = fetcher->network, .events = POLLIN};
    if (fetcher->is_watched) {
        (void)pthread_cond_wait(&fetcher->changed, &fetcher->lock);
        return;
    }
    fetcher->is_watched = true;
    (void)pthread_mutex_unlock(&fetcher->lock);
    /* libcurl's timer ends every transfer in time; the bound here is a net under it. */
    (void)poll(&events, 1, (int)fetcher->options.timeout_ms);
    (void)pthread_mutex_lock(&fetcher->lock);
    loop_run(fetcher);
    fetcher->is_watched = false;
    (void)pthread_cond_broadcast(&fetcher->changed);
}

void loop_wake(auth_fetcher *fetcher)
{
    (void)pthread_cond_broadcast(&fetcher->changed);
    if (!fetcher->is_watched)
        return;
    fetcher->is_woken = true;
    arm_for_next(fetcher);
}
