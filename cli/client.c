/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include "answer.h"
#include "command.h"

#include <auth/secret.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CONNECT_TIMEOUT_MS 10000L
#define ANSWER_TIMEOUT_MS 60000L
#define MS_PER_S 1000L
/* A break of the line is short; what takes longer is for a person to decide. */
#define TRIES 4
#define FIRST_REST_MS 250
/* Officers are few in a connection, and nothing here needs more. */
#define HOST_MAX 253
#define URL_SIZE 1024
#define HEADER_SIZE 128

struct cli_client {
    CURL *easy;
    const cli_tls_key *token; /* or NULL */
    char server[URL_SIZE / 2];
    char language[HEADER_SIZE];
    char reason[CURL_ERROR_SIZE]; /* why libcurl could not */
    long long refused_item;       /* whose matter the last refusal is; CLI_NO_ITEM */
};

/* An answer on its way in. */
typedef struct reception {
    auth_buf *body;
    auth_status status;
    auth_error err;
} reception;

static auth_status check_server(const char *server, auth_error *err)
{
    static const char scheme[] = "https://";
    size_t len = strlen(server);
    const char *host = server + sizeof scheme - 1;
    if (len > sizeof scheme - 1 && strncmp(server, scheme, sizeof scheme - 1) == 0 &&
        len <= sizeof scheme - 1 + HOST_MAX + sizeof ":65535" - 1 &&
        strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]") ==
            strlen(host))
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          _("server: must be https://HOST:PORT, without a path; write it as in "
                            "https://ra.example:8441"));
}

static size_t receive(char *octets, size_t size, size_t count, void *context)
{
    reception *into = context;
    auth_bytes more = {(const uint8_t *)octets, size * count};
    into->status = auth_buf_append(into->body, more, &into->err);
    return into->status == AUTH_STATUS_OK ? more.len : 0;
}

static CURLcode use_token(CURL *easy, void *ssl_context, void *token)
{
    (void)easy;
    return cli_tls_key_use(token, ssl_context) ? CURLE_OK : CURLE_SSL_CERTPROBLEM;
}

static struct curl_blob blob_of(auth_bytes octets)
{
    return (struct curl_blob){(void *)(uintptr_t)octets.data, octets.len, CURL_BLOB_COPY};
}

/* Each option is of this program's own choice: one that libcurl refuses was built without TLS. */
static bool set_options(cli_client *client, const cli_client_settings *settings)
{
    CURL *easy = client->easy;
    struct curl_blob trust = blob_of(settings->trust);
    struct curl_blob certificate = blob_of(settings->certificate);
    struct curl_blob key = blob_of(settings->key);
    bool is_set =
        curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, client->reason) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
        /* The machine's own list of authorities stays out. */
        curl_easy_setopt(easy, CURLOPT_CAPATH, (const char *)NULL) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_CAINFO, (const char *)NULL) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &trust) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_USERAGENT, "auth") == CURLE_OK;
    if (is_set && settings->certificate.len > 0)
        is_set = curl_easy_setopt(easy, CURLOPT_SSLCERTTYPE, "PEM") == CURLE_OK &&
                 curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, &certificate) == CURLE_OK &&
                 curl_easy_setopt(easy, CURLOPT_SSLKEYTYPE, "PEM") == CURLE_OK &&
                 curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, &key) == CURLE_OK;
    if (is_set && settings->token != NULL)
        is_set = curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, use_token) == CURLE_OK &&
                 curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, (void *)(uintptr_t)settings->token) ==
                     CURLE_OK;
    return is_set;
}

auth_status cli_client_new(const cli_client_settings *settings, cli_client **out, auth_error *err)
{
    AUTH_AUTO(cli_client) *client = NULL;
    auth_status status = check_server(settings->server, err);
    if (status != AUTH_STATUS_OK)
        return status;
    client = calloc(1, sizeof *client);
    if (client == NULL)
        return auth_error_memory(err);
    client->token = settings->token;
    (void)snprintf(client->server, sizeof client->server, "%s", settings->server);
    (void)snprintf(client->language, sizeof client->language, "Accept-Language: %s",
                   settings->language);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return auth_error_memory(err);
    client->easy = curl_easy_init();
    if (client->easy == NULL)
        return auth_error_memory(err);
    if (!set_options(client, settings))
        return auth_error_set(err, AUTH_STATUS_INTERNAL,
                              _("libcurl lacks what is needed here; install Debian's libcurl4"));
    *out = AUTH_TAKE(client);
    return AUTH_STATUS_OK;
}

