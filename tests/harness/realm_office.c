/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/realm_office.h"
#include "harness/jws_signer.h"

#include <auth/csr.h>
#include <stdlib.h>
#include <string.h>

#define DAY 86400
#define HOUR 3600
#define SEED_SIZE 32

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s: %s", auth_status_name(status), err->text);
}

typedef struct office_row {
    const char *id;
    int parent;
} office_row;

static const office_row offices[] = {
    {"centre", -1}, {"province", 0}, {"city", 1}, {"sibling", 1}, {"elsewhere", 0},
};

#define OFFICES ((int)(sizeof offices / sizeof offices[0]))

typedef struct person_row {
    const char *officer; /* NULL: a citizen */
    auth_officer_role role;
    const char *office;
    const char *number; /* NULL: one that no request speaks of */
} person_row;

/* The examples of GB 11643. */
#define CITIZEN_NUMBER "11010519491231002X"
#define NEIGHBOUR_NUMBER "440524188001010014"

static const person_row rows[OFFICE_PEOPLE] = {
    [OFFICE_CLERK] = {"clerk-1", AUTH_OFFICER_ROLE_CLERK, "city", NULL},
    [OFFICE_CLERK_2] = {"clerk-2", AUTH_OFFICER_ROLE_CLERK, "city", NULL},
    [OFFICE_APPROVER] = {"approver-1", AUTH_OFFICER_ROLE_APPROVER, "city", NULL},
    [OFFICE_APPROVER_2] = {"approver-2", AUTH_OFFICER_ROLE_APPROVER, "city", NULL},
    [OFFICE_ADMIN] = {"admin-1", AUTH_OFFICER_ROLE_ADMIN, "city", NULL},
    [OFFICE_AUDITOR] = {"auditor-1", AUTH_OFFICER_ROLE_AUDITOR, "city", NULL},
    [OFFICE_PROVINCE_CLERK] = {"clerk-3", AUTH_OFFICER_ROLE_CLERK, "province", NULL},
    [OFFICE_PROVINCE_APPROVER] = {"approver-3", AUTH_OFFICER_ROLE_APPROVER, "province", NULL},
    [OFFICE_PROVINCE_ADMIN] = {"admin-3", AUTH_OFFICER_ROLE_ADMIN, "province", NULL},
    [OFFICE_CENTRE_ADMIN] = {"admin-4", AUTH_OFFICER_ROLE_ADMIN, "centre", NULL},
    [OFFICE_SIBLING_CLERK] = {"clerk-5", AUTH_OFFICER_ROLE_CLERK, "sibling", NULL},
    [OFFICE_SIBLING_APPROVER] = {"approver-5", AUTH_OFFICER_ROLE_APPROVER, "sibling", NULL},
    [OFFICE_ELSEWHERE_ADMIN] = {"admin-6", AUTH_OFFICER_ROLE_ADMIN, "elsewhere", NULL},
    [OFFICE_CITIZEN] = {NULL, AUTH_OFFICER_ROLE_NONE, "city", CITIZEN_NUMBER},
    [OFFICE_NEIGHBOUR] = {NULL, AUTH_OFFICER_ROLE_NONE, "city", NEIGHBOUR_NUMBER},
};

/* PKCS#8 of an Ed25519 key (RFC 8410 section 7) whose octets are all the same. */
static auth_signer *fixed_signer(uint8_t octet)
{
    static const char head[] = "\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
    uint8_t pkcs8[sizeof head - 1 + SEED_SIZE];
    auth_error err;
    auth_signer *signer = NULL;
    memcpy(pkcs8, head, sizeof head - 1);
    memset(pkcs8 + sizeof head - 1, octet, SEED_SIZE);
    must(auth_signer_parse((auth_bytes){pkcs8, sizeof pkcs8}, NULL, NULL, &signer, &err), &err);
    return signer;
}

static auth_person_index index_of_text(const char *text)
{
    auth_person_index index = {{0}};
    memcpy(index.octets, text, strnlen(text, sizeof index.octets));
    return index;
}

