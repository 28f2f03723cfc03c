/* SPDX-License-Identifier: Apache-2.0 */
/* Is every payload that breaks a rule refused, with the place of the fault and without a name? */
#include "harness/harness.h"
#include "harness/jws_signer.h"
#include "harness/realm_office.h"
#include "request/request.h"
#include "request/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static office_realm *it;

static void setup(void) { it = office_new(AUTH_KEY_TYPE_ED25519); }

static void done(void)
{
    office_free(it);
    it = NULL;
}

static const auth_request_rules rules = {.now = OFFICE_NOW, .realm = OFFICE_REALM};

#define NUMBER "11010519491231002X"
#define NAME "\xe5\xbc\xa0\xe4\xb8\x89"
#define SERIAL                                                                                     \
    "01650001020304050607"                                                                         \
    "08090a0b0c0d0e0e"
#define HASH "WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo"
#define PERSON "\"person\":{\"type\":\"citizen\",\"number\":\"" NUMBER "\",\"name\":\"" NAME "\"}"
#define EVIDENCE                                                                                   \
    "\"evidence\":[{\"method\":\"id-card-read\",\"digest\":\"" HASH                                \
    "\"},{\"method\":\"face-match\",\"digest\":\"" HASH "\"}]"
#define EVIDENCE_1 "{\"method\":\"id-card-read\",\"digest\":\"" HASH "\"}"

typedef struct spoiled {
    auth_request_kind kind;
    const char *what; /* of a good payload of the kind, is replaced by */
    const char *with;
    const char *place; /* which the error must name */
} spoiled;

#define ENROL AUTH_REQUEST_KIND_ENROL
#define RENEW AUTH_REQUEST_KIND_RENEW
#define REKEY AUTH_REQUEST_KIND_REKEY
#define REVOKE AUTH_REQUEST_KIND_REVOKE
#define SUSPEND AUTH_REQUEST_KIND_SUSPEND
#define RESUME AUTH_REQUEST_KIND_RESUME
#define APPOINT AUTH_REQUEST_KIND_APPOINT
#define DISMISS AUTH_REQUEST_KIND_DISMISS
#define OPEN AUTH_REQUEST_KIND_OPEN_OFFICE
#define CLOSE AUTH_REQUEST_KIND_CLOSE_OFFICE

