/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a client of an OpenSSL server get the verdict about the certificate whose key signed the
 * handshake, and about no other, and none before it did? The handshakes are real, in TLS 1.2 and
 * 1.3.
 */
#include "harness/harness.h"
#include "harness/login_world.h"

#include <auth/openssl.h>
#include <openssl/pem.h>

/* The certificate that OpenSSL cannot write, counted from 0. */
static int unwritable = -1;

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker makes these names. */
int __real_i2d_X509(const X509 *certificate, unsigned char **out);
int __wrap_i2d_X509(const X509 *certificate, unsigned char **out);

int __wrap_i2d_X509(const X509 *certificate, unsigned char **out)
{
    if (unwritable >= 0 && unwritable-- == 0)
        return -1;
    return __real_i2d_X509(certificate, out);
}
/* NOLINTEND(bugprone-reserved-identifier) */

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

#define VERSIONS (sizeof versions / sizeof versions[0])

/* A connection; each writes where the other reads. */
typedef struct line {
    SSL_CTX *tls[2]; /* the server's and the client's */
    SSL *server;
    SSL *client;
} line;

static X509 *parse(const raw_bytes *der)
{
    const unsigned char *at = der->octets;
    X509 *out = d2i_X509(NULL, &at, (long)der->len);
    ck_assert_ptr_nonnull(out);
    return out;
}

static void use_key(SSL_CTX *tls, chain_role role)
{
    auth_error err;
    AUTH_AUTO(auth_buf) *pem = NULL;
    assert_ok(auth_buf_new(4096, &pem, &err), &err);
    assert_ok(auth_signer_export(chain_signer(AUTH_KEY_TYPE_P256, role), NULL, pem, &err), &err);
    auth_bytes text = auth_buf_bytes(pem);
    BIO *file = BIO_new_mem_buf(text.data, (int)text.len);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(file, NULL, NULL, NULL);
    ck_assert_int_eq(SSL_CTX_use_PrivateKey(tls, key), 1);
    EVP_PKEY_free(key);
    BIO_free(file);
}

static void use_certificate(SSL_CTX *tls, const raw_bytes *certificate)
{
    X509 *own = parse(certificate);
    ck_assert_int_eq(SSL_CTX_use_certificate(tls, own), 1);
    X509_free(own);
    use_key(tls, CHAIN_LEAF);
}

static void send_along(line *it, const raw_bytes *certificate)
{
    ck_assert_int_eq(SSL_CTX_add0_chain_cert(it->tls[1], parse(certificate)), 1);
}

/* A server that asks, and shows a citizen's certificate itself. */
static line line_new(const login_world *world, int version)
{
    line it = {{SSL_CTX_new(TLS_server_method()), SSL_CTX_new(TLS_client_method())}, NULL, NULL};
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(SSL_CTX_set_min_proto_version(it.tls[i], version), 1);
        ck_assert_int_eq(SSL_CTX_set_max_proto_version(it.tls[i], version), 1);
    }
    use_certificate(it.tls[0], &world->holder);
    ck_assert_int_eq(auth_openssl_ask(it.tls[0]), 1);
    return it;
}

static void connect_line(line *it)
{
    BIO *to_client = BIO_new(BIO_s_mem());
    BIO *to_server = BIO_new(BIO_s_mem());
    it->server = SSL_new(it->tls[0]);
    it->client = SSL_new(it->tls[1]);
    ck_assert_int_eq(BIO_up_ref(to_client) + BIO_up_ref(to_server), 2);
    SSL_set_bio(it->server, to_server, to_client);
    SSL_set_bio(it->client, to_client, to_server);
    SSL_set_accept_state(it->server);
    SSL_set_connect_state(it->client);
}

static void line_free(line *it)
{
    SSL_free(it->server);
    SSL_free(it->client);
    SSL_CTX_free(it->tls[0]);
    SSL_CTX_free(it->tls[1]);
}