static auth_request_holder holder_of_row(const person_row *row, size_t who)
{
    static const char *const names[] = {"person-a", "person-b", "person-c", "person-d", "person-e",
                                        "person-f", "person-g", "person-h", "person-i", "person-j",
                                        "person-k", "person-l", "person-m", "person-n", "person-o"};
    auth_request_holder holder = {
        .kind = row->officer == NULL ? AUTH_HOLDER_CITIZEN : AUTH_HOLDER_OFFICER,
        .person = index_of_text(row->number != NULL ? row->number : names[who]),
        .not_after = OFFICE_NOW + (auth_time)365 * DAY,
        .role = row->role,
    };
    const char *profile = row->officer == NULL ? "citizen-signing" : "officer";
    memcpy(holder.office, row->office, strlen(row->office));
    memcpy(holder.profile, profile, strlen(profile));
    if (row->officer != NULL)
        memcpy(holder.officer, row->officer, strlen(row->officer));
    return holder;
}

static void open_person(office_person *out, size_t who, auth_key_type type,
                        const auth_signer *authority)
{
    raw_cert cert = {"Staff",
                     rows[who].officer == NULL ? "Citizen" : rows[who].officer,
                     (uint8_t)(who + 1),
                     OFFICE_NOW - (auth_time)30 * DAY,
                     OFFICE_NOW + (auth_time)365 * DAY,
                     {NULL, 0}};
    out->signer =
        type == AUTH_KEY_TYPE_ED25519 ? fixed_signer((uint8_t)(who + 1)) : raw_signer_new(type);
    out->certificate = raw_cert_make(&cert, auth_signer_public_key(out->signer), authority);
    out->chain[0] = RAW(out->certificate);
    memcpy(out->serial, OFFICE_SERIAL, sizeof out->serial);
    out->serial[OFFICE_SERIAL_SIZE - 1] = (uint8_t)(who + 1);
    out->facts =
        (auth_request_signer){.is_trusted = true, .holder = holder_of_row(&rows[who], who)};
}

auth_policy *office_policy(const char *what, const char *with)
{
    auth_error err;
    auth_policy *policy = NULL;
    AUTH_AUTO(auth_policy_raw) *raw = NULL;
    size_t len = 0;
    char *text = harness_read_data("../../schemas/policy.json", &len);
    if (what != NULL) {
        char *changed = jws_replace(text, what, with);
        free(text);
        text = changed;
    }
    must(auth_policy_parse(auth_bytes_from_text(text), &raw, &err), &err);
    must(auth_policy_validate(raw, &policy, &err), &err);
    free(text);
    return policy;
}

office_realm *office_new(auth_key_type type)
{
    office_realm *it = calloc(1, sizeof *it);
    if (it == NULL)
        harness_die("no memory");
    auth_signer *authority = fixed_signer(0xa0);
    for (size_t i = 0; i < OFFICE_PEOPLE; i++)
        open_person(&it->people[i], i, type, authority);
    auth_signer_free(authority);
    it->policy = office_policy(NULL, NULL);
    auth_signer *card = fixed_signer(0xb0);
    it->csr = office_csr(card);
    auth_signer_free(card);
    memset(it->digest, 0x5a, sizeof it->digest);
    return it;
}

void office_free(office_realm *it)
{
    if (it == NULL)
        return;
    for (size_t i = 0; i < OFFICE_PEOPLE; i++)
        auth_signer_free(it->people[i].signer);
    auth_policy_free(it->policy);
    auth_buf_free(it->csr);
    free(it);
}

static int office_row_of(const char *id)
{
    int i = 0;
    while (i < OFFICES && strcmp(offices[i].id, id) != 0)
        i++;
    return i;
}

static auth_status fail(const office_realm *it, auth_error *err)
{
    return auth_error_set(err, it->failure, "the test says so");
}