static const spoiled faults[] = {
    /* the document */
    {ENROL, "\"version\":1", "\"version\":2", "$.version"},
    {ENROL, "\"version\":1", "\"version\":\"1\"", "$.version"},
    {ENROL, "\"version\":1", "\"version\":1e400", "line 1, column"},
    {ENROL, "\"version\":1", "\"version\":1.0", "$.version"},
    {ENROL, "\"version\":1,", "", "$.version"},
    {ENROL, "\"version\":1", "\"version\":1,\"version\":1", "duplicate object key"},
    {ENROL, "\"version\":1", "\"version\":1,\"colour\":\"red\"", "$.colour"},
    {ENROL, "\"version\":1", "\"version\":1,\"" NUMBER "\":1", "$.(a long name)"},
    {ENROL, "789abcdef012", "789ABCDEF012", "$.id"},
    {ENROL, "a800-7123", "a800-4123", "$.id"},
    {ENROL, "7123-8456", "7123-c456", "$.id"},
    {ENROL, "789abcdef012", "789abcdef01", "$.id"},
    {ENROL, "019b76da-a800", "019b76daa-800", "$.id"},
    {ENROL, "\"realm\":\"example\"", "\"realm\":\"other\"", "$.realm"},
    {ENROL, "\"realm\":\"example\"", "\"realm\":\"Example\"", "$.realm"},
    {ENROL, "\"realm\":\"example\"", "\"realm\":null", "$.realm"},
    {ENROL, "\"kind\":\"enrol\"", "\"kind\":\"enroll\"", "$.kind"},
    {ENROL, "\"kind\":\"enrol\"", "\"kind\":\"ENROL\"", "$.kind"},
    {ENROL, "\"kind\":\"enrol\"", "\"kind\":\"revoke\"", "$.profile"},
    {ENROL, "\"kind\":\"enrol\"", "\"kind\":1", "$.kind"},
    {ENROL, "\"office\":\"city\"", "\"office\":\"City\"", "$.office"},
    {ENROL, "\"office\":\"city\"", "\"office\":\"../city\"", "$.office"},
    {ENROL, "\"office\":\"city\"", "\"office\":\"city-\"", "$.office"},
    {ENROL, "\"office\":\"city\"", "\"office\":\"440524188001010014\"", "$.office"},
    {ENROL, "\"office\":\"city\"", "\"office\":\"\"", "$.office"},
    {ENROL, "\"profile\":\"citizen-signing\",", "", "$.profile"},
    {ENROL, "\"profile\":\"citizen-signing\"", "\"profile\":\"citizen/signing\"", "$.profile"},
    {REVOKE, "\"office\":\"city\"", "\"office\":\"city\",\"profile\":\"officer\"", "$.profile"},
    {ENROL, "\"created\":\"2025-12-31T23:00:00Z\"", "\"created\":\"2025-12-31T23:00:00.0Z\"",
     "$.created"},
    {ENROL, "\"created\":\"2025-12-31T23:00:00Z\"", "\"created\":\"2025-12-31T23:00:00+00:00\"",
     "$.created"},
    {ENROL, "\"created\":\"2025-12-31T23:00:00Z\"", "\"created\":\"2025-02-29T23:00:00Z\"",
     "$.created"},
    {ENROL, "\"created\":\"2025-12-31T23:00:00Z\"", "\"created\":1767222000", "$.created"},
    {ENROL, "\"expires\":\"2026-01-01T12:00:00Z\"", "\"expires\":\"2025-12-31T23:00:00Z\"",
     "$.expires"},
    {ENROL, "\"items\":[{", "\"items\":[],\"x\":[{", "$.x"},
    {ENROL, "\"items\":[{", "\"items\":[1,{", "$.items[0]"},
    {ENROL, "\"items\":[{", "\"items\":[{},{", "$.items[0].person"},
    {ENROL, "\"items\":[{", "\"items\":[[[[[[[[", "request: above"},
    /* persons */
    {ENROL, PERSON ",", "", "$.items[0].person"},
    {ENROL, "\"type\":\"citizen\"", "\"type\":\"any\"", "$.items[0].person.type"},
    {ENROL, "\"type\":\"citizen\"", "\"type\":\"Citizen\"", "$.items[0].person.type"},
    {ENROL, "\"type\":\"citizen\"", "\"type\":\"passport\"", "$.items[0].person.number"},
    {ENROL, "\"type\":\"citizen\",", "", "$.items[0].person.type"},
    {ENROL, "\"type\":\"citizen\"", "\"type\":\"citizen\",\"sex\":\"F\"", "$.items[0].person.sex"},
    {ENROL, NUMBER, "11010519491231002x", "$.items[0].person.number"},
    {ENROL, NUMBER, "110105194912310021", "$.items[0].person.number"},
    {ENROL, NUMBER, " " NUMBER, "$.items[0].person.number"},
    {ENROL, NUMBER, "110105491231002", "$.items[0].person.number"},
    {ENROL, NUMBER, NUMBER "\\u0000", "request: line "},
    {ENROL, NAME, "", "$.items[0].person.name"},
    {ENROL, NAME, NAME "\\u0007", "$.items[0].person.name"},
    {ENROL, NAME, NAME "\\u202e", "$.items[0].person.name"},
    {ENROL, NAME, NAME "\\u200b", "$.items[0].person.name"},
    {ENROL, NAME, NAME "\\ud800", "request: line "},
    {ENROL, NAME, NAME "\xff", "request: line "},
    {ENROL, NAME, NAME "\xc0\x80", "request: line "},
    {ENROL, NAME, " " NAME, "$.items[0].person.name"},
    {ENROL, NAME, NAME " ", "$.items[0].person.name"},
    {ENROL, NAME, NUMBER, "$.items[0].person.name"},
    {ENROL, NAME, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "$.items[0].person.name"},
    /* keys and codes */
    {ENROL, "\"csr\":\"MI", "\"csr\":\"NI", "$.items[0].csr"},
    {ENROL, "\"csr\":\"MI", "\"csr\":\"M=I", "$.items[0].csr"},
    {ENROL, "\"csr\":\"MI", "\"csr\":\"M+I", "$.items[0].csr"},
    {ENROL, "\"csr\":\"MI", "\"csr\":[\"MI\"],\"x\":\"MI", "$.items[0].x"},
    {ENROL, "\"csr\":\"", "\"activation\":\"" HASH "\",\"csr\":\"", "$.items[0].csr"},
    {ENROL, "\"csr\":\"", "\"csr\":\"\",\"x\":\"", "$.items[0].x"},
    {RENEW, "\"csr\":\"", "\"activation\":\"" HASH "\",\"csr\":\"", "$.items[0].activation"},
    {APPOINT, "\"csr\":\"", "\"activation\":\"" HASH "\",\"csr\":\"", "$.items[0].activation"},
    /* evidence */
    {ENROL, "," EVIDENCE, "", "$.items[0].evidence"},
    {ENROL, EVIDENCE, "\"evidence\":[]", "$.items[0].evidence"},
    {ENROL, EVIDENCE,
     "\"evidence\":[" EVIDENCE_1 "," EVIDENCE_1 "," EVIDENCE_1 "," EVIDENCE_1 "," EVIDENCE_1 "]",
     "$.items[0].evidence"},
    {ENROL, "\"id-card-read\"", "\"id-card-red\"", "$.items[0].evidence[0].method"},
    {ENROL, HASH, "WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWg", "$.items[0].evidence[0].digest"},
    {ENROL, HASH, "WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpa", "$.items[0].evidence[0].digest"},
    {ENROL, HASH, "WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlp", "$.items[0].evidence[0].digest"},
    {ENROL, "\"method\":\"face-match\",", "", "$.items[0].evidence[1].method"},
    {RENEW, "\"csr\":\"", EVIDENCE ",\"csr\":\"", "$.items[0].evidence"},
    /* certificates and reasons */
    {REVOKE, SERIAL,
     "01650001020304050607"
     "08090A0B0c0d0e0e",
     "$.items[0].serial"},
    {REVOKE, SERIAL,
     "00650001020304050607"
     "08090a0b0c0d0e0e",
     "$.items[0].serial"},
    {REVOKE, SERIAL,
     "81650001020304050607"
     "08090a0b0c0d0e0e",
     "$.items[0].serial"},
    {REVOKE, SERIAL, "0165", "$.items[0].serial"},
    {REVOKE, SERIAL, SERIAL "010203", "$.items[0].serial"},
    {REVOKE, SERIAL, "0x" SERIAL, "$.items[0].serial"},
    {REVOKE, SERIAL, SERIAL "0", "$.items[0].serial"},
    {REVOKE, "\"serial\":\"" SERIAL "\",", "", "$.items[0].serial"},
    {ENROL, "\"csr\":\"", "\"serial\":\"" SERIAL "\",\"csr\":\"", "$.items[0].serial"},
    {REVOKE, "keyCompromise", "certificateHold", "$.items[0].reason"},
    {REVOKE, "keyCompromise", "removeFromCRL", "$.items[0].reason"},
    {REVOKE, "keyCompromise", "cACompromise", "$.items[0].reason"},
    {REVOKE, "keyCompromise", "KeyCompromise", "$.items[0].reason"},
    {REVOKE, "\"keyCompromise\"", "1", "$.items[0].reason"},
    {REVOKE, "\"reason\":\"keyCompromise\",", "", "$.items[0].reason"},
    {SUSPEND, "\"serial\"", "\"reason\":\"keyCompromise\",\"serial\"", "$.items[0].reason"},
    {RESUME, "\"serial\"", "\"reason\":\"superseded\",\"serial\"", "$.items[0].reason"},
    {RESUME, "\"serial\"", "\"invalidity\":\"2025-12-31T00:00:00Z\",\"serial\"",
     "$.items[0].invalidity"},
    {REKEY, "\"reason\":\"keyCompromise\"", "\"reason\":\"keyCompromise\",\"comment\":\"x\"",
     "$.items[0].comment"},
    {REVOKE, "2025-12-31T00:00:00Z", "2025-12-31T23:00:01Z", "$.items[0].invalidity"},
    {REVOKE, "2025-12-31T00:00:00Z", "2025-12-31", "$.items[0].invalidity"},
    {REVOKE, "lost on the train", "lost by " NUMBER, "$.items[0].comment"},
    {REVOKE, "lost on the train", "lost by 1101 0519 4912 3100 2X", "$.items[0].comment"},
    {REVOKE, "lost on the train", "lost\\non the train", "$.items[0].comment"},
    {REVOKE, "lost on the train", "lost\\u2066on the train", "$.items[0].comment"},
    {REVOKE, "\"comment\":\"lost", "\"comment\":\"\",\"x\":\"lost", "$.items[0].x"},
    /* officers and offices */
    {APPOINT, "\"clerk-9\"", "\"Clerk-9\"", "$.items[0].officer"},
    {APPOINT, "\"clerk-9\"", "\"110105194912310021\"", "$.items[0].officer"},
    {APPOINT, "\"role\":\"clerk\"", "\"role\":\"boss\"", "$.items[0].role"},
    {APPOINT, ",\"role\":\"clerk\"", "", "$.items[0].role"},
    {APPOINT, PERSON ",", "", "$.items[0].person"},
    {DISMISS, "\"officer\"", "\"role\":\"clerk\",\"officer\"", "$.items[0].role"},
    {DISMISS, "\"comment\":\"moved to another town\",", "", "$.items[0].comment"},
    {OPEN, "\"110105\"", "\"11010\"", "$.items[0].opened.region"},
    {OPEN, "\"110105\"", "\"11010x\"", "$.items[0].opened.region"},
    {OPEN, "\"110105\"", "110105", "$.items[0].opened.region"},
    {OPEN, "\"office\":\"town\"", "\"office\":\"Town\"", "$.items[0].opened.office"},
    {OPEN, "\"Town Hall\"", "\" Town Hall\"", "$.items[0].opened.name"},
    {OPEN, "\"opened\":{", "\"opened\":{\"parent\":\"x\",", "$.items[0].opened.parent"},
    {OPEN, "\"opened\":{", "\"closed\":\"town\",\"opened\":{", "$.items[0].closed"},
    {CLOSE, "\"sibling\"", "\"sib ling\"", "$.items[0].closed"},
    {CLOSE, "\"closed\"", "\"comment\":\"x\",\"closed\"", "$.items[0].comment"},
};

