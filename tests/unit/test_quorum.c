/* SPDX-License-Identifier: Apache-2.0 */
/* Does a request count for something only with the signatures of those who may give them? */
#include "harness/harness.h"
#include "harness/realm_office.h"

#include <stdlib.h>
#include <string.h>

static office_realm *it;

static void setup(void) { it = office_new(AUTH_KEY_TYPE_ED25519); }

static void done(void)
{
    office_free(it);
    it = NULL;
}

#define WHO(...) ((const office_who[]){__VA_ARGS__, OFFICE_NOBODY})

static void expect_refusal(const auth_request_verdict *verdict, auth_request_reason reason)
{
    ck_assert_str_eq(auth_request_reason_name(verdict->reason), auth_request_reason_name(reason));
    ck_assert_int_eq((int)verdict->outcome, AUTH_REQUEST_REFUSED);
    ck_assert_uint_eq(verdict->signed_count + verdict->missing_count, 0);
    ck_assert_ptr_nonnull(strstr(verdict->text, auth_request_reason_text(reason)));
    ck_assert_ptr_null(strstr(verdict->text, "11010519"));
}

/* A good enrolment with these signers. */
static auth_request_verdict ask(auth_request_kind kind, const office_who *signers)
{
    auth_request_draft draft = office_draft(it, kind);
    return office_ask(it, &draft, signers);
}

static void expect(auth_request_kind kind, const office_who *signers, auth_request_reason reason,
                   size_t signature)
{
    auth_request_verdict verdict = ask(kind, signers);
    expect_refusal(&verdict, reason);
    ck_assert_uint_eq(verdict.signature, signature);
}

START_TEST(each_kind_is_satisfied_by_whom_the_policy_names)
{
    setup();
    auth_request_kind kind = (auth_request_kind)(_i + 1);
    auth_request_verdict verdict = ask(kind, office_signers(kind));
    ck_assert_msg(verdict.outcome == AUTH_REQUEST_SATISFIED, "%s", verdict.text);
    ck_assert_int_eq((int)verdict.reason, AUTH_REQUEST_REASON_NONE);
    ck_assert_uint_ge(verdict.signed_count, 1);
    ck_assert_uint_eq(verdict.signers[0].serial_len, 1);
    ck_assert_int_eq(verdict.signers[0].signed_at, OFFICE_NOW - 1800);
    ck_assert(!verdict.was_known);
    done();
}
END_TEST

START_TEST(what_is_missing_is_told)
{
    setup();
    auth_error err;
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_request_verdict verdict = ask(AUTH_REQUEST_KIND_ENROL, WHO(OFFICE_CLERK));
    ck_assert_int_eq((int)verdict.outcome, AUTH_REQUEST_NEEDS);
    ck_assert_uint_eq(verdict.missing_count, 1);
    ck_assert_uint_eq(verdict.missing[0].roles, 1U << AUTH_OFFICER_ROLE_APPROVER);
    ck_assert_int_eq((int)verdict.missing[0].scope, AUTH_POLICY_SCOPE_SUBTREE);
    assert_ok(auth_buf_new(200, &text, &err), &err);
    assert_ok(auth_policy_place_text(&verdict.missing[0], text, &err), &err);
    assert_bytes(auth_buf_bytes(text),
                 BYTES("a signature by role approver of this office or one above it"));
    done();
}
END_TEST

/* An approver may take either place of a resumption; then the wider one must be the one left. */
START_TEST(a_signer_takes_the_place_that_few_can_take)
{
    setup();
    auth_request_verdict verdict = ask(AUTH_REQUEST_KIND_RESUME, WHO(OFFICE_APPROVER));
    ck_assert_int_eq((int)verdict.outcome, AUTH_REQUEST_NEEDS);
    ck_assert_uint_eq(verdict.missing_count, 1);
    ck_assert_uint_eq(verdict.missing[0].roles,
                      1U << AUTH_OFFICER_ROLE_CLERK | 1U << AUTH_OFFICER_ROLE_APPROVER);
    verdict = ask(AUTH_REQUEST_KIND_RESUME, WHO(OFFICE_APPROVER, OFFICE_CLERK));
    ck_assert_int_eq((int)verdict.outcome, AUTH_REQUEST_SATISFIED);
    verdict = ask(AUTH_REQUEST_KIND_RESUME, WHO(OFFICE_CLERK, OFFICE_APPROVER));
    ck_assert_int_eq((int)verdict.outcome, AUTH_REQUEST_SATISFIED);
    verdict = ask(AUTH_REQUEST_KIND_RESUME, WHO(OFFICE_APPROVER_2, OFFICE_APPROVER));
    ck_assert_int_eq((int)verdict.outcome, AUTH_REQUEST_SATISFIED);
    verdict = ask(AUTH_REQUEST_KIND_RESUME, WHO(OFFICE_CLERK, OFFICE_CLERK_2));
    ck_assert_int_eq((int)verdict.outcome, AUTH_REQUEST_NEEDS);
    ck_assert_uint_eq(verdict.missing[0].roles, 1U << AUTH_OFFICER_ROLE_APPROVER);
    done();
}
END_TEST

START_TEST(more_signatures_than_needed_do_no_harm)
{
    setup();
    auth_request_verdict verdict =
        ask(AUTH_REQUEST_KIND_ENROL,
            WHO(OFFICE_CLERK, OFFICE_CLERK_2, OFFICE_APPROVER, OFFICE_PROVINCE_APPROVER));
    ck_assert_int_eq((int)verdict.outcome, AUTH_REQUEST_SATISFIED);
    ck_assert_uint_eq(verdict.signed_count, 4);
    ck_assert_str_eq(verdict.signers[3].holder.officer, "approver-3");
    done();
}
END_TEST

