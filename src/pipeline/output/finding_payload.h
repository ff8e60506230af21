#pragma once

#include <span>
#include <string>
#include <string_view>

#include "model/entry.h"
#include "model/finding.h"

// A finding as the ledger keeps it: the payload of finding_joined (docs/formats/entry-kinds.md).

namespace stanch::pipeline::output {

// All that is known when it is found: one line of JSON without a newline. What incident it
// belongs to, and why, is added by joined_payload(). The log record is in it by its hash, and
// with its bytes unless they are more than kRecordBytesMax.
std::string finding_payload(const model::Finding& finding);
inline constexpr size_t kRecordBytesMax = size_t{64} << 10;

// `payload` of finding_payload(), with the reasons and the entry of "triage" behind it.
std::string joined_payload(std::string_view payload, std::span<const std::string> because,
                           const model::EntryCitation& triage);

}  // namespace stanch::pipeline::output
