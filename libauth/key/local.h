/* SPDX-License-Identifier: Apache-2.0 */
/* Where a signer's key is, for those who may not see what a signer is made of. Internal to libauth.
 */
#ifndef KEY_LOCAL_H
#define KEY_LOCAL_H

#include <auth/key.h>

/* Tells whether the private key is in this process: what it signs was computed here. */
bool key_signer_is_local(const auth_signer *signer);

#endif
