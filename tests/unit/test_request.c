/* SPDX-License-Identifier: Apache-2.0 */
/* Does a request come back as it was written, and is it made by nobody but this library's rules? */
#include "harness/harness.h"
#include "harness/jws_signer.h"
#include "harness/realm_office.h"
#include "request/request.h"

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

static auth_buf *buf_new(void)
{
    auth_error err;
    auth_buf *buf = NULL;
    assert_ok(auth_buf_new(OFFICE_TEXT_MAX, &buf, &err), &err);
    return buf;
}

static void check_item(const auth_request_item *read, const auth_request_item *written)
{
    ck_assert(read->person.len == written->person.len &&
              (read->person.len == 0 || auth_person_number_equal(&read->person, &written->person)));
    assert_bytes(read->name, written->name);
    assert_bytes(read->csr, written->csr);
    assert_bytes(read->activation, written->activation);
    ck_assert_uint_eq(read->evidence_count, written->evidence_count);
    for (size_t i = 0; i < read->evidence_count; i++) {
        ck_assert_int_eq((int)read->evidence[i].method, (int)written->evidence[i].method);
        assert_bytes(read->evidence[i].digest, written->evidence[i].digest);
    }
    assert_bytes(read->serial, written->serial);
    ck_assert(read->has_reason == written->has_reason && read->reason == written->reason);
    ck_assert(read->has_invalidity == written->has_invalidity &&
              read->invalidity == written->invalidity);
    assert_bytes(read->comment, written->comment);
    assert_bytes(read->officer, written->officer);
    ck_assert_int_eq((int)read->role, (int)written->role);
    assert_bytes(read->opened_office, written->opened_office);
    assert_bytes(read->opened_region, written->opened_region);
    assert_bytes(read->opened_name, written->opened_name);
    assert_bytes(read->closed_office, written->closed_office);
}

START_TEST(each_kind_comes_back)
{
    setup();
    auth_request_kind kind = (auth_request_kind)(_i + 1);
    auth_request_draft draft = office_draft(it, kind);
    AUTH_AUTO(auth_buf) *payload = office_payload(&draft);
    AUTH_AUTO(auth_buf) *document = office_sign(it, auth_buf_bytes(payload), office_signers(kind));
    AUTH_AUTO(auth_request) *request = office_parse(auth_buf_bytes(document));
    ck_assert_str_eq(auth_request_id(request), OFFICE_ID);
    ck_assert_str_eq(auth_request_realm(request), OFFICE_REALM);
    ck_assert_int_eq((int)auth_request_kind_of(request), (int)kind);
    ck_assert_str_eq(auth_request_office(request), draft.office);
    ck_assert_str_eq(auth_request_profile(request), draft.profile == NULL ? "" : draft.profile);
    ck_assert_int_eq(auth_request_created(request), draft.created);
    ck_assert_int_eq(auth_request_expires(request), draft.expires);
    ck_assert_uint_eq(auth_request_item_count(request), 1);
    check_item(auth_request_item_at(request, 0), &it->item);
    ck_assert_ptr_null(auth_request_item_at(request, 1));
    assert_bytes(auth_jws_payload(auth_request_jws(request)), auth_buf_bytes(payload));
    done();
}
END_TEST

START_TEST(a_document_gathers_signatures_over_the_same_payload)
{
    setup();
    auth_error err;
    uint8_t before[AUTH_REQUEST_HASH_SIZE];
    uint8_t after[AUTH_REQUEST_HASH_SIZE];
    auth_request_draft draft = office_draft(it, AUTH_REQUEST_KIND_ENROL);
    AUTH_AUTO(auth_buf) *payload = office_payload(&draft);
    AUTH_AUTO(auth_buf) *first = buf_new();
    AUTH_AUTO(auth_buf) *second = buf_new();
    office_person *clerk = &it->people[OFFICE_CLERK];
    office_person *approver = &it->people[OFFICE_APPROVER];
    auth_request_signing by_clerk = {clerk->signer, clerk->chain, 1, OFFICE_NOW - 60};
    auth_request_signing by_approver = {approver->signer, approver->chain, 1, OFFICE_NOW};
    assert_ok(auth_request_sign(auth_buf_bytes(payload), OFFICE_REALM, &by_clerk, first, &err),
              &err);
    AUTH_AUTO(auth_request) *submitted = office_parse(auth_buf_bytes(first));
    assert_ok(auth_request_add_signature(submitted, &by_approver, second, &err), &err);
    AUTH_AUTO(auth_request) *approved = office_parse(auth_buf_bytes(second));
    ck_assert_uint_eq(auth_jws_signature_count(auth_request_jws(approved)), 2);
    auth_request_payload_hash(submitted, before);
    auth_request_payload_hash(approved, after);
    ck_assert_mem_eq(before, after, sizeof before);
    auth_request_verdict verdict = office_evaluate(it, approved);
    ck_assert_int_eq((int)verdict.outcome, AUTH_REQUEST_SATISFIED);
    done();
}
END_TEST

