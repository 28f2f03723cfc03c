/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A website that greets its citizens by name: an HTTPS server with a login page, a challenge and
 * one verdict. Serves one connection after the other, which is enough to show how it goes.
 */
/* cc -D_GNU_SOURCE *.c $(pkg-config --cflags --libs libauth libssl libcrypto) -o login_service */
#include "http.h"

#include <auth/auth.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KEY_SIZE 32

typedef struct site {
    const char *audience; /* its own origin */
    uint8_t challenge_key[KEY_SIZE];
    uint8_t pairwise_key[KEY_SIZE];
    auth_fetcher *fetcher;
    auth_replay *replay;
    auth_verifier *verifier;
} site;

static auth_error err;

static void must(auth_status status, const char *what)
{
    if (status != AUTH_STATUS_OK) {
        (void)fprintf(stderr, "%s: %s\n", what, err.text);
        exit(EXIT_FAILURE);
    }
}

/* Reads the certificate of a PEM file. */
static auth_buf *load_certificate(const char *path)
{
    static uint8_t text[65536];
    char label[AUTH_PEM_LABEL_SIZE];
    auth_buf *der = NULL;
    FILE *file = fopen(path, "re");
    size_t len = file == NULL ? 0 : fread(text, 1, sizeof text, file);
    if (file != NULL)
        (void)fclose(file);
    auth_bytes pem = {text, len};
    must(auth_buf_new(sizeof text, &der, &err), path);
    must(auth_pem_next(&pem, label, der, &err), path);
    return der;
}

/* In earnest both keys come from where the application keeps its secrets, and stay the same. */
static void make_key(uint8_t out[KEY_SIZE])
{
    FILE *file = fopen("/dev/urandom", "re");
    if (file == NULL || fread(out, 1, KEY_SIZE, file) != KEY_SIZE) {
        (void)fprintf(stderr, "no random octets\n");
        exit(EXIT_FAILURE);
    }
    (void)fclose(file);
}

/* Statuses are fetched from this host, and from a file of lists when it is there. */
static void make_verifier(site *to, const char *root, const char *authority, const char *responder,
                          const char *snapshot)
{
    AUTH_AUTO(auth_buf) *root_der = load_certificate(root);
    AUTH_AUTO(auth_buf) *authority_der = load_certificate(authority);
    auth_bytes anchor = auth_buf_bytes(root_der);
    auth_bytes citizens = auth_buf_bytes(authority_der);
    auth_fetch_host host = {.name = responder, .may_be_private = true}; /* a demonstration's */
    auth_fetch_options fetch = {.hosts = &host, .host_count = 1, .snapshot = snapshot};
    auth_login_policy policy = auth_login_policy_default();
    /* Asked anew with each login, remembered by nobody here: who is suspended is refused at once.
     */
    policy.source_count = 3;
    policy.sources[0] = AUTH_LOGIN_SOURCE_OCSP;
    policy.sources[1] = AUTH_LOGIN_SOURCE_CRL;
    policy.sources[2] = AUTH_LOGIN_SOURCE_SNAPSHOT;
    auth_verifier_options options = {
        .anchors = &anchor,
        .anchor_count = 1,
        .authorities = &citizens,
        .authority_count = 1,
        .purpose = AUTH_PURPOSE_CITIZEN_LOGIN,
        .policy = &policy,
        .ask = auth_fetcher_ask,
        .remember = auth_replay_remember,
    };
    must(auth_fetcher_new(&fetch, &to->fetcher, &err), "fetcher");
    must(auth_replay_open(&(auth_replay_options){.folder = NULL}, &to->replay, &err), "replay");
    options.ask_context = to->fetcher;
    options.remember_context = to->replay;
    must(auth_verifier_new(&options, &to->verifier, &err), "verifier");
}

/* A name that a browser sees must not be taken for HTML. */
static void escape(const char *text, char *out, size_t size)
{
    size_t len = 0;
    for (; *text != '\0' && len + 7 < size; text++) {
        if (strchr("<>&\"'", *text) != NULL)
            len += (size_t)snprintf(out + len, size - len, "&#%d;", *text);
        else
            out[len++] = *text;
    }
    out[len] = '\0';
}