START_TEST(two_clerks_do_not_make_an_approver)
{
    setup();
    auth_request_verdict verdict = ask(AUTH_REQUEST_KIND_ENROL, WHO(OFFICE_CLERK, OFFICE_CLERK_2));
    ck_assert_int_eq((int)verdict.outcome, AUTH_REQUEST_NEEDS);
    ck_assert_uint_eq(verdict.missing_count, 1);
    done();
}
END_TEST

START_TEST(a_role_or_office_without_a_say_refuses)
{
    setup();
    expect(AUTH_REQUEST_KIND_ENROL, WHO(OFFICE_ADMIN, OFFICE_APPROVER), AUTH_REQUEST_REASON_ROLE,
           0);
    expect(AUTH_REQUEST_KIND_REVOKE, WHO(OFFICE_AUDITOR), AUTH_REQUEST_REASON_ROLE, 0);
    expect(AUTH_REQUEST_KIND_APPOINT, WHO(OFFICE_PROVINCE_ADMIN, OFFICE_CLERK),
           AUTH_REQUEST_REASON_ROLE, 1);
    expect(AUTH_REQUEST_KIND_ENROL, WHO(OFFICE_CLERK, OFFICE_SIBLING_APPROVER),
           AUTH_REQUEST_REASON_SCOPE, 1);
    expect(AUTH_REQUEST_KIND_REVOKE, WHO(OFFICE_SIBLING_CLERK), AUTH_REQUEST_REASON_SCOPE, 0);
    /* A clerk enters at her own office only, by this policy. */
    expect(AUTH_REQUEST_KIND_ENROL, WHO(OFFICE_PROVINCE_CLERK, OFFICE_APPROVER),
           AUTH_REQUEST_REASON_SCOPE, 0);
    expect(AUTH_REQUEST_KIND_DISMISS, WHO(OFFICE_ELSEWHERE_ADMIN, OFFICE_CENTRE_ADMIN),
           AUTH_REQUEST_REASON_SCOPE, 0);
    /* Below the office is not above it. */
    expect(AUTH_REQUEST_KIND_CLOSE_OFFICE, WHO(OFFICE_ADMIN, OFFICE_CENTRE_ADMIN),
           AUTH_REQUEST_REASON_SCOPE, 0);
    it->people[OFFICE_CLERK].facts.holder.role = AUTH_OFFICER_ROLE_NONE;
    expect(AUTH_REQUEST_KIND_REVOKE, WHO(OFFICE_CLERK), AUTH_REQUEST_REASON_ROLE, 0);
    done();
}
END_TEST

START_TEST(nobody_signs_twice)
{
    setup();
    auth_request_holder *second = &it->people[OFFICE_APPROVER].facts.holder;
    auth_request_holder *first = &it->people[OFFICE_CLERK].facts.holder;
    auth_request_holder kept = *second;
    /* The same person as two officers. */
    second->person = first->person;
    expect(AUTH_REQUEST_KIND_ENROL, WHO(OFFICE_CLERK, OFFICE_APPROVER),
           AUTH_REQUEST_REASON_SAME_SIGNER, 1);
    /* The same officer with two certificates, whatever the persons are said to be. */
    *second = kept;
    memcpy(second->officer, first->officer, sizeof second->officer);
    expect(AUTH_REQUEST_KIND_ENROL, WHO(OFFICE_CLERK, OFFICE_APPROVER),
           AUTH_REQUEST_REASON_SAME_SIGNER, 1);
    *second = *first;
    second->role = AUTH_OFFICER_ROLE_APPROVER;
    expect(AUTH_REQUEST_KIND_ENROL, WHO(OFFICE_CLERK, OFFICE_APPROVER),
           AUTH_REQUEST_REASON_SAME_SIGNER, 1);
    done();
}
END_TEST

/* Two certificates for one key: whoever holds it signs for both. */
START_TEST(one_key_does_not_sign_for_two)
{
    setup();
    office_person *approver = &it->people[OFFICE_APPROVER];
    office_person *clerk = &it->people[OFFICE_CLERK];
    raw_cert cert = {"Staff", "approver-1", 77, OFFICE_NOW - 86400, OFFICE_NOW + 86400, {NULL, 0}};
    auth_signer *own = approver->signer;
    approver->signer = clerk->signer;
    approver->certificate =
        raw_cert_make(&cert, auth_signer_public_key(clerk->signer), clerk->signer);
    expect(AUTH_REQUEST_KIND_ENROL, WHO(OFFICE_CLERK, OFFICE_APPROVER),
           AUTH_REQUEST_REASON_SAME_SIGNER, 1);
    approver->signer = own;
    done();
}
END_TEST

START_TEST(the_same_certificate_does_not_sign_twice)
{
    setup();
    auth_error err;
    auth_request_draft draft = office_draft(it, AUTH_REQUEST_KIND_ENROL);
    AUTH_AUTO(auth_buf) *payload = office_payload(&draft);
    AUTH_AUTO(auth_buf) *out = NULL;
    AUTH_AUTO(auth_buf) *document = office_sign(it, auth_buf_bytes(payload), WHO(OFFICE_CLERK));
    AUTH_AUTO(auth_request) *request = office_parse(auth_buf_bytes(document));
    const office_person *clerk = &it->people[OFFICE_CLERK];
    auth_request_signing signing = {clerk->signer, clerk->chain, 1, OFFICE_NOW};
    assert_ok(auth_buf_new(OFFICE_TEXT_MAX, &out, &err), &err);
    assert_fails(auth_request_add_signature(request, &signing, out, &err), AUTH_STATUS_CONFLICT,
                 &err);
    ck_assert_uint_eq(auth_buf_bytes(out).len, 0);
    done();
}
END_TEST