START_TEST(nothing_that_would_be_refused_is_signed)
{
    setup();
    auth_error err;
    auth_request_draft draft = office_draft(it, AUTH_REQUEST_KIND_REVOKE);
    AUTH_AUTO(auth_buf) *payload = office_payload(&draft);
    AUTH_AUTO(auth_buf) *out = buf_new();
    office_person *clerk = &it->people[OFFICE_CLERK];
    auth_request_signing signing = {clerk->signer, clerk->chain, 1, OFFICE_NOW};
    assert_fails(auth_request_sign(auth_buf_bytes(payload), "another", &signing, out, &err),
                 AUTH_STATUS_DENIED, &err);
    assert_fails(auth_request_sign(BYTES("{}"), OFFICE_REALM, &signing, out, &err),
                 AUTH_STATUS_INVALID, &err);
    ck_assert_uint_eq(auth_buf_bytes(out).len, 0);
    /* A draft with a member that its kind does not have is not even written. */
    it->item.role = AUTH_OFFICER_ROLE_CLERK;
    assert_fails(auth_request_write(&draft, out, &err), AUTH_STATUS_INVALID, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "$.items[0].role"));
    ck_assert_uint_eq(auth_buf_bytes(out).len, 0);
    done();
}
END_TEST

/* A login token or another document is no request, whoever signed it. */
START_TEST(a_document_of_another_type_is_refused)
{
    setup();
    auth_error err;
    auth_request *request = NULL;
    static const char *const types[] = {"auth-login+jws", "JWT", "auth-request+JWS",
                                        "auth-request+jws2"};
    static const office_who clerk[] = {OFFICE_CLERK, OFFICE_NOBODY};
    auth_request_draft draft = office_draft(it, AUTH_REQUEST_KIND_REVOKE);
    AUTH_AUTO(auth_buf) *payload = office_payload(&draft);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        AUTH_AUTO(auth_buf) *document =
            office_sign_as(it, auth_buf_bytes(payload), clerk, types[i], OFFICE_NOW);
        assert_fails(auth_request_parse(auth_buf_bytes(document), &rules, &request, &err),
                     AUTH_STATUS_INVALID, &err);
        ck_assert_int_eq(strncmp(err.text, "request: ", 9), 0);
    }
    AUTH_AUTO(auth_buf) *compact = buf_new();
    const office_person *who = &it->people[OFFICE_CLERK];
    auth_jws_signing signing = {AUTH_REQUEST_TYPE, who->signer, who->chain, 1, OFFICE_NOW};
    assert_ok(auth_jws_sign_compact(auth_buf_bytes(payload), &signing, compact, &err), &err);
    assert_fails(auth_request_parse(auth_buf_bytes(compact), &rules, &request, &err),
                 AUTH_STATUS_MALFORMED, &err);
    ck_assert_ptr_null(request);
    done();
}
END_TEST

/* Whatever one octet becomes, the document is not read, or its signature fails. */
START_TEST(one_octet_changed_is_refused)
{
    setup();
    static const uint8_t changes[] = {0x01, 0x02, 0x20, 0x80};
    auth_request_draft draft = office_draft(it, AUTH_REQUEST_KIND_RENEW);
    AUTH_AUTO(auth_buf) *payload = office_payload(&draft);
    AUTH_AUTO(auth_buf) *document =
        office_sign(it, auth_buf_bytes(payload), office_signers(draft.kind));
    auth_bytes text = auth_buf_bytes(document);
    uint8_t *changed = malloc(text.len);
    ck_assert_ptr_nonnull(changed);
    memcpy(changed, text.data, text.len);
    for (size_t at = 0; at < text.len; at++) {
        auth_request *request = NULL;
        changed[at] ^= changes[_i];
        if (auth_request_parse((auth_bytes){changed, text.len}, &rules, &request, NULL) ==
            AUTH_STATUS_OK) {
            auth_request_verdict verdict = office_evaluate(it, request);
            assert_each(verdict.outcome == AUTH_REQUEST_REFUSED, "octet %zu of %zu", at, text.len);
        }
        auth_request_free(request);
        changed[at] = text.data[at];
    }
    free(changed);
    done();
}
END_TEST

