/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Over https, is only a server believed whose certificate leads to the anchors that were named, for
 * its own name, and is still valid? The server is one of Python and OpenSSL.
 */
#include "harness/child.h"
#include "harness/fetch_world.h"
#include "harness/harness.h"
#include "harness/scratch.h"

#include <auth/pem.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SERIAL 5

/* Serves the file "answer" of a folder; tells its port when it listens. */
static const char script[] =
    "import http.server, pathlib, ssl, sys\n"
    "folder = pathlib.Path(sys.argv[1])\n"
    "class Handler(http.server.BaseHTTPRequestHandler):\n"
    "    def do_GET(self):\n"
    "        body = (folder / 'answer').read_bytes()\n"
    "        self.send_response(200)\n"
    "        self.send_header('Content-Length', str(len(body)))\n"
    "        self.end_headers()\n"
    "        self.wfile.write(body)\n"
    "    def log_message(self, *words):\n"
    "        pass\n"
    "server = http.server.HTTPServer(('127.0.0.1', 0), Handler)\n"
    "context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n"
    "context.load_cert_chain(folder / 'server.pem', folder / 'key.pem')\n"
    "server.socket = context.wrap_socket(server.socket, server_side=True)\n"
    "print(server.server_address[1], flush=True)\n"
    "server.serve_forever()\n";

static char *folder;

static void write_file(const char *name, auth_bytes octets)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, octets.data, octets.len), (ssize_t)octets.len);
    (void)close(file);
}

static void write_pem(const char *name, const raw_bytes *certificate)
{
    auth_error err;
    AUTH_AUTO(auth_buf) *text = NULL;
    assert_ok(auth_buf_new(65536, &text, &err), &err);
    assert_ok(auth_pem_encode("CERTIFICATE", RAW(*certificate), text, &err), &err);
    write_file(name, auth_buf_bytes(text));
}

/* What the server's certificate is like. */
typedef struct server_row {
    const char *name;
    auth_bytes alt_name; /* GeneralNames whole */
    bool is_expired;
    bool has_other_anchor;
    const char *anchor_name;
    auth_fetch_outcome outcome;
} server_row;

#define LOOPBACK BYTES("\x30\x06\x87\x04\x7f\x00\x00\x01")
#define ELSEWHERE BYTES("\x30\x06\x87\x04\x7f\x00\x00\x02")

static server_row row_of(int index)
{
    const server_row rows[] = {
        {"good", LOOPBACK, false, false, "T", AUTH_FETCH_OUTCOME_FOUND},
        {"for another name", ELSEWHERE, false, false, "T", AUTH_FETCH_OUTCOME_LYING},
        {"expired", LOOPBACK, true, false, "T", AUTH_FETCH_OUTCOME_LYING},
        {"of an anchor that is not ours", LOOPBACK, false, true, "U", AUTH_FETCH_OUTCOME_LYING},
        /* libcurl tells of a failed handshake and not why. */
        {"of a namesake of our anchor", LOOPBACK, false, true, "T", AUTH_FETCH_OUTCOME_DOWN},
    };
    return rows[index];
}

#define ROWS 5

/* Writes key, certificate and anchor of the server. libcurl reads the clock. */
static void prepare_server(const server_row *row)
{
    auth_error err;
    raw_bytes room;
    auth_time now = (auth_time)time(NULL);
    AUTH_AUTO(auth_signer) *anchor = raw_signer_new(AUTH_KEY_TYPE_P256);
    AUTH_AUTO(auth_signer) *other = raw_signer_new(AUTH_KEY_TYPE_P256);
    AUTH_AUTO(auth_signer) *server = raw_signer_new(AUTH_KEY_TYPE_P256);
    AUTH_AUTO(auth_buf) *pem = NULL;
    raw_bytes extensions = raw_authority_extensions();
    raw_cert root = {row->anchor_name, row->anchor_name, 1,
                     now - STATUS_DAY, now + STATUS_DAY, RAW(extensions)};
    der_writer writer = der_writer_on(room.octets, sizeof room.octets);
    raw_put_extension(&writer, OID_SUBJECT_ALT_NAME, false, row->alt_name);
    raw_cert leaf = {"T",
                     "S",
                     2,
                     now - STATUS_DAY,
                     row->is_expired ? now - FETCH_HOUR : now + STATUS_DAY,
                     der_written(&writer)};
    const auth_signer *named = row->has_other_anchor ? other : anchor;
    raw_bytes root_der = raw_cert_make(&root, auth_signer_public_key(named), named);
    raw_bytes leaf_der = raw_cert_make(&leaf, auth_signer_public_key(server), anchor);
    assert_ok(auth_buf_new(65536, &pem, &err), &err);
    assert_ok(auth_signer_export(server, NULL, pem, &err), &err);
    write_pem("anchor.pem", &root_der);
    write_pem("server.pem", &leaf_der);
    write_file("key.pem", auth_buf_bytes(pem));
}

/* Starts the server and reads its port. */
static pid_t start_server(unsigned *port)
{
    int line[2];
    ck_assert_int_eq(pipe(line), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        harness_child_begin();
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (dup2(line[1], STDOUT_FILENO) >= 0)
            (void)execl("/usr/bin/python3", "python3", "-I", "-B", "-c", script, folder,
                        (char *)NULL);
        _exit(1);
    }
    (void)close(line[1]);
    FILE *stream = fdopen(line[0], "r");
    char text[32] = "";
    ck_assert_ptr_nonnull(fgets(text, sizeof text, stream));
    *port = (unsigned)strtoul(text, NULL, 10);
    (void)fclose(stream);
    return child;
}

START_TEST(only_the_right_server_is_believed)
{
    auth_error err;
    auth_fetch_result result;
    unsigned port = 0;
    char name[64];
    char uri[96];
    char anchor[512];
    server_row row = row_of(_i);
    fetch_world world = {.pki = status_pki_new("p256")};
    folder = scratch_new();
    prepare_server(&row);
    raw_bytes answer = fetch_world_ocsp(&world, &(fetch_world_answer){.serial = SERIAL});
    write_file("answer", RAW(answer));
    pid_t child = start_server(&port);

    (void)snprintf(name, sizeof name, "127.0.0.1:%u", port);
    (void)snprintf(uri, sizeof uri, "https://%s/ocsp", name);
    (void)snprintf(anchor, sizeof anchor, "%s/anchor.pem", folder);
    auth_fetch_host host = {.name = name, .may_be_private = true};
    auth_fetch_options options = {.hosts = &host,
                                  .host_count = 1,
                                  .timeout_ms = 20000,
                                  .tls_ca_file = anchor};
    auth_fetcher *fetcher = NULL;
    assert_ok(auth_fetcher_new(&options, &fetcher, &err), &err);
    raw_bytes cert = fetch_world_cert_at(&world, SERIAL, uri, NULL);
    auth_fetch_request request = fetch_world_request(&world, &cert);
    auth_status status = auth_fetch_status(fetcher, &request, &result, &err);
    ck_assert_msg(result.outcome == row.outcome, "%s: %s", row.name,
                  status == AUTH_STATUS_OK ? "found" : err.text);
    auth_fetched_free(result.fetched);
    auth_fetcher_free(fetcher);

    (void)kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    status_pki_free(&world.pki);
    scratch_free(folder);
}
END_TEST

SUITE("fetch_tls", TEST_EACH(only_the_right_server_is_believed, ROWS))
