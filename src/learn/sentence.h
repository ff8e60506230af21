#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "codec/json.h"
#include "model/entry_kind.h"

// What an entry says, as one plain sentence. Timeline, report and console tell it in the same
// words.
//
// One row a kind (sentences.cc). A pattern is text with, between braces, members of the payload:
//   {person}               the value: a text, a number, a time, a list …
//   {document.facts.cloud} a member of a member
//   {holds?yes|no}         of a boolean, one of two texts
//   [; {comment}]          only if all members in it are there and not empty
//
// The sentence holds foreign text as it is. Whoever shows it makes it inert for where it is shown.

namespace stanch::learn {

// What an entry is about: rows of a chart, and what a reader looks for.
enum class Topic : uint8_t {
  kFound,     // findings, severity, scope
  kPeople,    // who works on it, and what they write
  kResponse,  // plans, approvals, calls, containment
  kEvidence,  // taken, sealed, and what cannot be known
  kDuties,    // laws, notices, lessons
  kLedger,    // the ledger's own life
};
inline constexpr size_t kTopics = 6;
std::string_view name_of(Topic topic);     // "found"
std::string_view caption_of(Topic topic);  // "Found"

struct SentenceRow {
  std::string_view kind;
  uint32_t version = 1;
  Topic topic = Topic::kLedger;
  std::string_view pattern;
};
std::span<const SentenceRow> sentence_rows();
const SentenceRow* find_sentence(std::string_view kind, uint32_t version);

// How much is said; without limits everything is.
struct SentenceLimits {
  size_t code_points = SIZE_MAX;  // of one text
  size_t list = SIZE_MAX;         // texts of a list; then "and n more"
};
SentenceLimits brief();  // of limits.h

std::string sentence(const SentenceRow& row, codec::JsonView payload,
                     const SentenceLimits& limits = {});

// "2026-03-01 02:03:04 UTC".
std::string time_for_people(Time time);

}  // namespace stanch::learn
