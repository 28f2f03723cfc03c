/* SPDX-License-Identifier: Apache-2.0 */
/* What no batch may speak of twice: one outcome would decide about the other. */
#include "key/spki.h"
#include "request/request.h"
#include "x509/view.h"

#include <stdlib.h>

/* What an item speaks of. */
typedef struct subject {
    int type; /* tells apart what has the same octets */
    auth_bytes octets;
    size_t index;
} subject;

/* Gives what item speaks of; false when it does not. */
typedef bool read_subject(const auth_request_item *item, subject *out);

static bool read_person(const auth_request_item *item, subject *out)
{
    out->type = (int)item->person.type;
    out->octets = auth_person_number_reveal(&item->person);
    return item->person.len > 0;
}

static bool read_serial(const auth_request_item *item, subject *out)
{
    out->octets = item->serial;
    return item->serial.len > 0;
}

static bool read_officer(const auth_request_item *item, subject *out)
{
    out->octets = item->officer;
    return item->officer.len > 0;
}

static bool read_activation(const auth_request_item *item, subject *out)
{
    out->octets = item->activation;
    return item->activation.len > 0;
}

static bool read_office(const auth_request_item *item, subject *out)
{
    out->octets = item->opened_office.len > 0 ? item->opened_office : item->closed_office;
    return out->octets.len > 0;
}

/*
 * The part of a key that all its spellings share: of a point the first coordinate, by which a key
 * and its negative are taken for the same, which they are never by chance.
 */
static bool read_key(const auth_request_item *item, subject *out)
{
    x509_csr_view view;
    spki_fields fields;
    if (item->csr.len == 0 || x509_csr_view_parse(item->csr, &view, NULL) != AUTH_STATUS_OK ||
        spki_read(view.spki, &fields, NULL) != AUTH_STATUS_OK)
        return false;
    out->type = (int)fields.type;
    if (fields.type == AUTH_KEY_TYPE_RSA)
        out->octets = fields.modulus;
    else if (fields.type == AUTH_KEY_TYPE_ED25519)
        out->octets = fields.point;
    else
        out->octets = (auth_bytes){fields.point.data + 1, fields.bits / 8};
    return true;
}

typedef struct subject_row {
    const char *what;
    const char *path;
    read_subject *read;
} subject_row;

static const subject_row rows[] = {
    {"person", "person.number", read_person},
    {"certificate", "serial", read_serial},
    {"key", "csr", read_key},
    {"pair of activation codes", "activation", read_activation},
    {"officer", "officer", read_officer},
    {"office", "opened.office or closed", read_office},
};

static int compare_subjects(const void *first, const void *second)
{
    const subject *a = first;
    const subject *b = second;
    if (a->type != b->type)
        return a->type < b->type ? -1 : 1;
    int order = auth_bytes_compare(a->octets, b->octets);
    /* So that the later one of two is refused, whatever way they are sorted. */
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

static bool is_same(const subject *a, const subject *b)
{
    return a->type == b->type && auth_bytes_equal(a->octets, b->octets);
}

static auth_status check_row(const subject_row *row, const request_payload *payload,
                             subject *subjects, auth_error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < payload->item_count; i++) {
        subjects[count] = (subject){.index = i};
        if (row->read(&payload->items[i], &subjects[count]))
            count++;
    }
    qsort(subjects, count, sizeof *subjects, compare_subjects);
    for (size_t i = 1; i < count; i++) {
        if (is_same(&subjects[i - 1], &subjects[i]))
            return auth_error_set(err, AUTH_STATUS_INVALID,
                                  "request: $.items[%zu].%s: the same %s as in $.items[%zu]; leave "
                                  "one out of the batch",
                                  subjects[i].index, row->path, row->what, subjects[i - 1].index);
    }
    return AUTH_STATUS_OK;
}

auth_status request_check_duplicates(const request_payload *payload, auth_error *err)
{
    if (payload->item_count < 2)
        return AUTH_STATUS_OK;
    subject *subjects = calloc(payload->item_count, sizeof *subjects);
    if (subjects == NULL)
        return auth_error_memory(err);
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && status == AUTH_STATUS_OK; i++)
        status = check_row(&rows[i], payload, subjects, err);
    free(subjects);
    return status;
}
