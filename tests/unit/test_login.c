/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does every login get its own reason, with every type of key, and does none pass that must not?
 * Each row changes one thing in a world in which all is good.
 */
#include "harness/harness.h"
#include "harness/login_world.h"

#include <string.h>

static const auth_key_type types[] = {
    AUTH_KEY_TYPE_P256,
    AUTH_KEY_TYPE_ED25519,
    AUTH_KEY_TYPE_RSA,
    AUTH_KEY_TYPE_SM2,
};
#define TYPES (sizeof types / sizeof types[0])

typedef enum staple_kind {
    NO_STAPLE,
    STAPLE_GOOD,
    STAPLE_REVOKED,
    STAPLE_ON_HOLD,
    STAPLE_UNKNOWN,
    STAPLE_STALE,
    STAPLE_OLD,             /* an hour */
    STAPLE_OF_SKEW,         /* six minutes less a second: older than five, within the slack */
    STAPLE_OF_SKEW_REVOKED, /* likewise */
    STAPLE_OF_OTHER_RESPONDER,
    STAPLE_OF_OTHER_CERTIFICATE,
    STAPLE_GARBAGE,
} staple_kind;

typedef struct login_case {
    const char *name;
    auth_login_reason reason;
    void (*arrange)(login_world *world); /* before the verifier is made */
    chain_change *change;                /* of the holder's certificate */
    const char *audience;                /* that the citizen's program answers for */
    const char *session;                 /* that the application has */
    auth_time challenge_age;
    auth_time client_clock; /* its difference */
    auth_time server_clock; /* likewise, since the challenge was made */
    staple_kind staple;
    chain_role signer;
    bool is_repeated;
    auth_login_source source; /* of the knowledge that decided */
} login_case;

static void expire(chain_cert *cert) { cert->not_after = CHAIN_NOW - 1; }
static void postpone(chain_cert *cert) { cert->not_before = CHAIN_NOW + 1; }
static void move_elsewhere(chain_cert *cert) { cert->issuer = raw_name("Elsewhere"); }
static void break_signature(chain_cert *cert) { cert->has_broken_signature = true; }

static void make_server(chain_cert *cert)
{
    raw_bytes purposes = chain_purposes(OID_SERVER_AUTH, OID_UNKNOWN);
    chain_set(cert, OID_EXTENDED_KEY_USAGE, false, RAW(purposes));
}

static void make_encryption(chain_cert *cert)
{
    raw_bytes usage = chain_key_usage(0x04);
    chain_set(cert, OID_KEY_USAGE, true, RAW(usage));
}

static void be_staff(login_world *world) { login_world_certify_staff(world); }
static void ask_staff(login_world *world) { world->purpose = AUTH_PURPOSE_OFFICER; }

static void be_staff_at_staff(login_world *world)
{
    be_staff(world);
    ask_staff(world);
}

static void say(login_world *world, auth_status_state state, auth_revocation_reason reason)
{
    world->about_holder.state = state;
    world->about_holder.reason = reason;
    world->about_holder.revoked_at = CHAIN_NOW - 10;
    world->about_holder.source = AUTH_LOGIN_SOURCE_OCSP;
}

static void revoke(login_world *world)
{
    say(world, AUTH_STATUS_STATE_REVOKED, AUTH_REVOCATION_REASON_KEY_COMPROMISE);
}

static void suspend(login_world *world)
{
    say(world, AUTH_STATUS_STATE_SUSPENDED, AUTH_REVOCATION_REASON_CERTIFICATE_HOLD);
}

static void suspend_before_staple(login_world *world)
{
    suspend(world);
    world->about_holder.this_update = CHAIN_NOW - 3600;
}

static void never_issue(login_world *world)
{
    say(world, AUTH_STATUS_STATE_NEVER_ISSUED, AUTH_REVOCATION_REASON_UNSPECIFIED);
}

static void never_issue_before_staple(login_world *world)
{
    never_issue(world);
    world->about_holder.this_update = CHAIN_NOW - 3600;
}

static void revoke_authority(login_world *world)
{
    world->about_authority.state = AUTH_STATUS_STATE_REVOKED;
}

static void never_issue_authority(login_world *world)
{
    world->about_authority.state = AUTH_STATUS_STATE_NEVER_ISSUED;
}

static void suspend_authority(login_world *world)
{
    world->about_authority.state = AUTH_STATUS_STATE_SUSPENDED;
}

static void lose_authority(login_world *world)
{
    world->about_authority =
        (auth_status_knowledge){.problem = AUTH_STATUS_PROBLEM_DOWN, .detail = "no route"};
}