static auth_status read_text(const char *text, auth_error *err)
{
    request_payload read = {.item_count = 0};
    auth_status status = request_read_payload(auth_bytes_from_text(text), &rules, &read, err);
    request_release_payload(&read);
    return status;
}

static char *payload_text(auth_request_kind kind)
{
    auth_request_draft draft = office_draft(it, kind);
    AUTH_AUTO(auth_buf) *payload = office_payload(&draft);
    auth_bytes text = auth_buf_bytes(payload);
    return strndup((const char *)text.data, text.len);
}

START_TEST(a_spoiled_payload_is_refused_with_its_place)
{
    setup();
    auth_error err = {AUTH_STATUS_OK, ""};
    const spoiled *fault = &faults[_i];
    char *good = payload_text(fault->kind);
    assert_ok(read_text(good, &err), &err);
    char *text = jws_replace(good, fault->what, fault->with);
    auth_status status = read_text(text, &err);
    ck_assert_msg(status != AUTH_STATUS_OK, "%s is accepted", fault->with);
    ck_assert(!auth_status_is_fault(status));
    ck_assert_msg(strstr(err.text, fault->place) != NULL, "%s: %s", fault->place, err.text);
    ck_assert_int_eq(strncmp(err.text, "request: ", 9), 0);
    ck_assert_ptr_null(strstr(err.text, "110105"));
    ck_assert_ptr_null(strstr(err.text, NAME));
    free(text);
    free(good);
    done();
}
END_TEST

