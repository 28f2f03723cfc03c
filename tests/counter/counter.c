/* SPDX-License-Identifier: Apache-2.0 */
#include "counter.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PATH_SIZE 512
#define CERTIFICATE_MAX 65536
#define LIFE_S 43200

static const char *const ids[] = {"admin-1", "admin-2", "clerk-1", "approver-1"};

const char *counter_officer_id(counter_who who) { return ids[who]; }

void counter_die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fputs("counter: ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
    exit(2);
}

void counter_must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        counter_die("%s: %s", auth_status_name(status), err->text);
}

auth_buf *counter_buf(size_t max)
{
    auth_error err;
    auth_buf *buf = NULL;
    counter_must(auth_buf_new(max, &buf, &err), &err);
    return buf;
}

int64_t counter_now_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void counter_write_file(const char *path, auth_bytes octets)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor < 0 || write(descriptor, octets.data, octets.len) != (ssize_t)octets.len ||
        close(descriptor) != 0)
        counter_die("%s cannot be written", path);
}

static auth_buf *read_file(const char *path)
{
    auth_error err;
    static uint8_t octets[CERTIFICATE_MAX];
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        counter_die("%s cannot be read", path);
    size_t len = fread(octets, 1, sizeof octets, file);
    (void)fclose(file);
    auth_buf *out = counter_buf(CERTIFICATE_MAX);
    counter_must(auth_buf_append(out, (auth_bytes){octets, len}, &err), &err);
    return out;
}

static void path_of(const counter *it, counter_who who, const char *end, char out[PATH_SIZE])
{
    (void)snprintf(out, PATH_SIZE, "%s/%s.%s", it->officers, ids[who], end);
}

void counter_read_officer(counter *it, counter_who who)
{
    auth_error err;
    char path[PATH_SIZE];
    path_of(it, who, "pem", path);
    counter_must(auth_signer_load(path, NULL, NULL, &it->people[who].signer, &err), &err);
    path_of(it, who, "cer", path);
    it->people[who].certificate = read_file(path);
}

void counter_make_key(counter *it, counter_who who)
{
    auth_error err;
    char path[PATH_SIZE];
    counter_officer *officer = &it->people[who];
    AUTH_AUTO(auth_buf) *pem = counter_buf(CERTIFICATE_MAX);
    auth_key_type type =
        auth_public_key_type(auth_signer_public_key(it->people[COUNTER_ADMIN_1].signer));
    counter_must(auth_signer_generate(type, 0, &officer->signer, &err), &err);
    counter_must(auth_signer_export(officer->signer, NULL, pem, &err), &err);
    path_of(it, who, "pem", path);
    counter_write_file(path, auth_buf_bytes(pem));
}

void counter_keep_certificate(counter *it, counter_who who, auth_bytes certificate)
{
    auth_error err;
    char path[PATH_SIZE];
    it->people[who].certificate = counter_buf(CERTIFICATE_MAX);
    counter_must(auth_buf_append(it->people[who].certificate, certificate, &err), &err);
    path_of(it, who, "cer", path);
    counter_write_file(path, certificate);
}

counter_request *counter_request_new(const counter *it, auth_request_kind kind)
{
    auth_error err;
    int64_t now = counter_now_us() / 1000000;
    counter_request *made = calloc(1, sizeof *made);
    if (made == NULL || (made->items = calloc(AUTH_REQUEST_ITEMS_MAX, sizeof *made->items)) == NULL)
        counter_die("out of memory");
    counter_must(auth_request_id_new(counter_now_us() / 1000, made->id, &err), &err);
    (void)registry_uuid_parse(auth_bytes_from_text(made->id), made->octets);
    made->draft = (auth_request_draft){.id = made->id,
                                       .realm = realm_name(it->realm),
                                       .kind = kind,
                                       .office = "centre",
                                       .created = now,
                                       .expires = now + LIFE_S,
                                       .items = made->items};
    return made;
}

void counter_request_free(counter_request *of)
{
    if (of == NULL)
        return;
    free(of->items);
    free(of);
}