static void lose_and_ignore_authority(login_world *world)
{
    lose_authority(world);
    world->policy.ignores_authorities = true;
}

static void lose(login_world *world, auth_status_problem problem)
{
    world->about_holder = (auth_status_knowledge){.problem = problem};
}

static void be_silent(login_world *world) { world->has_no_source = true; }
static void be_stale(login_world *world) { lose(world, AUTH_STATUS_PROBLEM_STALE); }
static void lie(login_world *world) { lose(world, AUTH_STATUS_PROBLEM_UNTRUSTED); }
static void mistake(login_world *world) { lose(world, AUTH_STATUS_PROBLEM_MISMATCH); }
static void babble(login_world *world) { lose(world, AUTH_STATUS_PROBLEM_MALFORMED); }
static void be_down(login_world *world) { lose(world, AUTH_STATUS_PROBLEM_DOWN); }
static void be_slow(login_world *world) { lose(world, AUTH_STATUS_PROBLEM_SLOW); }
static void be_large(login_world *world) { lose(world, AUTH_STATUS_PROBLEM_TOO_LARGE); }
static void send_away(login_world *world) { lose(world, AUTH_STATUS_PROBLEM_NOT_ALLOWED); }

static void be_soft(login_world *world, const char *audience)
{
    world->policy.mode = AUTH_LOGIN_MODE_SOFT;
    world->policy.soft_count = 1;
    (void)strcpy(world->policy.soft_audiences[0], audience);
}

static void be_soft_and_down(login_world *world)
{
    be_soft(world, LOGIN_AUDIENCE);
    be_down(world);
}

static void be_soft_and_lose_authority(login_world *world)
{
    be_soft(world, LOGIN_AUDIENCE);
    lose_authority(world);
}

static void be_soft_and_revoke_authority(login_world *world)
{
    be_soft_and_down(world);
    revoke_authority(world);
}

static void be_soft_and_never_issue_authority(login_world *world)
{
    be_soft(world, LOGIN_AUDIENCE);
    never_issue_authority(world);
}

static void be_soft_and_revoke(login_world *world)
{
    be_soft(world, LOGIN_AUDIENCE);
    revoke(world);
}

static void be_soft_for_others(login_world *world)
{
    be_soft(world, "https://library.example.cn");
    be_down(world);
}

static void want_five_minutes(login_world *world)
{
    world->policy.mode = AUTH_LOGIN_MODE_MAX_AGE;
    world->policy.max_age_s = 300;
}

static void want_five_minutes_alone(login_world *world)
{
    want_five_minutes(world);
    be_silent(world);
}

static void want_no_staple(login_world *world)
{
    world->policy.source_count = 1;
    world->policy.sources[0] = AUTH_LOGIN_SOURCE_OCSP;
}

static void want_no_staple_and_be_down(login_world *world)
{
    want_no_staple(world);
    be_down(world);
}

static void tell_by_crl(login_world *world)
{
    world->about_holder.source = AUTH_LOGIN_SOURCE_CRL;
    world->about_holder.evidence = AUTH_REVOCATION_SOURCE_CRL;
}

static void want_high(login_world *world)
{
    world->policy.min_assurance = AUTH_ASSURANCE_HIGH;
    world->policy.level_count = 1;
    world->policy.levels[0] = (auth_login_level){"1.2.156.1.1", AUTH_ASSURANCE_HIGH};
}

#define R(name) AUTH_LOGIN_REASON_##name
#define S(name) .source = AUTH_LOGIN_SOURCE_##name

