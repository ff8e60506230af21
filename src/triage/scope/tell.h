#pragma once

#include <string>

#include "codec/json_writer.h"
#include "triage/scope/trace.h"

// A trace in the forms in which it leaves (docs/formats/trace.md). Foreign text is inert in each.

namespace stanch::triage::scope {

// The members of "stanch.trace/1", of an object that the caller has begun.
void append_json(const Trace& trace, codec::JsonWriter& json);

// The chain of holders as a picture: Graphviz, Mermaid. End with a newline.
std::string to_dot(const Trace& trace);
std::string to_mermaid(const Trace& trace);

// "role deploy in 111122223333", for people.
std::string label_of(const Holder& holder);

}  // namespace stanch::triage::scope