static void shake_hands(line *it)
{
    connect_line(it);
    for (int turn = 0; turn < 10; turn++) {
        (void)SSL_do_handshake(it->client);
        (void)SSL_do_handshake(it->server);
    }
    ck_assert(SSL_is_init_finished(it->client) && SSL_is_init_finished(it->server));
}

static const char *judge(login_world *world, const SSL *ssl)
{
    auth_error err;
    auth_login_verdict verdict;
    auth_login_input input = login_world_input();
    assert_ok(auth_openssl_peer_verify(world->verifier, &input, ssl, &verdict, &err), &err);
    ck_assert_int_eq(verdict.is_accepted, verdict.reason == AUTH_LOGIN_REASON_OK);
    return auth_login_reason_name(verdict.reason);
}

static login_world *world_new(void)
{
    login_world *world = login_world_new(AUTH_KEY_TYPE_P256);
    login_world_start(world);
    return world;
}

START_TEST(a_client_with_a_certificate_is_let_in)
{
    login_world *world = world_new();
    line it = line_new(world, versions[_i]);
    use_certificate(it.tls[1], &world->holder);
    send_along(&it, &world->authority);
    shake_hands(&it);
    ck_assert_str_eq(judge(world, it.server), "ok");
    line_free(&it);
    login_world_free(world);
}
END_TEST

START_TEST(a_client_without_one_is_told_so)
{
    login_world *world = world_new();
    line it = line_new(world, versions[_i]);
    shake_hands(&it);
    ck_assert_str_eq(judge(world, it.server), "no-certificate");
    line_free(&it);
    login_world_free(world);
}
END_TEST

/* The other's comes first of those that are sent along, and would be accepted. */
START_TEST(nobody_is_let_in_by_the_certificate_of_another)
{
    login_world *world = world_new();
    line it = line_new(world, versions[_i]);
    raw_bytes victim = world->holder;
    login_world_certify_staff(world);
    use_certificate(it.tls[1], &world->holder);
    send_along(&it, &victim);
    send_along(&it, &world->authority);
    send_along(&it, &world->staff);
    shake_hands(&it);
    ck_assert_str_eq(judge(world, it.server), "authority-wrong");
    line_free(&it);
    login_world_free(world);
}
END_TEST

START_TEST(without_memory_there_is_a_fault_and_no_other_certificate)
{
    auth_error err;
    auth_login_verdict verdict;
    auth_login_pending *pending = NULL;
    auth_login_input input = login_world_input();
    login_world *world = world_new();
    line it = line_new(world, TLS1_3_VERSION);
    use_certificate(it.tls[1], &world->holder);
    send_along(&it, &world->holder);
    send_along(&it, &world->authority);
    shake_hands(&it);
    unwritable = _i;
    assert_fails(auth_openssl_peer_verify(world->verifier, &input, it.server, &verdict, &err),
                 AUTH_STATUS_MEMORY, &err);
    ck_assert_int_eq(unwritable, -1);
    ck_assert(!verdict.is_accepted && verdict.outcome == AUTH_LOGIN_OUTCOME_FAULT);
    ck_assert_str_eq(auth_login_reason_name(verdict.reason), "fault");
    ck_assert_str_eq(verdict.sentence,
                     auth_login_reason_sentence(AUTH_LOGIN_REASON_FAULT, input.language));
    unwritable = _i;
    assert_fails(auth_openssl_peer_begin(world->verifier, &input, it.server, NULL, NULL, &pending,
                                         &verdict, &err),
                 AUTH_STATUS_MEMORY, &err);
    ck_assert(!verdict.is_accepted && pending == NULL);
    ck_assert_str_eq(judge(world, it.server), "ok");
    line_free(&it);
    login_world_free(world);
}
END_TEST

