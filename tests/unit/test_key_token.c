/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Do keys in a PKCS#11 token (SoftHSM2) sign as keys in memory do, is the right one found or the
 * reason told why none is, and is a token that goes away while it is used a fault and no crash?
 */
#include "harness/harness.h"

#include <auth/key.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIN "1234"
#define TAIL "?module-name=softhsm2"
#define URI(object) "pkcs11:token=libauth;object=" object TAIL

static char folder[] = "/tmp/test_key_token_XXXXXX";

/* Runs a program and waits; its output is left out. */
static void run(char *const *words)
{
    pid_t child = 0;
    int state = 0;
    posix_spawn_file_actions_t actions;
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (posix_spawnp(&child, words[0], &actions, NULL, words, environ) != 0 ||
        waitpid(child, &state, 0) != child || state != 0)
        harness_die("%s failed", words[0]);
    (void)posix_spawn_file_actions_destroy(&actions);
}

static void init_token(const char *label)
{
    char name[32];
    (void)snprintf(name, sizeof name, "%s", label);
    char *const words[] = {(char[]){"softhsm2-util"},
                           (char[]){"--init-token"},
                           (char[]){"--free"},
                           (char[]){"--label"},
                           name,
                           (char[]){"--pin"},
                           (char[]){PIN},
                           (char[]){"--so-pin"},
                           (char[]){"12345678"},
                           NULL};
    run(words);
}

/* A configuration and tokens of this test's own. */
static void set_up(void)
{
    char path[64];
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/tokens", folder);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/softhsm2.conf", folder);
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    (void)fprintf(out, "directories.tokendir = %s/tokens\nlog.level = ERROR\n", folder);
    (void)fclose(out);
    ck_assert_int_eq(setenv("SOFTHSM2_CONF", path, 1), 0);
    init_token("libauth");
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)type;
    (void)place;
    return remove(path);
}