START_TEST(who_lost_trust_no_longer_counts)
{
    setup();
    auth_request_signer *facts = &it->people[OFFICE_APPROVER].facts;
    const office_who *signers = WHO(OFFICE_CLERK, OFFICE_APPROVER);
    static const auth_time times[] = {OFFICE_NOW - 7200, OFFICE_NOW - 1, OFFICE_NOW};
    for (size_t i = 0; i < 3; i++) {
        facts->holder.is_revoked = true;
        facts->holder.revoked_at = times[i];
        expect(AUTH_REQUEST_KIND_ENROL, signers, AUTH_REQUEST_REASON_REVOKED_SIGNER, 1);
        facts->holder.is_revoked = false;
        facts->holder.is_dismissed = true;
        facts->holder.dismissed_at = times[i];
        expect(AUTH_REQUEST_KIND_ENROL, signers, AUTH_REQUEST_REASON_DISMISSED_SIGNER, 1);
        facts->holder.is_dismissed = false;
    }
    /* An auditor looks back: what came later does not undo what was decided then. */
    facts->holder.is_revoked = true;
    facts->holder.revoked_at = OFFICE_NOW + 1;
    facts->holder.is_dismissed = true;
    facts->holder.dismissed_at = OFFICE_NOW + 1;
    auth_request_verdict verdict = ask(AUTH_REQUEST_KIND_ENROL, signers);
    ck_assert_int_eq((int)verdict.outcome, AUTH_REQUEST_SATISFIED);
    facts->is_trusted = false;
    expect(AUTH_REQUEST_KIND_ENROL, signers, AUTH_REQUEST_REASON_UNTRUSTED_SIGNER, 1);
    done();
}
END_TEST

START_TEST(holders_and_officers_keep_to_what_is_theirs)
{
    setup();
    expect(AUTH_REQUEST_KIND_RENEW, WHO(OFFICE_CLERK), AUTH_REQUEST_REASON_SIGNER_KIND, 0);
    expect(AUTH_REQUEST_KIND_RENEW, WHO(OFFICE_CITIZEN, OFFICE_CLERK),
           AUTH_REQUEST_REASON_SIGNER_KIND, 1);
    expect(AUTH_REQUEST_KIND_REVOKE, WHO(OFFICE_CITIZEN), AUTH_REQUEST_REASON_SIGNER_KIND, 0);
    expect(AUTH_REQUEST_KIND_ENROL, WHO(OFFICE_CLERK, OFFICE_APPROVER, OFFICE_CITIZEN),
           AUTH_REQUEST_REASON_SIGNER_KIND, 2);
    done();
}
END_TEST

START_TEST(a_renewal_is_of_ones_own_live_certificate)
{
    setup();
    const office_who *other = WHO(OFFICE_NEIGHBOUR);
    const office_who *holder = WHO(OFFICE_CITIZEN);
    auth_request_verdict verdict = ask(AUTH_REQUEST_KIND_RENEW, other);
    expect_refusal(&verdict, AUTH_REQUEST_REASON_SUBJECT);
    ck_assert_uint_eq(verdict.item, 0);
    ck_assert_ptr_nonnull(strstr(verdict.text, "$.items[0]"));
    verdict = ask(AUTH_REQUEST_KIND_RENEW, WHO(OFFICE_CITIZEN, OFFICE_NEIGHBOUR));
    expect_refusal(&verdict, AUTH_REQUEST_REASON_SUBJECT);
    auth_request_holder *facts = &it->people[OFFICE_CITIZEN].facts.holder;
    facts->is_revoked = true;
    facts->revoked_at = OFFICE_NOW;
    expect(AUTH_REQUEST_KIND_RENEW, holder, AUTH_REQUEST_REASON_REVOKED_SIGNER, 0);
    facts->is_revoked = false;
    facts->not_after = OFFICE_NOW - 1;
    verdict = ask(AUTH_REQUEST_KIND_RENEW, holder);
    expect_refusal(&verdict, AUTH_REQUEST_REASON_NOT_LIVE);
    done();
}
END_TEST

/* The live key signs, but for another certificate of hers that is revoked. */
START_TEST(a_revoked_certificate_is_not_renewed)
{
    setup();
    office_person *other = &it->people[OFFICE_NEIGHBOUR];
    other->facts.holder.person = it->people[OFFICE_CITIZEN].facts.holder.person;
    auth_request_draft draft = office_draft(it, AUTH_REQUEST_KIND_RENEW);
    it->item.serial = (auth_bytes){other->serial, sizeof other->serial};
    auth_request_verdict verdict = office_ask(it, &draft, WHO(OFFICE_CITIZEN));
    ck_assert_int_eq((int)verdict.outcome, AUTH_REQUEST_SATISFIED);
    other->facts.holder.is_revoked = true;
    verdict = office_ask(it, &draft, WHO(OFFICE_CITIZEN));
    expect_refusal(&verdict, AUTH_REQUEST_REASON_NOT_LIVE);
    done();
}
END_TEST

