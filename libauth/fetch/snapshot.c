/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/snapshot.h"

#include <auth/pem.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* More lists in the file are not looked at. */
#define LISTS_MAX 1024

typedef struct snapshot_row {
    fetch_list *list;
    uint8_t issuer[FETCH_KEY_SIZE]; /* who was found to have signed it; zero: nobody yet */
} snapshot_row;

struct fetch_snapshot {
    pthread_mutex_t lock;
    size_t max;
    bool is_read;
    struct stat about; /* of the file that was read */
    size_t count;
    snapshot_row rows[LISTS_MAX];
    char path[];
};

auth_status snapshot_new(const char *path, size_t max, fetch_snapshot **out, auth_error *err)
{
    size_t len = strlen(path) + 1;
    fetch_snapshot *snapshot = calloc(1, sizeof *snapshot + len);
    if (snapshot == NULL)
        return auth_error_memory(err);
    (void)pthread_mutex_init(&snapshot->lock, NULL);
    snapshot->max = max;
    memcpy(snapshot->path, path, len);
    *out = snapshot;
    return AUTH_STATUS_OK;
}

static void forget(fetch_snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->count; i++)
        list_free(snapshot->rows[i].list);
    snapshot->count = 0;
    snapshot->is_read = false;
}

void snapshot_free(fetch_snapshot *snapshot)
{
    if (snapshot == NULL)
        return;
    forget(snapshot);
    (void)pthread_mutex_destroy(&snapshot->lock);
    free(snapshot);
}