static void remove_tokens(void)
{
    char path[64];
    (void)snprintf(path, sizeof path, "%s/tokens", folder);
    (void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void tear_down(void) { (void)nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS); }

typedef struct asked {
    const char *pin;
    int count;
    char what[64];
} asked;

static auth_status answer(void *context, const char *what, auth_secret **out, auth_error *err)
{
    asked *ask = context;
    ask->count++;
    (void)snprintf(ask->what, sizeof ask->what, "%s", what);
    return auth_secret_from_bytes(auth_bytes_from_text(ask->pin), out, err);
}

static auth_signer *generate(const char *uri, auth_key_type type, unsigned bits)
{
    auth_error err;
    asked ask = {.pin = PIN};
    auth_signer *signer = NULL;
    assert_ok(auth_signer_generate_in_token(uri, type, bits, answer, &ask, &signer, &err), &err);
    return signer;
}

static auth_signer *open_key(const char *uri)
{
    auth_error err;
    asked ask = {.pin = PIN};
    auth_signer *signer = NULL;
    assert_ok(auth_signer_open_token(uri, answer, &ask, &signer, &err), &err);
    return signer;
}

static void assert_not_opened(const char *uri, const char *pin, auth_status expected)
{
    auth_error err;
    asked ask = {.pin = pin};
    auth_signer *signer = NULL;
    assert_fails(auth_signer_open_token(uri, pin == NULL ? NULL : answer, &ask, &signer, &err),
                 expected, &err);
    ck_assert_ptr_null(signer);
    ck_assert_int_le(ask.count, 1);
}

static void assert_signs(const auth_signer *signer)
{
    auth_error err;
    auth_signature signature;
    const auth_public_key *key = auth_signer_public_key(signer);
    assert_ok(auth_signer_sign(signer, BYTES("message"), &signature, &err), &err);
    auth_bytes octets = {signature.octets, signature.len};
    assert_ok(auth_public_key_verify(key, auth_signer_algorithm(signer), BYTES("message"), octets,
                                     &err),
              &err);
    assert_fails(auth_public_key_verify(key, auth_signer_algorithm(signer), BYTES("massage"),
                                        octets, &err),
                 AUTH_STATUS_UNTRUSTED, &err);
}

/* RSASSA-PSS with SHA-256 throughout and a salt of 32 octets (RFC 4055 3.1). */
static const char pss_algorithm[] =
    "304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d0101"
    "08300d06096086480165030402010500a203020120";

static void assert_signs_by_pss(const auth_signer *signer)
{
    auth_error err;
    auth_signature signature;
    uint8_t octets[80];
    const auth_public_key *key = auth_signer_public_key(signer);
    auth_bytes algorithm = harness_hex(pss_algorithm, octets, sizeof octets);
    if (auth_public_key_type(key) != AUTH_KEY_TYPE_RSA) {
        assert_fails(auth_signer_sign_pss(signer, BYTES("message"), &signature, &err),
                     AUTH_STATUS_UNSUPPORTED, &err);
        return;
    }
    assert_ok(auth_signer_sign_pss(signer, BYTES("message"), &signature, &err), &err);
    auth_bytes made = {signature.octets, signature.len};
    assert_ok(auth_public_key_verify(key, algorithm, BYTES("message"), made, &err), &err);
    assert_fails(auth_public_key_verify(key, algorithm, BYTES("massage"), made, &err),
                 AUTH_STATUS_UNTRUSTED, &err);
}

typedef struct type_row {
    auth_key_type type;
    unsigned bits;
} type_row;

static const type_row types[] = {
    {AUTH_KEY_TYPE_P256, 0},
    {AUTH_KEY_TYPE_P384, 0},
    {AUTH_KEY_TYPE_RSA, 2048},
    {AUTH_KEY_TYPE_RSA, 3072},
};

START_TEST(a_key_is_generated_found_and_signs)
{
    set_up();
    AUTH_AUTO(auth_signer) *made = generate(URI("k"), types[_i].type, types[_i].bits);
    AUTH_AUTO(auth_signer) *found = open_key(URI("k"));
    ck_assert_int_eq((int)auth_public_key_type(auth_signer_public_key(made)), (int)types[_i].type);
    assert_bytes(auth_public_key_spki(auth_signer_public_key(found)),
                 auth_public_key_spki(auth_signer_public_key(made)));
    assert_signs(made);
    assert_signs(found);
    assert_signs_by_pss(found);
    tear_down();
}
END_TEST

START_TEST(a_key_in_a_token_cannot_be_exported)
{
    auth_error err;
    set_up();
    AUTH_AUTO(auth_buf) *out = NULL;
    AUTH_AUTO(auth_signer) *signer = generate(URI("k"), AUTH_KEY_TYPE_P256, 0);
    assert_ok(auth_buf_new(1000, &out, &err), &err);
    assert_fails(auth_signer_export(signer, NULL, out, &err), AUTH_STATUS_DENIED, &err);
    tear_down();
}
END_TEST

START_TEST(a_name_is_taken_once)
{
    auth_error err;
    asked ask = {.pin = PIN};
    auth_signer *none = NULL;
    set_up();
    AUTH_AUTO(auth_signer) *first =
        generate("pkcs11:token=libauth;object=a;id=%01" TAIL, AUTH_KEY_TYPE_P256, 0);
    static const char *const taken[] = {
        "pkcs11:token=libauth;object=a;id=%02" TAIL,
        "pkcs11:token=libauth;object=b;id=%01" TAIL,
        "pkcs11:token=libauth;object=a" TAIL,
        "pkcs11:token=libauth;id=%01" TAIL,
    };
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
        assert_fails(auth_signer_generate_in_token(taken[i], AUTH_KEY_TYPE_P256, 0, answer, &ask,
                                                   &none, &err),
                     AUTH_STATUS_CONFLICT, &err);
    AUTH_AUTO(auth_signer) *second =
        generate("pkcs11:token=libauth;object=b;id=%02" TAIL, AUTH_KEY_TYPE_P384, 0);
    AUTH_AUTO(auth_signer) *found = open_key("pkcs11:token=libauth;id=%02" TAIL);
    ck_assert_int_eq((int)auth_public_key_type(auth_signer_public_key(found)),
                     (int)AUTH_KEY_TYPE_P384);
    tear_down();
}
END_TEST

START_TEST(types_that_tokens_do_not_make_are_refused)
{
    static const type_row rows[] = {
        {AUTH_KEY_TYPE_SM2, 0},
        {AUTH_KEY_TYPE_ED25519, 0},
        {AUTH_KEY_TYPE_RSA, 1024},
        {AUTH_KEY_TYPE_P256, 256},
    };
    auth_error err;
    asked ask = {.pin = PIN};
    auth_signer *none = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_fails(auth_signer_generate_in_token(URI("k"), rows[i].type, rows[i].bits, answer,
                                                   &ask, &none, &err),
                     AUTH_STATUS_UNSUPPORTED, &err);
    ck_assert_int_eq(ask.count, 0);
}
END_TEST

START_TEST(what_is_not_there_is_not_found)
{
    set_up();
    AUTH_AUTO(auth_signer) *signer = generate(URI("k"), AUTH_KEY_TYPE_P256, 0);
    assert_not_opened(URI("other"), PIN, AUTH_STATUS_NOT_FOUND);
    assert_not_opened("pkcs11:token=libauth;id=%01%02" TAIL, PIN, AUTH_STATUS_NOT_FOUND);
    assert_not_opened("pkcs11:token=another;object=k" TAIL, PIN, AUTH_STATUS_NOT_FOUND);
    assert_not_opened("pkcs11:token=libaut;object=k" TAIL, PIN, AUTH_STATUS_NOT_FOUND);
    assert_not_opened("pkcs11:serial=0;object=k" TAIL, PIN, AUTH_STATUS_NOT_FOUND);
    assert_not_opened("pkcs11:token=libauth;object=k?module-name=no-such", PIN,
                      AUTH_STATUS_NOT_FOUND);
    assert_not_opened("pkcs11:token=libauth;object=k?module-path=/no/such.so", PIN,
                      AUTH_STATUS_NOT_FOUND);
    assert_not_opened("pkcs11:token=libauth;object=k?module-path=/dev/null", PIN,
                      AUTH_STATUS_NOT_FOUND);
    tear_down();
}
END_TEST

START_TEST(a_library_that_is_no_module_is_refused)
{
    Dl_info library;
    void *symbol = dlsym(RTLD_DEFAULT, "OPENSSL_version_major");
    ck_assert_int_ne(dladdr(symbol, &library), 0);
    char uri[256];
    (void)snprintf(uri, sizeof uri, "pkcs11:token=t;object=k?module-path=%s", library.dli_fname);
    assert_not_opened(uri, PIN, AUTH_STATUS_UNSUPPORTED);
}
END_TEST

START_TEST(two_tokens_that_fit_are_a_conflict)
{
    set_up();
    init_token("libauth");
    assert_not_opened(URI("k"), PIN, AUTH_STATUS_CONFLICT);
    tear_down();
}
END_TEST

START_TEST(a_pin_is_needed_and_a_wrong_one_is_tried_once)
{
    set_up();
    auth_signer_free(generate(URI("k"), AUTH_KEY_TYPE_P256, 0));
    assert_not_opened(URI("k"), "0000", AUTH_STATUS_DENIED);
    assert_not_opened(URI("k"), "1", AUTH_STATUS_DENIED);
    assert_not_opened(URI("k"), NULL, AUTH_STATUS_DENIED);
    AUTH_AUTO(auth_signer) *signer = open_key(URI("k"));
    assert_signs(signer);
    tear_down();
}
END_TEST

START_TEST(the_pin_comes_from_its_file)
{
    auth_error err;
    char path[64];
    char uri[256];
    asked ask = {.pin = "0000"};
    auth_signer *signer = NULL;
    set_up();
    (void)snprintf(path, sizeof path, "%s/pin", folder);
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    (void)fputs(PIN "\n", out);
    (void)fclose(out);
    (void)snprintf(uri, sizeof uri, URI("k") "&pin-source=file:%s", path);
    ck_assert_int_eq(chmod(path, 0644), 0);
    assert_fails(auth_signer_generate_in_token(uri, AUTH_KEY_TYPE_P256, 0, answer, &ask, &signer,
                                               &err),
                 AUTH_STATUS_DENIED, &err);
    ck_assert_int_eq(chmod(path, 0600), 0);
    assert_ok(auth_signer_generate_in_token(uri, AUTH_KEY_TYPE_P256, 0, answer, &ask, &signer,
                                            &err),
              &err);
    ck_assert_int_eq(ask.count, 0);
    assert_signs(signer);
    auth_signer_free(signer);
    tear_down();
}
END_TEST

START_TEST(who_is_asked_learns_the_name_of_the_token)
{
    auth_error err;
    asked ask = {.pin = PIN};
    auth_signer *signer = NULL;
    set_up();
    assert_ok(auth_signer_generate_in_token(URI("k"), AUTH_KEY_TYPE_P256, 0, answer, &ask, &signer,
                                            &err),
              &err);
    ck_assert_str_eq(ask.what, "token libauth");
    auth_signer_free(signer);
    tear_down();
}
END_TEST

/* A token that goes away */

START_TEST(a_token_that_is_removed_is_unavailable)
{
    auth_error err;
    auth_signature signature = {.len = 7};
    set_up();
    auth_signer *signer = generate(URI("k"), types[_i].type, types[_i].bits);
    assert_signs(signer);
    remove_tokens();
    for (int i = 0; i < 3; i++)
        assert_fails(auth_signer_sign(signer, BYTES("m"), &signature, &err),
                     AUTH_STATUS_UNAVAILABLE, &err);
    ck_assert_uint_eq(signature.len, 7);
    auth_signer_free(signer);
    tear_down();
}
END_TEST

START_TEST(a_key_that_is_deleted_is_unavailable)
{
    auth_error err;
    auth_signature signature;
    set_up();
    auth_signer *signer = generate(URI("k"), AUTH_KEY_TYPE_P256, 0);
    char *const words[] = {(char[]){"pkcs11-tool"},
                           (char[]){"--module"},
                           (char[]){"/usr/lib/softhsm/libsofthsm2.so"},
                           (char[]){"--token-label"},
                           (char[]){"libauth"},
                           (char[]){"--login"},
                           (char[]){"--pin"},
                           (char[]){PIN},
                           (char[]){"--delete-object"},
                           (char[]){"--type"},
                           (char[]){"privkey"},
                           (char[]){"--label"},
                           (char[]){"k"},
                           NULL};
    run(words);
    assert_fails(auth_signer_sign(signer, BYTES("m"), &signature, &err), AUTH_STATUS_UNAVAILABLE,
                 &err);
    auth_signer_free(signer);
    tear_down();
}
END_TEST

/* Runs a line of the shell in the folder of this test; the token's own folder is "$1". */
static void run_line(const char *line)
{
    char whole[512];
    (void)snprintf(whole, sizeof whole, "cd %s && set -e -- x tokens/*/ && shift && %s", folder,
                   line);
    char *const words[] = {(char[]){"sh"}, (char[]){"-c"}, whole, NULL};
    run(words);
}

/* A key for which nobody has to be asked again. */
static auth_signer *generate_with_file(char uri[256])
{
    run_line("umask 077 && echo " PIN " > pin");
    (void)snprintf(uri, 256, URI("k") "&pin-source=%s/pin", folder);
    return generate(uri, AUTH_KEY_TYPE_P256, 0);
}

static void assert_unavailable(const auth_signer *signer)
{
    auth_error err;
    auth_signature signature;
    assert_fails(auth_signer_sign(signer, BYTES("m"), &signature, &err), AUTH_STATUS_UNAVAILABLE,
                 &err);
}

/* SoftHSM2 looks again when the number in this file is another. */
#define CHANGED(octet) "printf '\\000\\000\\000\\000\\000\\000\\001\\" octet "' > \"$1/generation\""
#define TAKE_AWAY "mkdir away && mv \"$1\"/*-*.object away/ && " CHANGED("001")
#define PUT_BACK "mv away/* \"$1\" && rmdir away && " CHANGED("002")

/* With other handles, as a token that was pulled out and is back. */
START_TEST(a_key_that_is_back_signs_again)
{
    char uri[256];
    set_up();
    auth_signer *signer = generate_with_file(uri);
    assert_signs(signer);
    run_line(TAKE_AWAY);
    assert_unavailable(signer);
    assert_unavailable(signer);
    run_line(PUT_BACK);
    assert_signs(signer);
    assert_signs(signer);
    auth_signer_free(signer);
    tear_down();
}
END_TEST

START_TEST(another_key_of_its_name_does_not_sign_for_it)
{
    auth_error err;
    char uri[256];
    auth_signer *other = NULL;
    set_up();
    auth_signer *signer = generate_with_file(uri);
    run_line(TAKE_AWAY);
    assert_unavailable(signer);
    assert_ok(auth_signer_generate_in_token(uri, AUTH_KEY_TYPE_P256, 0, NULL, NULL, &other, &err),
              &err);
    assert_signs(other);
    assert_unavailable(signer);
    auth_signer_free(other);
    auth_signer_free(signer);
    tear_down();
}
END_TEST

/* Nobody is there to type it, and what asked once at the start does not ask in the night. */
START_TEST(without_a_file_for_the_pin_nothing_is_opened_anew)
{
    auth_error err;
    asked ask = {.pin = PIN};
    auth_signer *signer = NULL;
    set_up();
    assert_ok(auth_signer_generate_in_token(URI("k"), AUTH_KEY_TYPE_P256, 0, answer, &ask, &signer,
                                            &err),
              &err);
    run_line(TAKE_AWAY);
    assert_unavailable(signer);
    run_line(PUT_BACK);
    assert_unavailable(signer);
    ck_assert_int_eq(ask.count, 1);
    auth_signer_free(signer);
    tear_down();
}
END_TEST

/* Threads */

#define THREADS 12
#define TURNS 20

typedef struct shared {
    const auth_signer *signer;
    atomic_int good;
} shared;

static void *sign_many(void *context)
{
    shared *with = context;
    auth_signature signature;
    for (int i = 0; i < TURNS; i++) {
        if (auth_signer_sign(with->signer, BYTES("m"), &signature, NULL) == AUTH_STATUS_OK &&
            auth_public_key_verify(auth_signer_public_key(with->signer),
                                   auth_signer_algorithm(with->signer), BYTES("m"),
                                   (auth_bytes){signature.octets, signature.len},
                                   NULL) == AUTH_STATUS_OK)
            atomic_fetch_add(&with->good, 1);
    }
    return NULL;
}

/* More threads than sessions: the last ones wait for one. */
START_TEST(threads_share_the_sessions_of_a_token)
{
    set_up();
    AUTH_AUTO(auth_signer) *signer = generate(URI("k"), AUTH_KEY_TYPE_P256, 0);
    shared with = {.signer = signer};
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, sign_many, &with), 0);
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_int_eq(atomic_load(&with.good), THREADS * TURNS);
    tear_down();
}
END_TEST

