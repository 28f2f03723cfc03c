/* SPDX-License-Identifier: Apache-2.0 */
#include "flight.h"

#include "hash.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHAINS 1024

typedef struct queue {
    ocsp_flight *first;
    ocsp_flight *last;
    size_t count;
} queue;

struct ocsp_room {
    ocsp_hash_key hash;
    size_t places;
    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t unknown_ready;
    pthread_cond_t known_ready;
    size_t taken;
    queue unknown; /* to be looked up */
    queue known;   /* to be signed */
    bool is_nudged;
    bool is_closed;
    ocsp_flight *free;
    ocsp_flight *alike[CHAINS];
};

auth_status ocsp_room_new(size_t places, ocsp_room **out, auth_error *err)
{
    ocsp_room *it = calloc(1, sizeof *it);
    if (it == NULL)
        return auth_error_memory(err);
    auth_status status = ocsp_hash_key_new(&it->hash, err);
    if (status != AUTH_STATUS_OK) {
        free(it);
        return status;
    }
    it->places = places;
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&it->lock, NULL);
    (void)pthread_cond_init(&it->unknown_ready, &attributes);
    (void)pthread_cond_init(&it->known_ready, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    *out = it;
    return AUTH_STATUS_OK;
}

void ocsp_room_free(ocsp_room *room)
{
    if (room == NULL)
        return;
    while (room->free != NULL) {
        ocsp_flight *next = room->free->next;
        auth_ocsp_request_free(room->free->question.request);
        free(room->free);
        room->free = next;
    }
    (void)pthread_mutex_destroy(&room->lock);
    (void)pthread_cond_destroy(&room->unknown_ready);
    (void)pthread_cond_destroy(&room->known_ready);
    free(room);
}

static void enqueue(queue *to, ocsp_flight *flight)
{
    flight->next = NULL;
    if (to->last == NULL)
        to->first = flight;
    else
        to->last->next = flight;
    to->last = flight;
    to->count++;
}

static ocsp_flight *dequeue(queue *from)
{
    ocsp_flight *flight = from->first;
    if (flight == NULL)
        return NULL;
    from->first = flight->next;
    if (from->first == NULL)
        from->last = NULL;
    from->count--;
    flight->next = NULL;
    return flight;
}

/* Under the lock: whether somebody is to be looked up now. */
static bool has_unknown(const ocsp_room *room)
{
    return room->unknown.first != NULL && room->known.count < OCSP_ROOM_ENOUGH;
}

static ocsp_flight **find_alike(ocsp_room *room, const ocsp_key *key)
{
    ocsp_flight **at = &room->alike[ocsp_hash(&room->hash, ocsp_key_serial(key)) % CHAINS];
    while (*at != NULL && !ocsp_key_equal(&(*at)->question.key, key))
        at = &(*at)->next_alike;
    return at;
}

/* What is about to be made anew needs no second time, so nobody waits for nothing. */
static bool join(ocsp_room *room, ocsp_flight *flight, const ocsp_question *question,
                 daemon_request *request)
{
    if (request != NULL) {
        ocsp_waiter *waiter = malloc(sizeof *waiter);
        if (waiter == NULL)
            return false;
        *waiter = (ocsp_waiter){flight->waiters, request};
        flight->waiters = waiter;
        flight->places++;
        room->taken++;
    }
    auth_ocsp_request_free(question->request);
    return true;
}

/*
 * Under the lock. Those that are free are kept, with the last question: there are never more than
 * places. Who brings a question frees an old one here, since what one thread makes and always
 * another frees costs malloc ten times as much.
 */
static ocsp_flight *new_flight(ocsp_room *room)
{
    ocsp_flight *flight = room->free;
    if (flight == NULL)
        return calloc(1, sizeof *flight);
    room->free = flight->next;
    auth_ocsp_request_free(flight->question.request);
    memset(flight, 0, offsetof(ocsp_flight, findings));
    return flight;
}

/* Under the lock. Takes the question when it says true. */
static bool admit(ocsp_room *room, ocsp_question *question, daemon_request *request, int64_t now_ms)
{
    if (room->is_closed || room->taken >= room->places)
        return false;
    ocsp_flight **at = ocsp_question_is_plain(question) ? find_alike(room, &question->key) : NULL;
    if (at != NULL && *at != NULL)
        return join(room, *at, question, request);
    ocsp_flight *flight = new_flight(room);
    if (flight == NULL)
        return false;
    flight->question = *question;
    flight->began_ms = now_ms;
    flight->places = 1;
    if (request != NULL) {
        flight->first.request = request;
        flight->waiters = &flight->first;
    }
    room->taken++;
    if (at != NULL)
        *at = flight;
    enqueue(&room->unknown, flight);
    if (has_unknown(room))
        (void)pthread_cond_signal(&room->unknown_ready);
    return true;
}

