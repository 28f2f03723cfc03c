/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/fake_pq.h"

#include "registry/migration.h"
#include "registry/type.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_RESULTS 64
#define MAX_CONNECTIONS 64
#define MAX_QUEUE 4096
#define MAX_CELLS 64

struct pg_result {
    bool is_used;
    ExecStatusType status;
    char severity[16];
    char sqlstate[8];
    char constraint[64];
    char tag[32];
    int rows;
    int columns;
    Oid types[4];
    char cells[MAX_CELLS][33];
    int lengths[MAX_CELLS];
};

struct pg_conn {
    bool is_used;
    ConnStatusType status;
    bool is_ignored;
    bool is_refused;
    bool is_pipeline;
    bool has_arrived; /* the next answer was read from the line */
    bool is_flushed;
    bool is_cut;
    PGTransactionStatusType transaction;
    int ends[2];
    bool has_signal; /* there is an octet to read in ends[0] */
    fake_answer queue[MAX_QUEUE];
    size_t first;
    size_t last;
    PQnoticeReceiver receiver;
    void *context;
};

static PGresult results[MAX_RESULTS];
static PGconn connections[MAX_CONNECTIONS];
static const fake_exchange *script;
static size_t script_count;
static size_t script_at;
static unsigned refused;
static unsigned ignored;
static unsigned connected;
static unsigned notifications;
static const char *refusal_message;
static fake_server server;
static char complaint[256];

/* Between answers of one exchange: the NULL that ends a statement's results. */
#define KIND_NULL ((fake_kind)100)
#define KIND_SYNC ((fake_kind)101)
#define KIND_SCHEMA_IS_THERE ((fake_kind)102)
#define KIND_SCHEMA ((fake_kind)103)

static void complain(const char *what, const char *detail)
{
    if (complaint[0] == '\0')
        (void)snprintf(complaint, sizeof complaint, "%s: %s", what, detail);
}

void fake_play(const fake_exchange *exchanges, size_t count)
{
    for (size_t i = 0; i < MAX_CONNECTIONS; i++)
        PQfinish(&connections[i]);
    memset(results, 0, sizeof results);
    script = exchanges;
    script_count = count;
    script_at = 0;
    refused = ignored = connected = notifications = 0;
    complaint[0] = '\0';
    server = (fake_server){.version = 150000};
}

bool fake_is_over(void)
{
    if (script_at < script_count)
        complain("the script goes on", script[script_at].sent);
    for (size_t i = 0; i < MAX_RESULTS; i++) {
        if (results[i].is_used)
            complain("a result was not cleared", results[i].tag);
    }
    for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
        if (connections[i].is_used)
            complain("a connection was not closed", "");
    }
    return complaint[0] == '\0';
}

const char *fake_complaint(void) { return complaint; }

void fake_refuse_connections(unsigned count, const char *message)
{
    refused = count;
    refusal_message = message;
}

void fake_ignore_connections(unsigned count) { ignored = count; }
unsigned fake_connections(void) { return connected; }
void fake_be(fake_server as) { server = as; }

static void signal_socket(PGconn *connection, bool is_readable)
{
    char octet = 0;
    if (is_readable && !connection->has_signal)
        connection->has_signal = write(connection->ends[1], &octet, 1) == 1;
    else if (!is_readable && connection->has_signal)
        connection->has_signal = read(connection->ends[0], &octet, 1) != 1;
}

void fake_notify(void)
{
    notifications++;
    for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
        if (connections[i].is_used)
            signal_socket(&connections[i], true);
    }
}

void fake_cut_idle(void)
{
    for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
        if (connections[i].is_used) {
            connections[i].is_cut = true;
            signal_socket(&connections[i], true);
        }
    }
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): libpq's names are not ours. */

/* The line: connecting. */

PQconninfoOption *PQconninfoParse(const char *conninfo, char **errmsg)
{
    static char text[512];
    static PQconninfoOption options[16];
    static char fault[] = "fault";
    size_t count = 0;
    memset(options, 0, sizeof options);
    (void)snprintf(text, sizeof text, "%s", conninfo);
    *errmsg = NULL;
    for (char *at = text, *next = NULL; (at = strtok_r(at, " ", &next)) != NULL; at = NULL) {
        char *equals = strchr(at, '=');
        if (equals == NULL || count == 15) {
            *errmsg = fault;
            return NULL;
        }
        *equals = '\0';
        options[count].keyword = at;
        options[count++].val = equals + 1;
    }
    return options;
}

PQconninfoOption *PQconndefaults(void)
{
    static PQconninfoOption none[1];
    return none;
}

void PQconninfoFree(PQconninfoOption *options) { (void)options; }
void PQfreemem(void *block) { (void)block; }