/* An officer is appointed, not enrolled, so a counter gives her no new certificate as such. */
START_TEST(an_officers_certificate_is_not_a_citizens)
{
    setup();
    office_person *officer = &it->people[OFFICE_CLERK_2];
    officer->facts.holder.person = it->people[OFFICE_CITIZEN].facts.holder.person;
    static const auth_request_kind kinds[] = {AUTH_REQUEST_KIND_RENEW, AUTH_REQUEST_KIND_REKEY};
    for (size_t i = 0; i < 2; i++) {
        auth_request_draft draft = office_draft(it, kinds[i]);
        it->item.serial = (auth_bytes){officer->serial, sizeof officer->serial};
        auth_request_verdict verdict = office_ask(it, &draft, office_signers(kinds[i]));
        expect_refusal(&verdict, AUTH_REQUEST_REASON_SUBJECT);
    }
    done();
}
END_TEST

START_TEST(a_new_certificate_serves_the_purpose_of_the_old)
{
    setup();
    static const auth_request_kind kinds[] = {AUTH_REQUEST_KIND_RENEW, AUTH_REQUEST_KIND_REKEY};
    static const char *const others[] = {"citizen-authentication", "citizen-of-old", ""};
    auth_request_holder *citizen = &it->people[OFFICE_CITIZEN].facts.holder;
    for (size_t i = 0; i < 6; i++) {
        auth_request_kind kind = kinds[i % 2];
        memset(citizen->profile, 0, sizeof citizen->profile);
        memcpy(citizen->profile, others[i / 2], strlen(others[i / 2]));
        auth_request_verdict verdict = ask(kind, office_signers(kind));
        expect_refusal(&verdict, AUTH_REQUEST_REASON_PROFILE);
        ck_assert_uint_eq(verdict.item, 0);
    }
    /* To end it, its profile need not be one of today. */
    auth_request_verdict verdict = ask(AUTH_REQUEST_KIND_REVOKE, WHO(OFFICE_CLERK));
    ck_assert_int_eq((int)verdict.outcome, AUTH_REQUEST_SATISFIED);
    done();
}
END_TEST

START_TEST(items_are_of_the_office_or_below)
{
    setup();
    static const auth_request_kind kinds[] = {AUTH_REQUEST_KIND_REVOKE, AUTH_REQUEST_KIND_SUSPEND,
                                              AUTH_REQUEST_KIND_RESUME, AUTH_REQUEST_KIND_REKEY,
                                              AUTH_REQUEST_KIND_RENEW};
    auth_request_holder *citizen = &it->people[OFFICE_CITIZEN].facts.holder;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        (void)memcpy(citizen->office, "sibling", sizeof "sibling");
        auth_request_verdict verdict = ask(kinds[i], office_signers(kinds[i]));
        expect_refusal(&verdict, AUTH_REQUEST_REASON_SUBJECT);
        (void)memcpy(citizen->office, "city", sizeof "city");
        auth_request_draft draft = office_draft(it, kinds[i]);
        uint8_t serial[OFFICE_SERIAL_SIZE] = {1};
        it->item.serial = (auth_bytes){serial, sizeof serial};
        verdict = office_ask(it, &draft, office_signers(kinds[i]));
        expect_refusal(&verdict, AUTH_REQUEST_REASON_SUBJECT);
    }
    auth_policy_free(it->policy);
    it->policy =
        office_policy("\"kind\": \"revoke\",", "\"kind\": \"revoke\",\"reach\":\"realm\",");
    (void)memcpy(citizen->office, "elsewhere", sizeof "elsewhere");
    auth_request_verdict verdict = ask(AUTH_REQUEST_KIND_REVOKE, WHO(OFFICE_CLERK));
    ck_assert_int_eq((int)verdict.outcome, AUTH_REQUEST_SATISFIED);
    done();
}
END_TEST

/* What is good about one item is not taken for another of another office. */
START_TEST(each_item_of_a_batch_is_looked_at)
{
    setup();
    auth_request_draft draft = office_draft(it, AUTH_REQUEST_KIND_SUSPEND);
    auth_request_item items[3] = {it->item, it->item, it->item};
    static const office_who about[] = {OFFICE_CITIZEN, OFFICE_CLERK, OFFICE_NEIGHBOUR};
    for (size_t i = 0; i < 3; i++)
        items[i].serial = (auth_bytes){it->people[about[i]].serial, OFFICE_SERIAL_SIZE};
    draft.items = items;
    draft.item_count = 3;
    auth_request_verdict verdict = office_ask(it, &draft, WHO(OFFICE_APPROVER));
    ck_assert_int_eq((int)verdict.outcome, AUTH_REQUEST_SATISFIED);
    (void)memcpy(it->people[OFFICE_NEIGHBOUR].facts.holder.office, "sibling", sizeof "sibling");
    verdict = office_ask(it, &draft, WHO(OFFICE_APPROVER));
    expect_refusal(&verdict, AUTH_REQUEST_REASON_SUBJECT);
    ck_assert_uint_eq(verdict.item, 2);
    done();
}
END_TEST

START_TEST(a_rekey_is_for_the_person_of_the_certificate)
{
    setup();
    it->people[OFFICE_CITIZEN].facts.holder.person =
        it->people[OFFICE_NEIGHBOUR].facts.holder.person;
    auth_request_verdict verdict = ask(AUTH_REQUEST_KIND_REKEY, WHO(OFFICE_CLERK, OFFICE_APPROVER));
    expect_refusal(&verdict, AUTH_REQUEST_REASON_SUBJECT);
    done();
}
END_TEST