/* The order of members and white space are the writer's; all else is not. */
START_TEST(members_may_stand_in_another_order)
{
    setup();
    auth_error err;
    assert_ok(read_text("{\"items\": [ {\"closed\": \"sibling\"} ],\n\"expires\":"
                        "\"2026-01-01T12:00:00Z\",\"created\":\"2025-12-31T23:00:00Z\","
                        "\"office\":\"province\",\"kind\":\"close-\\u006fffice\",\"realm\":"
                        "\"example\",\"id\":\"" OFFICE_ID "\",\"version\":1}",
                        &err),
              &err);
    done();
}
END_TEST

/* A code, a passport and other forms that the drafts do not have. */
START_TEST(other_forms_are_read)
{
    setup();
    auth_error err;
    char *good = payload_text(ENROL);
    char *csr = strstr(good, "\"csr\"");
    char *end = strstr(good, "\"evidence\"");
    ck_assert(csr != NULL && end != NULL);
    size_t head = (size_t)(csr - good);
    char text[2048];
    (void)snprintf(text, sizeof text, "%.*s\"activation\":\"%s\",%s", (int)head, good, HASH, end);
    assert_ok(read_text(text, &err), &err);
    char *none = jws_replace(text, "\"activation\":\"" HASH "\",", "");
    assert_fails(read_text(none, &err), AUTH_STATUS_INVALID, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "$.items[0].csr"));
    free(none);
    free(good);
    done();
}
END_TEST