void cli_client_free(cli_client *client)
{
    if (client == NULL)
        return;
    curl_easy_cleanup(client->easy);
    free(client);
}

static bool add_header(struct curl_slist **list, const char *text)
{
    struct curl_slist *longer = curl_slist_append(*list, text);
    if (longer != NULL)
        *list = longer;
    return longer != NULL;
}

static struct curl_slist *headers_of(const cli_client *client, const cli_ask_http *ask)
{
    char accept[HEADER_SIZE];
    char type[HEADER_SIZE];
    struct curl_slist *list = NULL;
    (void)snprintf(accept, sizeof accept, "Accept: %s, application/problem+json",
                   ask->accept == NULL ? CLI_TYPE_JSON : ask->accept);
    (void)snprintf(type, sizeof type, "Content-Type: %s", ask->type == NULL ? "" : ask->type);
    /* libcurl asks servers to say "100 Continue" before a long body; that only costs a second. */
    bool is_whole = add_header(&list, accept) && add_header(&list, client->language) &&
                    add_header(&list, "Expect:") && (ask->type == NULL || add_header(&list, type));
    if (is_whole)
        return list;
    curl_slist_free_all(list);
    return NULL;
}

static auth_status unreachable(const cli_client *client, CURLcode code, auth_error *err)
{
    const char *why = client->reason[0] != '\0' ? client->reason : curl_easy_strerror(code);
    switch ((int)code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
        return auth_error_set(err, AUTH_STATUS_UNTRUSTED,
                              _("%s: its certificate is not to be believed (RFC 5280 6.1, RFC 9525 "
                                "6): %s; compare the address and the file of --trust"),
                              client->server, why);
    case CURLE_SSL_CERTPROBLEM:
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              _("%s: the officer's certificate or key cannot be used for TLS: %s; "
                                "compare --certificate with --key"),
                              client->server, why);
    case CURLE_OUT_OF_MEMORY:
        return auth_error_memory(err);
    default:
        return auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                              _("%s: cannot be reached: %s; see that the daemon runs, or try again "
                                "later: what was sent once may be sent again"),
                              client->server, why);
    }
}

/* A server that refuses the client's certificate says so by an alert, which ends the line. */
static bool is_worth_repeating(CURLcode code)
{
    return code == CURLE_COULDNT_CONNECT || code == CURLE_OPERATION_TIMEDOUT ||
           code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_GOT_NOTHING ||
           code == CURLE_PARTIAL_FILE || code == CURLE_SSL_CONNECT_ERROR;
}

static void rest(int try)
{
    long ms = (long)FIRST_REST_MS << try;
    struct timespec left = {ms / 1000, ms % 1000 * 1000000};
    (void)nanosleep(&left, NULL);
}

/* The status that stands for what a server said. */
static auth_status status_of(long code)
{
    static const struct {
        long code;
        auth_status status;
    } rows[] = {
        {400, AUTH_STATUS_MALFORMED}, {401, AUTH_STATUS_DENIED},      {403, AUTH_STATUS_DENIED},
        {404, AUTH_STATUS_NOT_FOUND}, {409, AUTH_STATUS_CONFLICT},    {410, AUTH_STATUS_NOT_FOUND},
        {413, AUTH_STATUS_LIMIT},     {415, AUTH_STATUS_UNSUPPORTED}, {422, AUTH_STATUS_INVALID},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].code == code)
            return rows[i].status;
    }
    return AUTH_STATUS_UNAVAILABLE;
}