START_TEST(nobody_decides_about_himself)
{
    setup();
    it->people[OFFICE_CLERK].facts.holder.person = it->people[OFFICE_CITIZEN].facts.holder.person;
    auth_request_verdict verdict = ask(AUTH_REQUEST_KIND_ENROL, WHO(OFFICE_CLERK, OFFICE_APPROVER));
    expect_refusal(&verdict, AUTH_REQUEST_REASON_OWN_CASE);
    /* But gives up what is his. */
    verdict = ask(AUTH_REQUEST_KIND_REVOKE, WHO(OFFICE_CLERK));
    ck_assert_int_eq((int)verdict.outcome, AUTH_REQUEST_SATISFIED);
    done();
}
END_TEST

START_TEST(offices_and_officers_must_be_there)
{
    setup();
    const office_who *admins = office_signers(AUTH_REQUEST_KIND_DISMISS);
    auth_request_draft draft = office_draft(it, AUTH_REQUEST_KIND_DISMISS);
    it->item.officer = BYTES("clerk-77");
    auth_request_verdict verdict = office_ask(it, &draft, admins);
    expect_refusal(&verdict, AUTH_REQUEST_REASON_SUBJECT);
    it->item.officer = BYTES("clerk-5");
    verdict = office_ask(it, &draft, admins);
    expect_refusal(&verdict, AUTH_REQUEST_REASON_SUBJECT);
    it->item.officer = BYTES("clerk-2");
    it->people[OFFICE_CLERK_2].facts.holder.is_dismissed = true;
    verdict = office_ask(it, &draft, admins);
    expect_refusal(&verdict, AUTH_REQUEST_REASON_STATE);
    draft = office_draft(it, AUTH_REQUEST_KIND_CLOSE_OFFICE);
    it->item.closed_office = BYTES("province");
    verdict = office_ask(it, &draft, admins);
    expect_refusal(&verdict, AUTH_REQUEST_REASON_SUBJECT);
    it->item.closed_office = BYTES("elsewhere");
    verdict = office_ask(it, &draft, admins);
    expect_refusal(&verdict, AUTH_REQUEST_REASON_SUBJECT);
    it->is_closed[3] = true;
    it->item.closed_office = BYTES("sibling");
    verdict = office_ask(it, &draft, admins);
    expect_refusal(&verdict, AUTH_REQUEST_REASON_STATE);
    /* An approver of the province, which is closed though the city is not. */
    it->is_closed[1] = true;
    expect(AUTH_REQUEST_KIND_ENROL, WHO(OFFICE_CLERK, OFFICE_PROVINCE_APPROVER),
           AUTH_REQUEST_REASON_OFFICE_CLOSED, 1);
    it->is_closed[2] = true;
    verdict = ask(AUTH_REQUEST_KIND_ENROL, WHO(OFFICE_CLERK, OFFICE_APPROVER));
    expect_refusal(&verdict, AUTH_REQUEST_REASON_OFFICE_CLOSED);
    draft = office_draft(it, AUTH_REQUEST_KIND_ENROL);
    draft.office = "nowhere";
    verdict = office_ask(it, &draft, WHO(OFFICE_CLERK, OFFICE_APPROVER));
    expect_refusal(&verdict, AUTH_REQUEST_REASON_OFFICE_CLOSED);
    done();
}
END_TEST

START_TEST(times_are_kept)
{
    setup();
    const office_who *signers = WHO(OFFICE_CLERK, OFFICE_APPROVER);
    auth_request_draft draft = office_draft(it, AUTH_REQUEST_KIND_ENROL);
    draft.expires = OFFICE_NOW - 1;
    auth_request_verdict verdict = office_ask(it, &draft, signers);
    expect_refusal(&verdict, AUTH_REQUEST_REASON_EXPIRED);
    draft.expires = OFFICE_NOW;
    verdict = office_ask(it, &draft, signers);
    ck_assert_int_eq((int)verdict.outcome, AUTH_REQUEST_SATISFIED);
    draft.created = OFFICE_NOW + 301;
    draft.expires = OFFICE_NOW + 3600;
    verdict = office_ask(it, &draft, signers);
    expect_refusal(&verdict, AUTH_REQUEST_REASON_NOT_YET);
    draft.created = OFFICE_NOW - 3600;
    draft.expires = draft.created + 2592000;
    verdict = office_ask(it, &draft, signers);
    ck_assert_int_eq((int)verdict.outcome, AUTH_REQUEST_SATISFIED);
    draft.expires++;
    verdict = office_ask(it, &draft, signers);
    expect_refusal(&verdict, AUTH_REQUEST_REASON_LIFETIME);
    done();
}
END_TEST

typedef struct signing_time {
    auth_time at;
    bool is_good;
    auth_time expires; /* 0: in an hour */
} signing_time;

/* Created an hour ago, and clocks may differ by five minutes. */
static const signing_time signing_times[] = {
    {OFFICE_NOW - 3600, true, 0},
    {OFFICE_NOW - 3900, true, 0},
    {OFFICE_NOW - 3901, false, 0},
    {OFFICE_NOW + 300, true, 0},
    {OFFICE_NOW + 301, false, 0},
    {OFFICE_NOW + 3601, false, 0},
    {OFFICE_NOW, true, 0},
    {OFFICE_NOW - 86400 * 31, false, 0},
    {OFFICE_NOW + 200, true, OFFICE_NOW + 200},
    {OFFICE_NOW + 201, false, OFFICE_NOW + 200},
};

