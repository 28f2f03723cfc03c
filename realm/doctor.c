/* SPDX-License-Identifier: Apache-2.0 */
#include "realm/doctor_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    const char *name;
    void (*look)(doctor *it);
} checks[] = {
#define REALM_DOCTOR_ROW(id, name) {name, doctor_##id},
#include "doctor.def"
};

static void AUTH_PRINTF(3, 0)
    report(const doctor *it, bool is_fault, const char *format, va_list values)
{
    char text[1024];
    (void)vsnprintf(text, sizeof text, format, values);
    it->visit(it->context, &(realm_doctor_finding){it->check, is_fault, text});
}

void doctor_fault(const doctor *it, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    report(it, true, format, values);
    va_end(values);
}

void doctor_warn(const doctor *it, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    report(it, false, format, values);
    va_end(values);
}

/* Daemons read the files as their owner; what root may read tells nothing. */
static auth_status become_owner(const realm *of, auth_error *err)
{
    char path[REALM_PATH_SIZE];
    struct stat info;
    auth_status status = realm_path_join(realm_dir(of), NULL, REALM_KEYS_FOLDER, "", path, err);
    if (status != AUTH_STATUS_OK || geteuid() != 0)
        return status;
    if (stat(path, &info) == 0 && setegid(info.st_gid) == 0 && seteuid(info.st_uid) == 0)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_IO,
                          "%s: its owner cannot be taken on; restore the folder", path);
}

/* True unless the process could not become again who it was: then nothing is right any more. */
static bool become_caller(uid_t user, gid_t group)
{
    return seteuid(user) == 0 && setegid(group) == 0;
}

auth_status realm_doctor(const char *dir, auth_time now, realm_doctor_visit *visit, void *context,
                         auth_error *err)
{
    AUTH_AUTO(realm) *of = NULL;
    realm_opening opening = {.parts = 0};
    uid_t user = geteuid();
    gid_t group = getegid();
    auth_status status = realm_open(dir, &opening, &of, err);
    if (status == AUTH_STATUS_OK)
        status = become_owner(of, err);
    if (status != AUTH_STATUS_OK)
        return status;
    doctor it = {.of = of, .now = now, .visit = visit, .context = context};
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        it.check = checks[i].name;
        checks[i].look(&it);
    }
    if (!become_caller(user, group))
        return auth_error_set(err, AUTH_STATUS_INTERNAL, "the caller's rights did not come back");
    return AUTH_STATUS_OK;
}
