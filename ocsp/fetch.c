/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers for what is fetched: revocation lists, certificates of authorities, the page. */
#include "service.h"

#include "daemon/content.h"

static const ocsp_shelf_authority *
find_authority(const ocsp_service *it, const daemon_request *request, const char *segment)
{
    return ocsp_shelf_find(it->shelf, daemon_request_raw_segment(request, segment));
}

auth_status ocsp_fetch_list(daemon_request *request, void *context, auth_error *err)
{
    const ocsp_service *it = context;
    AUTH_AUTO(daemon_response) *found = NULL;
    const ocsp_shelf_authority *authority = find_authority(it, request, "issuer");
    ocsp_list_name name = {.authority = 0};
    if (authority == NULL ||
        !ocsp_list_name_read(daemon_request_raw_segment(request, "list"), &name))
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "CRL: no authority here has a list of this name; take the address "
                              "from a certificate");
    name.authority = authority->authority;
    auth_status status = ocsp_lists_find(it->lists, &name, &found, err);
    return status == AUTH_STATUS_OK ? daemon_answer_content(request, found, err) : status;
}

auth_status ocsp_fetch_certificate(daemon_request *request, void *context, auth_error *err)
{
    static const char ending[] = ".cer";
    const size_t ending_len = sizeof ending - 1;
    const ocsp_service *it = context;
    const ocsp_shelf_authority *authority = NULL;
    auth_bytes file = daemon_request_raw_segment(request, "file");
    if (file.len > ending_len && memcmp(file.data + file.len - ending_len, ending, ending_len) == 0)
        authority = ocsp_shelf_find(it->shelf, (auth_bytes){file.data, file.len - ending_len});
    if (authority == NULL)
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "authority: there is none of this name here; take the address from a "
                              "certificate");
    return daemon_answer_content(request, authority->certificate, err);
}

auth_status ocsp_fetch_page(daemon_request *request, void *context, auth_error *err)
{
    const ocsp_service *it = context;
    bool is_chinese = daemon_request_is_chinese(request);
    (void)err;
    daemon_answer(request, it->shelf->pages[is_chinese ? 1 : 0]);
    return AUTH_STATUS_OK;
}