START_TEST(a_signature_is_made_between_creation_and_now)
{
    setup();
    auth_request_draft draft = office_draft(it, AUTH_REQUEST_KIND_REVOKE);
    const signing_time *row = &signing_times[_i];
    draft.expires = row->expires != 0 ? row->expires : OFFICE_NOW + 3600;
    AUTH_AUTO(auth_buf) *payload = office_payload(&draft);
    AUTH_AUTO(auth_buf) *document =
        office_sign_as(it, auth_buf_bytes(payload), WHO(OFFICE_CLERK), AUTH_REQUEST_TYPE, row->at);
    AUTH_AUTO(auth_request) *request = office_parse(auth_buf_bytes(document));
    auth_request_verdict verdict = office_evaluate(it, request);
    if (row->is_good)
        ck_assert_int_eq((int)verdict.outcome, AUTH_REQUEST_SATISFIED);
    else
        expect_refusal(&verdict, AUTH_REQUEST_REASON_SIGNED_AT);
    done();
}
END_TEST

/* A certificate that ended before the signature, and one that ended since. */
START_TEST(an_expired_certificate_signs_nothing)
{
    setup();
    office_person *clerk = &it->people[OFFICE_CLERK];
    static const auth_time ends[] = {OFFICE_NOW - 2000, OFFICE_NOW - 1};
    static const auth_request_reason reasons[] = {AUTH_REQUEST_REASON_SIGNED_AT,
                                                  AUTH_REQUEST_REASON_UNTRUSTED_SIGNER};
    for (size_t i = 0; i < 2; i++) {
        raw_cert cert = {"Staff", "clerk-1", 1, OFFICE_NOW - 86400, ends[i], {NULL, 0}};
        clerk->certificate =
            raw_cert_make(&cert, auth_signer_public_key(clerk->signer), clerk->signer);
        expect(AUTH_REQUEST_KIND_REVOKE, WHO(OFFICE_CLERK), reasons[i], 0);
    }
    raw_cert late = {"Staff", "clerk-1", 1, OFFICE_NOW - 60, OFFICE_NOW + 60, {NULL, 0}};
    clerk->certificate = raw_cert_make(&late, auth_signer_public_key(clerk->signer), clerk->signer);
    expect(AUTH_REQUEST_KIND_REVOKE, WHO(OFFICE_CLERK), AUTH_REQUEST_REASON_SIGNED_AT, 0);
    done();
}
END_TEST

START_TEST(an_id_is_used_once)
{
    setup();
    it->use = AUTH_REQUEST_USE_OTHER;
    auth_request_verdict verdict = ask(AUTH_REQUEST_KIND_REVOKE, WHO(OFFICE_CLERK));
    expect_refusal(&verdict, AUTH_REQUEST_REASON_REPLAYED);
    it->use = AUTH_REQUEST_USE_SAME;
    verdict = ask(AUTH_REQUEST_KIND_REVOKE, WHO(OFFICE_CLERK));
    ck_assert_int_eq((int)verdict.outcome, AUTH_REQUEST_SATISFIED);
    ck_assert(verdict.was_known);
    it->use = (auth_request_use)7;
    verdict = ask(AUTH_REQUEST_KIND_REVOKE, WHO(OFFICE_CLERK));
    expect_refusal(&verdict, AUTH_REQUEST_REASON_REPLAYED);
    done();
}
END_TEST

START_TEST(what_the_policy_does_not_know_is_refused)
{
    setup();
    const office_who *signers = WHO(OFFICE_CLERK, OFFICE_APPROVER);
    auth_request_draft draft = office_draft(it, AUTH_REQUEST_KIND_ENROL);
    draft.profile = "citizen-flying";
    auth_request_verdict verdict = office_ask(it, &draft, signers);
    expect_refusal(&verdict, AUTH_REQUEST_REASON_PROFILE);
    /* A clerk and an approver enrol no officer. */
    draft.profile = "officer";
    verdict = office_ask(it, &draft, signers);
    expect_refusal(&verdict, AUTH_REQUEST_REASON_PROFILE);
    auth_policy_free(it->policy);
    it->policy = office_policy("\"kind\": \"enrol\",",
                               "\"kind\": \"enrol\",\"profiles\":[\"*-encryption\"],");
    draft.profile = "citizen-signing";
    verdict = office_ask(it, &draft, signers);
    expect_refusal(&verdict, AUTH_REQUEST_REASON_NO_RULE);
    draft.profile = "citizen-encryption";
    verdict = office_ask(it, &draft, signers);
    ck_assert_int_eq((int)verdict.outcome, AUTH_REQUEST_SATISFIED);
    auth_policy_free(it->policy);
    it->policy = office_policy("\"realm\": \"example\"", "\"realm\": \"elsewhere\"");
    verdict = office_ask(it, &draft, signers);
    expect_refusal(&verdict, AUTH_REQUEST_REASON_REALM);
    done();
}
END_TEST