static const login_case cases[] = {
    {"a good login", R(OK), S(CACHE)},
    {"expired", R(EXPIRED), .change = expire},
    {"not yet valid", R(NOT_YET_VALID), .change = postpone},
    {"wrong audience", R(AUDIENCE), .audience = "https://fishing.example.cn"},
    {"wrong session", R(CHALLENGE_FOREIGN), .session = "session 2"},
    {"old challenge", R(CHALLENGE_EXPIRED), .challenge_age = LOGIN_LIFETIME + 1},
    {"challenge at its end", R(OK), .challenge_age = LOGIN_LIFETIME, S(CACHE)},
    {"challenge from the future", R(CHALLENGE_FUTURE), .challenge_age = -61},
    {"replay", R(REPLAY), .is_repeated = true, S(CACHE)},
    {"other authority", R(AUTHORITY_UNKNOWN), .change = move_elsewhere},
    {"forged certificate", R(AUTHORITY_UNKNOWN), .change = break_signature},
    {"staff at a citizen login", R(AUTHORITY_WRONG), .arrange = be_staff},
    {"citizen at a staff login", R(AUTHORITY_WRONG), .arrange = ask_staff},
    {"staff at a staff login", R(OK), .arrange = be_staff_at_staff, S(CACHE)},
    {"certificate of a server", R(PURPOSE), .change = make_server},
    {"certificate to encrypt to", R(PURPOSE), .change = make_encryption},
    {"signed with another key", R(SIGNATURE), .signer = CHAIN_CA},
    {"suspended", R(SUSPENDED), .arrange = suspend, S(OCSP)},
    {"revoked", R(REVOKED), .arrange = revoke, S(OCSP)},
    {"unknown serial", R(NEVER_ISSUED), .arrange = never_issue, S(OCSP)},
    {"authority revoked", R(AUTHORITY_REVOKED), .arrange = revoke_authority, S(CACHE)},
    {"authority suspended", R(AUTHORITY_REVOKED), .arrange = suspend_authority, S(CACHE)},
    {"authority never issued", R(AUTHORITY_REVOKED), .arrange = never_issue_authority, S(CACHE)},
    {"authority unknown to all", R(AUTHORITY_STATUS), .arrange = lose_authority, S(CACHE)},
    {"authority not asked about", R(OK), .arrange = lose_and_ignore_authority, S(CACHE)},
    {"clock of the device behind", R(CLOCK), .client_clock = -CHAIN_DAY},
    {"clock of the device ahead", R(CLOCK), .client_clock = CHAIN_DAY},
    {"clock of the server a day ahead", R(CHALLENGE_EXPIRED), .server_clock = CHAIN_DAY},
    {"clock of the server a day behind", R(CHALLENGE_FUTURE), .server_clock = -CHAIN_DAY},
    {"no source", R(STATUS_NONE), .arrange = be_silent},
    {"stale status", R(STATUS_STALE), .arrange = be_stale},
    {"wrong responder", R(STATUS_UNTRUSTED), .arrange = lie},
    {"status of another certificate", R(STATUS_MISMATCH), .arrange = mistake},
    {"malformed status", R(STATUS_MALFORMED), .arrange = babble},
    {"responder down", R(STATUS_DOWN), .arrange = be_down},
    {"responder slow", R(STATUS_SLOW), .arrange = be_slow},
    {"responder too large", R(STATUS_TOO_LARGE), .arrange = be_large},
    {"responder sends elsewhere", R(STATUS_NOT_ALLOWED), .arrange = send_away},
    {"CRL only", R(OK), .arrange = tell_by_crl, S(CRL)},
    {"soft and down", R(OK_WITHOUT_STATUS), .arrange = be_soft_and_down},
    {"soft, the authority's status lost", R(OK_WITHOUT_STATUS),
     .arrange = be_soft_and_lose_authority, S(CACHE)},
    {"soft, the authority revoked", R(AUTHORITY_REVOKED), .arrange = be_soft_and_revoke_authority},
    {"soft, the authority never issued", R(AUTHORITY_REVOKED),
     .arrange = be_soft_and_never_issue_authority, S(CACHE)},
    {"soft and revoked", R(REVOKED), .arrange = be_soft_and_revoke, S(OCSP)},
    {"soft for others", R(STATUS_DOWN), .arrange = be_soft_for_others},
    {"staple good", R(OK), .arrange = be_down, .staple = STAPLE_GOOD, S(STAPLE)},
    {"staple revoked", R(REVOKED), .staple = STAPLE_REVOKED, S(STAPLE)},
    {"staple suspended", R(SUSPENDED), .staple = STAPLE_ON_HOLD, S(STAPLE)},
    {"staple of a serial that is unknown", R(NEVER_ISSUED), .staple = STAPLE_UNKNOWN, S(STAPLE)},
    {"staple from before a revocation", R(REVOKED), .arrange = revoke, .staple = STAPLE_GOOD,
     S(OCSP)},
    {"staple from before a suspension", R(SUSPENDED), .arrange = suspend, .staple = STAPLE_GOOD,
     S(OCSP)},
    {"staple from after a suspension", R(OK), .arrange = suspend_before_staple,
     .staple = STAPLE_GOOD, S(STAPLE)},
    {"staple from before it was never issued", R(NEVER_ISSUED), .arrange = never_issue,
     .staple = STAPLE_GOOD, S(OCSP)},
    {"staple from after that", R(OK), .arrange = never_issue_before_staple, .staple = STAPLE_GOOD,
     S(STAPLE)},
    {"staple stale", R(STATUS_STALE), .arrange = be_down, .staple = STAPLE_STALE},
    {"staple stale, another source good", R(OK), .staple = STAPLE_STALE, S(CACHE)},
    {"staple of another responder", R(STATUS_UNTRUSTED), .arrange = be_down,
     .staple = STAPLE_OF_OTHER_RESPONDER},
    {"staple of another certificate", R(STATUS_MISMATCH), .arrange = be_down,
     .staple = STAPLE_OF_OTHER_CERTIFICATE},
    {"staple of garbage", R(STATUS_MALFORMED), .arrange = be_down, .staple = STAPLE_GARBAGE},
    {"staple older than the policy allows", R(OK), .arrange = want_five_minutes,
     .staple = STAPLE_OLD, S(CACHE)},
    {"staple too old and alone", R(STATUS_STALE), .arrange = want_five_minutes_alone,
     .staple = STAPLE_OLD},
    {"staple too old by less than clocks may differ", R(STATUS_STALE),
     .arrange = want_five_minutes_alone, .staple = STAPLE_OF_SKEW},
    {"staple revoked, too old by less than that", R(REVOKED), .arrange = want_five_minutes_alone,
     .staple = STAPLE_OF_SKEW_REVOKED, S(STAPLE)},
    {"staple although the policy wants none", R(STATUS_DOWN), .arrange = want_no_staple_and_be_down,
     .staple = STAPLE_GOOD},
    {"assurance too low", R(ASSURANCE), .arrange = want_high, S(CACHE)},
};
#define CASES (sizeof cases / sizeof cases[0])

