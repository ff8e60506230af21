// The grammar of RFC 8259 over token kinds: a pushdown automaton that writes one node a value.
//
//   value  := string | scalar | '{' [ key ':' value { ',' key ':' value } ] '}'
//                             | '[' [ value { ',' value } ] ']'

#include "codec/json_shape.h"

#include <xxhash.h>

#include <atomic>

namespace stanch::codec {

namespace {

// The type of a value that is one token; kObject if the token is no value.
JsonType leaf_type(TokenKind kind) {
  switch (kind) {
    case TokenKind::kString: return JsonType::kString;
    case TokenKind::kNumber: return JsonType::kNumber;
    case TokenKind::kBool: return JsonType::kBool;
    case TokenKind::kNull: return JsonType::kNull;
    default: return JsonType::kObject;
  }
}

size_t bytes_of(const ShapeMemory::Known& known) {
  return sizeof(known) + known.kinds.capacity() + known.shape.nodes.capacity() * sizeof(JsonNode) +
         known.shape.scalars.capacity() * sizeof(uint32_t);
}

}  // namespace

bool find_shape(const TokenKind* kinds, uint32_t count, JsonShape& out) {
  struct Open {
    uint32_t node;
    bool object;
  };
  Open open[JsonParser::kDepthMax];
  size_t depth = 0;
  out.nodes.resize(count);
  out.scalars.clear();
  JsonNode* const nodes = out.nodes.data();
  uint32_t made = 0;    // nodes
  uint32_t at = 0;      // token
  bool object = false;  // the innermost open container

value:
  if (at == count) return false;
  switch (kinds[at]) {
    case TokenKind::kOpenObject:
    case TokenKind::kOpenArray:
      if (depth == JsonParser::kDepthMax) return false;
      object = kinds[at] == TokenKind::kOpenObject;
      nodes[made] = {at, 0, 0, object ? JsonType::kObject : JsonType::kArray};
      open[depth++] = {made++, object};
      if (++at == count) return false;
      if (kinds[at] == (object ? TokenKind::kCloseObject : TokenKind::kCloseArray)) goto close;
      if (object) goto key;
      goto value;
    default: {
      const JsonType type = leaf_type(kinds[at]);
      if (type == JsonType::kObject) return false;
      if (type != JsonType::kString) out.scalars.push_back(at);
      nodes[made] = {at, at, made + 1, type};
      ++made;
      ++at;
      goto after_value;
    }
  }

key:
  if (count - at < 2 || kinds[at] != TokenKind::kString || kinds[at + 1] != TokenKind::kColon) {
    return false;
  }
  nodes[made] = {at, at, made + 1, JsonType::kString};
  ++made;
  at += 2;
  goto value;

after_value:
  if (depth == 0) {
    out.nodes.resize(made);
    return at == count;
  }
  if (at == count) return false;
  if (kinds[at] == TokenKind::kComma) {
    ++at;
    if (object) goto key;
    goto value;
  }
  if (kinds[at] != (object ? TokenKind::kCloseObject : TokenKind::kCloseArray)) return false;

close:
  --depth;
  nodes[open[depth].node].last = at;
  nodes[open[depth].node].next = made;
  object = depth != 0 && open[depth - 1].object;
  ++at;
  goto after_value;
}

const ShapeMemory::Known* ShapeMemory::find(std::string_view kinds, bool& wanted) {
  wanted = false;
  if (kinds.size() > kTokensMax) return nullptr;
  if (sets_.empty()) sets_.resize(kSets);
  hash_ = XXH3_64bits(kinds.data(), kinds.size()) | 1;
  Set& set = sets_[(hash_ >> 1) % kSets];
  for (const Place& place : set) {
    if (place.hash != hash_) continue;
    if (place.known && place.known->kinds == kinds) return place.known.get();
    wanted = !place.known;
    return nullptr;
  }
  set.back().hash = hash_;
  return nullptr;
}

const ShapeMemory::Known* ShapeMemory::keep(std::string_view kinds, JsonShape shape) {
  static std::atomic<uint64_t> numbers = 0;
  if (bytes_ > kBytesMax) {
    sets_.clear();
    sets_.resize(kSets);
    bytes_ = 0;
  }
  Set& set = sets_[(hash_ >> 1) % kSets];
  if (set.back().hash == hash_) set.back().hash = 0;
  Place& place = set[victim_++ % (kPlaces - 1)];
  if (place.known) bytes_ -= bytes_of(*place.known);
  shape.nodes.shrink_to_fit();
  place.hash = hash_;
  place.known = std::make_unique<Known>(Known{std::move(shape), ++numbers, std::string(kinds)});
  bytes_ += bytes_of(*place.known);
  return place.known.get();
}

}  // namespace stanch::codec