static auth_status find_signer(void *context, const auth_bytes *chain, size_t chain_len,
                               auth_time signed_at, auth_request_signer *out, auth_error *err)
{
    const office_realm *it = context;
    (void)signed_at;
    if (it->failure != AUTH_STATUS_OK)
        return fail(it, err);
    *out = (auth_request_signer){.is_trusted = false};
    for (size_t i = 0; chain_len > 0 && i < OFFICE_PEOPLE; i++) {
        if (auth_bytes_equal(chain[0], RAW(it->people[i].certificate)))
            *out = it->people[i].facts;
    }
    return AUTH_STATUS_OK;
}

static auth_status is_within(void *context, const char *office, const char *ancestor, bool *out,
                             auth_error *err)
{
    const office_realm *it = context;
    if (it->failure != AUTH_STATUS_OK)
        return fail(it, err);
    int row = office_row_of(office);
    *out = false;
    while (row >= 0 && row < OFFICES && !*out) {
        *out = strcmp(offices[row].id, ancestor) == 0;
        row = offices[row].parent;
    }
    return AUTH_STATUS_OK;
}

static auth_status is_open(void *context, const char *office, bool *out, auth_error *err)
{
    const office_realm *it = context;
    if (it->failure != AUTH_STATUS_OK)
        return fail(it, err);
    int row = office_row_of(office);
    *out = row < OFFICES && !it->is_closed[row];
    return AUTH_STATUS_OK;
}

static auth_status was_used(void *context, const char *id, auth_bytes payload_hash,
                            auth_request_use *out, auth_error *err)
{
    const office_realm *it = context;
    if (it->failure != AUTH_STATUS_OK)
        return fail(it, err);
    if (strlen(id) != AUTH_REQUEST_ID_SIZE - 1 || payload_hash.len != AUTH_REQUEST_HASH_SIZE)
        harness_die("was_used is asked about something else");
    *out = it->use;
    return AUTH_STATUS_OK;
}

static auth_status holder_of(void *context, auth_bytes serial, auth_request_holder *out,
                             auth_error *err)
{
    const office_realm *it = context;
    if (it->failure != AUTH_STATUS_OK)
        return fail(it, err);
    for (size_t i = 0; i < OFFICE_PEOPLE; i++) {
        const office_person *person = &it->people[i];
        if (auth_bytes_equal(serial, (auth_bytes){person->serial, sizeof person->serial})) {
            *out = person->facts.holder;
            return AUTH_STATUS_OK;
        }
    }
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND, "no such certificate");
}

static auth_status find_officer(void *context, const char *officer, auth_request_holder *out,
                                auth_error *err)
{
    const office_realm *it = context;
    if (it->failure != AUTH_STATUS_OK)
        return fail(it, err);
    for (size_t i = 0; i < OFFICE_PEOPLE; i++) {
        if (strcmp(it->people[i].facts.holder.officer, officer) == 0) {
            *out = it->people[i].facts.holder;
            return AUTH_STATUS_OK;
        }
    }
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND, "no such officer");
}

static auth_status index_of(void *context, const auth_person_number *number, auth_person_index *out,
                            auth_error *err)
{
    const office_realm *it = context;
    if (it->failure != AUTH_STATUS_OK)
        return fail(it, err);
    auth_bytes text = auth_person_number_reveal(number);
    *out = (auth_person_index){{0}};
    memcpy(out->octets, text.data, text.len < sizeof out->octets ? text.len : sizeof out->octets);
    return AUTH_STATUS_OK;
}

auth_request_facts office_facts(office_realm *it)
{
    return (auth_request_facts){
        .context = it,
        .find_signer = find_signer,
        .is_within = is_within,
        .is_open = is_open,
        .was_used = was_used,
        .holder_of = holder_of,
        .find_officer = find_officer,
        .index_of = index_of,
    };
}

static auth_buf *buf_new(void)
{
    auth_error err;
    auth_buf *buf = NULL;
    must(auth_buf_new(OFFICE_TEXT_MAX, &buf, &err), &err);
    return buf;
}

auth_buf *office_csr(const auth_signer *signer)
{
    auth_error err;
    auth_buf *out = buf_new();
    raw_bytes subject = raw_name("card");
    must(auth_csr_new(signer, RAW(subject), out, &err), &err);
    return out;
}

