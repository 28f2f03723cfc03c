/* SPDX-License-Identifier: Apache-2.0 */
/* Is each body of a ledger entry written in one way, and is that the only text that is read? */
#include "harness/harness.h"
#include "registry/ledger_body.h"

#include <stdlib.h>
#include <string.h>

static auth_buf *new_buf(void)
{
    auth_buf *buf = NULL;
    auth_error err;
    assert_ok(auth_buf_new(REGISTRY_LEDGER_BODY_MAX, &buf, &err), &err);
    return buf;
}

static registry_ledger_body full_body(void)
{
    registry_ledger_body body = {
        .event = REGISTRY_LEDGER_EVENT_ISSUED,
        .at = 1769903999,
        .realm = "shaanxi",
        .has_request = true,
        .request = {0x01, 0x92, 0xd4, 0xe0, 0x7f, 0x31, 0x7c, 0x02, 0x8e, 0x0a, 0x5b, 0x1f, 0x3c,
                    0x2d, 0x4e, 0x6f},
        .item = 7,
        .serial = {18, {0x01, 0xe0, 0xff}},
        .office = "xian",
        .actor_count = 2,
        .actors = {{3, {1, 2, 3}}, {20, {0x7f}}},
        .has_document = true,
        .document = {0xaa},
        .has_certificate = true,
        .certificate = {0xbb},
        .detail = "profile citizen-login, shard 3",
    };
    return body;
}

static const char full_text[] =
    "{\"event\":\"issued\",\"at\":\"2026-01-31T23:59:59Z\",\"realm\":\"shaanxi\","
    "\"request\":\"0192d4e0-7f31-7c02-8e0a-5b1f3c2d4e6f\",\"item\":7,"
    "\"serial\":\"01e0ff000000000000000000000000000000\",\"office\":\"xian\","
    "\"actor\":[\"010203\",\"7f00000000000000000000000000000000000000\"],"
    "\"document\":\"aa00000000000000000000000000000000000000000000000000000000000000\","
    "\"certificate\":\"bb00000000000000000000000000000000000000000000000000000000000000\","
    "\"detail\":\"profile citizen-login, shard 3\"}";

static void assert_written(const registry_ledger_body *body, const char *expected)
{
    auth_error err;
    registry_ledger_body back;
    auth_buf *text = new_buf();
    assert_ok(registry_ledger_body_write(body, text, &err), &err);
    assert_bytes(auth_buf_bytes(text), auth_bytes_from_text(expected));
    assert_ok(registry_ledger_body_read(auth_buf_bytes(text), &back, &err), &err);
    ck_assert_int_eq((int)back.event, (int)body->event);
    ck_assert_int_eq(back.item, body->item);
    ck_assert_str_eq(back.detail, body->detail);
    auth_buf *again = new_buf();
    assert_ok(registry_ledger_body_write(&back, again, &err), &err);
    assert_bytes(auth_buf_bytes(again), auth_buf_bytes(text));
    auth_buf_free(again);
    auth_buf_free(text);
}

START_TEST(a_body_with_all_members)
{
    registry_ledger_body body = full_body();
    assert_written(&body, full_text);
}

START_TEST(a_body_with_few_members)
{
    registry_ledger_body body = {.event = REGISTRY_LEDGER_EVENT_CA_START,
                                 .at = 0,
                                 .realm = "r",
                                 .item = REGISTRY_LEDGER_NO_ITEM};
    assert_written(&body,
                   "{\"event\":\"ca-start\",\"at\":\"1970-01-01T00:00:00Z\",\"realm\":\"r\"}");
}

START_TEST(every_event_has_a_name_of_its_own)
{
    static const int numbers[] = {
#define REGISTRY_LEDGER_EVENT_ROW(id, number, name, text) (number),
#include "registry/ledger_event.def"
    };
    size_t count = sizeof numbers / sizeof numbers[0];
    for (size_t i = 0; i < count; i++) {
        ck_assert(i == 0 || numbers[i] > numbers[i - 1]);
        registry_ledger_body body = full_body();
        registry_ledger_body back;
        auth_error err;
        auth_buf *text = new_buf();
        body.event = (registry_ledger_event)numbers[i];
        assert_ok(registry_ledger_body_write(&body, text, &err), &err);
        assert_ok(registry_ledger_body_read(auth_buf_bytes(text), &back, &err), &err);
        ck_assert_int_eq((int)back.event, numbers[i]);
        auth_buf_free(text);
    }
    ck_assert_ptr_null(registry_ledger_event_name(0));
    ck_assert_ptr_null(registry_ledger_event_name(-1));
}

