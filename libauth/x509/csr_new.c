/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/part.h"

#include <auth/csr.h>

/* CertificationRequestInfo: version 0, subject, key, no attributes. */
static auth_bytes write_info(der_writer *writer, auth_bytes subject, auth_bytes spki)
{
    size_t info = der_open(writer, DER_SEQUENCE);
    der_put_uint(writer, 0);
    der_put(writer, subject);
    der_put(writer, spki);
    der_put_header(writer, DER_CONTEXT_CONSTRUCTED(0), 0);
    der_close(writer, info);
    return der_written(writer);
}

auth_status auth_csr_new(const auth_signer *signer, auth_bytes subject, auth_buf *out,
                         auth_error *err)
{
    uint8_t room[AUTH_CSR_MAX];
    uint8_t info_room[AUTH_CSR_MAX];
    der_writer writer = der_writer_on(room, sizeof room);
    der_writer info_writer = der_writer_on(info_room, sizeof info_room);
    auth_bytes name;
    auth_bytes rest = subject;
    if (!x509_take_name(&rest, &name) || rest.len > 0)
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "certificate request: the subject is not a Name (RFC 2986 4.1)");
    auth_bytes spki = auth_public_key_spki(auth_signer_public_key(signer));
    auth_bytes info = write_info(&info_writer, subject, spki);
    if (info.data == NULL)
        return auth_error_set(err, AUTH_STATUS_LIMIT, "certificate request: more than %zu octets",
                              AUTH_CSR_MAX);
    auth_signature signature;
    auth_status status = auth_signer_sign(signer, info, &signature, err);
    if (status != AUTH_STATUS_OK)
        return status;
    size_t request = der_open(&writer, DER_SEQUENCE);
    der_put(&writer, info);
    der_put(&writer, auth_signer_algorithm(signer));
    der_put_bit_octets(&writer, (auth_bytes){signature.octets, signature.len});
    der_close(&writer, request);
    auth_bytes der = der_written(&writer);
    if (der.data == NULL)
        return auth_error_set(err, AUTH_STATUS_LIMIT, "certificate request: more than %zu octets",
                              AUTH_CSR_MAX);
    return auth_buf_append(out, der, err);
}