static void fill_person(office_realm *it)
{
    auth_error err;
    auth_person_rules today = {.type = AUTH_PERSON_TYPE_CITIZEN, .today = {2026, 1, 1}};
    must(auth_person_number_parse(BYTES(CITIZEN_NUMBER), &today, &it->item.person, &err), &err);
    it->item.name = BYTES("\xe5\xbc\xa0\xe4\xb8\x89"); /* Zhang San */
}

static void fill_certificate(office_realm *it)
{
    const office_person *citizen = &it->people[OFFICE_CITIZEN];
    it->item.serial = (auth_bytes){citizen->serial, sizeof citizen->serial};
}

static void fill_enrolment(office_realm *it)
{
    fill_person(it);
    it->item.csr = auth_buf_bytes(it->csr);
    it->item.evidence_count = 2;
    it->item.evidence[0] =
        (auth_request_evidence){AUTH_EVIDENCE_METHOD_ID_CARD_READ, {it->digest, sizeof it->digest}};
    it->item.evidence[1] =
        (auth_request_evidence){AUTH_EVIDENCE_METHOD_FACE_MATCH, {it->digest, sizeof it->digest}};
}

static void fill_revocation(office_realm *it)
{
    fill_certificate(it);
    it->item.has_reason = true;
    it->item.reason = AUTH_REVOCATION_REASON_KEY_COMPROMISE;
}

static void fill_appointment(office_realm *it)
{
    fill_person(it);
    it->item.csr = auth_buf_bytes(it->csr);
    it->item.officer = BYTES("clerk-9");
    it->item.role = AUTH_OFFICER_ROLE_CLERK;
}

static void fill_item(office_realm *it, auth_request_kind kind)
{
    switch (kind) {
    case AUTH_REQUEST_KIND_REKEY:
        fill_enrolment(it);
        fill_revocation(it);
        break;
    case AUTH_REQUEST_KIND_RENEW:
        it->item.csr = auth_buf_bytes(it->csr);
        fill_certificate(it);
        break;
    case AUTH_REQUEST_KIND_REVOKE:
        fill_revocation(it);
        it->item.has_invalidity = true;
        it->item.invalidity = OFFICE_NOW - DAY;
        it->item.comment = BYTES("lost on the train, \"blue\" card");
        break;
    case AUTH_REQUEST_KIND_SUSPEND:
    case AUTH_REQUEST_KIND_RESUME:
        fill_certificate(it);
        break;
    case AUTH_REQUEST_KIND_APPOINT:
        fill_appointment(it);
        break;
    case AUTH_REQUEST_KIND_DISMISS:
        it->item.officer = BYTES("clerk-2");
        it->item.comment = BYTES("moved to another town");
        break;
    case AUTH_REQUEST_KIND_OPEN_OFFICE:
        it->item.opened_office = BYTES("town");
        it->item.opened_region = BYTES("110105");
        it->item.opened_name = BYTES("Town Hall");
        break;
    case AUTH_REQUEST_KIND_CLOSE_OFFICE:
        it->item.closed_office = BYTES("sibling");
        break;
    case AUTH_REQUEST_KIND_ENROL:
        fill_enrolment(it);
        break;
    }
}

auth_request_draft office_draft(office_realm *it, auth_request_kind kind)
{
    it->item = (auth_request_item){.has_reason = false};
    fill_item(it, kind);
    return (auth_request_draft){
        .id = OFFICE_ID,
        .realm = OFFICE_REALM,
        .kind = kind,
        .office = kind == AUTH_REQUEST_KIND_CLOSE_OFFICE ? "province" : "city",
        .profile = kind == AUTH_REQUEST_KIND_APPOINT     ? "officer"
                   : auth_request_kind_has_profile(kind) ? "citizen-signing"
                                                         : NULL,
        .created = OFFICE_NOW - HOUR,
        .expires = OFFICE_NOW + 12 * (auth_time)HOUR,
        .items = &it->item,
        .item_count = 1,
    };
}