START_TEST(possession_is_checked_on_demand)
{
    setup();
    auth_error err;
    auth_request_draft draft = office_draft(it, AUTH_REQUEST_KIND_ENROL);
    AUTH_AUTO(auth_buf) *payload = office_payload(&draft);
    AUTH_AUTO(auth_buf) *document =
        office_sign(it, auth_buf_bytes(payload), office_signers(draft.kind));
    AUTH_AUTO(auth_request) *request = office_parse(auth_buf_bytes(document));
    assert_ok(auth_request_check_csr(request, 0, &err), &err);
    assert_fails(auth_request_check_csr(request, 1, &err), AUTH_STATUS_NOT_FOUND, &err);
    /* The last octet of a CSR is one of its signature. */
    uint8_t csr[1024];
    auth_bytes good = it->item.csr;
    memcpy(csr, good.data, good.len);
    csr[good.len - 1] ^= 1;
    it->item.csr = (auth_bytes){csr, good.len};
    AUTH_AUTO(auth_buf) *bad_payload = office_payload(&draft);
    AUTH_AUTO(auth_buf) *bad =
        office_sign(it, auth_buf_bytes(bad_payload), office_signers(draft.kind));
    AUTH_AUTO(auth_request) *forged = office_parse(auth_buf_bytes(bad));
    assert_fails(auth_request_check_csr(forged, 0, &err), AUTH_STATUS_UNTRUSTED, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "$.items[0].csr"));
    done();
}
END_TEST

START_TEST(ids_are_uuids_of_their_time)
{
    auth_error err;
    char id[AUTH_REQUEST_ID_SIZE];
    char other[AUTH_REQUEST_ID_SIZE];
    /* RFC 9562 appendix A.6: 2022-02-22T19:22:22Z. */
    assert_ok(auth_request_id_new(0x017f22e279b0, id, &err), &err);
    assert_ok(auth_request_id_new(0x017f22e279b0, other, &err), &err);
    ck_assert_int_eq(strncmp(id, "017f22e2-79b0-7", 15), 0);
    ck_assert_ptr_nonnull(strchr("89ab", id[19]));
    ck_assert_str_ne(id, other);
    assert_fails(auth_request_id_new(-1, id, &err), AUTH_STATUS_INVALID, &err);
    assert_fails(auth_request_id_new((int64_t)1 << 48, id, &err), AUTH_STATUS_INVALID, &err);
    assert_ok(auth_request_id_new(((int64_t)1 << 48) - 1, id, &err), &err);
    ck_assert_int_eq(strncmp(id, "ffffffff-ffff-7", 15), 0);
}
END_TEST

START_TEST(two_codes_have_one_hash)
{
    auth_error err;
    uint8_t hash[AUTH_REQUEST_HASH_SIZE];
    uint8_t expected[AUTH_REQUEST_HASH_SIZE];
    assert_ok(auth_request_activation_hash(BYTES("ABCD-EFGH"), BYTES("12345678"), hash, &err),
              &err);
    /* printf 'auth-activation\0ABCD-EFGH\00012345678' | sha256sum */
    auth_bytes octets =
        harness_hex("92bca9afeca736d965f064a1228901866607fbfed898697ba57c8f0f9f80345b", expected,
                    sizeof expected);
    assert_bytes(((auth_bytes){hash, sizeof hash}), octets);
    assert_fails(auth_request_activation_hash(BYTES("short"), BYTES("12345678"), hash, &err),
                 AUTH_STATUS_INVALID, &err);
    /* As many as can be stored, and one more. */
    auth_bytes longest = BYTES("12345678901234567890123456789012345678901234567890123456");
    assert_ok(auth_request_activation_hash((auth_bytes){longest.data, 55}, BYTES("12345678"), hash,
                                           &err),
              &err);
    assert_fails(auth_request_activation_hash(longest, BYTES("12345678"), hash, &err),
                 AUTH_STATUS_INVALID, &err);
    assert_fails(auth_request_activation_hash(BYTES("12345678"),
                                              BYTES("1234\0"
                                                    "5678"),
                                              hash, &err),
                 AUTH_STATUS_INVALID, &err);
}
END_TEST

