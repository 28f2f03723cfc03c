/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Usage: auth-counter REALM OFFICERS [RECORD]
 *
 * Works at the counter of a realm whose auth-ca runs, by commands on standard input, a line each:
 *
 *   appoint                            clerk-1 and approver-1, by admin-1 and admin-2
 *   hello                              clerk-1 and approver-1 who were appointed before
 *   enrol FIRST COUNT PROFILE FOLDER   the persons with these numbers; FOLDER/NUMBER.pem and .cer
 *   revoke|suspend|resume SERIAL...    in one document; revocations are for keyCompromise
 *
 * Every certificate is told as a line "told SERIAL WORD TIME" (docs/answers.md), also in the file
 * RECORD; every command ends with a line "done". OFFICERS has keys and certificates of officers;
 * those of new ones are put there.
 */
#include "counter.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LINE_SIZE 65536
#define ITEMS_A_DOCUMENT 100
#define KEY_MAX 8192
#define HEX_SIZE (2 * AUTH_SERIAL_MAX + 1)

static const char *hex_of(auth_bytes serial, char out[HEX_SIZE])
{
    for (size_t i = 0; i < serial.len && i < AUTH_SERIAL_MAX; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", serial.data[i]);
    return out;
}

static void tell(const counter *it, auth_bytes serial, const char *word, int64_t at_us)
{
    char hex[HEX_SIZE] = "";
    FILE *const places[] = {stdout, it->record};
    for (size_t i = 0; i < 2 && places[i] != NULL; i++)
        (void)fprintf(places[i], "told %s %s %" PRId64 "\n", hex_of(serial, hex), word, at_us);
}

static void check_done(const counter_request *request, const registry_item *item)
{
    if (!item->has_outcome || item->status != AUTH_STATUS_OK)
        counter_die("request %s, item %" PRId64 ": %s (%s)", request->id, item->item,
                    item->has_outcome ? auth_status_name(item->status) : "it waits",
                    auth_request_reason_name((auth_request_reason)item->reason));
}

static void read_certificate(counter *it, auth_bytes serial, auth_buf *out)
{
    auth_error err;
    registry_connection *ra = NULL;
    registry_certificate found;
    AUTH_AUTO(registry_result) *rows = NULL;
    counter_must(registry_pool_take(it->pool, 10000, &ra, &err), &err);
    counter_must(registry_certificate_find(ra, serial, &rows, &err), &err);
    counter_must(registry_certificate_read(rows, 0, &found, &err), &err);
    counter_must(auth_buf_append(out, found.der, &err), &err);
    registry_pool_give(it->pool, ra);
}

static auth_buf *csr_of(const auth_signer *signer)
{
    static const uint8_t no_name[] = {0x30, 0x00};
    auth_error err;
    auth_buf *csr = counter_buf(KEY_MAX);
    counter_must(auth_csr_new(signer, (auth_bytes){no_name, sizeof no_name}, csr, &err), &err);
    return csr;
}

static auth_request_item *add_person(counter_request *request, const char *number, auth_bytes csr)
{
    auth_error err;
    auth_request_item *item = &request->items[request->draft.item_count++];
    auth_date today = auth_date_from_time(request->draft.created, 0);
    auth_person_rules rules = {.type = AUTH_PERSON_TYPE_PASSPORT, .today = today};
    counter_must(auth_person_number_parse(auth_bytes_from_text(number), &rules, &item->person,
                                          &err),
                 &err);
    item->name = auth_bytes_from_text("\xe5\xbc\xa0\xe4\xb8\x89");
    item->csr = csr;
    return item;
}

/* Appointing */

static void appoint_one(counter *it, counter_who who, auth_officer_role role)
{
    int64_t at_us = 0;
    auth_error err;
    registry_item found;
    char number[16];
    counter_make_key(it, who);
    AUTH_AUTO(auth_buf) *csr = csr_of(it->people[who].signer);
    counter_request *request = counter_request_new(it, AUTH_REQUEST_KIND_APPOINT);
    request->draft.profile = "officer";
    (void)snprintf(number, sizeof number, "YY%07d", (int)who);
    auth_request_item *item = add_person(request, number, auth_buf_bytes(csr));
    item->officer = auth_bytes_from_text(counter_officer_id(who));
    item->role = role;
    counter_submit(it, request);
    AUTH_AUTO(registry_result) *items = counter_wait(it, request, &at_us);
    counter_must(registry_item_read(items, 0, &found, &err), &err);
    check_done(request, &found);
    AUTH_AUTO(auth_buf) *certificate = counter_buf(KEY_MAX);
    read_certificate(it, found.certificate, certificate);
    counter_keep_certificate(it, who, auth_buf_bytes(certificate));
    tell(it, found.certificate, "issued", at_us);
    counter_request_free(request);
}

static void appoint(counter *it)
{
    appoint_one(it, COUNTER_CLERK, AUTH_OFFICER_ROLE_CLERK);
    appoint_one(it, COUNTER_APPROVER, AUTH_OFFICER_ROLE_APPROVER);
}

/* Enrolling */

static void keep_holder(counter *it, const char *folder, unsigned number, const auth_signer *signer,
                        auth_bytes serial)
{
    auth_error err;
    char path[600];
    AUTH_AUTO(auth_buf) *certificate = counter_buf(KEY_MAX);
    AUTH_AUTO(auth_buf) *pem = counter_buf(KEY_MAX);
    read_certificate(it, serial, certificate);
    (void)snprintf(path, sizeof path, "%s/%u.cer", folder, number);
    counter_write_file(path, auth_buf_bytes(certificate));
    counter_must(auth_signer_export(signer, NULL, pem, &err), &err);
    (void)snprintf(path, sizeof path, "%s/%u.pem", folder, number);
    counter_write_file(path, auth_buf_bytes(pem));
}

static void enrol_document(counter *it, unsigned first, unsigned count, const char *profile,
                           const char *folder)
{
    static const uint8_t digest[AUTH_REQUEST_HASH_SIZE] = {1};
    auth_error err;
    int64_t at_us = 0;
    auth_signer *signers[ITEMS_A_DOCUMENT];
    auth_buf *csrs[ITEMS_A_DOCUMENT];
    auth_key_type type =
        auth_public_key_type(auth_signer_public_key(it->people[COUNTER_ADMIN_1].signer));
    counter_request *request = counter_request_new(it, AUTH_REQUEST_KIND_ENROL);
    request->draft.profile = profile;
    for (unsigned i = 0; i < count; i++) {
        char number[16];
        (void)snprintf(number, sizeof number, "ZZ%07u", first + i);
        counter_must(auth_signer_generate(type, 0, &signers[i], &err), &err);
        csrs[i] = csr_of(signers[i]);
        auth_request_item *item = add_person(request, number, auth_buf_bytes(csrs[i]));
        item->evidence_count = 1;
        item->evidence[0] =
            (auth_request_evidence){AUTH_EVIDENCE_METHOD_ID_CARD_READ, {digest, sizeof digest}};
    }
    counter_submit(it, request);
    AUTH_AUTO(registry_result) *items = counter_wait(it, request, &at_us);
    for (unsigned i = 0; i < count; i++) {
        registry_item found;
        counter_must(registry_item_read(items, i, &found, &err), &err);
        check_done(request, &found);
        if (strcmp(folder, "-") != 0)
            keep_holder(it, folder, first + i, signers[i], found.certificate);
        tell(it, found.certificate, "issued", at_us);
        auth_signer_free(signers[i]);
        auth_buf_free(csrs[i]);
    }
    counter_request_free(request);
}

static void enrol(counter *it, const char *words)
{
    unsigned first = 0;
    unsigned count = 0;
    char profile[64];
    char folder[512];
    if (sscanf(words, "%u %u %63s %511s", &first, &count, profile, folder) != 4)
        counter_die("enrol FIRST COUNT PROFILE FOLDER");
    while (count > 0) {
        unsigned now = count < ITEMS_A_DOCUMENT ? count : ITEMS_A_DOCUMENT;
        enrol_document(it, first, now, profile, folder);
        first += now;
        count -= now;
    }
}

/* Acting */

static void act(counter *it, auth_request_kind kind, const char *told, char *words)
{
    static uint8_t serials[AUTH_REQUEST_ITEMS_MAX][AUTH_SERIAL_MAX];
    auth_error err;
    int64_t at_us = 0;
    char *rest = NULL;
    counter_request *request = counter_request_new(it, kind);
    for (char *word = strtok_r(words, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        size_t i = request->draft.item_count++;
        size_t len = strlen(word) / 2;
        if (i == AUTH_REQUEST_ITEMS_MAX || len > AUTH_SERIAL_MAX)
            counter_die("these are too many serial numbers, or one is too long");
        for (size_t at = 0; at < len; at++) {
            const char digits[] = {word[2 * at], word[2 * at + 1], '\0'};
            serials[i][at] = (uint8_t)strtoul(digits, NULL, 16);
        }
        request->items[i] = (auth_request_item){.serial = {serials[i], len}};
        request->items[i].has_reason = kind == AUTH_REQUEST_KIND_REVOKE;
        if (request->items[i].has_reason)
            request->items[i].reason = AUTH_REVOCATION_REASON_KEY_COMPROMISE;
    }
    counter_submit(it, request);
    AUTH_AUTO(registry_result) *items = counter_wait(it, request, &at_us);
    for (size_t i = 0; i < request->draft.item_count; i++) {
        registry_item found;
        counter_must(registry_item_read(items, i, &found, &err), &err);
        check_done(request, &found);
        tell(it, request->items[i].serial, told, at_us);
    }
    counter_request_free(request);
}

static void obey(counter *it, char *line)
{
    if (strcmp(line, "appoint") == 0) {
        appoint(it);
    } else if (strcmp(line, "hello") == 0) {
        counter_read_officer(it, COUNTER_CLERK);
        counter_read_officer(it, COUNTER_APPROVER);
    } else if (strncmp(line, "enrol ", 6) == 0) {
        enrol(it, line + 6);
    } else if (strncmp(line, "revoke ", 7) == 0) {
        act(it, AUTH_REQUEST_KIND_REVOKE, "revoked", line + 7);
    } else if (strncmp(line, "suspend ", 8) == 0) {
        act(it, AUTH_REQUEST_KIND_SUSPEND, "suspended", line + 8);
    } else if (strncmp(line, "resume ", 7) == 0) {
        act(it, AUTH_REQUEST_KIND_RESUME, "resumed", line + 7);
    } else {
        counter_die("there is no command '%s'", line);
    }
    (void)puts("done");
    (void)fflush(stdout);
    if (it->record != NULL)
        (void)fflush(it->record);
}

static void open_counter(counter *it, const char *dir)
{
    auth_error err;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    realm_opening opening = {.parts = REALM_MASTER_KEY};
    counter_must(realm_open(dir, &opening, &it->realm, &err), &err);
    counter_must(realm_conninfo(it->realm, REGISTRY_ROLE_RA, conninfo, &err), &err);
    counter_must(registry_crypto_new(&it->crypto, &err), &err);
    registry_settings settings = {.conninfo = conninfo, .roles = REGISTRY_ROLE_RA};
    counter_must(registry_pool_new(&settings, 1, &it->pool, &err), &err);
    counter_read_officer(it, COUNTER_ADMIN_1);
    counter_read_officer(it, COUNTER_ADMIN_2);
}

static void close_counter(counter *it)
{
    for (size_t i = 0; i < COUNTER_OFFICERS; i++) {
        auth_signer_free(it->people[i].signer);
        auth_buf_free(it->people[i].certificate);
    }
    registry_pool_free(it->pool);
    registry_crypto_free(it->crypto);
    realm_free(it->realm);
}

int main(int argc, char **argv)
{
    static char line[LINE_SIZE];
    counter it = {.record = NULL};
    if (argc < 3)
        counter_die("usage: auth-counter REALM OFFICERS [RECORD]");
    it.officers = argv[2];
    if (argc > 3 && (it.record = fopen(argv[3], "ae")) == NULL)
        counter_die("%s cannot be written", argv[3]);
    /* Others append to it as well: a line is one write. */
    if (it.record != NULL && setvbuf(it.record, NULL, _IOLBF, BUFSIZ) != 0)
        counter_die("%s cannot be buffered", argv[3]);
    open_counter(&it, argv[1]);
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        obey(&it, line);
    }
    close_counter(&it);
    return it.record != NULL && fclose(it.record) != 0 ? 2 : 0;
}
