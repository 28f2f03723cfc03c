/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/text.h"

#include <string.h>

bool x509_is_text(uint8_t tag)
{
    return tag == DER_UTF8_STRING || tag == DER_PRINTABLE_STRING || tag == DER_TELETEX_STRING ||
           tag == DER_IA5_STRING || tag == DER_UNIVERSAL_STRING || tag == DER_BMP_STRING;
}

static bool is_surrogate(uint32_t code) { return code >= 0xd800 && code <= 0xdfff; }

/* RFC 3629 section 4: the shortest form only, no surrogates, nothing above U+10FFFF. */
static bool next_utf8(auth_bytes *text, uint32_t *code)
{
    uint8_t first = text->data[0];
    size_t more = first < 0x80 ? 0 : first < 0xc2 ? 4 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    if (more == 4 || first > 0xf4 || text->len < 1 + more)
        return false;
    uint32_t found = more == 0 ? first : first & (0x3fU >> more);
    for (size_t i = 1; i <= more; i++) {
        if ((text->data[i] & 0xc0U) != 0x80U)
            return false;
        found = found << 6 | (text->data[i] & 0x3fU);
    }
    static const uint32_t smallest[] = {0, 0x80, 0x800, 0x10000};
    if (found < smallest[more] || found > 0x10ffff || is_surrogate(found))
        return false;
    *code = found;
    text->data += 1 + more;
    text->len -= 1 + more;
    return true;
}

static bool next_wide(auth_bytes *text, size_t octets, uint32_t *code)
{
    if (text->len < octets)
        return false;
    uint32_t found = 0;
    for (size_t i = 0; i < octets; i++)
        found = found << 8 | text->data[i];
    if (found > 0x10ffff || is_surrogate(found))
        return false;
    *code = found;
    text->data += octets;
    text->len -= octets;
    return true;
}

bool x509_next_character(uint8_t tag, auth_bytes *text, uint32_t *code)
{
    if (text->len == 0)
        return false;
    switch (tag) {
    case DER_UTF8_STRING:
        return next_utf8(text, code);
    case DER_PRINTABLE_STRING:
    case DER_IA5_STRING:
        return text->data[0] < 0x80 && next_wide(text, 1, code);
    case DER_TELETEX_STRING:
        return next_wide(text, 1, code);
    case DER_BMP_STRING:
        return next_wide(text, 2, code);
    case DER_UNIVERSAL_STRING:
        return next_wide(text, 4, code);
    default:
        return false;
    }
}

size_t x509_put_utf8(uint32_t code, uint8_t out[4])
{
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    size_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const uint8_t lead[] = {0, 0xc0, 0xe0, 0xf0};
    out[0] = (uint8_t)(lead[more] | code >> (6 * more));
    for (size_t i = 1; i <= more; i++)
        out[i] = (uint8_t)(0x80U | (code >> (6 * (more - i)) & 0x3fU));
    return 1 + more;
}

bool x509_is_unseen(uint32_t code)
{
    static const struct {
        uint32_t first;
        uint32_t last;
    } ranges[] = {
        {0x0000, 0x001f},   /* C0 controls, NUL among them */
        {0x007f, 0x009f},   /* DEL, C1 controls */
        {0x00ad, 0x00ad},   /* soft hyphen */
        {0x034f, 0x034f},   /* combining grapheme joiner */
        {0x061c, 0x061c},   /* Arabic letter mark */
        {0x115f, 0x1160},   /* Hangul fillers */
        {0x17b4, 0x17b5},   /* Khmer inherent vowels */
        {0x180b, 0x180f},   /* Mongolian selectors and vowel separator */
        {0x200b, 0x200f},   /* zero-width characters and direction marks */
        {0x2028, 0x202e},   /* separators, embeddings and overrides */
        {0x2060, 0x206f},   /* word joiner, invisible operators, isolates */
        {0x3164, 0x3164},   /* Hangul filler */
        {0xfdd0, 0xfdef},   /* noncharacters */
        {0xfeff, 0xfeff},   /* zero-width no-break space */
        {0xffa0, 0xffa0},   /* halfwidth Hangul filler */
        {0xfff0, 0xfffb},   /* interlinear annotation and what is reserved before it */
        {0x1bca0, 0x1bca3}, /* shorthand format controls */
        {0x1d173, 0x1d17a}, /* musical format controls */
        {0xe0000, 0xe00ff}, /* tags and what is reserved around them */
        {0xe01f0, 0xe0fff}, /* reserved for what is not seen */
    };
    if ((code & 0xfffeU) == 0xfffeU)
        return true; /* the last two of each plane are noncharacters */
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    }
    return false;
}

bool x509_is_printable(uint32_t code)
{
    if ((code >= '0' && code <= '9') || (code >= 'A' && code <= 'Z') ||
        (code >= 'a' && code <= 'z'))
        return true;
    return code != 0 && code < 0x80 && strchr(" '()+,-./:=?", (int)code) != NULL;
}