START_TEST(tables_are_found_by_name)
{
    auth_error err;
    auth_request_kind kind = AUTH_REQUEST_KIND_ENROL;
    auth_officer_role role = AUTH_OFFICER_ROLE_NONE;
    auth_evidence_method method = AUTH_EVIDENCE_METHOD_ID_CARD_READ;
    assert_ok(auth_request_kind_find("close-office", &kind, &err), &err);
    ck_assert_int_eq((int)kind, AUTH_REQUEST_KIND_CLOSE_OFFICE);
    ck_assert_str_eq(auth_request_kind_name(kind), "close-office");
    ck_assert_str_eq(auth_request_kind_name((auth_request_kind)11), "");
    ck_assert(!auth_request_kind_has_profile(kind));
    ck_assert(auth_request_kind_has_profile(AUTH_REQUEST_KIND_APPOINT));
    ck_assert(!auth_request_kind_has_profile((auth_request_kind)11));
    assert_fails(auth_request_kind_find("Enrol", &kind, &err), AUTH_STATUS_NOT_FOUND, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "enrol renew rekey"));
    assert_ok(auth_officer_role_find("auditor", &role, &err), &err);
    ck_assert_str_eq(auth_officer_role_name(role), "auditor");
    ck_assert_str_eq(auth_officer_role_name(AUTH_OFFICER_ROLE_NONE), "");
    assert_ok(auth_evidence_method_find("remote-video", &method, &err), &err);
    ck_assert_str_eq(auth_evidence_method_name(method), "remote-video");
    assert_fails(auth_evidence_method_find("gossip", &method, &err), AUTH_STATUS_NOT_FOUND, &err);
    ck_assert_str_eq(auth_request_reason_name(AUTH_REQUEST_REASON_REPLAYED), "replayed");
    ck_assert_str_eq(auth_request_reason_text((auth_request_reason)99), "");
}
END_TEST

/* Blocks of libauth; those of jansson are freed inside it, where nobody looks. */
START_TEST(a_freed_request_leaves_no_number)
{
    setup();
    auth_error err;
    auth_request *request = NULL;
    auth_request_draft draft = office_draft(it, AUTH_REQUEST_KIND_ENROL);
    AUTH_AUTO(auth_buf) *payload = office_payload(&draft);
    AUTH_AUTO(auth_buf) *document =
        office_sign(it, auth_buf_bytes(payload), office_signers(draft.kind));
    harness_watch_memory(BYTES("11010519491231002X"));
    auth_status status = auth_request_parse(auth_buf_bytes(document), &rules, &request, &err);
    auth_request_free(request);
    size_t found = harness_stop_watching();
    ck_assert_int_eq((int)status, AUTH_STATUS_OK);
    ck_assert_uint_eq(found, 0);
    done();
}
END_TEST

static auth_status attempt_parse(void *context)
{
    const auth_buf *document = context;
    auth_request *request = NULL;
    auth_status status = auth_request_parse(auth_buf_bytes(document), &rules, &request, NULL);
    bool left = status != AUTH_STATUS_OK && request != NULL;
    auth_request_free(request);
    return left ? AUTH_STATUS_INTERNAL : status;
}

static auth_status attempt_write(void *context)
{
    auth_buf *out = NULL;
    const auth_request_draft *draft = context;
    auth_status status = auth_buf_new(OFFICE_TEXT_MAX, &out, NULL);
    if (status == AUTH_STATUS_OK)
        status = auth_request_write(draft, out, NULL);
    bool left = status != AUTH_STATUS_OK && out != NULL && auth_buf_bytes(out).len > 0;
    auth_buf_free(out);
    return left ? AUTH_STATUS_INTERNAL : status;
}

START_TEST(reading_and_writing_survive_each_failing_allocation)
{
    setup();
    auth_request_item items[2];
    auth_request_draft draft = office_draft(it, AUTH_REQUEST_KIND_REVOKE);
    items[0] = it->item;
    items[1] = it->item;
    items[1].serial = (auth_bytes){it->people[OFFICE_CLERK].serial, OFFICE_SERIAL_SIZE};
    draft.items = items;
    draft.item_count = 2;
    AUTH_AUTO(auth_buf) *payload = office_payload(&draft);
    AUTH_AUTO(auth_buf) *document =
        office_sign(it, auth_buf_bytes(payload), office_signers(draft.kind));
    ck_assert_uint_ge(harness_for_each_failure(attempt_parse, document), 8);
    ck_assert_uint_ge(harness_for_each_failure(attempt_write, &draft), 8);
    done();
}
END_TEST

SUITE("request", TEST_EACH(each_kind_comes_back, 10),
      TEST(a_document_gathers_signatures_over_the_same_payload),
      TEST(nothing_that_would_be_refused_is_signed), TEST(a_document_of_another_type_is_refused),
      TEST_EACH(one_octet_changed_is_refused, 4), TEST(possession_is_checked_on_demand),
      TEST(ids_are_uuids_of_their_time), TEST(two_codes_have_one_hash),
      TEST(tables_are_found_by_name), TEST(a_freed_request_leaves_no_number),
      TEST(reading_and_writing_survive_each_failing_allocation))