/* Born on 2024-12-31, which begins in China at 16:00 of the day before. */
START_TEST(today_is_a_day_of_china)
{
    setup();
    auth_error err;
    request_payload read = {.item_count = 0};
    auth_request_rules at = {.now = 1735574399, .realm = OFFICE_REALM};
    char *good = payload_text(ENROL);
    char *text = jws_replace(good, NUMBER, "612424202412319952");
    assert_fails(request_read_payload(auth_bytes_from_text(text), &at, &read, &err),
                 AUTH_STATUS_INVALID, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "$.items[0].person.number"));
    request_release_payload(&read);
    read = (request_payload){.item_count = 0};
    at.now++;
    assert_ok(request_read_payload(auth_bytes_from_text(text), &at, &read, &err), &err);
    request_release_payload(&read);
    free(text);
    free(good);
    done();
}
END_TEST

/* Many items of serial numbers that differ. */
static auth_request_item *many_items(size_t count, uint8_t (*serials)[OFFICE_SERIAL_SIZE])
{
    auth_request_item *items = calloc(count, sizeof *items);
    ck_assert_ptr_nonnull(items);
    for (size_t i = 0; i < count; i++) {
        memcpy(serials[i], OFFICE_SERIAL, OFFICE_SERIAL_SIZE - 1);
        serials[i][10] = (uint8_t)(i >> 8);
        serials[i][11] = (uint8_t)i;
        items[i] = it->item;
        items[i].serial = (auth_bytes){serials[i], OFFICE_SERIAL_SIZE};
    }
    return items;
}

