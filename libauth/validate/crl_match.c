/* SPDX-License-Identifier: Apache-2.0 */
#include "validate/crl_match.h"
#include "x509/name.h"

#define DIRECTORY_NAME DER_CONTEXT_CONSTRUCTED(4)

/* The most names of one distribution point that are compared. */
#define NAMES_COMPARED 64

/* Room for a name made whole from a relative one. */
#define WHOLE_NAME_SIZE 4096

/* A DistributionPointName with a relative name made whole: GeneralNames, their content. */
typedef struct point_names {
    bool is_there;
    auth_bytes names;
    uint8_t room[WHOLE_NAME_SIZE];
} point_names;

/* ReasonFlags under an implicit tag: unused bits, then bits. */
static unsigned read_reasons(auth_bytes content)
{
    unsigned reasons = 0;
    if (content.data == NULL)
        return AUTH_CRL_ALL_REASONS;
    for (size_t bit = 0; content.len > 1 && bit < (content.len - 1) * 8 && bit < 16; bit++) {
        if ((content.data[1 + bit / 8] >> (7 - bit % 8) & 1U) != 0)
            reasons |= 1U << bit;
    }
    return reasons & AUTH_CRL_ALL_REASONS;
}

size_t crl_points_of(const candidate *c, crl_point points[CRL_POINTS_MAX + 1])
{
    const x509_extension *extension = c->facts.distribution_points;
    size_t count = 0;
    auth_bytes content;
    if (extension != NULL && der_only(extension->value, DER_SEQUENCE, &content)) {
        x509_distribution_point point;
        while (count < CRL_POINTS_MAX && x509_next_distribution_point(&content, &point))
            points[count++] = (crl_point){.point = point, .reasons = read_reasons(point.reasons)};
    }
    points[count++] = (crl_point){.is_assumed = true, .reasons = AUTH_CRL_ALL_REASONS};
    return count;
}

static bool holds_directory_name(auth_bytes names, auth_bytes name)
{
    der_item row;
    for (int i = 0; i < NAMES_COMPARED && x509_next_general_name(&names, &row); i++) {
        if (row.tag == DIRECTORY_NAME && x509_name_equal(row.content, name))
            return true;
    }
    return false;
}

bool crl_issuer_matches(auth_bytes crl_issuer, const candidate *c, const crl_point *point)
{
    if (point->point.crl_issuer.data != NULL)
        return holds_directory_name(point->point.crl_issuer, crl_issuer);
    return x509_name_equal(crl_issuer, c->view.issuer);
}

/* Writes directoryName { base, rdn } into out->room. */
static bool make_whole(auth_bytes base, auth_bytes rdn, point_names *out)
{
    auth_bytes rdns;
    if (!der_only(base, DER_SEQUENCE, &rdns))
        return false;
    der_writer writer = der_writer_on(out->room, sizeof out->room);
    size_t choice = der_open(&writer, DIRECTORY_NAME);
    size_t name = der_open(&writer, DER_SEQUENCE);
    der_put(&writer, rdns);
    der_put_item(&writer, DER_SET, rdn);
    der_close(&writer, name);
    der_close(&writer, choice);
    out->names = der_written(&writer);
    return out->names.data != NULL;
}

static bool put_directory_name(auth_bytes name, point_names *out)
{
    der_writer writer = der_writer_on(out->room, sizeof out->room);
    der_put_item(&writer, DIRECTORY_NAME, name);
    out->names = der_written(&writer);
    return out->names.data != NULL;
}

/* The name that a distribution point's relative name goes behind. */
static auth_bytes base_of(const candidate *c, const crl_point *point)
{
    auth_bytes names = point->point.crl_issuer;
    der_item row;
    while (names.data != NULL && x509_next_general_name(&names, &row)) {
        if (row.tag == DIRECTORY_NAME)
            return row.content;
    }
    return c->view.issuer;
}

/* False when there is a name and it cannot be made whole. */
static bool names_of_point(const candidate *c, const crl_point *point, point_names *out)
{
    const x509_distribution_point *p = &point->point;
    out->is_there = true;
    out->names = p->full_name;
    if (point->is_assumed)
        return put_directory_name(c->view.issuer, out);
    if (p->relative_name.data != NULL)
        return make_whole(base_of(c, point), p->relative_name, out);
    out->is_there = p->full_name.data != NULL;
    return true;
}

static bool names_of_scope(const auth_crl *crl, const auth_crl_scope *scope, point_names *out)
{
    der_item choice;
    auth_bytes content = scope->distribution_point;
    out->is_there = content.len > 0;
    if (!out->is_there)
        return true;
    if (!der_next(&content, &choice))
        return false;
    out->names = choice.content;
    return choice.tag == DER_CONTEXT_CONSTRUCTED(0) ||
           make_whole(auth_crl_issuer(crl), choice.content, out);
}

static bool are_equal(const der_item *a, const der_item *b)
{
    if (a->tag != b->tag)
        return false;
    return a->tag == DIRECTORY_NAME ? x509_name_equal(a->content, b->content)
                                    : auth_bytes_equal(a->content, b->content);
}

static bool share_name(auth_bytes a, auth_bytes b)
{
    der_item row;
    for (int i = 0; i < NAMES_COMPARED && x509_next_general_name(&a, &row); i++) {
        auth_bytes others = b;
        der_item other;
        for (int j = 0; j < NAMES_COMPARED && x509_next_general_name(&others, &other); j++) {
            if (are_equal(&row, &other))
                return true;
        }
    }
    return false;
}

static bool refuse(finding *found, const char *what)
{
    return finding_set(found, AUTH_VERDICT_REASON_CRL_SCOPE, "%s", what);
}

/* RFC 5280 6.3.3 (b)(2)(i). */
static bool check_name(const auth_crl *crl, const auth_crl_scope *scope, const candidate *c,
                       const crl_point *point, finding *found)
{
    point_names scope_names = {0};
    point_names names = {0};
    if (!names_of_scope(crl, scope, &scope_names) || !names_of_point(c, point, &names))
        return refuse(found, "a distribution point's name cannot be read (RFC 5280 4.2.1.13)");
    if (!scope_names.is_there)
        return true;
    auth_bytes wanted = names.is_there ? names.names : point->point.crl_issuer;
    if (share_name(scope_names.names, wanted))
        return true;
    return refuse(found, "the CRL is for another distribution point (RFC 5280 6.3.3 (b)(2)(i))");
}

bool crl_scope_matches(const auth_crl *crl, const candidate *c, const crl_point *point,
                       finding *found)
{
    auth_crl_scope scope = auth_crl_scope_of(crl);
    bool is_ca = c->facts.basic_constraints.is_ca;
    if (point->point.crl_issuer.data != NULL && !scope.is_indirect)
        return refuse(found, "the distribution point names another CRL issuer, whose CRL is not "
                             "indirect (RFC 5280 6.3.3 (b)(1))");
    if (scope.only_attribute_certs)
        return refuse(found, "the CRL is for attribute certificates (RFC 5280 6.3.3 (b)(2)(iv))");
    if (scope.only_user_certs && is_ca)
        return refuse(found, "the CRL is for holders, the certificate is an authority's "
                             "(RFC 5280 6.3.3 (b)(2)(ii))");
    if (scope.only_ca_certs && !is_ca)
        return refuse(found, "the CRL is for authorities, the certificate is a holder's "
                             "(RFC 5280 6.3.3 (b)(2)(iii))");
    return check_name(crl, &scope, c, point, found);
}
