#include "normalize/clues.h"

#include <string>

#include "codec/json_layout.h"

namespace stanch::normalize {

namespace {

constexpr model::KeyTable<kClueCount> kTable = model::make_key_table(kClueNames);

Clues clues_of(codec::JsonView record) {
  Clues all = 0;
  std::string scratch;
  for (const auto& [key, value] : record.members()) {
    const int found = kTable.find(key.text(scratch));
    if (found != model::KeyTable<kClueCount>::kNone) all |= Clues{1} << found;
  }
  return all;
}

}  // namespace

Clues RecordClues::of(codec::JsonView record) {
  codec::JsonLayouts* const layouts = record.document()->layouts;
  if (layouts != nullptr) layouts->start(record);
  if (layouts == nullptr || !layouts->has_layout()) return clues_of(record);
  if (known_.empty()) known_.resize(codec::JsonLayouts::kSlots);
  Known& known = known_[layouts->slot()];
  if (known.layout != layouts->number()) {
    known = {.layout = layouts->number(), .clues = clues_of(record)};
  }
  return known.clues;
}

}  // namespace stanch::normalize