static int open_socket(int ends[2])
{
    if (!server.is_remote)
        return socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    ends[1] = -1;
    ends[0] = socket(AF_INET, SOCK_STREAM, 0);
    return ends[0] < 0 ? -1 : 0;
}

PGconn *PQconnectStartParams(const char *const *keywords, const char *const *values, int expand)
{
    (void)keywords;
    (void)values;
    (void)expand;
    size_t i = 0;
    while (i < MAX_CONNECTIONS && connections[i].is_used)
        i++;
    if (i == MAX_CONNECTIONS)
        return NULL;
    PGconn *connection = &connections[i];
    memset(connection, 0, sizeof *connection);
    if (open_socket(connection->ends) != 0)
        return NULL;
    connected++;
    connection->is_used = true;
    connection->is_refused = refused > 0;
    connection->is_ignored = ignored > 0;
    refused -= refused > 0;
    ignored -= ignored > 0;
    connection->status = CONNECTION_STARTED;
    return connection;
}

PostgresPollingStatusType PQconnectPoll(PGconn *connection)
{
    if (connection->is_ignored)
        return PGRES_POLLING_READING;
    connection->status = connection->is_refused ? CONNECTION_BAD : CONNECTION_OK;
    return connection->is_refused ? PGRES_POLLING_FAILED : PGRES_POLLING_OK;
}

void PQfinish(PGconn *connection)
{
    if (connection == NULL || !connection->is_used)
        return;
    connection->is_used = false;
    (void)close(connection->ends[0]);
    if (connection->ends[1] >= 0)
        (void)close(connection->ends[1]);
}

int PQsocket(const PGconn *connection) { return connection->ends[0]; }
ConnStatusType PQstatus(const PGconn *connection) { return connection->status; }
PGTransactionStatusType PQtransactionStatus(const PGconn *connection)
{
    return connection->transaction;
}
int PQserverVersion(const PGconn *connection)
{
    (void)connection;
    return server.version;
}
int PQsslInUse(PGconn *connection)
{
    (void)connection;
    return server.protocol != NULL;
}
const char *PQsslAttribute(PGconn *connection, const char *name)
{
    (void)connection;
    (void)name;
    return server.protocol;
}
char *PQerrorMessage(const PGconn *connection)
{
    static char text[256];
    (void)snprintf(text, sizeof text, "%s\n", connection->is_refused ? refusal_message : "");
    return text;
}
int PQsetnonblocking(PGconn *connection, int is_nonblocking)
{
    (void)connection;
    return is_nonblocking == 1 ? 0 : -1;
}
PQnoticeReceiver PQsetNoticeReceiver(PGconn *connection, PQnoticeReceiver receiver, void *context)
{
    connection->receiver = receiver;
    connection->context = context;
    return NULL;
}

/* Sending: the script is looked at. */

static void enqueue(PGconn *connection, fake_answer answer)
{
    if (connection->last == MAX_QUEUE)
        complain("the stand-in's queue is full", "");
    else
        connection->queue[connection->last++] = answer;
}

static void end_statement(PGconn *connection)
{
    enqueue(connection, (fake_answer){KIND_NULL, NULL});
    connection->is_flushed = false;
    connection->has_arrived = false;
    signal_socket(connection, true);
}

/* What a healthy server says to what is sent when a connection is opened. */
static bool answer_set_up(PGconn *connection, const char *sent)
{
    static const struct {
        const char *sent;
        fake_answer answer;
    } usual[] = {
        {"SET search_path", {FAKE_ROW, "1"}},
        {"SELECT EXISTS (SELECT FROM pg_catalog.pg_tables", {KIND_SCHEMA_IS_THERE, NULL}},
        {"SELECT version, sha256 FROM registry.schema_migration", {KIND_SCHEMA, NULL}},
        {"OWN_BACKEND", {FAKE_ROW, "1234 5678"}},
        {"prepare ", {FAKE_DONE, "PREPARE"}},
    };
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        if (strncmp(sent, usual[i].sent, strlen(usual[i].sent)) == 0) {
            enqueue(connection, usual[i].answer);
            end_statement(connection);
            return true;
        }
    }
    return false;
}

static int send_text(PGconn *connection, const char *sent)
{
    bool is_next = script_at < script_count &&
                   strncmp(sent, script[script_at].sent, strlen(script[script_at].sent)) == 0;
    if (connection->status != CONNECTION_OK)
        return 0;
    if (!is_next && answer_set_up(connection, sent))
        return 1;
    if (!is_next) {
        complain("not in the script", sent);
        return 0;
    }
    const fake_exchange *exchange = &script[script_at++];
    if (exchange->answers[0].kind == FAKE_NO_SEND)
        return 0;
    for (size_t i = 0; i < FAKE_ANSWERS && exchange->answers[i].kind != FAKE_END; i++)
        enqueue(connection, exchange->answers[i]);
    end_statement(connection);
    if (strcmp(exchange->sent, "BEGIN") == 0)
        connection->transaction = PQTRANS_INTRANS;
    return 1;
}