/* What is not written */

typedef void spoil(registry_ledger_body *body);

static void no_event(registry_ledger_body *body) { body->event = (registry_ledger_event)31; }
static void late(registry_ledger_body *body) { body->at = AUTH_TIME_MAX + 1; }
static void realm(registry_ledger_body *body) { body->realm[0] = '"'; }
static void no_realm(registry_ledger_body *body) { body->realm[0] = '\0'; }
static void item(registry_ledger_body *body) { body->item = 1000; }
static void item_of_nothing(registry_ledger_body *body) { body->has_request = false; }
static void serial(registry_ledger_body *body) { body->serial.len = 21; }
static void office(registry_ledger_body *body) { body->office[1] = 'X'; }
static void actor(registry_ledger_body *body) { body->actors[1].len = 0; }
static void actors(registry_ledger_body *body) { body->actor_count = 9; }
static void quote(registry_ledger_body *body) { body->detail[3] = '"'; }
static void backslash(registry_ledger_body *body) { body->detail[3] = '\\'; }
static void control(registry_ledger_body *body) { body->detail[3] = '\n'; }
static void beyond_ascii(registry_ledger_body *body) { body->detail[3] = (char)0xe4; }
static void person(registry_ledger_body *body) { strcpy(body->detail, "110105194912310"); }
static void citizen(registry_ledger_body *body) { strcpy(body->detail, "of 440524188001010014"); }

static spoil *const spoils[] = {
    no_event, late,  realm,  no_realm,  item,    item_of_nothing, serial, office,
    actor,    quote, actors, backslash, control, beyond_ascii,    person, citizen,
};

#define SPOILS (sizeof spoils / sizeof spoils[0])

START_TEST(what_is_not_of_its_form_is_not_written)
{
    registry_ledger_body body = full_body();
    auth_error err;
    auth_buf *out = new_buf();
    assert_ok(auth_buf_append(out, BYTES("before"), &err), &err);
    spoils[_i](&body);
    assert_fails(registry_ledger_body_write(&body, out, &err), AUTH_STATUS_INVALID, &err);
    assert_bytes(auth_buf_bytes(out), BYTES("before"));
    ck_assert_ptr_null(strstr(err.text, "1101051949"));
    auth_buf_free(out);
}

/* What is not read */

START_TEST(a_text_that_was_cut_or_lengthened_is_not_read)
{
    auth_error err;
    registry_ledger_body out = {.item = 42};
    size_t len = sizeof full_text - 1;
    for (size_t cut = 0; cut < len; cut++) {
        auth_status status =
            registry_ledger_body_read((auth_bytes){(const uint8_t *)full_text, cut}, &out, &err);
        assert_each(status == AUTH_STATUS_MALFORMED && out.item == 42, "the first %zu octets", cut);
    }
    assert_fails(registry_ledger_body_read((auth_bytes){(const uint8_t *)full_text, len + 1}, &out,
                                           &err),
                 AUTH_STATUS_MALFORMED, &err);
}

/* Whatever is read is written back as it was: no two texts mean the same. */
START_TEST(no_octet_has_another_spelling)
{
    auth_error err;
    size_t len = sizeof full_text - 1;
    auth_buf *again = new_buf();
    char copy[sizeof full_text];
    size_t accepted = 0;
    for (size_t at = 0; at < len; at++) {
        for (unsigned c = 0; c < 256; c++) {
            registry_ledger_body body;
            memcpy(copy, full_text, sizeof copy);
            copy[at] = (char)c;
            auth_bytes text = {(const uint8_t *)copy, len};
            if (registry_ledger_body_read(text, &body, &err) != AUTH_STATUS_OK)
                continue;
            accepted++;
            auth_buf_truncate(again, 0);
            assert_each(registry_ledger_body_write(&body, again, &err) == AUTH_STATUS_OK &&
                            auth_bytes_equal(auth_buf_bytes(again), text),
                        "octet %zu as %u", at, c);
        }
    }
    ck_assert_uint_gt(accepted, len);
    auth_buf_free(again);
}

