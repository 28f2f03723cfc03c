/* SPDX-License-Identifier: Apache-2.0 */
/* As much of an HTTPS server as an example needs: one connection, one request, one answer. */
#ifndef EXAMPLE_HTTP_H
#define EXAMPLE_HTTP_H

#include <stddef.h>

#define HTTP_BODY_MAX 65536
#define HTTP_SESSION_SIZE 65

typedef struct http_request {
    char method[8];
    char path[128];
    char session[HTTP_SESSION_SIZE]; /* of the cookie "session"; or "" */
    char language[36];               /* the first of Accept-Language; or "" */
    size_t body_len;
    char body[HTTP_BODY_MAX];
} http_request;

typedef struct http_answer {
    int code;
    const char *type;
    char session[HTTP_SESSION_SIZE]; /* to be set as the cookie "session"; or "" */
    char body[8192];
} http_answer;

/* Fills an answer with HTML; what stands in the arguments is escaped already. */
void http_say(http_answer *answer, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void http_say_plain(http_answer *answer, const char *text);

typedef void http_handler(void *context, const http_request *request, http_answer *answer);

/* Serves on 127.0.0.1, and says on which port; ends when standard input does. */
void http_serve(const char *port, const char *certificate, const char *key, http_handler *handler,
                void *context);

#endif