static raw_bytes make_staple(const login_world *world, staple_kind kind)
{
    static const login_staple rows[] = {
        [STAPLE_GOOD] = {.status = AUTH_OCSP_GOOD},
        [STAPLE_REVOKED] = {.status = AUTH_OCSP_REVOKED,
                            .reason = AUTH_REVOCATION_REASON_KEY_COMPROMISE},
        [STAPLE_ON_HOLD] = {.status = AUTH_OCSP_REVOKED,
                            .reason = AUTH_REVOCATION_REASON_CERTIFICATE_HOLD},
        [STAPLE_UNKNOWN] = {.status = AUTH_OCSP_UNKNOWN},
        [STAPLE_STALE] = {.this_update = CHAIN_NOW - 7200, .next_update = CHAIN_NOW - 3600},
        [STAPLE_OLD] = {.this_update = CHAIN_NOW - 3600},
        [STAPLE_OF_SKEW] = {.this_update = CHAIN_NOW - 359},
        [STAPLE_OF_SKEW_REVOKED] = {.this_update = CHAIN_NOW - 359,
                                    .status = AUTH_OCSP_REVOKED,
                                    .reason = AUTH_REVOCATION_REASON_KEY_COMPROMISE},
        [STAPLE_OF_OTHER_RESPONDER] = {.is_by_other = true},
        [STAPLE_OF_OTHER_CERTIFICATE] = {.serial = {(const uint8_t *)"\x34", 1}},
    };
    if (kind == STAPLE_GARBAGE)
        return (raw_bytes){.len = 4, .octets = {'j', 'u', 'n', 'k'}};
    return login_world_staple(world, &rows[kind]);
}

static void verify(const login_world *world, const login_case *row, const auth_buf *response,
                   auth_login_verdict *out)
{
    auth_error err;
    auth_login_input input = login_world_input();
    input.now += row->server_clock;
    if (row->session != NULL)
        input.session = auth_bytes_from_text(row->session);
    assert_ok(auth_login_verify(world->verifier, &input, auth_buf_bytes(response), out, &err),
              &err);
}

/* What holds of every verdict. */
static void check_verdict(const auth_login_verdict *verdict, const login_world *world)
{
    ck_assert_int_eq(verdict->outcome, auth_login_reason_outcome(verdict->reason));
    ck_assert_int_eq(verdict->is_accepted, verdict->outcome == AUTH_LOGIN_OUTCOME_ACCEPTED);
    ck_assert_str_eq(verdict->sentence, auth_login_reason_sentence(verdict->reason, "en"));
    ck_assert_str_eq(verdict->policy, world->policy.name);
    ck_assert_int_eq(verdict->mode, world->policy.mode);
    ck_assert_int_eq(verdict->display_name[0] != '\0', verdict->is_accepted);
    ck_assert_int_eq(verdict->status_age_s == -1, verdict->source == AUTH_LOGIN_SOURCE_NONE);
    if (verdict->outcome == AUTH_LOGIN_OUTCOME_OUTAGE)
        ck_assert(!verdict->is_accepted);
}