/* Octet by octet: the server has the certificate for a while before its key has signed. */
START_TEST(nobody_is_let_in_before_the_handshake_is_done)
{
    size_t unproven = 0;
    login_world *world = world_new();
    line it = line_new(world, versions[_i]);
    use_certificate(it.tls[1], &world->holder);
    send_along(&it, &world->authority);
    connect_line(&it);
    BIO *from_client = BIO_new(BIO_s_mem());
    BIO *to_server = SSL_get_rbio(it.server);
    ck_assert_int_eq(BIO_up_ref(from_client), 1);
    SSL_set0_wbio(it.client, from_client);
    ck_assert_str_eq(judge(world, it.server), "no-certificate");
    for (int left = 100000; !SSL_is_init_finished(it.server) && left > 0; left--) {
        char octet;
        (void)SSL_do_handshake(it.client);
        if (BIO_read(from_client, &octet, 1) == 1)
            ck_assert_int_eq(BIO_write(to_server, &octet, 1), 1);
        (void)SSL_do_handshake(it.server);
        if (SSL_is_init_finished(it.server))
            break;
        unproven += SSL_get0_peer_certificate(it.server) != NULL;
        assert_each(strcmp(judge(world, it.server), "no-certificate") == 0, "let in early");
    }
    ck_assert_uint_gt(unproven, 0);
    ck_assert_str_eq(judge(world, it.server), "ok");
    BIO_free(from_client);
    line_free(&it);
    login_world_free(world);
}
END_TEST

/* Its name is what a client would have to look at. */
START_TEST(a_server_is_not_judged)
{
    login_world *world = world_new();
    line it = line_new(world, versions[_i]);
    shake_hands(&it);
    ck_assert_ptr_nonnull(SSL_get0_peer_certificate(it.client));
    ck_assert_str_eq(judge(world, it.client), "no-certificate");
    line_free(&it);
    login_world_free(world);
}
END_TEST

START_TEST(a_chain_that_is_too_long_is_refused)
{
    login_world *world = world_new();
    line it = line_new(world, versions[_i]);
    use_certificate(it.tls[1], &world->holder);
    for (int i = 1; i < AUTH_CHAIN_MAX; i++)
        send_along(&it, &world->authority);
    shake_hands(&it);
    ck_assert_str_eq(judge(world, it.server), "ok");
    line_free(&it);
    it = line_new(world, versions[_i]);
    use_certificate(it.tls[1], &world->holder);
    for (int i = 0; i < AUTH_CHAIN_MAX + 5; i++)
        send_along(&it, &world->authority);
    shake_hands(&it);
    ck_assert_str_eq(judge(world, it.server), "malformed");
    line_free(&it);
    login_world_free(world);
}
END_TEST

START_TEST(a_key_is_proved_in_each_connection)
{
    char octet;
    login_world *world = world_new();
    line it = line_new(world, versions[_i]);
    use_certificate(it.tls[1], &world->holder);
    shake_hands(&it);
    ck_assert_int_eq(SSL_write(it.server, "x", 1), 1);
    ck_assert_int_eq(SSL_read(it.client, &octet, 1), 1); /* and tickets, if there were any */
    ck_assert_int_eq(SSL_SESSION_is_resumable(SSL_get0_session(it.client)), 0);
    line_free(&it);
    login_world_free(world);
}
END_TEST

