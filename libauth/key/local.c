/* SPDX-License-Identifier: Apache-2.0 */
#include "key/local.h"
#include "key/signer.h"

bool key_signer_is_local(const auth_signer *signer) { return signer->kind->export_key != NULL; }