/* The session is named by a cookie, and the challenge is good in that session only. */
static void show_login(const site *from, const http_request *request, http_answer *answer)
{
    char challenge[AUTH_CHALLENGE_SIZE];
    uint8_t random[KEY_SIZE];
    make_key(random);
    for (size_t i = 0; i < sizeof random; i++)
        (void)snprintf(answer->session + 2 * i, 3, "%02x", random[i]);
    auth_challenge_options options = {
        .audience = from->audience,
        .now = time(NULL),
        .lifetime_s = 120,
        .key = {from->challenge_key, KEY_SIZE},
        .session = auth_bytes_from_text(answer->session),
    };
    if (auth_login_challenge(&options, challenge, &err) != AUTH_STATUS_OK) {
        http_say(answer, 500, "<p>%s</p>", "The login could not be begun.");
        return;
    }
    if (strcmp(request->path, "/challenge") == 0)
        http_say_plain(answer, challenge);
    else
        http_say(answer, 200,
                 "<h1>登录 Log in</h1><p>Your program answers this challenge:</p><pre>%s</pre>"
                 "<form method=post action=/login><textarea name=response></textarea>"
                 "<button>登录 Log in</button></form>",
                 challenge);
}

static void log_in(const site *to, const http_request *request, http_answer *answer)
{
    char name[2048];
    auth_login_verdict verdict;
    auth_login_input input = {
        .now = time(NULL),
        .audience = to->audience,
        .challenge_key = {to->challenge_key, KEY_SIZE},
        .session = auth_bytes_from_text(request->session),
        .pairwise_key = {to->pairwise_key, KEY_SIZE},
        .language = request->language,
    };
    auth_bytes response = {(const uint8_t *)request->body, request->body_len};
    if (auth_login_verify(to->verifier, &input, response, &verdict, &err) != AUTH_STATUS_OK)
        (void)fprintf(stderr, "fault: %s\n", err.text);
    /* The log says why, never who. */
    (void)fprintf(stderr, "login: %s %s\n", auth_login_reason_name(verdict.reason), verdict.detail);
    escape(verdict.display_name, name, sizeof name);
    if (verdict.is_accepted)
        http_say(answer, 200, "<h1>欢迎，%s</h1>", name);
    else
        http_say(answer, verdict.outcome == AUTH_LOGIN_OUTCOME_REFUSED ? 403 : 503, "<p>%s</p>",
                 verdict.sentence);
}

static void answer(void *context, const http_request *request, http_answer *out)
{
    const site *here = context;
    bool is_get = strcmp(request->method, "GET") == 0;
    if (is_get && (strcmp(request->path, "/") == 0 || strcmp(request->path, "/challenge") == 0))
        show_login(here, request, out);
    else if (strcmp(request->method, "POST") == 0 && strcmp(request->path, "/login") == 0)
        log_in(here, request, out);
    else
        http_say(out, 404, "<p>%s</p>", "There is no such page.");
}

int main(int argc, char **argv)
{
    site here = {.audience = NULL};
    if (argc != 8 && argc != 9) {
        (void)fprintf(stderr, "usage: login_service PORT ORIGIN SERVER.pem SERVER.key ROOT.pem "
                              "AUTHORITY.pem RESPONDER-HOST:PORT [SNAPSHOT]\n");
        return EXIT_FAILURE;
    }
    here.audience = argv[2];
    make_key(here.challenge_key);
    make_key(here.pairwise_key);
    make_verifier(&here, argv[5], argv[6], argv[7], argc == 9 ? argv[8] : NULL);
    http_serve(argv[1], argv[3], argv[4], answer, &here);
    auth_verifier_free(here.verifier);
    auth_replay_free(here.replay);
    auth_fetcher_free(here.fetcher);
    return EXIT_SUCCESS;
}
