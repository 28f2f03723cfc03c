/* SPDX-License-Identifier: Apache-2.0 */
#include "key/sm2.h"
#include "key/openssl.h"

/* a, b and G = (x, y) of the curve sm2p256v1 (GM/T 0003.5 section 2). */
static const uint8_t curve[] = "\xff\xff\xff\xfe\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
                               "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xfc"
                               "\x28\xe9\xfa\x9e\x9d\x9f\x5e\x34\x4d\x5a\x9e\x4b\xcf\x65\x09\xa7"
                               "\xf3\x97\x89\xf5\x15\xab\x8f\x92\xdd\xbc\xbd\x41\x4d\x94\x0e\x93"
                               "\x32\xc4\xae\x2c\x1f\x19\x81\x19\x5f\x99\x04\x46\x6a\x39\xc9\x94"
                               "\x8f\xe3\x0b\xbf\xf2\x66\x0b\xe1\x71\x5a\x45\x89\x33\x4c\x74\xc7"
                               "\xbc\x37\x36\xa2\xf4\xf6\x77\x9c\x59\xbd\xce\xe3\x6b\x69\x21\x53"
                               "\xd0\xa9\x87\x7c\xc6\x2a\x47\x40\x02\xdf\x32\xe5\x21\x39\xf0\xa0";

/* The length is told in bits, in two octets. */
#define ID_MAX (0xffffU / 8)

auth_status sm2_z(auth_bytes id, const uint8_t point[SM2_POINT_SIZE], uint8_t out[SM2_Z_SIZE],
                  auth_error *err)
{
    if (id.len > ID_MAX) {
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "SM2: an ID of %zu octets; GM/T 0003.2 5.5 allows %u", id.len,
                              ID_MAX);
    }
    uint8_t bits[2] = {(uint8_t)(id.len * 8 >> 8), (uint8_t)(id.len * 8)};
    const EVP_MD *md = digest_evp(DIGEST_SM3);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool is_done = md != NULL && context != NULL && EVP_DigestInit_ex2(context, md, NULL) == 1 &&
                   EVP_DigestUpdate(context, bits, sizeof bits) == 1 &&
                   EVP_DigestUpdate(context, id.data, id.len) == 1 &&
                   EVP_DigestUpdate(context, curve, sizeof curve - 1) == 1 &&
                   EVP_DigestUpdate(context, point, SM2_POINT_SIZE) == 1 &&
                   EVP_DigestFinal_ex(context, out, NULL) == 1;
    EVP_MD_CTX_free(context);
    return is_done ? AUTH_STATUS_OK : openssl_failed(err, "SM2: hash of the ID and the key");
}
