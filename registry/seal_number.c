/* SPDX-License-Identifier: Apache-2.0 */
#include "seal_number.h"

auth_status registry_seal_number_write(const auth_person_number *number, auth_buf *out,
                                       auth_error *err)
{
    uint8_t type = (uint8_t)number->type;
    size_t before = auth_buf_bytes(out).len;
    if (number->len == 0 || number->type == AUTH_PERSON_TYPE_ANY)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "person number: there is none; read it with its type first");
    auth_status status = auth_buf_append(out, (auth_bytes){&type, 1}, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(out, auth_person_number_reveal(number), err);
    if (status != AUTH_STATUS_OK)
        auth_buf_truncate(out, before);
    return status;
}

auth_status registry_seal_number_read(auth_bytes value, auth_person_number *out, auth_error *err)
{
    /* It was accepted once; what day it is does not matter any more. */
    auth_person_rules rules = {.today = {9999, 12, 31}};
    if (value.len < 2 || value.data[0] == AUTH_PERSON_TYPE_ANY)
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "sealed number: no type and number; restore it from a back-up");
    rules.type = (auth_person_type)value.data[0];
    return auth_person_number_parse((auth_bytes){value.data + 1, value.len - 1}, &rules, out, err);
}
