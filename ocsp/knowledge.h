/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Up to when the registry's state is known here, and what follows from it for an answer. The rule:
 * a second after a revocation was acknowledged nothing that contradicts it is signed, and nothing
 * is sent that was signed before, as long as the registry can be reached; when it cannot, what was
 * signed before is sent until its time is over. Any thread.
 */
#ifndef OCSP_KNOWLEDGE_H
#define OCSP_KNOWLEDGE_H

#include <auth/time.h>

#include <stdatomic.h>

/* How old knowledge may be; the rest of the second is for what comes after it is looked at. */
#define OCSP_KNOWN_FOR_MS 800

typedef struct ocsp_knowledge {
    _Atomic int64_t known_ms; /* monotonic: all that was committed before is known; 0: nothing is */
    _Atomic auth_time as_of;  /* the same for the calendar; of a standby, what it has replayed */
    _Atomic bool is_gone;     /* the last try to connect to the registry failed */
    _Atomic bool is_standby;
} ocsp_knowledge;

typedef enum ocsp_serving {
    OCSP_SERVE,        /* what is ready may be sent */
    OCSP_SERVE_UNSURE, /* it is being found out whether it may: wait for that */
} ocsp_serving;

static inline bool ocsp_is_recent(int64_t known_ms, int64_t now_ms)
{
    return known_ms != 0 && now_ms - known_ms <= OCSP_KNOWN_FOR_MS;
}

static inline bool ocsp_is_known(const ocsp_knowledge *of, int64_t now_ms)
{
    return ocsp_is_recent(atomic_load(&of->known_ms), now_ms);
}

/*
 * Tells whether what was found ready may be sent. before_ms: known_ms as it was before it was
 * looked for; now_ms: read after it was found. What was found then lacks no act from before
 * before_ms; of known_ms as it is by now nobody can say so, since an answer that is in somebody's
 * hands is dropped all the same.
 *
 * Knowledge that is too old, and no failure to connect yet: this process was held up, or the
 * registry is slow to answer. Either it answers in a moment or it is gone.
 */
static inline ocsp_serving ocsp_may_serve(const ocsp_knowledge *of, int64_t before_ms,
                                          int64_t now_ms)
{
    if (ocsp_is_recent(before_ms, now_ms))
        return OCSP_SERVE;
    return atomic_load(&of->is_gone) && atomic_load(&of->known_ms) == before_ms ? OCSP_SERVE
                                                                                : OCSP_SERVE_UNSURE;
}

#endif