bool ocsp_room_enter(ocsp_room *room, ocsp_question *question, daemon_request *request,
                     int64_t now_ms)
{
    (void)pthread_mutex_lock(&room->lock);
    bool is_in = admit(room, question, request, now_ms);
    (void)pthread_mutex_unlock(&room->lock);
    if (!is_in)
        auth_ocsp_request_free(question->request);
    question->request = NULL;
    return is_in;
}

static struct timespec after(uint32_t wait_ms)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    return until;
}

ocsp_flight *ocsp_room_take_unknown(ocsp_room *room, size_t max, uint32_t wait_ms, bool *is_nudged)
{
    const struct timespec until = after(wait_ms);
    queue taken = {.first = NULL};
    (void)pthread_mutex_lock(&room->lock);
    while (!has_unknown(room) && !room->is_nudged && wait_ms > 0 &&
           pthread_cond_timedwait(&room->unknown_ready, &room->lock, &until) == 0)
        continue;
    *is_nudged = room->is_nudged;
    room->is_nudged = false;
    bool takes_any = has_unknown(room);
    for (size_t i = 0; takes_any && i < max && room->unknown.first != NULL; i++)
        enqueue(&taken, dequeue(&room->unknown));
    (void)pthread_mutex_unlock(&room->lock);
    return taken.first;
}

void ocsp_room_nudge(ocsp_room *room)
{
    (void)pthread_mutex_lock(&room->lock);
    room->is_nudged = true;
    (void)pthread_cond_signal(&room->unknown_ready);
    (void)pthread_mutex_unlock(&room->lock);
}

void ocsp_room_hand_on(ocsp_room *room, ocsp_flight *flights)
{
    (void)pthread_mutex_lock(&room->lock);
    while (flights != NULL) {
        ocsp_flight *next = flights->next;
        enqueue(&room->known, flights);
        flights = next;
    }
    (void)pthread_cond_broadcast(&room->known_ready);
    (void)pthread_mutex_unlock(&room->lock);
}

/* In front of all, since it has waited longest. */
bool ocsp_room_hand_back(ocsp_room *room, ocsp_flight *flight)
{
    (void)pthread_mutex_lock(&room->lock);
    bool is_open = !room->is_closed;
    if (is_open) {
        flight->next = room->unknown.first;
        room->unknown.first = flight;
        if (room->unknown.last == NULL)
            room->unknown.last = flight;
        room->unknown.count++;
        if (has_unknown(room))
            (void)pthread_cond_signal(&room->unknown_ready);
    }
    (void)pthread_mutex_unlock(&room->lock);
    return is_open;
}

ocsp_flight *ocsp_room_take_known(ocsp_room *room, bool waits)
{
    (void)pthread_mutex_lock(&room->lock);
    while (waits && room->known.first == NULL && !room->is_closed)
        (void)pthread_cond_wait(&room->known_ready, &room->lock);
    ocsp_flight *flight = dequeue(&room->known);
    if (flight != NULL && room->known.count == OCSP_ROOM_ENOUGH - 1 && has_unknown(room))
        (void)pthread_cond_signal(&room->unknown_ready);
    (void)pthread_mutex_unlock(&room->lock);
    return flight;
}

/* Takes a flight out of the room. From then on nobody joins it. */
static ocsp_waiter *leave(ocsp_room *room, ocsp_flight *flight)
{
    if (ocsp_question_is_plain(&flight->question)) {
        ocsp_flight **at = find_alike(room, &flight->question.key);
        if (*at == flight)
            *at = flight->next_alike;
    }
    room->taken -= flight->places;
    return flight->waiters;
}

static void tell(const ocsp_flight *flight, ocsp_waiter *waiter, daemon_response *response)
{
    while (waiter != NULL) {
        ocsp_waiter *next = waiter->next;
        daemon_request_finish_later(waiter->request, response);
        if (waiter != &flight->first)
            free(waiter);
        waiter = next;
    }
}

void ocsp_room_finish(ocsp_room *room, ocsp_flight *flight, daemon_response *response)
{
    (void)pthread_mutex_lock(&room->lock);
    ocsp_waiter *waiters = leave(room, flight);
    (void)pthread_mutex_unlock(&room->lock);
    tell(flight, waiters, response);
    (void)pthread_mutex_lock(&room->lock);
    flight->next = room->free;
    room->free = flight;
    (void)pthread_mutex_unlock(&room->lock);
}

void ocsp_room_close(ocsp_room *room, daemon_response *response)
{
    (void)pthread_mutex_lock(&room->lock);
    room->is_closed = true;
    ocsp_flight *left = room->unknown.first;
    room->unknown = (queue){.first = NULL};
    (void)pthread_cond_broadcast(&room->known_ready);
    (void)pthread_mutex_unlock(&room->lock);
    while (left != NULL) {
        ocsp_flight *next = left->next;
        ocsp_room_finish(room, left, response);
        left = next;
    }
}

size_t ocsp_room_count(ocsp_room *room)
{
    (void)pthread_mutex_lock(&room->lock);
    size_t count = room->taken;
    (void)pthread_mutex_unlock(&room->lock);
    return count;
}