START_TEST(a_thousand_items_are_the_most)
{
    setup();
    auth_error err;
    static uint8_t serials[1001][OFFICE_SERIAL_SIZE];
    auth_request_draft draft = office_draft(it, REVOKE);
    AUTH_AUTO(auth_buf) *out = NULL;
    assert_ok(auth_buf_new(OFFICE_TEXT_MAX, &out, &err), &err);
    auth_request_item *items = many_items(1001, serials);
    draft.items = items;
    draft.item_count = 1001;
    assert_fails(auth_request_write(&draft, out, &err), AUTH_STATUS_INVALID, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "$.items"));
    draft.item_count = 1000;
    assert_ok(auth_request_write(&draft, out, &err), &err);
    draft.item_count = 0;
    assert_fails(auth_request_write(&draft, out, &err), AUTH_STATUS_INVALID, &err);
    /* The last and the first are the same. */
    draft.item_count = 1000;
    memcpy(serials[999], serials[0], OFFICE_SERIAL_SIZE);
    assert_fails(auth_request_write(&draft, out, &err), AUTH_STATUS_INVALID, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "$.items[999].serial"));
    ck_assert_ptr_nonnull(strstr(err.text, "$.items[0];"));
    free(items);
    done();
}
END_TEST

/* A thousand of the largest items that there are fit as well. */
START_TEST(large_items_fit)
{
    setup();
    auth_error err;
    static uint8_t serials[1000][OFFICE_SERIAL_SIZE];
    auth_request_draft draft = office_draft(it, REVOKE);
    char comment[REQUEST_COMMENT_CHARACTERS];
    memset(comment, 'x', sizeof comment);
    it->item.comment = (auth_bytes){(const uint8_t *)comment, sizeof comment};
    auth_request_item *items = many_items(1000, serials);
    draft.items = items;
    draft.item_count = 1000;
    AUTH_AUTO(auth_buf) *payload = office_payload(&draft);
    static const office_who clerk[] = {OFFICE_CLERK, OFFICE_NOBODY};
    AUTH_AUTO(auth_buf) *document = office_sign(it, auth_buf_bytes(payload), clerk);
    AUTH_AUTO(auth_request) *request = office_parse(auth_buf_bytes(document));
    ck_assert_uint_eq(auth_request_item_count(request), 1000);
    free(items);
    comment[0] = ' ';
    draft.items = &it->item;
    draft.item_count = 1;
    AUTH_AUTO(auth_buf) *out = NULL;
    assert_ok(auth_buf_new(OFFICE_TEXT_MAX, &out, &err), &err);
    assert_fails(auth_request_write(&draft, out, &err), AUTH_STATUS_INVALID, &err);
    done();
}
END_TEST

/* Two items that differ in all but what must not be twice. */
static void expect_duplicate(const auth_request_draft *good, const auth_request_item *second,
                             const char *path)
{
    auth_error err;
    AUTH_AUTO(auth_buf) *out = NULL;
    auth_request_draft draft = *good;
    auth_request_item items[2] = {good->items[0], *second};
    draft.items = items;
    draft.item_count = 2;
    assert_ok(auth_buf_new(OFFICE_TEXT_MAX, &out, &err), &err);
    assert_fails(auth_request_write(&draft, out, &err), AUTH_STATUS_INVALID, &err);
    ck_assert_msg(strstr(err.text, path) != NULL, "%s: %s", path, err.text);
    ck_assert_ptr_nonnull(strstr(err.text, "$.items[0]"));
}

static auth_person_number neighbour_number(void)
{
    auth_error err;
    auth_person_number number;
    auth_person_rules today = {.type = AUTH_PERSON_TYPE_CITIZEN, .today = {2026, 1, 1}};
    assert_ok(auth_person_number_parse(BYTES("440524188001010014"), &today, &number, &err), &err);
    return number;
}