auth_buf *office_payload(const auth_request_draft *draft)
{
    auth_error err;
    auth_buf *out = buf_new();
    must(auth_request_write(draft, out, &err), &err);
    return out;
}

static void add(office_realm *it, auth_bytes payload, office_who who, const char *type,
                auth_time at, auth_buf **document)
{
    auth_error err;
    AUTH_AUTO(auth_jws) *jws = NULL;
    const office_person *person = &it->people[who];
    auth_jws_rules rules = {.type = type};
    auth_jws_signing signing = {.type = type,
                                .signer = person->signer,
                                .chain = person->chain,
                                .chain_len = 1,
                                .signed_at = at};
    AUTH_AUTO(auth_buf) *out = buf_new();
    if (*document == NULL) {
        must(auth_jws_sign(payload, &signing, out, &err), &err);
    } else {
        must(auth_jws_parse(auth_buf_bytes(*document), &rules, &jws, &err), &err);
        must(auth_jws_add(jws, &signing, out, &err), &err);
    }
    auth_buf_free(*document);
    *document = AUTH_TAKE(out);
}

auth_buf *office_sign_as(office_realm *it, auth_bytes payload, const office_who *signers,
                         const char *type, auth_time at)
{
    auth_buf *document = NULL;
    for (; *signers != OFFICE_NOBODY; signers++, at += 60) {
        it->people[*signers].chain[0] = RAW(it->people[*signers].certificate);
        add(it, payload, *signers, type, at, &document);
    }
    return document;
}

auth_buf *office_sign(office_realm *it, auth_bytes payload, const office_who *signers)
{
    return office_sign_as(it, payload, signers, AUTH_REQUEST_TYPE, OFFICE_NOW - HOUR / 2);
}

const office_who *office_signers(auth_request_kind kind)
{
    static const office_who counter[] = {OFFICE_CLERK, OFFICE_APPROVER, OFFICE_NOBODY};
    static const office_who one[] = {OFFICE_CLERK, OFFICE_NOBODY};
    static const office_who admins[] = {OFFICE_PROVINCE_ADMIN, OFFICE_CENTRE_ADMIN, OFFICE_NOBODY};
    static const office_who holder[] = {OFFICE_CITIZEN, OFFICE_NOBODY};
    switch (kind) {
    case AUTH_REQUEST_KIND_RENEW:
        return holder;
    case AUTH_REQUEST_KIND_REVOKE:
    case AUTH_REQUEST_KIND_SUSPEND:
        return one;
    case AUTH_REQUEST_KIND_APPOINT:
    case AUTH_REQUEST_KIND_DISMISS:
    case AUTH_REQUEST_KIND_OPEN_OFFICE:
    case AUTH_REQUEST_KIND_CLOSE_OFFICE:
        return admins;
    case AUTH_REQUEST_KIND_ENROL:
    case AUTH_REQUEST_KIND_REKEY:
    case AUTH_REQUEST_KIND_RESUME:
        break;
    }
    return counter;
}

auth_request *office_parse(auth_bytes document)
{
    auth_error err;
    auth_request *request = NULL;
    auth_request_rules rules = {.now = OFFICE_NOW, .realm = OFFICE_REALM};
    must(auth_request_parse(document, &rules, &request, &err), &err);
    return request;
}

auth_request_verdict office_evaluate(office_realm *it, const auth_request *request)
{
    auth_error err;
    auth_request_verdict verdict;
    auth_request_facts facts = office_facts(it);
    must(auth_request_evaluate(request, it->policy, &facts, OFFICE_NOW, &verdict, &err), &err);
    return verdict;
}

auth_request_verdict office_ask(office_realm *it, const auth_request_draft *draft,
                                const office_who *signers)
{
    AUTH_AUTO(auth_buf) *payload = office_payload(draft);
    AUTH_AUTO(auth_buf) *document = office_sign(it, auth_buf_bytes(payload), signers);
    AUTH_AUTO(auth_request) *request = office_parse(auth_buf_bytes(document));
    return office_evaluate(it, request);
}