/* Where a server lets sessions be resumed, the verdict is about the certificate of the session. */
START_TEST(a_session_that_is_resumed_has_its_certificate)
{
    char octet;
    login_world *world = world_new();
    line it = line_new(world, TLS1_3_VERSION);
    use_certificate(it.tls[1], &world->holder);
    send_along(&it, &world->authority);
    (void)SSL_CTX_clear_options(it.tls[0], SSL_OP_NO_TICKET);
    ck_assert_int_eq(SSL_CTX_set_num_tickets(it.tls[0], 1), 1);
    ck_assert_int_eq(SSL_CTX_set_session_id_context(it.tls[0], (const unsigned char *)"x", 1), 1);
    shake_hands(&it);
    ck_assert_str_eq(judge(world, it.server), "ok");
    ck_assert_int_eq(SSL_write(it.server, "x", 1), 1);
    ck_assert_int_eq(SSL_read(it.client, &octet, 1), 1);
    SSL_SESSION *session = SSL_get1_session(it.client);
    (void)SSL_shutdown(it.client); /* without a farewell it is not to be resumed */
    SSL_free(it.server);
    SSL_free(it.client);
    connect_line(&it);
    ck_assert_int_eq(SSL_set_session(it.client, session), 1);
    for (int turn = 0; turn < 10; turn++) {
        (void)SSL_do_handshake(it.client);
        (void)SSL_do_handshake(it.server);
    }
    ck_assert_int_eq(SSL_session_reused(it.server), 1);
    ck_assert_str_eq(judge(world, it.server), "ok"); /* its authority is known by now */
    SSL_SESSION_free(session);
    line_free(&it);
    login_world_free(world);
}
END_TEST

static void never(void *context, auth_status status, const auth_login_verdict *verdict,
                  const auth_error *err)
{
    (void)context;
    (void)status;
    (void)verdict;
    (void)err;
    ck_abort_msg("nothing has to be waited for");
}

START_TEST(an_event_loop_gets_the_same_verdict)
{
    auth_error err;
    auth_fetcher *fetcher = NULL;
    auth_login_verdict verdict;
    auth_login_pending *pending = NULL;
    auth_fetch_options options = {.host_count = 0};
    login_world *world = login_world_new(AUTH_KEY_TYPE_P256);
    auth_bytes anchor = RAW(world->root);
    world->policy.ignores_authorities = true;
    assert_ok(auth_fetcher_new(&options, &fetcher, &err), &err);
    auth_verifier_options with = {.anchors = &anchor,
                                  .anchor_count = 1,
                                  .purpose = AUTH_PURPOSE_CITIZEN_LOGIN,
                                  .policy = &world->policy,
                                  .ask = auth_fetcher_ask,
                                  .ask_context = fetcher};
    assert_ok(auth_verifier_new(&with, &world->verifier, &err), &err);
    line it = line_new(world, versions[_i]);
    use_certificate(it.tls[1], &world->holder);
    send_along(&it, &world->authority);
    shake_hands(&it);
    raw_bytes staple = login_world_staple(world, &(login_staple){.is_by_root = false});
    auth_login_input input = login_world_input();
    input.staple = RAW(staple);
    assert_ok(auth_openssl_peer_begin(world->verifier, &input, it.server, never, NULL, &pending,
                                      &verdict, &err),
              &err);
    ck_assert_str_eq(auth_login_reason_name(verdict.reason), "ok");
    ck_assert_str_eq(auth_login_source_name(verdict.source), "staple");
    ck_assert_ptr_null(pending);
    line_free(&it);
    login_world_free(world);
    auth_fetcher_free(fetcher);
}
END_TEST

SUITE("login_openssl", TEST_EACH(a_client_with_a_certificate_is_let_in, VERSIONS),
      TEST_EACH(a_client_without_one_is_told_so, VERSIONS),
      TEST_EACH(nobody_is_let_in_by_the_certificate_of_another, VERSIONS),
      TEST_EACH(without_memory_there_is_a_fault_and_no_other_certificate, 3),
      TEST_EACH(nobody_is_let_in_before_the_handshake_is_done, VERSIONS),
      TEST_EACH(a_server_is_not_judged, VERSIONS),
      TEST_EACH(a_chain_that_is_too_long_is_refused, VERSIONS),
      TEST_EACH(a_key_is_proved_in_each_connection, VERSIONS),
      TEST(a_session_that_is_resumed_has_its_certificate),
      TEST_EACH(an_event_loop_gets_the_same_verdict, VERSIONS))
