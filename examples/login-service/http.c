/* SPDX-License-Identifier: Apache-2.0 */
#include "http.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define HEAD_MAX 8192
#define PATIENCE_S 5

static void die(const char *what)
{
    (void)fprintf(stderr, "%s\n", what);
    ERR_print_errors_fp(stderr);
    exit(EXIT_FAILURE);
}

void http_say(http_answer *answer, int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    answer->code = code;
    answer->type = "text/html";
    (void)vsnprintf(answer->body, sizeof answer->body, format, arguments);
    va_end(arguments);
}

void http_say_plain(http_answer *answer, const char *text)
{
    http_say(answer, 200, "%s\n", text);
    answer->type = "text/plain";
}

/* Copies the value of a header, up to an octet of end; leaves out as it is without one. */
static void copy_value(const char *head, const char *name, const char *end, char *out, size_t size)
{
    const char *at = strcasestr(head, name);
    if (at == NULL)
        return;
    at += strlen(name);
    size_t len = strcspn(at, end);
    if (len >= size)
        return;
    memcpy(out, at, len);
    out[len] = '\0';
}

/* Reads up to the empty line; the octets behind it begin the body. */
static int read_head(SSL *ssl, char head[HEAD_MAX + 1], size_t *len, char **body)
{
    *len = 0;
    head[0] = '\0';
    while ((*body = strstr(head, "\r\n\r\n")) == NULL) {
        int count = SSL_read(ssl, head + *len, (int)(HEAD_MAX - *len));
        if (count <= 0)
            return 0;
        *len += (size_t)count;
        head[*len] = '\0';
    }
    **body = '\0';
    *body += 4;
    return 1;
}

static int read_body(SSL *ssl, http_request *request, size_t wanted)
{
    if (wanted > sizeof request->body)
        return 0;
    while (request->body_len < wanted) {
        int count =
            SSL_read(ssl, request->body + request->body_len, (int)(wanted - request->body_len));
        if (count <= 0)
            return 0;
        request->body_len += (size_t)count;
    }
    return 1;
}

/* One length, no other framing: what is not plain is not answered. */
static int read_request(SSL *ssl, http_request *request)
{
    char head[HEAD_MAX + 1];
    char length[16] = "0";
    char *end = NULL;
    char *body = NULL;
    size_t len = 0;
    *request = (http_request){.body_len = 0};
    if (!read_head(ssl, head, &len, &body) ||
        sscanf(head, "%7[A-Z] %127[!-~] HTTP/1.1", request->method, request->path) != 2 ||
        strcasestr(head, "\r\nTransfer-Encoding:") != NULL)
        return 0;
    copy_value(head, "\r\nContent-Length: ", "\r", length, sizeof length);
    copy_value(head, "\r\nCookie: session=", ";\r", request->session, sizeof request->session);
    copy_value(head, "\r\nAccept-Language: ", ",;\r", request->language, sizeof request->language);
    unsigned long wanted = strtoul(length, &end, 10);
    size_t begun = len - (size_t)(body - head);
    if (*end != '\0' || begun > wanted || begun > sizeof request->body)
        return 0;
    memcpy(request->body, body, begun);
    request->body_len = begun;
    return read_body(ssl, request, wanted);
}

static void send_answer(SSL *ssl, const http_answer *answer)
{
    char head[512];
    char cookie[HTTP_SESSION_SIZE + 80] = "";
    if (answer->session[0] != '\0')
        (void)snprintf(cookie, sizeof cookie,
                       "Set-Cookie: session=%s; Path=/; Secure; HttpOnly; SameSite=Strict\r\n",
                       answer->session);
    int len = snprintf(head, sizeof head,
                       "HTTP/1.1 %d .\r\nContent-Type: %s; charset=utf-8\r\nContent-Length: %zu\r\n"
                       "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
                       "Content-Security-Policy: default-src 'none'; form-action 'self'\r\n"
                       "Connection: close\r\n%s\r\n",
                       answer->code, answer->type, strlen(answer->body), cookie);
    if (SSL_write(ssl, head, len) == len)
        (void)SSL_write(ssl, answer->body, (int)strlen(answer->body));
}

static void serve_one(SSL_CTX *tls, int connection, http_handler *handler, void *context)
{
    static http_request request;
    http_answer answer = {.code = 500, .type = "text/plain"};
    struct timeval patience = {.tv_sec = PATIENCE_S};
    (void)setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    SSL *ssl = SSL_new(tls);
    if (ssl != NULL && SSL_set_fd(ssl, connection) == 1 && SSL_accept(ssl) == 1 &&
        read_request(ssl, &request)) {
        handler(context, &request, &answer);
        send_answer(ssl, &answer);
        (void)SSL_shutdown(ssl);
    }
    ERR_clear_error();
    SSL_free(ssl);
    (void)close(connection);
}

static SSL_CTX *make_tls(const char *certificate, const char *key)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    if (tls == NULL || SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) != 1 ||
        SSL_CTX_use_certificate_chain_file(tls, certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) != 1)
        die("the certificate or key of the server cannot be used");
    return tls;
}

static int listen_on(const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int on = 1;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(listener, (struct sockaddr *)&address, len) != 0 || listen(listener, 16) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &len) != 0)
        die("cannot listen");
    (void)printf("https://127.0.0.1:%u\n", ntohs(address.sin_port));
    (void)fflush(stdout);
    return listener;
}

void http_serve(const char *port, const char *certificate, const char *key, http_handler *handler,
                void *context)
{
    (void)signal(SIGPIPE, SIG_IGN);
    SSL_CTX *tls = make_tls(certificate, key);
    int listener = listen_on(port);
    struct pollfd events[] = {{.fd = listener, .events = POLLIN},
                              {.fd = STDIN_FILENO, .events = POLLIN}};
    while (poll(events, 2, -1) > 0 && events[1].revents == 0) {
        int connection = accept(listener, NULL, NULL);
        if (connection >= 0)
            serve_one(tls, connection, handler, context);
    }
    (void)close(listener);
    SSL_CTX_free(tls);
}
