/* SPDX-License-Identifier: Apache-2.0 */
#include "key/module.h"
#include "key/module_dir.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#define PATH_SIZE 512

#undef module_failed /* defined here, not called */
auth_status module_failed(auth_error *err, const char *call, CK_RV result)
{
    if (result == CKR_HOST_MEMORY)
        return auth_error_memory(err);
    return auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                          "token: %s failed with 0x%lx (PKCS#11 section 5.1); look whether the "
                          "token is there and its service runs",
                          call, (unsigned long)result);
}

/* Takes the path out of a line "module: PATH"; false when it is another line. */
static bool read_module_line(char *line, char path[PATH_SIZE])
{
    static const char name[] = "module:";
    if (strncmp(line, name, sizeof name - 1) != 0)
        return false;
    char *value = line + sizeof name - 1;
    value += strspn(value, " \t");
    value[strcspn(value, "\r\n")] = '\0';
    int len = value[0] == '/' ? snprintf(path, PATH_SIZE, "%s", value)
                              : snprintf(path, PATH_SIZE, "%s/%s", MODULE_DIR, value);
    return len > 0 && len < PATH_SIZE;
}

/* Looks a module up in one of p11-kit's folders (pkcs11.conf(5)). */
static bool find_configured(const char *folder, const char *name, char path[PATH_SIZE])
{
    char file[PATH_SIZE];
    int len = snprintf(file, sizeof file, "%s/%s.module", folder, name);
    FILE *in = len > 0 && (size_t)len < sizeof file ? fopen(file, "re") : NULL;
    if (in == NULL)
        return false;
    char line[PATH_SIZE];
    bool is_found = false;
    while (!is_found && fgets(line, sizeof line, in) != NULL)
        is_found = read_module_line(line, path);
    (void)fclose(in);
    return is_found;
}

static bool find_path(const token_uri *uri, char path[PATH_SIZE])
{
    if (uri->module_path[0] != '\0')
        return snprintf(path, PATH_SIZE, "%s", uri->module_path) < PATH_SIZE;
    return find_configured(MODULE_SYSTEM_CONFIG_DIR, uri->module_name, path) ||
           find_configured(MODULE_PACKAGE_CONFIG_DIR, uri->module_name, path) ||
           snprintf(path, PATH_SIZE, "%s/%s.so", MODULE_DIR, uri->module_name) < PATH_SIZE;
}

/* NULL: it is no module of PKCS#11 2.x. */
static CK_FUNCTION_LIST *functions_of(void *library)
{
    /* POSIX makes a function of what dlsym gives; ISO C has no cast for it. */
    CK_C_GetFunctionList get_list = NULL;
    void *symbol = dlsym(library, "C_GetFunctionList");
    memcpy(&get_list, &symbol, sizeof get_list);
    CK_FUNCTION_LIST *list = NULL;
    if (get_list == NULL || get_list(&list) != CKR_OK || list == NULL || list->version.major != 2)
        return NULL;
    return list;
}

static auth_status start(CK_FUNCTION_LIST *list, auth_error *err)
{
    CK_C_INITIALIZE_ARGS arguments = {.flags = CKF_OS_LOCKING_OK};
    CK_RV result = list->C_Initialize(&arguments);
    if (result != CKR_OK && result != CKR_CRYPTOKI_ALREADY_INITIALIZED)
        return module_failed(err, "C_Initialize", result);
    return AUTH_STATUS_OK;
}

auth_status module_load(const token_uri *uri, CK_FUNCTION_LIST **out, auth_error *err)
{
    char path[PATH_SIZE];
    if (!find_path(uri, path)) {
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "PKCS#11 module: the path is too long; name another");
    }
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library == NULL) {
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "PKCS#11 module: %s; name one that can be loaded", dlerror());
    }
    CK_FUNCTION_LIST *list = functions_of(library);
    /* It stays in memory (RTLD_NODELETE); only the count goes down. */
    (void)dlclose(library);
    if (list == NULL) {
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "PKCS#11 module: %s has no functions of PKCS#11 2.x; name another",
                              path);
    }
    auth_status status = start(list, err);
    if (status == AUTH_STATUS_OK)
        *out = list;
    return status;
}