/* Signatures of one document and the payload of another. */
START_TEST(a_signature_does_not_move_to_another_document)
{
    setup();
    auth_request_draft draft = office_draft(it, AUTH_REQUEST_KIND_REVOKE);
    AUTH_AUTO(auth_buf) *first = office_payload(&draft);
    draft.id = "019b76da-a800-7123-8456-789abcdef013";
    AUTH_AUTO(auth_buf) *second = office_payload(&draft);
    AUTH_AUTO(auth_buf) *signed_first = office_sign(it, auth_buf_bytes(first), WHO(OFFICE_CLERK));
    AUTH_AUTO(auth_buf) *signed_second = office_sign(it, auth_buf_bytes(second), WHO(OFFICE_CLERK));
    auth_bytes a = auth_buf_bytes(signed_first);
    auth_bytes b = auth_buf_bytes(signed_second);
    const char *cut_a = strstr((const char *)a.data, "\"signatures\"");
    const char *cut_b = strstr((const char *)b.data, "\"signatures\"");
    ck_assert(cut_a != NULL && cut_b != NULL);
    size_t head = (size_t)(cut_a - (const char *)a.data);
    size_t tail = b.len - (size_t)(cut_b - (const char *)b.data);
    uint8_t *moved = malloc(head + tail);
    ck_assert_ptr_nonnull(moved);
    memcpy(moved, a.data, head);
    memcpy(moved + head, cut_b, tail);
    AUTH_AUTO(auth_request) *request = office_parse((auth_bytes){moved, head + tail});
    auth_request_verdict verdict = office_evaluate(it, request);
    expect_refusal(&verdict, AUTH_REQUEST_REASON_BAD_SIGNATURE);
    free(moved);
    done();
}
END_TEST

/* One good signature does not make up for a bad one. */
START_TEST(one_bad_signature_refuses_all)
{
    setup();
    office_person *clerk = &it->people[OFFICE_CLERK_2];
    auth_request_draft draft = office_draft(it, AUTH_REQUEST_KIND_REVOKE);
    AUTH_AUTO(auth_buf) *payload = office_payload(&draft);
    AUTH_AUTO(auth_buf) *good =
        office_sign(it, auth_buf_bytes(payload), WHO(OFFICE_CLERK, OFFICE_CLERK_2));
    auth_bytes text = auth_buf_bytes(good);
    char *copy = strndup((const char *)text.data, text.len);
    ck_assert_ptr_nonnull(copy);
    char *last = strrchr(copy, '"') - 8;
    *last = *last == 'A' ? 'B' : 'A';
    AUTH_AUTO(auth_request) *request = office_parse(auth_bytes_from_text(copy));
    auth_request_verdict verdict = office_evaluate(it, request);
    expect_refusal(&verdict, AUTH_REQUEST_REASON_BAD_SIGNATURE);
    ck_assert_uint_eq(verdict.signature, 1);
    ck_assert_ptr_nonnull(strstr(verdict.text, "signature 2"));
    ck_assert(clerk->facts.is_trusted);
    free(copy);
    done();
}
END_TEST

/* The clerk's key that is at hand, and how often one was wanted. */
typedef struct key_shelf {
    const auth_public_key *key;
    size_t asked;
} key_shelf;

static key_shelf shelf;

static const auth_public_key *take_key(void *context, auth_bytes certificate)
{
    const office_realm *of = context;
    shelf.asked++;
    return auth_bytes_equal(certificate, RAW(of->people[OFFICE_CLERK].certificate)) ? shelf.key
                                                                                    : NULL;
}

static auth_request_verdict evaluate_with(const auth_request *request, const auth_public_key *key)
{
    auth_error err;
    auth_request_verdict verdict;
    auth_request_facts facts = office_facts(it);
    facts.key_of = take_key;
    shelf = (key_shelf){.key = key};
    assert_ok(auth_request_evaluate(request, it->policy, &facts, OFFICE_NOW, &verdict, &err), &err);
    return verdict;
}

/* It spares reading the key, and verifies nothing that the certificate's own does not. */
START_TEST(a_key_at_hand_counts_as_the_certificates_own)
{
    setup();
    auth_request_draft draft = office_draft(it, AUTH_REQUEST_KIND_ENROL);
    AUTH_AUTO(auth_buf) *payload = office_payload(&draft);
    AUTH_AUTO(auth_buf) *document =
        office_sign(it, auth_buf_bytes(payload), WHO(OFFICE_CLERK, OFFICE_APPROVER));
    AUTH_AUTO(auth_request) *request = office_parse(auth_buf_bytes(document));
    const auth_public_key *own = auth_signer_public_key(it->people[OFFICE_CLERK].signer);
    auth_request_verdict verdict = evaluate_with(request, own);
    ck_assert_msg(verdict.outcome == AUTH_REQUEST_SATISFIED, "%s", verdict.text);
    ck_assert_uint_eq(shelf.asked, 2);
    verdict = evaluate_with(request, NULL);
    ck_assert_msg(verdict.outcome == AUTH_REQUEST_SATISFIED, "%s", verdict.text);
    verdict = evaluate_with(request, auth_signer_public_key(it->people[OFFICE_APPROVER].signer));
    expect_refusal(&verdict, AUTH_REQUEST_REASON_BAD_SIGNATURE);
    ck_assert_uint_eq(verdict.signature, 0);
    done();
}
END_TEST