START_TEST(two_signers_share_a_token)
{
    set_up();
    AUTH_AUTO(auth_signer) *one = generate(URI("a"), AUTH_KEY_TYPE_P256, 0);
    auth_signer *other = generate(URI("b"), AUTH_KEY_TYPE_P384, 0);
    assert_signs(one);
    assert_signs(other);
    auth_signer_free(other);
    assert_signs(one);
    tear_down();
}
END_TEST

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

SUITE("key_token", TEST_EACH(a_key_is_generated_found_and_signs, COUNT(types)),
      TEST(a_key_in_a_token_cannot_be_exported), TEST(a_name_is_taken_once),
      TEST(types_that_tokens_do_not_make_are_refused), TEST(what_is_not_there_is_not_found),
      TEST(a_library_that_is_no_module_is_refused), TEST(two_tokens_that_fit_are_a_conflict),
      TEST(a_pin_is_needed_and_a_wrong_one_is_tried_once), TEST(the_pin_comes_from_its_file),
      TEST(who_is_asked_learns_the_name_of_the_token),
      TEST_EACH(a_token_that_is_removed_is_unavailable, COUNT(types)),
      TEST(a_key_that_is_deleted_is_unavailable), TEST(a_key_that_is_back_signs_again),
      TEST(another_key_of_its_name_does_not_sign_for_it),
      TEST(without_a_file_for_the_pin_nothing_is_opened_anew),
      TEST(threads_share_the_sessions_of_a_token), TEST(two_signers_share_a_token))
