/* SPDX-License-Identifier: Apache-2.0 */
#include "team.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

/* A thread takes so many turns at once that it rarely meets the others; fewer when there are few
 * turns, which may be long. */
#define STEP_MAX 4

typedef struct member {
    ca_team *team;
    unsigned number;
    pthread_t thread;
} member;

struct ca_team {
    pthread_mutex_t lock;
    pthread_cond_t begins;
    pthread_cond_t ended;
    unsigned loop; /* counts loops, so that a thread takes part in each once */
    unsigned busy;
    bool is_over;
    size_t count;
    size_t step;
    ca_team_turn *turn;
    void *context;
    _Atomic size_t next;
    _Atomic bool has_failed;
    auth_status failure;
    auth_error error;
    unsigned started;
    member members[];
};

static void note_failure(ca_team *team, auth_status status, const auth_error *error)
{
    (void)pthread_mutex_lock(&team->lock);
    if (team->failure == AUTH_STATUS_OK) {
        team->failure = status;
        team->error = *error;
    }
    (void)pthread_mutex_unlock(&team->lock);
    atomic_store(&team->has_failed, true);
}

static void take_turns(ca_team *team, unsigned number)
{
    size_t first = 0;
    while ((first = atomic_fetch_add(&team->next, team->step)) < team->count) {
        for (size_t i = first; i < first + team->step && i < team->count; i++) {
            auth_error error = {AUTH_STATUS_OK, ""};
            if (atomic_load(&team->has_failed))
                return;
            auth_status status = team->turn(team->context, number, i, &error);
            if (status != AUTH_STATUS_OK)
                note_failure(team, status, &error);
        }
    }
}

static void *live(void *context)
{
    const member *self = context;
    ca_team *team = self->team;
    unsigned seen = 0;
    (void)pthread_mutex_lock(&team->lock);
    for (;;) {
        while (!team->is_over && team->loop == seen)
            (void)pthread_cond_wait(&team->begins, &team->lock);
        if (team->is_over)
            break;
        seen = team->loop;
        (void)pthread_mutex_unlock(&team->lock);
        take_turns(team, self->number);
        (void)pthread_mutex_lock(&team->lock);
        if (--team->busy == 0)
            (void)pthread_cond_signal(&team->ended);
    }
    (void)pthread_mutex_unlock(&team->lock);
    return NULL;
}

/* Signals are for the thread that waits for them. */
static auth_status start(ca_team *team, unsigned number, auth_error *err)
{
    sigset_t all;
    sigset_t before;
    member *made = &team->members[number - 1];
    *made = (member){.team = team, .number = number};
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&made->thread, NULL, live, made);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0)
        return auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                              "threads: the machine gives no more; ask for fewer, or raise the "
                              "limit of processes");
    team->started++;
    return AUTH_STATUS_OK;
}

auth_status ca_team_new(unsigned threads, ca_team **out, auth_error *err)
{
    unsigned others = threads == 0 ? 0 : threads - 1;
    ca_team *made = calloc(1, sizeof *made + others * sizeof made->members[0]);
    if (made == NULL)
        return auth_error_memory(err);
    (void)pthread_mutex_init(&made->lock, NULL);
    (void)pthread_cond_init(&made->begins, NULL);
    (void)pthread_cond_init(&made->ended, NULL);
    auth_status status = AUTH_STATUS_OK;
    for (unsigned i = 1; status == AUTH_STATUS_OK && i <= others; i++)
        status = start(made, i, err);
    if (status == AUTH_STATUS_OK)
        *out = made;
    else
        ca_team_free(made);
    return status;
}

void ca_team_free(ca_team *team)
{
    if (team == NULL)
        return;
    (void)pthread_mutex_lock(&team->lock);
    team->is_over = true;
    (void)pthread_cond_broadcast(&team->begins);
    (void)pthread_mutex_unlock(&team->lock);
    for (unsigned i = 0; i < team->started; i++)
        (void)pthread_join(team->members[i].thread, NULL);
    (void)pthread_cond_destroy(&team->ended);
    (void)pthread_cond_destroy(&team->begins);
    (void)pthread_mutex_destroy(&team->lock);
    free(team);
}

static size_t step_for(const ca_team *team, size_t count)
{
    size_t share = count / (4 * ((size_t)team->started + 1));
    return share == 0 ? 1 : share < STEP_MAX ? share : STEP_MAX;
}

auth_status ca_team_run(ca_team *team, size_t count, ca_team_turn *turn, void *context,
                        auth_error *err)
{
    (void)pthread_mutex_lock(&team->lock);
    team->count = count;
    team->step = step_for(team, count);
    team->turn = turn;
    team->context = context;
    team->failure = AUTH_STATUS_OK;
    atomic_store(&team->next, 0);
    atomic_store(&team->has_failed, false);
    team->busy = team->started;
    team->loop++;
    (void)pthread_cond_broadcast(&team->begins);
    (void)pthread_mutex_unlock(&team->lock);
    take_turns(team, 0);
    (void)pthread_mutex_lock(&team->lock);
    while (team->busy > 0)
        (void)pthread_cond_wait(&team->ended, &team->lock);
    auth_status status = team->failure;
    if (status != AUTH_STATUS_OK && err != NULL)
        *err = team->error;
    (void)pthread_mutex_unlock(&team->lock);
    return status;
}
