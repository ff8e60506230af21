#include "model/content.h"

#include "codec/hash.h"

namespace stanch::model {

std::string Content::version() const {
  codec::Sha256Fields fields;
  for (const auto& [path, bytes] : files) {  // a map: sorted by path's bytes
    fields.add(path).add(codec::to_hex(codec::sha256(bytes)));
  }
  return codec::to_hex(fields.finish());
}

}  // namespace stanch::model
