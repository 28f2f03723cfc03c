/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The waiting room: questions that have no ready answer, on their way through look-up and
 * signature. All who ask the same at the same time wait for one answer. The room is bounded; who
 * finds no place is told so at once.
 *
 * Its one invariant: every request that was let in is finished once, with an answer, whatever
 * happens in between and when the daemon ends. Any thread.
 */
#ifndef OCSP_FLIGHT_H
#define OCSP_FLIGHT_H

#include "question.h"

#include "daemon/request.h"

#include <auth/time.h>

/* Somebody who waits. */
typedef struct ocsp_waiter ocsp_waiter;
struct ocsp_waiter {
    ocsp_waiter *next;
    daemon_request *request;
};

/* What the registry says of one certificate. */
typedef struct ocsp_finding {
    auth_ocsp_status status;
    auth_time revoked;
    auth_revocation_reason reason;
    bool has_act;
    auth_time acted; /* when it was revoked, suspended or resumed last */
} ocsp_finding;

typedef struct ocsp_flight ocsp_flight;
struct ocsp_flight {
    ocsp_flight *next;       /* in a queue */
    ocsp_flight *next_alike; /* in the table of those that can be joined */
    ocsp_question question;
    ocsp_waiter first;
    ocsp_waiter *waiters; /* none: an answer is made anew before it is asked for */
    size_t places;        /* that it takes in the room */
    int64_t began_ms;
    unsigned tries;
    /* From the look-up. */
    int64_t looked_up_ms; /* when it began */
    uint64_t mark;        /* of ocsp_acts */
    auth_time as_of;      /* up to when the registry's state was known */
    ocsp_finding findings[AUTH_OCSP_CERT_IDS_MAX];
};

typedef struct ocsp_room ocsp_room;

/*
 * Makes a room for so many requests and refreshments together.
 *
 * Errors: AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status ocsp_room_new(size_t places, ocsp_room **out, auth_error *err) AUTH_MUST_CHECK;

/* Frees a room in which nobody waits. NULL is fine. */
void ocsp_room_free(ocsp_room *room);
AUTH_DEFINE_CLEANUP(ocsp_room)

/*
 * Lets a question in, with the request that waits for its answer; NULL: nobody does. A plain
 * question joins one that is alike. False: there is no place, or the room is closed.
 *
 * Ownership: takes question->request in any case.
 */
bool ocsp_room_enter(ocsp_room *room, ocsp_question *question, daemon_request *request,
                     int64_t now_ms);

/*
 * With so many ready to be signed nobody is looked up: those who come meanwhile are looked up
 * together, and what is said of them is newer when it is signed. It is what is signed while a
 * look-up is on its way, so that nobody who signs waits for it.
 */
#define OCSP_ROOM_ENOUGH 32

/*
 * Takes up to max of those who wait to be looked up, in a chain, the oldest first; waits for one
 * until wait_ms are over, or ocsp_room_nudge, of which *is_nudged tells. NULL: none, or enough are
 * ready to be signed.
 */
ocsp_flight *ocsp_room_take_unknown(ocsp_room *room, size_t max, uint32_t wait_ms, bool *is_nudged);
void ocsp_room_nudge(ocsp_room *room);

/* Hands a chain on to be signed. */
void ocsp_room_hand_on(ocsp_room *room, ocsp_flight *flights);

/* Hands one back that was looked up too early, to be looked up again. False: the room is closed. */
bool ocsp_room_hand_back(ocsp_room *room, ocsp_flight *flight);

/*
 * Takes one that is to be signed. waits: NULL means that the room is closed and none will come;
 * else, that there is none now.
 */
ocsp_flight *ocsp_room_take_known(ocsp_room *room, bool waits);

/*
 * Finishes a flight: everybody who waits gets the response, and the flight is freed. They are sent
 * with the next daemon_flush.
 */
void ocsp_room_finish(ocsp_room *room, ocsp_flight *flight, daemon_response *response);

/*
 * Closes the room, for who looks up: nobody comes in any more. Those who wait to be looked up get
 * the response, with the next daemon_flush; those who were handed on are still signed.
 */
void ocsp_room_close(ocsp_room *room, daemon_response *response);

/* How many wait, requests and refreshments. */
size_t ocsp_room_count(ocsp_room *room);

#endif
