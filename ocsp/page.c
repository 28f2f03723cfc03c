/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page for a person who types the address of a responder, or finds it in a certificate. All
 * that is put into it was checked by realm.conf's rules; it is escaped all the same.
 */
#include "shelf.h"

#include <auth/codec.h>
#include <string.h>

typedef struct words {
    const char *language;
    const char *title;
    const char *about;
    const char *authorities;
    const char *name;
    const char *certificate;
    const char *lists;
    const char *fingerprint;
    const char *whole;
    const char *delta;
    const char *ask;
    const char *ask_how;
    const char *privacy;
} words;

static const words both[] = {
    {
        .language = "en",
        .title = "Certificate status",
        .about = "Here computers ask whether certificates of this realm are good. Nothing is to be "
                 "done by hand: programs find this address in the certificates themselves.",
        .authorities = "Authorities",
        .name = "Authority",
        .certificate = "Certificate",
        .lists = "Revocation list",
        .fingerprint = "SHA-256 of the certificate",
        .whole = "full",
        .delta = "delta",
        .ask = "Asking about a certificate",
        .ask_how = "With OpenSSL, the authority's certificate in issuer.pem:",
        .privacy =
            "Compare the SHA-256 with what the authority has published elsewhere, before you "
            "trust a certificate that you got here: this page is not protected.",
    },
    {
        .language = "zh",
        .title = "证书状态查询",
        .about = "计算机在这里查询本系统签发的证书是否有效。无需人工操作：程序会从证书中自动找到本"
                 "地址。",
        .authorities = "签发机构",
        .name = "机构",
        .certificate = "证书",
        .lists = "撤销列表",
        .fingerprint = "证书的 SHA-256",
        .whole = "完整",
        .delta = "增量",
        .ask = "查询一张证书",
        .ask_how = "使用 OpenSSL，签发机构的证书存为 issuer.pem：",
        .privacy = "本页面未加密保护。信任从这里下载的证书之前，请将其 SHA-256 "
                   "与签发机构另行公布的值核对。",
    },
};

static auth_status put(auth_buf *out, const char *text, auth_error *err)
{
    return auth_buf_append(out, auth_bytes_from_text(text), err);
}

static auth_status put_escaped(auth_buf *out, const char *text, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (; *text != '\0' && status == AUTH_STATUS_OK; text++) {
        if (strchr("&<>\"'", *text) != NULL)
            status = auth_buf_printf(out, err, "&#%d;", *text);
        else
            status = auth_buf_append(out, (auth_bytes){(const uint8_t *)text, 1}, err);
    }
    return status;
}

static auth_status put_head(const realm *of, const words *say, auth_buf *out, auth_error *err)
{
    auth_status status = auth_buf_printf(
        out, err,
        "<!DOCTYPE html>\n<html lang=\"%s\">\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>%s</title>\n"
        "<style>body{font:1rem/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "code,pre{font-family:monospace;overflow-wrap:anywhere}pre{white-space:pre-wrap}"
        "td,th{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0}</style>\n"
        "<h1>%s: ",
        say->language, say->title, say->title);
    if (status == AUTH_STATUS_OK)
        status = put_escaped(out, realm_name(of), err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(out, err,
                                 "</h1>\n<p>%s</p>\n<h2>%s</h2>\n<table>\n<tr><th>%s<th>%s<th>%s"
                                 "<th>%s\n",
                                 say->about, say->authorities, say->name, say->certificate,
                                 say->lists, say->fingerprint);
    return status;
}

static auth_status put_authority(const realm *of, const ocsp_shelf_authority *it, const words *say,
                                 auth_buf *out, auth_error *err)
{
    uint8_t hash[AUTH_FINGERPRINT_SIZE];
    const char *name = realm_authority_name(it->authority);
    auth_status status =
        auth_cert_fingerprint_sha256(realm_authority_cert(of, it->authority), hash, err);
    if (status == AUTH_STATUS_OK)
        status =
            auth_buf_printf(out, err, "<tr><td>%s<td><a href=\"authority/%s.cer\">%s.cer</a><td>",
                            name, it->key_id, name);
    if (status == AUTH_STATUS_OK && it->authority == REALM_AUTHORITY_ROOT)
        status =
            auth_buf_printf(out, err, "<a href=\"crl/%s/0.crl\">%s</a>", it->key_id, say->whole);
    /* Those of citizens are shared out; each certificate names its own. */
    if (status == AUTH_STATUS_OK && it->authority == REALM_AUTHORITY_STAFF)
        status = auth_buf_printf(out, err,
                                 "<a href=\"crl/%s/0.crl\">%s</a>, <a href=\"crl/%s/0-delta.crl\">"
                                 "%s</a>",
                                 it->key_id, say->whole, it->key_id, say->delta);
    if (status == AUTH_STATUS_OK && it->authority == REALM_AUTHORITY_CITIZENS)
        status = auth_buf_printf(out, err, "<code>crl/%s/N.crl</code>", it->key_id);
    if (status == AUTH_STATUS_OK)
        status = put(out, "<td><code>", err);
    if (status == AUTH_STATUS_OK)
        status = auth_codec_encode(AUTH_CODEC_HEX, (auth_bytes){hash, sizeof hash}, out, err);
    return status == AUTH_STATUS_OK ? put(out, "</code>\n", err) : status;
}

static auth_status put_tail(const realm *of, const words *say, auth_buf *out, auth_error *err)
{
    auth_status status =
        auth_buf_printf(out, err,
                        "</table>\n<p>%s</p>\n<h2>%s</h2>\n<p>%s</p>\n<pre>openssl "
                        "ocsp -issuer issuer.pem -cert certificate.pem -CAfile "
                        "issuer.pem -partial_chain -url ",
                        say->privacy, say->ask, say->ask_how);
    if (status == AUTH_STATUS_OK)
        status = put_escaped(out, realm_base(of), err);
    return status == AUTH_STATUS_OK ? put(out, "/ocsp</pre>\n</html>\n", err) : status;
}

auth_status ocsp_page_write(const realm *of, const ocsp_shelf *shelf, bool is_chinese,
                            auth_buf *out, auth_error *err)
{
    const words *say = &both[is_chinese ? 1 : 0];
    auth_status status = put_head(of, say, out, err);
    for (size_t i = 0; i < shelf->count && status == AUTH_STATUS_OK; i++)
        status = put_authority(of, &shelf->authorities[i], say, out, err);
    return status == AUTH_STATUS_OK ? put_tail(of, say, out, err) : status;
}