int PQsendQuery(PGconn *connection, const char *query) { return send_text(connection, query); }

int PQsendQueryParams(PGconn *connection, const char *command, int count, const Oid *types,
                      const char *const *values, const int *lengths, const int *formats, int format)
{
    (void)count, (void)types, (void)values, (void)lengths, (void)formats, (void)format;
    return send_text(connection, command);
}

int PQsendPrepare(PGconn *connection, const char *name, const char *query, int count,
                  const Oid *types)
{
    char text[128];
    (void)query, (void)count, (void)types;
    (void)snprintf(text, sizeof text, "prepare %s", name);
    return send_text(connection, text);
}

int PQsendQueryPrepared(PGconn *connection, const char *name, int count, const char *const *values,
                        const int *lengths, const int *formats, int format)
{
    (void)count, (void)values, (void)lengths, (void)formats, (void)format;
    return send_text(connection, name);
}

int PQenterPipelineMode(PGconn *connection)
{
    connection->is_pipeline = true;
    return 1;
}

int PQexitPipelineMode(PGconn *connection)
{
    connection->is_pipeline = false;
    return connection->first == connection->last;
}

int PQpipelineSync(PGconn *connection)
{
    enqueue(connection, (fake_answer){KIND_SYNC, NULL});
    connection->is_flushed = false;
    signal_socket(connection, true);
    return 1;
}

/* Receiving. */

static const fake_answer *next_answer(const PGconn *connection)
{
    return connection->first < connection->last ? &connection->queue[connection->first] : NULL;
}

static bool is_next(const PGconn *connection, fake_kind kind)
{
    const fake_answer *answer = next_answer(connection);
    return answer != NULL && answer->kind == kind;
}

/* The first flush leaves something, so that its caller has to wait. */
int PQflush(PGconn *connection)
{
    if (is_next(connection, FAKE_NO_FLUSH))
        return -1;
    if (connection->is_flushed)
        return 0;
    connection->is_flushed = true;
    return 1;
}

static PGresult *new_result(ExecStatusType status)
{
    size_t i = 0;
    while (i < MAX_RESULTS && results[i].is_used)
        i++;
    if (i == MAX_RESULTS)
        return NULL;
    results[i] = (PGresult){.is_used = true, .status = status};
    return &results[i];
}

static PGresult *new_refusal(const char *text)
{
    PGresult *result = new_result(PGRES_FATAL_ERROR);
    if (result != NULL)
        (void)sscanf(text, "%15s %7s %63s", result->severity, result->sqlstate, result->constraint);
    return result;
}

int PQconsumeInput(PGconn *connection)
{
    if (connection->is_cut || is_next(connection, FAKE_LOST)) {
        connection->status = CONNECTION_BAD;
        return 0;
    }
    while (is_next(connection, FAKE_SAYS)) {
        PGresult *notice = new_refusal(next_answer(connection)->text);
        connection->first++;
        connection->receiver(connection->context, notice);
        PQclear(notice);
    }
    connection->has_arrived = !is_next(connection, FAKE_SILENT);
    if (is_next(connection, FAKE_SILENT) || connection->first == connection->last)
        signal_socket(connection, false);
    return connection->status == CONNECTION_OK;
}

int PQisBusy(PGconn *connection)
{
    return !connection->has_arrived || is_next(connection, FAKE_SILENT) ||
           is_next(connection, FAKE_SAYS) || is_next(connection, FAKE_LOST);
}

static void put_number(PGresult *result, int cell, int64_t number)
{
    for (int i = 0; i < 8; i++)
        result->cells[cell][i] = (char)((uint64_t)number >> (56 - 8 * i) & 0xff);
    result->lengths[cell] = 8;
}

/* The second column of a row is a moment where BACKEND statements want one. */
static PGresult *new_row(const char *text)
{
    PGresult *result = new_result(PGRES_TUPLES_OK);
    if (result == NULL)
        return NULL;
    char *end = NULL;
    for (const char *at = text; *at != '\0' && result->columns < 4; at = end) {
        put_number(result, result->columns, strtoll(at, &end, 10));
        result->types[result->columns] = result->columns == 1 ? TYPE_OID_TIME : TYPE_OID_INT64;
        result->columns++;
        result->rows = 1;
    }
    return result;
}

