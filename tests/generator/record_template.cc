#include "generator/record_template.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace stanch::generator {
namespace {

constexpr std::pair<std::string_view, Kept> kKeptNames[] = {
    {"account", Kept::kAccount},
    {"other", Kept::kOther},
    {"region", Kept::kRegion},
    {"identity", Kept::kIdentity},
    {"address", Kept::kAddress},
    {"agent", Kept::kAgent},
    {"tail", Kept::kTail},
    {"service", Kept::kService},
    {"person", Kept::kPerson},
    {"bucket", Kept::kBucket},
    {"function", Kept::kFunction},
    {"role", Kept::kRole},
    {"key", Kept::kKey},
    {"vpc", Kept::kVpc},
    {"subnet", Kept::kSubnet},
    {"group", Kept::kGroup},
    {"instance", Kept::kInstance},
    {"database", Kept::kDatabase},
    {"cluster", Kept::kCluster},
    {"secret", Kept::kSecret},
    {"image", Kept::kImage},
    {"interface", Kept::kInterface},
    {"volume", Kept::kVolume},
    {"tag", Kept::kTag},
    {"principal", Kept::kPrincipal},
    {"foreign", Kept::kForeign},
};
static_assert(std::size(kKeptNames) == kKeptCount);

}  // namespace

RecordTemplate::RecordTemplate(std::string text) {
  constexpr std::pair<std::string_view, Fresh> kFreshNames[] = {
      {"time", Fresh::kTime},     {"words", Fresh::kWords},    {"uuid", Fresh::kUuid},
      {"hex8", Fresh::kHex8},     {"hex17", Fresh::kHex17},    {"hex32", Fresh::kHex32},
      {"hex64", Fresh::kHex64},   {"id16", Fresh::kBase32x16}, {"id60", Fresh::kBase32x60},
      {"number", Fresh::kNumber}, {"bytes", Fresh::kBytes},
  };
  size_t at = 0;
  while (true) {
    const size_t open = text.find("${", at);
    Piece piece;
    piece.literal = text.substr(at, open == std::string::npos ? open : open - at);
    if (open == std::string::npos) {
      pieces_.push_back(std::move(piece));
      return;
    }
    const size_t close = text.find('}', open);
    const std::string_view name = std::string_view(text).substr(open + 2, close - open - 2);
    for (const auto& [known, kept] : kKeptNames) {
      if (known == name) piece.has_slot = piece.is_kept = true, piece.kept = kept;
    }
    for (const auto& [known, fresh] : kFreshNames) {
      if (known == name) piece.has_slot = true, piece.fresh = fresh;
    }
    if (!piece.has_slot) {  // a mistake in a table of ours
      std::fprintf(stderr, "unknown slot in: %s\n", text.c_str());
      std::abort();
    }
    pieces_.push_back(std::move(piece));
    at = close + 1;
  }
}

void RecordTemplate::append(const KeptValues& kept, const Moment& moment, Random& random,
                            std::string& out) const {
  for (const Piece& piece : pieces_) {
    out += piece.literal;
    if (!piece.has_slot) continue;
    if (piece.is_kept) {
      out += kept[static_cast<size_t>(piece.kept)];
      continue;
    }
    switch (piece.fresh) {
      case Fresh::kNone: break;
      case Fresh::kTime: out += moment.time; break;
      case Fresh::kWords: out += moment.words; break;
      case Fresh::kUuid: random.append_uuid(out); break;
      case Fresh::kHex8: random.append_hex(8, out); break;
      case Fresh::kHex17: random.append_hex(17, out); break;
      case Fresh::kHex32: random.append_hex(32, out); break;
      case Fresh::kHex64: random.append_hex(64, out); break;
      case Fresh::kBase32x16: random.append_base32(16, out); break;
      case Fresh::kBase32x60: random.append_base32(60, out); break;
      case Fresh::kNumber: out += std::to_string(random.between(1, 40)); break;
      case Fresh::kBytes: out += std::to_string(random.between(180, 900000)); break;
    }
  }
}

}  // namespace stanch::generator
