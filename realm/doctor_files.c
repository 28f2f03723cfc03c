/* SPDX-License-Identifier: Apache-2.0 */
/* What lies on the disk: files, keys, certificates, room. */
#include "realm/doctor_state.h"

#include <auth/pem.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define DAY_S ((auth_time)86400)
/* Before this, an authority's end is to be prepared: what it issues ends with it. */
#define AUTHORITY_DAYS 366
#define DAEMON_DAYS 7
#define ROOM_MIN ((uint64_t)1 << 30)
#define ROOM_PERCENT 5
#define ENDING ".cer"

void doctor_files(doctor *it)
{
    auth_error why;
    AUTH_AUTO(realm) *of = NULL;
    realm_opening opening = {.parts = REALM_AUTHORITIES | REALM_PROFILES | REALM_POLICY |
                                      REALM_MASTER_KEY};
    if (realm_open(realm_dir(it->of), &opening, &of, &why) != AUTH_STATUS_OK)
        doctor_fault(it, "%s", why.text);
}

/* A key that needs a passphrase or a token is for its daemon to open. */
static bool is_plain(const doctor *it, realm_authority authority)
{
    auth_error why;
    char path[REALM_PATH_SIZE];
    AUTH_AUTO(auth_buf) *pem = NULL;
    if (realm_path_join(realm_dir(it->of), REALM_KEYS_FOLDER, realm_authority_name(authority),
                        ".pem", path, &why) != AUTH_STATUS_OK ||
        realm_file_read(path, &pem, &why) != AUTH_STATUS_OK)
        return false;
    auth_bytes text = auth_buf_bytes(pem);
    return memmem(text.data, text.len, "ENCRYPTED", strlen("ENCRYPTED")) == NULL;
}

void doctor_keys(doctor *it)
{
    auth_error why;
    AUTH_AUTO(realm) *of = NULL;
    realm_opening opening = {.parts = REALM_SIGNERS};
    if (is_plain(it, REALM_AUTHORITY_STAFF) && is_plain(it, REALM_AUTHORITY_CITIZENS) &&
        realm_open(realm_dir(it->of), &opening, &of, &why) != AUTH_STATUS_OK)
        doctor_fault(it, "%s", why.text);
}

void doctor_safe(doctor *it)
{
    auth_error why;
    char path[REALM_PATH_SIZE];
    if (realm_path_join(realm_dir(it->of), REALM_KEYS_FOLDER, "root", ".pem", path, &why) ==
            AUTH_STATUS_OK &&
        access(path, F_OK) == 0)
        doctor_warn(it, "%s: the root's key is still on this machine; move it into the safe", path);
}

static void judge_cert(const doctor *it, const char *path, const auth_cert *cert)
{
    int64_t days = (auth_cert_not_after(cert) - it->now) / DAY_S;
    int64_t wanted = auth_cert_is_ca(cert) ? AUTHORITY_DAYS : DAEMON_DAYS;
    if (auth_cert_not_before(cert) > it->now)
        doctor_fault(it, "%s: is not valid yet; look at the clock of this machine", path);
    else if (auth_cert_not_after(cert) < it->now)
        doctor_fault(it, "%s: has expired; replace it", path);
    else if (days < wanted)
        doctor_warn(it, "%s: expires in %lld days; replace it before", path, (long long)days);
}

/* DER, or PEM whose first certificate counts. */
static auth_status read_cert(const char *path, auth_cert **out, auth_error *err)
{
    char label[AUTH_PEM_LABEL_SIZE];
    AUTH_AUTO(auth_buf) *text = NULL;
    AUTH_AUTO(auth_buf) *der = NULL;
    auth_status status = realm_file_read(path, &text, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(AUTH_CERT_MAX, &der, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_bytes rest = auth_buf_bytes(text);
    if (rest.len > 0 && rest.data[0] == '-') {
        status = auth_pem_next(&rest, label, der, err);
        return status == AUTH_STATUS_OK ? auth_cert_parse(auth_buf_bytes(der), out, err) : status;
    }
    return auth_cert_parse(rest, out, err);
}

static int is_cert(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return len > strlen(ENDING) && strcmp(entry->d_name + len - strlen(ENDING), ENDING) == 0;
}

static void look_at_cert(const doctor *it, const char *folder, const char *name)
{
    auth_error why;
    char path[REALM_PATH_SIZE];
    AUTH_AUTO(auth_cert) *cert = NULL;
    auth_status status = realm_path_join(realm_dir(it->of), folder, name, "", path, &why);
    if (status == AUTH_STATUS_OK)
        status = read_cert(path, &cert, &why);
    if (status != AUTH_STATUS_OK)
        doctor_fault(it, "%s/%s: %s", folder, name, why.text);
    else
        judge_cert(it, path, cert);
}

static void look_into(const doctor *it, const char *folder)
{
    auth_error why;
    char path[REALM_PATH_SIZE];
    struct dirent **entries = NULL;
    if (realm_path_join(realm_dir(it->of), NULL, folder, "", path, &why) != AUTH_STATUS_OK)
        return;
    int count = scandir(path, &entries, is_cert, alphasort);
    if (count < 0)
        doctor_fault(it, "%s: cannot be read: %s; look at its owner", path, strerror(errno));
    for (int i = 0; i < count; i++) {
        look_at_cert(it, folder, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

void doctor_certificates(doctor *it)
{
    look_into(it, REALM_AUTHORITIES_FOLDER);
    look_into(it, REALM_TLS_FOLDER);
    look_into(it, REALM_RESPONDERS_FOLDER);
}

void doctor_disk(doctor *it)
{
    struct statvfs disk;
    if (statvfs(realm_dir(it->of), &disk) != 0) {
        doctor_fault(it, "%s: its disk cannot be looked at: %s", realm_dir(it->of),
                     strerror(errno));
        return;
    }
    uint64_t room = (uint64_t)disk.f_bavail * disk.f_frsize;
    uint64_t size = (uint64_t)disk.f_blocks * disk.f_frsize;
    if (room < ROOM_MIN || room < size / 100 * ROOM_PERCENT)
        doctor_warn(it, "%s: %llu MiB are left on its disk; make room", realm_dir(it->of),
                    (unsigned long long)(room >> 20));
}

static int is_file(const struct dirent *entry) { return entry->d_type == DT_REG; }

/* The files of a folder of the spool; 0 where there is none. */
static int count_spooled(const doctor *it, const char *folder, char path[REALM_PATH_SIZE])
{
    auth_error why;
    struct dirent **entries = NULL;
    if (realm_path_join(realm_dir(it->of), REALM_SPOOL_FOLDER, folder, "", path, &why) !=
        AUTH_STATUS_OK)
        return 0;
    int count = scandir(path, &entries, is_file, alphasort);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    return count < 0 ? 0 : count;
}

/* Documents that wait are no fault while they are few and the line is away; they are to be known.
 * Damaged ones were acknowledged and are not delivered: somebody has to do something. */
void doctor_spool(doctor *it)
{
    char path[REALM_PATH_SIZE];
    int count = count_spooled(it, "new", path);
    if (count > 0)
        doctor_warn(it,
                    "%s: %d documents wait for the registry; see that auth-lra runs and the "
                    "registry answers",
                    path, count);
    count = count_spooled(it, "bad", path);
    if (count > 0)
        doctor_warn(it,
                    "%s: %d damaged documents are not delivered; have the requests of their names "
                    "submitted again, look at the disk, and remove the files",
                    path, count);
}
