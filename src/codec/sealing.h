#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

// What only the owner of a private key may read: CMS AuthEnvelopedData (RFC 5083) in DER, with
// AES-256-GCM. Whoever seals cannot open it again. Opened by
//   openssl cms -decrypt -inform DER -in FILE -inkey PRIVATE.pem

namespace stanch::codec {

class SealingKey {
 public:
  // Of an X.509 certificate in PEM, with an RSA key of 2048 bits or more, or one on a NIST curve.
  // Who signed it and until when it holds does not matter: it only carries the key. kInvalid.
  static Result<SealingKey> parse(std::string_view pem);

  // Any thread. The same bytes give another text each time.
  std::string seal(std::string_view bytes) const;

 private:
  explicit SealingKey(std::shared_ptr<void> certificate) : certificate_(std::move(certificate)) {}

  std::shared_ptr<void> certificate_;  // OpenSSL's; never changed
};

}  // namespace stanch::codec
