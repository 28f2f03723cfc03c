/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth
 * @brief all of libauth's public interface
 *
 * One include for programs that do not mind a few more declarations.
 */
#ifndef AUTH_AUTH_H
#define AUTH_AUTH_H

#include <auth/api.h>
#include <auth/bytes.h>
#include <auth/cert.h>
#include <auth/codec.h>
#include <auth/crl.h>
#include <auth/csr.h>
#include <auth/error.h>
#include <auth/fetch.h>
#include <auth/identity.h>
#include <auth/issue.h>
#include <auth/jws.h>
#include <auth/key.h>
#include <auth/login.h>
#include <auth/name.h>
#include <auth/ocsp.h>
#include <auth/pem.h>
#include <auth/person.h>
#include <auth/policy.h>
#include <auth/profile.h>
#include <auth/quorum.h>
#include <auth/replay.h>
#include <auth/request.h>
#include <auth/revocation.h>
#include <auth/secret.h>
#include <auth/status.h>
#include <auth/time.h>
#include <auth/validate.h>
#include <auth/verifier.h>
#include <auth/version.h>

#endif