static void run_case(const login_case *row, auth_key_type type)
{
    auth_login_verdict verdict;
    char challenge[AUTH_CHALLENGE_SIZE];
    raw_bytes staple = {.len = 0};
    login_world *world = login_world_new(type);
    if (row->change != NULL)
        login_world_certify(world, row->change);
    if (row->arrange != NULL)
        row->arrange(world);
    login_world_start(world);
    if (row->staple != NO_STAPLE)
        staple = make_staple(world, row->staple);
    auth_time made = CHAIN_NOW - row->challenge_age;
    login_world_challenge(made, challenge);
    login_response_options options = {
        .challenge = challenge,
        .audience = row->audience,
        .now = CHAIN_NOW + row->client_clock,
        .staple = RAW(staple),
        .signer = row->signer,
    };
    auth_buf *response = login_world_respond(world, &options);
    verify(world, row, response, &verdict);
    if (row->is_repeated) {
        ck_assert_str_eq(auth_login_reason_name(verdict.reason), "ok");
        verify(world, row, response, &verdict);
    }
    ck_assert_msg(verdict.reason == row->reason, "%s, %s: %s and not %s: %s", row->name,
                  auth_key_type_name(type), auth_login_reason_name(verdict.reason),
                  auth_login_reason_name(row->reason), verdict.detail);
    ck_assert_str_eq(auth_login_source_name(verdict.source), auth_login_source_name(row->source));
    check_verdict(&verdict, world);
    auth_buf_free(response);
    login_world_free(world);
}

START_TEST(every_login_gets_its_reason)
{
    for (size_t i = 0; i < TYPES; i++)
        run_case(&cases[_i], types[i]);
}
END_TEST

/* The same holder again takes the short way; the verdict must not be better for that. */
START_TEST(what_is_remembered_is_judged_anew)
{
    char challenge[AUTH_CHALLENGE_SIZE];
    auth_login_verdict verdict;
    auth_error err;
    login_world *world = login_world_new(types[_i]);
    login_world_start(world);
    static const struct {
        void (*change)(login_world *world);
        auth_login_reason reason;
    } steps[] = {
        {NULL, R(OK)}, {suspend, R(SUSPENDED)}, {be_down, R(STATUS_DOWN)},
        {NULL, R(OK)}, {revoke, R(REVOKED)},    {NULL, R(OK)},
    };
    auth_status_knowledge good = world->about_holder;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        world->about_holder = good;
        if (steps[i].change != NULL)
            steps[i].change(world);
        login_world_challenge(CHAIN_NOW, challenge);
        auth_buf *response =
            login_world_respond(world, &(login_response_options){.challenge = challenge});
        auth_login_input input = login_world_input();
        assert_ok(auth_login_verify(world->verifier, &input, auth_buf_bytes(response), &verdict,
                                    &err),
                  &err);
        ck_assert_str_eq(auth_login_reason_name(verdict.reason),
                         auth_login_reason_name(steps[i].reason));
        auth_buf_free(response);
    }
    login_world_free(world);
}
END_TEST

/* A certificate that is remembered expires all the same. */
START_TEST(time_is_looked_at_anew)
{
    static const struct {
        auth_time now;
        auth_login_reason reason;
    } steps[] = {
        {CHAIN_NOW, R(OK)},
        {CHAIN_NOW + 365 * CHAIN_DAY, R(OK)},
        {CHAIN_NOW + 365 * CHAIN_DAY + 1, R(EXPIRED)},
        {CHAIN_NOW - 365 * CHAIN_DAY - 1, R(NOT_YET_VALID)},
        {CHAIN_NOW, R(OK)},
    };
    auth_login_verdict verdict;
    auth_error err;
    login_world *world = login_world_new(AUTH_KEY_TYPE_P256);
    login_world_start(world);
    auth_login_input input = login_world_input();
    auth_bytes certs[] = {RAW(world->holder), RAW(world->authority)};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        input.now = steps[i].now;
        assert_ok(auth_peer_verify(world->verifier, &input, certs, 2, &verdict, &err), &err);
        ck_assert_str_eq(auth_login_reason_name(verdict.reason),
                         auth_login_reason_name(steps[i].reason));
    }
    login_world_free(world);
}
END_TEST

/* Keys are made once, in the process that starts the tests: those of RSA take long. */
static bool make_keys(void)
{
    for (size_t i = 0; i < TYPES; i++) {
        for (chain_role role = CHAIN_ROOT; role < CHAIN_ROLES; role++)
            (void)chain_signer(types[i], role);
    }
    return true;
}

SUITE_AFTER(make_keys, "login", TEST_EACH(every_login_gets_its_reason, CASES),
            TEST_EACH(what_is_remembered_is_judged_anew, TYPES), TEST(time_is_looked_at_anew))