static auth_fetch_outcome unreadable(auth_error *err, const char *why)
{
    return outcome_set(err, AUTH_FETCH_OUTCOME_DOWN,
                       "the file cannot be read: %s; put a plain file of CRLs there", why);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Keeps a list, unless it cannot be read: the others in the file may be good. */
static auth_status add(fetch_snapshot *snapshot, auth_bytes der, auth_error *err)
{
    static const uint8_t no_key[FETCH_KEY_SIZE];
    AUTH_AUTO(auth_crl) *crl = NULL;
    auth_error why;
    if (snapshot->count == LISTS_MAX)
        return AUTH_STATUS_OK;
    auth_status status = auth_crl_parse(der, &crl, &why);
    if (status != AUTH_STATUS_OK && !auth_status_is_fault(status))
        return AUTH_STATUS_OK;
    if (status == AUTH_STATUS_OK)
        status = list_new(no_key, crl, &snapshot->rows[snapshot->count].list, &why);
    if (status != AUTH_STATUS_OK) {
        if (err != NULL)
            *err = why;
        return status;
    }
    (void)AUTH_TAKE(crl);
    memset(snapshot->rows[snapshot->count].issuer, 0, FETCH_KEY_SIZE);
    snapshot->count++;
    return AUTH_STATUS_OK;
}

static auth_status add_der(fetch_snapshot *snapshot, auth_bytes rest, auth_error *err)
{
    auth_bytes der;
    auth_status status = AUTH_STATUS_OK;
    while (status == AUTH_STATUS_OK && auth_der_next(&rest, &der, NULL) == AUTH_STATUS_OK)
        status = add(snapshot, der, err);
    return status;
}

static auth_status add_pem(fetch_snapshot *snapshot, auth_bytes text, auth_error *err)
{
    AUTH_AUTO(auth_buf) *der = NULL;
    char label[AUTH_PEM_LABEL_SIZE];
    auth_error why;
    auth_status next = AUTH_STATUS_OK;
    auth_status status = auth_buf_new(snapshot->max, &der, err);
    while (status == AUTH_STATUS_OK) {
        auth_buf_truncate(der, 0);
        next = auth_pem_next(&text, label, der, &why);
        if (next != AUTH_STATUS_OK)
            break;
        if (strcmp(label, "X509 CRL") == 0)
            status = add(snapshot, auth_buf_bytes(der), err);
    }
    /* What is broken ends the reading: behind it nothing is sure. A fault ends all. */
    if (status == AUTH_STATUS_OK && auth_status_is_fault(next)) {
        if (err != NULL)
            *err = why;
        return next;
    }
    return status;
}

static auth_fetch_outcome take_octets(fetch_snapshot *snapshot, int file, auth_error *err)
{
    size_t len = (size_t)snapshot->about.st_size;
    size_t got = 0;
    uint8_t *octets = malloc(len + 1);
    if (octets == NULL) {
        (void)auth_error_memory(err);
        return AUTH_FETCH_OUTCOME_FAULT;
    }
    ssize_t part = 1;
    while (got < len && part > 0) {
        part = read(file, octets + got, len - got);
        got += part > 0 ? (size_t)part : 0;
    }
    auth_bytes text = {octets, got};
    bool is_der = got > 0 && octets[0] == 0x30;
    auth_status status = is_der ? add_der(snapshot, text, err) : add_pem(snapshot, text, err);
    free(octets);
    if (status != AUTH_STATUS_OK)
        return AUTH_FETCH_OUTCOME_FAULT;
    snapshot->is_read = true;
    return AUTH_FETCH_OUTCOME_FOUND;
}

/* Reads the file if it has changed. */
static auth_fetch_outcome read_again(fetch_snapshot *snapshot, auth_error *err)
{
    struct stat about;
    int file = open(snapshot->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return unreadable(err, strerror(errno));
    auth_fetch_outcome outcome = AUTH_FETCH_OUTCOME_FOUND;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) {
        outcome = unreadable(err, "it is no plain file");
    } else if ((size_t)about.st_size > snapshot->max) {
        outcome = outcome_set(err, AUTH_FETCH_OUTCOME_TOO_LARGE,
                              "the file has more than %zu octets; leave out what is not asked for",
                              snapshot->max);
    } else if (!snapshot->is_read || !is_same(&about, &snapshot->about)) {
        forget(snapshot);
        snapshot->about = about;
        outcome = take_octets(snapshot, file, err);
        if (outcome != AUTH_FETCH_OUTCOME_FOUND)
            forget(snapshot);
    }
    (void)close(file);
    return outcome;
}

/* FOUND when a list is one of this issuer's; its signature is checked once. */
static auth_fetch_outcome check_row(snapshot_row *row, const fetch_issuer *issuer, auth_error *err)
{
    if (memcmp(row->issuer, issuer->id, FETCH_KEY_SIZE) == 0)
        return AUTH_FETCH_OUTCOME_FOUND;
    auth_fetch_outcome outcome = crl_check_issuer(row->list->crl, issuer, err);
    if (outcome == AUTH_FETCH_OUTCOME_FOUND)
        memcpy(row->issuer, issuer->id, FETCH_KEY_SIZE);
    return outcome;
}

static bool is_newer(const auth_crl *a, const fetch_list *b)
{
    return b == NULL || auth_crl_compare_numbers(auth_crl_number(a), auth_crl_number(b->crl)) > 0;
}

/* The newest full list that speaks of the certificate, and the newest delta to it. */
typedef struct snapshot_choice {
    fetch_list *full;
    fetch_list *delta;
} snapshot_choice;

static auth_fetch_outcome choose_full(fetch_snapshot *snapshot, const fetch_issuer *issuer,
                                      const auth_cert *cert, auth_time now, snapshot_choice *out,
                                      auth_error *err)
{
    fetch_knowledge known;
    bool has_gap = false;
    for (size_t i = 0; i < snapshot->count; i++) {
        fetch_list *list = snapshot->rows[i].list;
        if (auth_crl_base_number(list->crl).len > 0 || !is_newer(list->crl, out->full))
            continue;
        auth_fetch_outcome outcome = check_row(&snapshot->rows[i], issuer, err);
        if (outcome == AUTH_FETCH_OUTCOME_FOUND)
            outcome = crl_judge(list->crl, NULL, cert, issuer, now, &known, &has_gap, err);
        if (outcome == AUTH_FETCH_OUTCOME_FAULT)
            return outcome;
        if (outcome == AUTH_FETCH_OUTCOME_FOUND || outcome == AUTH_FETCH_OUTCOME_STALE)
            out->full = list;
    }
    if (out->full != NULL)
        return AUTH_FETCH_OUTCOME_FOUND;
    return outcome_set(err, AUTH_FETCH_OUTCOME_NO_SOURCE,
                       "the file has no list of the issuer that speaks of this certificate");
}

static auth_fetch_outcome choose_delta(fetch_snapshot *snapshot, const fetch_issuer *issuer,
                                       snapshot_choice *out, auth_error *err)
{
    for (size_t i = 0; i < snapshot->count && out->full != NULL; i++) {
        fetch_list *list = snapshot->rows[i].list;
        if (auth_crl_base_number(list->crl).len == 0 || !is_newer(list->crl, out->delta) ||
            auth_crl_check_pair(out->full->crl, list->crl, NULL) != AUTH_STATUS_OK)
            continue;
        auth_fetch_outcome outcome = check_row(&snapshot->rows[i], issuer, err);
        if (outcome == AUTH_FETCH_OUTCOME_FAULT)
            return outcome;
        if (outcome == AUTH_FETCH_OUTCOME_FOUND)
            out->delta = list;
    }
    return AUTH_FETCH_OUTCOME_FOUND;
}

static auth_fetch_outcome find(fetch_snapshot *snapshot, const fetch_issuer *issuer,
                               const auth_cert *cert, const uint8_t *key, auth_time now,
                               auth_fetched **out, auth_error *err)
{
    snapshot_choice choice = {0};
    fetch_knowledge known;
    bool has_gap = false;
    auth_fetch_outcome outcome = read_again(snapshot, err);
    if (outcome == AUTH_FETCH_OUTCOME_FOUND)
        outcome = choose_full(snapshot, issuer, cert, now, &choice, err);
    if (outcome == AUTH_FETCH_OUTCOME_FOUND)
        outcome = choose_delta(snapshot, issuer, &choice, err);
    if (outcome != AUTH_FETCH_OUTCOME_FOUND || choice.full == NULL)
        return outcome;
    outcome = crl_judge(choice.full->crl, choice.delta == NULL ? NULL : choice.delta->crl, cert,
                        issuer, now, &known, &has_gap, err);
    if (outcome == AUTH_FETCH_OUTCOME_FOUND &&
        fetched_new_lists(key, &known, choice.full, choice.delta, out, err) != AUTH_STATUS_OK)
        return AUTH_FETCH_OUTCOME_FAULT;
    return outcome;
}

auth_fetch_outcome snapshot_find(fetch_snapshot *snapshot, const fetch_issuer *issuer,
                                 const auth_cert *cert, const uint8_t key[FETCH_KEY_SIZE],
                                 auth_time now, auth_fetched **out, auth_error *err)
{
    (void)pthread_mutex_lock(&snapshot->lock);
    auth_fetch_outcome outcome = find(snapshot, issuer, cert, key, now, out, err);
    (void)pthread_mutex_unlock(&snapshot->lock);
    return outcome;
}