/* A document of eight signatures is evaluated, one of nine is not even read. */
START_TEST(eight_signatures_are_the_most)
{
    setup();
    auth_error err;
    for (size_t i = 0; i < OFFICE_PEOPLE; i++) {
        it->people[i].facts.holder.role = AUTH_OFFICER_ROLE_CLERK;
        it->people[i].facts.holder.kind = AUTH_HOLDER_OFFICER;
        (void)memcpy(it->people[i].facts.holder.office, "city", sizeof "city");
    }
    auth_request_draft draft = office_draft(it, AUTH_REQUEST_KIND_REVOKE);
    it->item.serial = (auth_bytes){it->people[OFFICE_NEIGHBOUR].serial, OFFICE_SERIAL_SIZE};
    AUTH_AUTO(auth_buf) *payload = office_payload(&draft);
    AUTH_AUTO(auth_buf) *out = NULL;
    AUTH_AUTO(auth_buf) *document =
        office_sign(it, auth_buf_bytes(payload), WHO(0, 1, 2, 3, 4, 5, 6, 7));
    AUTH_AUTO(auth_request) *request = office_parse(auth_buf_bytes(document));
    auth_request_verdict verdict = office_evaluate(it, request);
    ck_assert_msg(verdict.outcome == AUTH_REQUEST_SATISFIED, "%s", verdict.text);
    ck_assert_uint_eq(verdict.signed_count, 8);
    const office_person *ninth = &it->people[8];
    auth_request_signing signing = {ninth->signer, ninth->chain, 1, OFFICE_NOW};
    assert_ok(auth_buf_new(OFFICE_TEXT_MAX, &out, &err), &err);
    assert_fails(auth_request_add_signature(request, &signing, out, &err), AUTH_STATUS_LIMIT, &err);
    done();
}
END_TEST

START_TEST(a_fact_that_cannot_be_found_out_ends_it)
{
    setup();
    auth_error err;
    auth_request_verdict verdict = {.reason = AUTH_REQUEST_REASON_LIMIT};
    auth_request_draft draft = office_draft(it, AUTH_REQUEST_KIND_REVOKE);
    AUTH_AUTO(auth_buf) *payload = office_payload(&draft);
    AUTH_AUTO(auth_buf) *document = office_sign(it, auth_buf_bytes(payload), WHO(OFFICE_CLERK));
    AUTH_AUTO(auth_request) *request = office_parse(auth_buf_bytes(document));
    auth_request_facts facts = office_facts(it);
    it->failure = AUTH_STATUS_UNAVAILABLE;
    assert_fails(auth_request_evaluate(request, it->policy, &facts, OFFICE_NOW, &verdict, &err),
                 AUTH_STATUS_UNAVAILABLE, &err);
    ck_assert_int_eq((int)verdict.reason, AUTH_REQUEST_REASON_LIMIT);
    done();
}
END_TEST

typedef struct attempt_context {
    const auth_request *request;
    auth_request_facts facts;
} attempt_context;

static auth_status attempt_evaluate(void *context)
{
    attempt_context *the = context;
    auth_request_verdict verdict = {.reason = AUTH_REQUEST_REASON_LIMIT};
    auth_status status =
        auth_request_evaluate(the->request, it->policy, &the->facts, OFFICE_NOW, &verdict, NULL);
    if (status != AUTH_STATUS_OK && verdict.reason != AUTH_REQUEST_REASON_LIMIT)
        return AUTH_STATUS_INTERNAL;
    if (status == AUTH_STATUS_OK && verdict.outcome != AUTH_REQUEST_SATISFIED)
        return AUTH_STATUS_INTERNAL;
    return status;
}

START_TEST(an_evaluation_survives_each_failing_allocation)
{
    setup();
    auth_request_draft draft = office_draft(it, AUTH_REQUEST_KIND_REKEY);
    AUTH_AUTO(auth_buf) *payload = office_payload(&draft);
    AUTH_AUTO(auth_buf) *document =
        office_sign(it, auth_buf_bytes(payload), WHO(OFFICE_CLERK, OFFICE_APPROVER));
    AUTH_AUTO(auth_request) *request = office_parse(auth_buf_bytes(document));
    attempt_context the = {request, office_facts(it)};
    ck_assert_uint_ge(harness_for_each_failure(attempt_evaluate, &the), 4);
    done();
}
END_TEST

SUITE("quorum", TEST_EACH(each_kind_is_satisfied_by_whom_the_policy_names, 10),
      TEST(what_is_missing_is_told), TEST(a_signer_takes_the_place_that_few_can_take),
      TEST(more_signatures_than_needed_do_no_harm), TEST(two_clerks_do_not_make_an_approver),
      TEST(a_role_or_office_without_a_say_refuses), TEST(nobody_signs_twice),
      TEST(one_key_does_not_sign_for_two), TEST(the_same_certificate_does_not_sign_twice),
      TEST(who_lost_trust_no_longer_counts), TEST(holders_and_officers_keep_to_what_is_theirs),
      TEST(a_renewal_is_of_ones_own_live_certificate), TEST(a_revoked_certificate_is_not_renewed),
      TEST(an_officers_certificate_is_not_a_citizens),
      TEST(a_new_certificate_serves_the_purpose_of_the_old), TEST(items_are_of_the_office_or_below),
      TEST(each_item_of_a_batch_is_looked_at), TEST(a_rekey_is_for_the_person_of_the_certificate),
      TEST(nobody_decides_about_himself), TEST(offices_and_officers_must_be_there),
      TEST(times_are_kept),
      TEST_EACH(a_signature_is_made_between_creation_and_now,
                sizeof signing_times / sizeof signing_times[0]),
      TEST(an_expired_certificate_signs_nothing), TEST(an_id_is_used_once),
      TEST(what_the_policy_does_not_know_is_refused),
      TEST(a_signature_does_not_move_to_another_document), TEST(one_bad_signature_refuses_all),
      TEST(a_key_at_hand_counts_as_the_certificates_own),
      TEST(a_key_at_hand_counts_as_the_certificates_own), TEST(eight_signatures_are_the_most),
      TEST(a_fact_that_cannot_be_found_out_ends_it),
      TEST(an_evaluation_survives_each_failing_allocation))