static const char *const bad_texts[] = {
    "{}",
    "{\"at\":\"1970-01-01T00:00:00Z\",\"event\":\"crl\",\"realm\":\"r\"}",
    "{\"event\":\"crl\",\"at\":\"1970-01-01T00:00:00Z\",\"realm\":\"r\",\"item\":0}",
    "{\"event\":\"crl\",\"at\":\"1970-01-01T00:00:00Z\",\"realm\":\"r\",\"actor\":[]}",
    "{\"event\":\"crl\",\"at\":\"1970-01-01T00:00:00Z\",\"realm\":\"r\",\"detail\":\"\"}",
    "{\"event\":\"crl\",\"at\":\"1970-01-01T00:00:00Z\",\"realm\":\"r\",\"serial\":\"\"}",
    "{\"event\":\"crl\",\"at\":\"1970-01-01T00:00:00Z\",\"realm\":\"r\",\"serial\":\"0\"}",
    "{\"event\":\"crl\",\"at\":\"1970-01-01T00:00:00Z\",\"realm\":\"r\",\"serial\":\"AA\"}",
    "{\"event\":\"crl\",\"at\":\"1970-01-01T00:00:00Z\",\"realm\":\"r\",\"detail\":"
    "\"110105194912310\"}",
    "{\"event\":\"crl\",\"at\":\"1970-01-01T00:00:00Z\",\"realm\":\"r\"} ",
    "{\"event\":\"crl\", \"at\":\"1970-01-01T00:00:00Z\",\"realm\":\"r\"}",
    "{\"event\":\"none\",\"at\":\"1970-01-01T00:00:00Z\",\"realm\":\"r\"}",
    "{\"event\":\"crl\",\"at\":\"1970-01-01 00:00:00Z\",\"realm\":\"r\"}",
    "{\"event\":\"crl\",\"at\":\"1970-01-01T00:00:00Z\",\"realm\":\"r\","
    "\"request\":\"0192D4E0-7f31-7c02-8e0a-5b1f3c2d4e6f\"}",
    "{\"event\":\"crl\",\"at\":\"1970-01-01T00:00:00Z\",\"realm\":\"r\","
    "\"request\":\"0192d4e0-7f31-7c02-8e0a-5b1f3c2d4e6f\",\"item\":00}",
    "{\"event\":\"crl\",\"at\":\"1970-01-01T00:00:00Z\",\"realm\":\"r\","
    "\"request\":\"0192d4e0-7f31-7c02-8e0a-5b1f3c2d4e6f\",\"item\":1000}",
};

#define BAD_TEXTS (sizeof bad_texts / sizeof bad_texts[0])

START_TEST(a_text_of_another_form_is_not_read)
{
    registry_ledger_body body;
    auth_error err;
    assert_fails(registry_ledger_body_read(auth_bytes_from_text(bad_texts[_i]), &body, &err),
                 AUTH_STATUS_MALFORMED, &err);
}

START_TEST(uuids)
{
    registry_ledger_body body = full_body();
    char text[REGISTRY_UUID_TEXT_SIZE];
    uint8_t back[16];
    registry_uuid_format(body.request, text);
    ck_assert_str_eq(text, "0192d4e0-7f31-7c02-8e0a-5b1f3c2d4e6f");
    ck_assert(registry_uuid_parse(auth_bytes_from_text(text), back));
    ck_assert_mem_eq(back, body.request, sizeof back);
    text[8] = '0';
    ck_assert(!registry_uuid_parse(auth_bytes_from_text(text), back));
    ck_assert(!registry_uuid_parse(BYTES(""), back));
}

static auth_status write_body(void *context)
{
    registry_ledger_body body = full_body();
    auth_buf *out = NULL;
    (void)context;
    auth_status status = auth_buf_new(REGISTRY_LEDGER_BODY_MAX, &out, NULL);
    if (status == AUTH_STATUS_OK)
        status = registry_ledger_body_write(&body, out, NULL);
    if (out != NULL && status != AUTH_STATUS_OK && auth_buf_bytes(out).len != 0)
        status = AUTH_STATUS_INTERNAL;
    auth_buf_free(out);
    return status;
}

START_TEST(without_memory) { ck_assert_uint_gt(harness_for_each_failure(write_body, NULL), 1); }

SUITE("ledger_body", TEST(a_body_with_all_members), TEST(a_body_with_few_members),
      TEST(every_event_has_a_name_of_its_own),
      TEST_EACH(what_is_not_of_its_form_is_not_written, SPOILS),
      TEST(a_text_that_was_cut_or_lengthened_is_not_read), TEST(no_octet_has_another_spelling),
      TEST_EACH(a_text_of_another_form_is_not_read, BAD_TEXTS), TEST(uuids), TEST(without_memory))
