/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/web.h"

#include "harness/data.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ENDLESS ((size_t)10000000)

static void must(bool is_done, const char *what)
{
    if (!is_done)
        harness_die("web server: %s: %s", what, strerror(errno));
}

web web_open(void)
{
    web server = {.pid = -1};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;
    server.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(server.listener >= 0, "socket");
    must(bind(server.listener, (const struct sockaddr *)&address, len) == 0, "bind");
    must(listen(server.listener, 128) == 0, "listen");
    must(getsockname(server.listener, (struct sockaddr *)&address, &len) == 0, "getsockname");
    server.port = ntohs(address.sin_port);
    must(pipe2(server.hits, O_CLOEXEC) == 0 && pipe2(server.gate, O_CLOEXEC) == 0, "pipe2");
    must(fcntl(server.hits[0], F_SETFL, O_NONBLOCK) == 0, "fcntl");
    server.pages = mmap(NULL, WEB_PAGES * sizeof *server.pages, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(server.pages != MAP_FAILED, "mmap");
    return server;
}

void web_put(web *server, const char *path, web_manner manner, const char *head, auth_bytes body)
{
    size_t index = 0;
    while (index < WEB_PAGES && server->pages[index].path[0] != '\0' &&
           strcmp(server->pages[index].path, path) != 0)
        index++;
    if (index == WEB_PAGES || body.len > WEB_BODY_MAX)
        harness_die("web server: too many pages, or too large a one");
    web_page *page = &server->pages[index];
    page->manner = manner;
    page->len = body.len;
    (void)snprintf(page->head, sizeof page->head, "%s", head);
    if (body.len > 0)
        memcpy(page->body, body.data, body.len);
    (void)snprintf(page->path, sizeof page->path, "%s", path);
}

static bool send_all(int line, const void *data, size_t len)
{
    const uint8_t *octets = data;
    while (len > 0) {
        ssize_t sent = send(line, octets, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        octets += sent;
        len -= (size_t)sent;
    }
    return true;
}

static void send_endless(int line)
{
    static const uint8_t zeros[4096];
    const char *head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
    if (!send_all(line, head, strlen(head)))
        return;
    for (size_t sent = 0; sent < ENDLESS; sent += sizeof zeros) {
        if (!send_all(line, zeros, sizeof zeros))
            return;
    }
}

static void send_page(int line, const web_page *page)
{
    char head[512];
    int len =
        snprintf(head, sizeof head, "HTTP/1.1 %sConnection: close\r\nContent-Length: %zu\r\n\r\n",
                 page->head, page->len);
    if (send_all(line, head, (size_t)len))
        (void)send_all(line, page->body, page->len);
}

static void serve(const web *server, int line, const web_page *page)
{
    char octet = 0;
    switch (page->manner) {
    case WEB_GATED:
        must(read(server->gate[0], &octet, 1) == 1, "gate");
        send_page(line, page);
        break;
    case WEB_ANSWER:
        send_page(line, page);
        break;
    case WEB_RAW:
        (void)send_all(line, page->body, page->len);
        break;
    case WEB_ENDLESS:
        send_endless(line);
        break;
    case WEB_SILENT:
        /* Until the client goes. */
        (void)recv(line, &octet, 1, 0);
        break;
    case WEB_CLOSE:
    default:
        break;
    }
}

/* Reads head and body of a request, as far as its answer depends on them. */
static const web_page *read_request(const web *server, int line)
{
    char request[8192];
    size_t len = 0;
    const char *end = NULL;
    while (end == NULL && len + 1 < sizeof request) {
        ssize_t got = recv(line, request + len, sizeof request - 1 - len, 0);
        if (got <= 0)
            return NULL;
        len += (size_t)got;
        request[len] = '\0';
        end = strstr(request, "\r\n\r\n");
    }
    const char *path = strchr(request, ' ');
    if (path == NULL)
        return NULL;
    for (char index = 0; index < WEB_PAGES; index++) {
        const web_page *page = &server->pages[(size_t)index];
        if (page->path[0] != '\0' && strncmp(path + 1, page->path, strlen(page->path)) == 0) {
            must(write(server->hits[1], &index, 1) == 1, "hits");
            return page;
        }
    }
    return NULL;
}

typedef struct call {
    const web *server;
    int line;
} call;

static void *answer(void *context)
{
    call it = *(call *)context;
    free(context);
    const web_page *page = read_request(it.server, it.line);
    static const web_page missing = {.head = "404 Not Found\r\n"};
    serve(it.server, it.line, page == NULL ? &missing : page);
    (void)close(it.line);
    return NULL;
}

static void run(const web *server)
{
    while (true) {
        pthread_t thread;
        int line = accept(server->listener, NULL, NULL);
        must(line >= 0, "accept");
        call *it = malloc(sizeof *it);
        if (it == NULL)
            harness_die("web server: no memory");
        *it = (call){server, line};
        must(pthread_create(&thread, NULL, answer, it) == 0, "pthread_create");
        (void)pthread_detach(thread);
    }
}

void web_start(web *server)
{
    server->pid = fork();
    must(server->pid >= 0, "fork");
    if (server->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        run(server);
    }
    (void)close(server->listener);
    server->listener = -1;
}

void web_stop(web *server)
{
    if (server->pid > 0) {
        (void)kill(server->pid, SIGKILL);
        (void)waitpid(server->pid, NULL, 0);
    }
    if (server->listener >= 0)
        (void)close(server->listener);
    for (int i = 0; i < 2; i++) {
        (void)close(server->hits[i]);
        (void)close(server->gate[i]);
    }
    (void)munmap(server->pages, WEB_PAGES * sizeof *server->pages);
}

void web_await(web *server, size_t count)
{
    char octet = 0;
    struct pollfd event = {.fd = server->hits[0], .events = POLLIN};
    while (count > 0) {
        must(poll(&event, 1, -1) == 1, "poll");
        must(read(server->hits[0], &octet, 1) == 1, "read");
        count--;
    }
}

size_t web_hits(web *server)
{
    size_t count = 0;
    char octet = 0;
    while (read(server->hits[0], &octet, 1) == 1)
        count++;
    return count;
}

void web_release(web *server, size_t count)
{
    for (size_t i = 0; i < count; i++)
        must(write(server->gate[1], "g", 1) == 1, "gate");
}
