/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends documents to an auth-ra as fast as it takes them, over some connections with an officer's
 * certificate, for bench_ra.py:
 *
 *     load PORT CERTIFICATE KEY FILE CONNECTIONS
 *
 * FILE holds bodies, each behind its length in four octets, big end first. Prints a line of JSON:
 * how many were sent, how many answers said "new", the seconds, and the slowest of the fastest 50
 * and 99 percent. Does not verify the server: it is the one that the benchmark has started.
 */
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 64
#define ANSWER_MAX 65536

typedef struct body {
    const uint8_t *octets;
    size_t len;
} body;

static body *bodies;
static double *seconds;
static size_t count;
static _Atomic size_t next_body;
static _Atomic size_t news;
static gnutls_certificate_credentials_t credentials;
static uint16_t port;

static void die(const char *what)
{
    (void)fprintf(stderr, "load: %s\n", what);
    exit(1);
}

static double now_s(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint8_t *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0)
        die("the file cannot be read");
    long size = ftell(file);
    rewind(file);
    uint8_t *octets = malloc((size_t)size + 1);
    if (octets == NULL || fread(octets, 1, (size_t)size, file) != (size_t)size)
        die("the file cannot be read");
    (void)fclose(file);
    *len = (size_t)size;
    return octets;
}

static void split(const uint8_t *octets, size_t len)
{
    size_t room = 0;
    for (size_t at = 0; at + 4 <= len;) {
        uint32_t big = 0;
        memcpy(&big, octets + at, sizeof big);
        if (count == room) {
            room = room == 0 ? 1024 : 2 * room;
            bodies = reallocarray(bodies, room, sizeof *bodies);
            if (bodies == NULL)
                die("no memory");
        }
        bodies[count] = (body){octets + at + 4, ntohl(big)};
        at += 4 + bodies[count++].len;
        if (at > len)
            die("a body is cut");
    }
    seconds = calloc(count + 1, sizeof *seconds);
    if (seconds == NULL || count == 0)
        die("there is nothing to send");
}

static void send_all(gnutls_session_t session, const void *octets, size_t len)
{
    const uint8_t *at = octets;
    while (len > 0) {
        ssize_t sent = gnutls_record_send(session, at, len);
        if (sent <= 0)
            die("the connection was lost while sending");
        at += sent;
        len -= (size_t)sent;
    }
}

/* Reads one answer; gives its status. */
static int receive(gnutls_session_t session)
{
    static const char length[] = "\r\nContent-Length: ";
    char answer[ANSWER_MAX + 1];
    size_t len = 0;
    for (;;) {
        ssize_t got = gnutls_record_recv(session, answer + len, ANSWER_MAX - len);
        if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED)
            continue;
        if (got <= 0)
            die("the connection was lost while waiting for an answer");
        len += (size_t)got;
        answer[len] = '\0';
        const char *end = strstr(answer, "\r\n\r\n");
        const char *found = strcasestr(answer, length);
        if (end == NULL || found == NULL)
            continue;
        size_t body_len = strtoul(found + sizeof length - 1, NULL, 10);
        if (len >= (size_t)(end - answer) + 4 + body_len)
            return atoi(answer + sizeof "HTTP/1.1");
    }
}

static gnutls_session_t open_session(void)
{
    gnutls_session_t session;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (file < 0 || connect(file, (const struct sockaddr *)&address, sizeof address) != 0)
        die("there is no connection");
    /* As clients do: a body does not wait for the acknowledgement of its head. */
    int yes = 1;
    (void)setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (gnutls_init(&session, GNUTLS_CLIENT) != 0 || gnutls_set_default_priority(session) != 0 ||
        gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials) != 0)
        die("there is no session");
    gnutls_transport_set_int(session, file);
    if (gnutls_handshake(session) != 0)
        die("the handshake failed");
    return session;
}

static void *work(void *context)
{
    gnutls_session_t session = context;
    for (;;) {
        size_t at = atomic_fetch_add(&next_body, 1);
        char head[256];
        if (at >= count)
            return NULL;
        int len = snprintf(head, sizeof head,
                           "POST /requests HTTP/1.1\r\nHost: here\r\n"
                           "Content-Type: application/jose+json\r\nContent-Length: %zu\r\n\r\n",
                           bodies[at].len);
        double begun = now_s();
        gnutls_record_cork(session);
        send_all(session, head, (size_t)len);
        send_all(session, bodies[at].octets, bodies[at].len);
        if (gnutls_record_uncork(session, GNUTLS_RECORD_WAIT) < 0)
            die("the connection was lost while sending");
        if (receive(session) == 201)
            atomic_fetch_add(&news, 1);
        seconds[at] = now_s() - begun;
    }
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
    pthread_t threads[CONNECTIONS_MAX];
    gnutls_session_t sessions[CONNECTIONS_MAX];
    size_t len = 0;
    size_t connections = argc == 6 ? strtoul(argv[5], NULL, 10) : 0;
    if (connections < 1 || connections > CONNECTIONS_MAX)
        die("usage: load PORT CERTIFICATE KEY FILE CONNECTIONS");
    port = (uint16_t)strtoul(argv[1], NULL, 10);
    uint8_t *octets = read_file(argv[4], &len);
    split(octets, len);
    if (gnutls_certificate_allocate_credentials(&credentials) != 0 ||
        gnutls_certificate_set_x509_key_file(credentials, argv[2], argv[3], GNUTLS_X509_FMT_PEM) !=
            0)
        die("the certificate and its key cannot be read");
    for (size_t i = 0; i < connections; i++)
        sessions[i] = open_session();
    double begun = now_s();
    for (size_t i = 0; i < connections; i++) {
        if (pthread_create(&threads[i], NULL, work, sessions[i]) != 0)
            die("there is no thread");
    }
    for (size_t i = 0; i < connections; i++)
        (void)pthread_join(threads[i], NULL);
    double took = now_s() - begun;
    for (size_t i = 0; i < connections; i++) {
        int file = gnutls_transport_get_int(sessions[i]);
        gnutls_deinit(sessions[i]);
        (void)close(file);
    }
    gnutls_certificate_free_credentials(credentials);
    qsort(seconds, count, sizeof *seconds, compare);
    (void)printf("{\"sent\":%zu,\"new\":%zu,\"seconds\":%.6f,\"p50_ms\":%.3f,\"p99_ms\":%.3f}\n",
                 count, atomic_load(&news), took, seconds[count / 2] * 1e3,
                 seconds[(count * 99) / 100] * 1e3);
    free(seconds);
    free(bodies);
    free(octets);
    return 0;
}