static PGresult *new_schema(void)
{
    PGresult *result = new_result(PGRES_TUPLES_OK);
    if (result == NULL)
        return NULL;
    result->columns = 2;
    result->rows = (int)registry_migrations.count;
    result->types[0] = TYPE_OID_INT64;
    result->types[1] = TYPE_OID_BYTES;
    for (int i = 0; i < result->rows && i < MAX_CELLS / 2; i++) {
        put_number(result, 2 * i, registry_migrations.rows[i].version);
        memcpy(result->cells[2 * i + 1], registry_migrations.rows[i].sha256, 32);
        result->lengths[2 * i + 1] = 32;
    }
    return result;
}

static PGresult *new_truth(void)
{
    PGresult *result = new_row("1");
    if (result != NULL) {
        result->types[0] = TYPE_OID_BOOL;
        result->cells[0][0] = 1;
        result->lengths[0] = 1;
    }
    return result;
}

static PGresult *new_done(PGconn *connection, const char *tag)
{
    PGresult *result = new_result(PGRES_COMMAND_OK);
    if (result == NULL)
        return NULL;
    (void)snprintf(result->tag, sizeof result->tag, "%s", tag);
    if (strcmp(tag, "COMMIT") == 0 || strcmp(tag, "ROLLBACK") == 0)
        connection->transaction = PQTRANS_IDLE;
    return result;
}

static PGresult *make_refusal(PGconn *connection, const char *text)
{
    PGresult *result = new_refusal(text);
    /* The line still stands when the server says that it ends it. */
    bool is_end = strncmp(text, "ERROR", 5) != 0;
    connection->transaction = is_end                                       ? PQTRANS_UNKNOWN
                              : connection->transaction == PQTRANS_INTRANS ? PQTRANS_INERROR
                                                                           : PQTRANS_IDLE;
    return result;
}

PGresult *PQgetResult(PGconn *connection)
{
    const fake_answer *answer = next_answer(connection);
    if (answer == NULL)
        return NULL;
    connection->first++;
    connection->has_arrived = false;
    switch ((int)answer->kind) {
    case FAKE_DONE:
        return new_done(connection, answer->text);
    case FAKE_ROW:
        return new_row(answer->text);
    case FAKE_REFUSAL:
        return make_refusal(connection, answer->text);
    case FAKE_OTHER:
        return new_result(PGRES_COPY_BOTH);
    case FAKE_NO_STATE:
        connection->status = CONNECTION_BAD;
        return new_result(PGRES_FATAL_ERROR);
    case KIND_SYNC:
        return new_result(PGRES_PIPELINE_SYNC);
    case KIND_SCHEMA:
        return new_schema();
    case KIND_SCHEMA_IS_THERE:
        return new_truth();
    default:
        return NULL;
    }
}

PGnotify *PQnotifies(PGconn *connection)
{
    static PGnotify notification;
    (void)connection;
    if (notifications == 0)
        return NULL;
    notifications--;
    return &notification;
}

/* Results. */

void PQclear(PGresult *result)
{
    if (result != NULL)
        result->is_used = false;
}
ExecStatusType PQresultStatus(const PGresult *result)
{
    return result == NULL ? PGRES_FATAL_ERROR : result->status;
}
char *PQresStatus(ExecStatusType status)
{
    static char text[16];
    (void)snprintf(text, sizeof text, "status %d", (int)status);
    return text;
}
char *PQresultErrorField(const PGresult *result, int field)
{
    const char *text = field == PG_DIAG_SEVERITY_NONLOCALIZED ? result->severity
                       : field == PG_DIAG_SQLSTATE            ? result->sqlstate
                       : field == PG_DIAG_CONSTRAINT_NAME     ? result->constraint
                                                              : "";
    return text[0] == '\0' ? NULL : (char *)(uintptr_t)text;
}
char *PQcmdStatus(PGresult *result) { return result->tag; }
char *PQcmdTuples(PGresult *result)
{
    (void)result;
    static char one[] = "1";
    return one;
}
int PQntuples(const PGresult *result) { return result->rows; }
int PQnfields(const PGresult *result) { return result->columns; }
char *PQfname(const PGresult *result, int column)
{
    (void)result, (void)column;
    static char name[] = "column";
    return name;
}
int PQfformat(const PGresult *result, int column)
{
    (void)result, (void)column;
    return 1;
}
Oid PQftype(const PGresult *result, int column) { return result->types[column]; }
int PQgetisnull(const PGresult *result, int row, int column)
{
    (void)result, (void)row, (void)column;
    return 0;
}
int PQgetlength(const PGresult *result, int row, int column)
{
    return result->lengths[row * result->columns + column];
}
char *PQgetvalue(const PGresult *result, int row, int column)
{
    return (char *)(uintptr_t)result->cells[row * result->columns + column];
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
