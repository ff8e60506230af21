#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "triage/scope/trace.h"

// Names for people of what is in a trace. Foreign text: make it safe where it is shown.

namespace stanch::pipeline::output {

// "deploy" of aws:role/111122223333/deploy, its escapes undone; an address or id without a '/'
// is whole.
std::string short_name(std::string_view entity);
bool is_number(std::string_view text);  // a number of a directory: a GUID
// "role deploy": the word of its type and the short name.
std::string entity_label(std::string_view entity);

// "session deploy/alice", "key AKIA… of ci", "person alice@example.com", "instance i-0abc".
std::string holder_label(const triage::scope::Holder& holder);

std::string clock_text(Time time);                         // 03-01 02:03:04
std::string span_text(const triage::scope::Tally& tally);  // one clock_text(), or two

std::string_view heading_of(triage::scope::EdgeKind kind);  // "wrote"
std::string_view heading_of(triage::scope::CutKind kind);   // "revoke sessions of"

}  // namespace stanch::pipeline::output