/* What the server refused, in its own words (RFC 9457). */
static auth_status refused(cli_client *client, long code, auth_bytes body, auth_error *err)
{
    AUTH_AUTO(cli_answer) *problem = NULL;
    auth_error why;
    auth_status status = status_of(code);
    if (cli_answer_parse(body, &problem, &why) != AUTH_STATUS_OK)
        return auth_error_set(err, status,
                              _("%s: answered with HTTP status %ld and no reason; look at its log"),
                              client->server, code);
    const char *title = cli_answer_text(problem, "title");
    const char *detail = cli_answer_text(problem, "detail");
    const char *reason = cli_answer_text(problem, "reason");
    client->refused_item = cli_answer_number(problem, "item", CLI_NO_ITEM);
    if (detail == NULL || detail[0] == '\0')
        detail = title == NULL ? _("no reason was told; look at the server's log") : title;
    if (reason != NULL && strncmp(detail, reason, strlen(reason)) != 0)
        return auth_error_set(err, status, "%s: %s", reason, detail);
    return auth_error_set(err, status, "%s", detail);
}

/* One try. *is_broken: the line, not the server, said no. */
static auth_status try_once(cli_client *client, const cli_ask_http *ask, long *code, auth_buf **out,
                            bool *is_broken, auth_error *err)
{
    AUTH_AUTO(auth_buf) *body = NULL;
    char url[URL_SIZE];
    int len = snprintf(url, sizeof url, "%s%s", client->server, ask->path);
    if (len < 0 || (size_t)len >= sizeof url)
        return auth_error_set(err, AUTH_STATUS_LIMIT, _("the question is too long to be asked"));
    auth_status status = auth_buf_new(ask->max == 0 ? CLI_ANSWER_MAX : ask->max, &body, err);
    struct curl_slist *headers = status == AUTH_STATUS_OK ? headers_of(client, ask) : NULL;
    if (status == AUTH_STATUS_OK && headers == NULL)
        status = auth_error_memory(err);
    if (status != AUTH_STATUS_OK)
        return status;
    reception into = {.body = body, .status = AUTH_STATUS_OK};
    CURL *easy = client->easy;
    client->reason[0] = '\0';
    client->refused_item = CLI_NO_ITEM;
    bool is_set = curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK &&
                  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
                  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &into) == CURLE_OK &&
                  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                                   ANSWER_TIMEOUT_MS + (long)ask->wait_s * MS_PER_S) == CURLE_OK &&
                  curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) == CURLE_OK;
    if (is_set && strcmp(ask->method, "POST") == 0)
        is_set =
            curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
            curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                             ask->body.len == 0 ? "" : (const char *)ask->body.data) == CURLE_OK &&
            curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)ask->body.len) ==
                CURLE_OK;
    CURLcode outcome = is_set ? curl_easy_perform(easy) : CURLE_OUT_OF_MEMORY;
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, (struct curl_slist *)NULL);
    curl_slist_free_all(headers);
    if (into.status != AUTH_STATUS_OK) {
        *err = into.err;
        auth_error_context(err, _("the answer of %s"), client->server);
        return into.status;
    }
    const auth_error *unsigned_why = cli_tls_key_failure(client->token);
    if (outcome == CURLE_SSL_CONNECT_ERROR && unsigned_why != NULL) {
        *err = *unsigned_why;
        auth_error_context(err,
                           _("%s: the key could not sign for TLS (RSA: RSASSA-PSS, RFC 8446 "
                             "4.2.3)"),
                           client->server);
        return unsigned_why->status;
    }
    *is_broken = is_worth_repeating(outcome);
    if (outcome != CURLE_OK)
        return unreachable(client, outcome, err);
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, code);
    if (*code < 200 || *code > 299) {
        *is_broken = *code == 503 || *code == 429;
        return refused(client, *code, auth_buf_bytes(body), err);
    }
    *out = AUTH_TAKE(body);
    return AUTH_STATUS_OK;
}

auth_status cli_client_ask(cli_client *client, const cli_ask_http *ask, long *code, auth_buf **out,
                           auth_error *err)
{
    long said = 0;
    auth_status status = AUTH_STATUS_OK;
    for (int try = 0; try < TRIES; try++) {
        bool is_broken = false;
        status = try_once(client, ask, &said, out, &is_broken, err);
        if (status == AUTH_STATUS_OK || !is_broken || !ask->is_repeatable)
            break;
        if (try + 1 < TRIES)
            rest(try);
    }
    if (code != NULL)
        *code = said;
    return status;
}

long long cli_client_refused_item(const cli_client *client) { return client->refused_item; }
