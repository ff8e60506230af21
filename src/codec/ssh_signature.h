#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

// Signatures that people make with their SSH keys: `ssh-keygen -Y sign` writes them, and
// `ssh-keygen -Y verify` checks them as this does (OpenSSH, PROTOCOL.sshsig). Keys: ssh-ed25519,
// and sk-ssh-ed25519 (on a FIDO token, PROTOCOL.u2f), whose owner must have touched it.

namespace stanch::codec {

struct SshSigned {
  std::string key_type;  // "ssh-ed25519"
  std::string key;       // base64 of the public key's blob, as lines of authorized_keys have it
};

// Who signed `message` for that namespace; kDenied if it is not signed so, kInvalid if `armored` is
// no such signature or of a key that is not supported.
Result<SshSigned> verify_ssh_signature(std::string_view armored, std::string_view name_space,
                                       std::string_view message);

}  // namespace stanch::codec