START_TEST(nothing_stands_twice_in_a_batch)
{
    setup();
    auth_signer *signer = raw_signer_new(AUTH_KEY_TYPE_P256);
    AUTH_AUTO(auth_buf) *other_csr = office_csr(signer);
    auth_signer_free(signer);
    auth_request_draft draft = office_draft(it, ENROL);
    auth_request_item second = it->item;
    second.csr = auth_buf_bytes(other_csr);
    expect_duplicate(&draft, &second, "$.items[1].person.number");
    second = it->item;
    second.person = neighbour_number();
    expect_duplicate(&draft, &second, "$.items[1].csr");
    it->item.csr = (auth_bytes){NULL, 0};
    it->item.activation = (auth_bytes){it->digest, sizeof it->digest};
    second = it->item;
    second.person = neighbour_number();
    expect_duplicate(&draft, &second, "$.items[1].activation");
    draft = office_draft(it, REVOKE);
    second = it->item;
    second.reason = AUTH_REVOCATION_REASON_SUPERSEDED;
    expect_duplicate(&draft, &second, "$.items[1].serial");
    draft = office_draft(it, DISMISS);
    second = it->item;
    second.comment = BYTES("another");
    expect_duplicate(&draft, &second, "$.items[1].officer");
    draft = office_draft(it, OPEN);
    second = it->item;
    second.opened_name = BYTES("Another");
    expect_duplicate(&draft, &second, "$.items[1].opened.office");
    draft = office_draft(it, CLOSE);
    expect_duplicate(&draft, &it->item, "$.items[1].opened.office or closed");
    done();
}
END_TEST

/* Compressed and whole, a point is the same key. */
START_TEST(one_key_in_two_spellings_is_one_key)
{
    setup();
    raw_bytes tiny;
    auth_signer *signer = raw_signer_new(AUTH_KEY_TYPE_P256);
    AUTH_AUTO(auth_buf) *whole = office_csr(signer);
    auth_signer_free(signer);
    /* The outer lengths of a CSR shrink with the point by 32 octets. */
    auth_bytes der = auth_buf_bytes(whole);
    const uint8_t *bits = memmem(der.data, der.len, "\x03\x42\x00\x04", 4);
    ck_assert(bits != NULL && der.data[1] == 0x81 && der.data[3] == 0x30 && der.data[4] < 0x80);
    size_t at = (size_t)(bits - der.data);
    memcpy(tiny.octets, der.data, at);
    memcpy(tiny.octets + at, "\x03\x22\x00", 3);
    tiny.octets[at + 3] = (uint8_t)(2 + (der.data[at + 3 + 64] & 1));
    memcpy(tiny.octets + at + 4, bits + 4, 32);
    memcpy(tiny.octets + at + 36, bits + 68, der.len - at - 68);
    tiny.len = der.len - 32;
    tiny.octets[2] -= 32;
    tiny.octets[4] -= 32;
    /* Before the point stand the AlgorithmIdentifier and the length of SubjectPublicKeyInfo. */
    tiny.octets[at - 22] -= 32;
    auth_request_draft draft = office_draft(it, ENROL);
    it->item.csr = auth_buf_bytes(whole);
    auth_request_item second = it->item;
    second.person = neighbour_number();
    second.csr = RAW(tiny);
    expect_duplicate(&draft, &second, "$.items[1].csr: the same key");
    done();
}
END_TEST

START_TEST(identifiers_have_one_form)
{
    ck_assert(request_is_identifier(BYTES("a")));
    ck_assert(request_is_identifier(BYTES("a-9")));
    ck_assert(request_is_identifier(BYTES("11010519491")));
    ck_assert(!request_is_identifier(BYTES("110105194912")));
    ck_assert(!request_is_identifier(BYTES("a_9")));
    ck_assert(!request_is_identifier(BYTES("a\0b")));
    char longest[65];
    memset(longest, 'a', sizeof longest);
    ck_assert(request_is_identifier((auth_bytes){(const uint8_t *)longest, 64}));
    ck_assert(!request_is_identifier((auth_bytes){(const uint8_t *)longest, 65}));
    ck_assert(!request_is_identifier((auth_bytes){NULL, 0}));
}
END_TEST

SUITE("request_payload",
      TEST_EACH(a_spoiled_payload_is_refused_with_its_place, sizeof faults / sizeof faults[0]),
      TEST(members_may_stand_in_another_order), TEST(other_forms_are_read),
      TEST(today_is_a_day_of_china), TEST(a_thousand_items_are_the_most), TEST(large_items_fit),
      TEST(nothing_stands_twice_in_a_batch), TEST(one_key_in_two_spellings_is_one_key),
      TEST(identifiers_have_one_form))
