/* SPDX-License-Identifier: Apache-2.0 */
/* A TLS server that greets clients with a certificate by name, one after the other. */
/* cc tls_peer.c $(pkg-config --cflags --libs libauth libssl libcrypto) -o tls_peer */
#include <arpa/inet.h>
#include <auth/auth.h>
#include <auth/openssl.h>
#include <openssl/err.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_S 5

static auth_error err;

static void must(int is_good, const char *what)
{
    if (!is_good) {
        (void)fprintf(stderr, "%s: %s\n", what, err.text);
        ERR_print_errors_fp(stderr);
        exit(EXIT_FAILURE);
    }
}

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
    must(auth_buf_new(sizeof text, &der, &err) == AUTH_STATUS_OK, path);
    must(auth_pem_next(&pem, label, der, &err) == AUTH_STATUS_OK, path);
    return der;
}

static auth_verifier *make_verifier(char **words, auth_fetcher **fetcher)
{
    AUTH_AUTO(auth_buf) *root = load_certificate(words[0]);
    AUTH_AUTO(auth_buf) *authority = load_certificate(words[1]);
    auth_verifier *verifier = NULL;
    auth_bytes anchor = auth_buf_bytes(root);
    auth_bytes citizens = auth_buf_bytes(authority);
    auth_fetch_host host = {.name = words[2], .may_be_private = true}; /* a demonstration's */
    auth_fetch_options fetch = {.hosts = &host, .host_count = 1, .snapshot = words[3]};
    must(auth_fetcher_new(&fetch, fetcher, &err) == AUTH_STATUS_OK, "fetcher");
    auth_verifier_options options = {
        .anchors = &anchor,
        .anchor_count = 1,
        .authorities = &citizens,
        .authority_count = 1,
        .purpose = AUTH_PURPOSE_CITIZEN_LOGIN,
        .ask = auth_fetcher_ask,
        .ask_context = *fetcher,
    };
    must(auth_verifier_new(&options, &verifier, &err) == AUTH_STATUS_OK, "verifier");
    return verifier;
}

static SSL_CTX *make_tls(const char *certificate, const char *key)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    must(tls != NULL && SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) == 1 &&
             SSL_CTX_use_certificate_chain_file(tls, certificate) == 1 &&
             SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) == 1 &&
             auth_openssl_ask(tls) == 1,
         "certificate and key of the server");
    return tls;
}

static int listen_on(const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(listener >= 0 && bind(listener, (struct sockaddr *)&address, len) == 0 &&
             listen(listener, 16) == 0 &&
             getsockname(listener, (struct sockaddr *)&address, &len) == 0,
         "cannot listen");
    (void)printf("127.0.0.1:%u\n", ntohs(address.sin_port));
    (void)fflush(stdout);
    return listener;
}

/* Until the verdict, the client is nobody. */
static void greet(SSL *ssl, auth_verifier *verifier)
{
    char line[512];
    auth_login_verdict verdict;
    auth_login_input input = {.now = time(NULL), .audience = "tls-peer"};
    if (auth_openssl_peer_verify(verifier, &input, ssl, &verdict, &err) != AUTH_STATUS_OK)
        (void)fprintf(stderr, "fault: %s\n", err.text);
    int len = verdict.is_accepted
                  ? snprintf(line, sizeof line, "ok: welcome, %s\n", verdict.display_name)
                  : snprintf(line, sizeof line, "%s: %s\n", auth_login_reason_name(verdict.reason),
                             verdict.sentence);
    (void)SSL_write(ssl, line, len);
}

static void serve_one(SSL_CTX *tls, int connection, auth_verifier *verifier)
{
    struct timeval patience = {.tv_sec = PATIENCE_S};
    (void)setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    SSL *ssl = SSL_new(tls);
    if (ssl != NULL && SSL_set_fd(ssl, connection) == 1 && SSL_accept(ssl) == 1) {
        greet(ssl, verifier);
        (void)SSL_shutdown(ssl);
    }
    ERR_clear_error();
    SSL_free(ssl);
    (void)close(connection);
}

int main(int argc, char **argv)
{
    auth_fetcher *fetcher = NULL;
    if (argc != 7 && argc != 8) {
        (void)fprintf(stderr, "usage: tls_peer PORT SERVER.pem SERVER.key ROOT.pem AUTHORITY.pem "
                              "RESPONDER-HOST:PORT [SNAPSHOT]\n");
        return EXIT_FAILURE;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    auth_verifier *verifier = make_verifier(argv + 4, &fetcher); /* argv ends in NULL */
    SSL_CTX *tls = make_tls(argv[2], argv[3]);
    int listener = listen_on(argv[1]);
    struct pollfd events[] = {{.fd = listener, .events = POLLIN},
                              {.fd = STDIN_FILENO, .events = POLLIN}};
    while (poll(events, 2, -1) > 0 && events[1].revents == 0) {
        int connection = accept(listener, NULL, NULL);
        if (connection >= 0)
            serve_one(tls, connection, verifier);
    }
    (void)close(listener);
    SSL_CTX_free(tls);
    auth_verifier_free(verifier);
    auth_fetcher_free(fetcher);
    return EXIT_SUCCESS;
}
