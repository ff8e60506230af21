#include "pipeline/event_scanner.h"

#include <algorithm>

#include "base/check.h"
#include "detect/correlate/plan.h"
#include "model/ids.h"
#include "pipeline/correlation_step.h"

namespace stanch::pipeline {

detect::EventSource event_source(const normalize::Normalizer& normalizer,
                                 normalize::LogFamily family) {
  const normalize::LogSource source = normalizer.source_of(family);
  return {.product = source.product, .service = source.service, .category = source.category};
}

Unparsed unparsed_of(codec::JsonProblem problem) {
  switch (problem) {
    case codec::JsonProblem::kEmpty: return Unparsed::kEmpty;
    case codec::JsonProblem::kSyntax: return Unparsed::kSyntax;
    case codec::JsonProblem::kTruncated: return Unparsed::kTruncated;
    case codec::JsonProblem::kTooDeep: return Unparsed::kTooDeep;
    case codec::JsonProblem::kTooLarge: return Unparsed::kTooLarge;
    case codec::JsonProblem::kNone: break;
  }
  CHECK(false);
}

EventScanner::EventScanner(std::shared_ptr<const detect::RuleSet> rules, codec::HashSecret secret,
                           const Options& options)
    : rules_(rules),
      secret_(secret),
      options_(options),
      normalizer_(options.sources),
      matcher_(std::move(rules), secret),
      unwrapper_(options.limits) {}

void EventScanner::scan(const model::Record& record, BatchResult& result) {
  record_ = &record;
  result_ = &result;
  const codec::JsonView view = parser_.parse(record.bytes);
  if (view.exists()) {
    unwrapper_.unwrap(view, *this);
  } else {
    scan_pieces(record.bytes, parser_.problem());
  }
}

void EventScanner::scan_pieces(std::string_view bytes, codec::JsonProblem problem) {
  const std::vector<ingest::Piece> pieces = ingest::cut_again(bytes, parser_, options_.limits);
  const bool hopeless =
      pieces.empty() || (pieces.size() == 1 && pieces[0].problem != codec::JsonProblem::kNone);
  if (hopeless) return reject(unparsed_of(problem), bytes);
  for (const ingest::Piece& piece : pieces) {
    piece_offset_ = static_cast<uint64_t>(piece.bytes.data() - bytes.data());
    if (piece.problem != codec::JsonProblem::kNone) {
      reject(unparsed_of(piece.problem), piece.bytes);
    } else {
      unwrapper_.unwrap(parser_.parse(piece.bytes), *this);
    }
  }
  piece_offset_ = 0;
}

// That of the record, or piece of it, with the file's name where the result has it.
model::Origin EventScanner::origin() const {
  model::Origin origin = record_->origin;
  origin.file = result_->path;
  origin.offset += piece_offset_;
  return origin;
}

void EventScanner::reject(Unparsed reason, std::string_view bytes) {
  ++result_->records;
  ++result_->unparsed[static_cast<size_t>(reason)];
  if (!options_.keep_dead) return;
  result_->dead.push_back(
      {origin(), reason, result_->texts.store(bytes.substr(0, kDeadLetterBytesMax))});
}

void EventScanner::rejected(codec::JsonProblem problem, std::string_view text) {
  reject(unparsed_of(problem), text);
}

void EventScanner::event(codec::JsonView event, ingest::Envelope from) {
  if (from == ingest::Envelope::kDigest) {
    result_->digest = true;
    return;
  }
  const normalize::LogFamily family = from == ingest::Envelope::kOther
                                          ? normalize::LogFamily::kUnknown
                                          : normalizer_.recognise(event);
  if (family == normalize::LogFamily::kUnknown) {
    reject(Unparsed::kUnrecognised, event.raw());
    return;
  }
  ++result_->records;
  ++result_->events;
  const bool plain = from == ingest::Envelope::kNone;
  if (plain && parser_.was_tolerant()) ++result_->tolerated;
  const bool compact = plain && parser_.is_compact();
  const bool has_key = options_.dedup && add_key(family, event, compact);
  const detect::Matcher::Verdict verdict = matcher_.match(event, event_source(normalizer_, family));
  if (verdict.gated == detect::rule_count(*rules_)) ++result_->gated;
  if (!verdict.matches.empty() || options_.all_events) {
    add_found(family, event, verdict.matches, has_key, compact);
  }
}

// Two deliveries of one event may differ in white space and escapes, so that what is
// compared is the compact text.
bool EventScanner::add_key(normalize::LogFamily family, codec::JsonView event, bool compact) {
  EventKey key{.record = record_->origin.record};
  const std::string_view id = normalizer_.event_id(family, event, scratch_);
  if (!id.empty()) key.id = codec::keyed_hash(secret_, id) | 1;
  std::string_view bytes = event.raw();
  if (!compact) {
    compact_.clear();
    codec::append_compact(event, compact_);
    bytes = compact_;
  }
  key.content = codec::keyed_hash(secret_, bytes);
  result_->keys.push_back(key);
  return true;
}

void EventScanner::add_found(normalize::LogFamily family, codec::JsonView event,
                             std::span<const detect::Match> matches, bool has_key, bool compact) {
  TextArena& texts = result_->texts;
  Found& found = texts.make_list<Found>(1).front();
  result_->found.push_back(&found);
  found.family = family;
  found.event.origin = origin();
  found.rules = texts.make_list<FoundRule>(matches.size());
  for (size_t i = 0; i < matches.size(); ++i) {
    FoundRule& of = found.rules[i];
    of.rule = matches[i].rule;
    const std::span<uint32_t> filters = texts.make_list<uint32_t>(matches[i].filters.size());
    std::ranges::copy(matches[i].filters, filters.begin());
    of.filters = filters;
    of.is_shown = detect::is_shown(*rules_, of.rule);
    found.is_shown = found.is_shown || of.is_shown;
    if (of.is_shown) of.matched = matcher_.matched_fields(of.rule, texts);
    of.is_told = !detect::correlations(*rules_).rule_feeds[of.rule].empty();
    if (of.is_told) of.told = matcher_.told_values(of.rule, texts);
    found.is_told = found.is_told || of.is_told;
  }
  if (found.is_shown || options_.all_events) {
    normalizer_.extract(family, event, texts, found.event.facts);
    model::keep(found.event.facts, event.raw(), texts);
  } else {
    // Correlations ask for nothing else; what they find makes its facts later.
    found.event.facts.time = normalizer_.time_of(family, event, texts);
  }
  found.duplicate_key = found.is_shown && codec::find_duplicate_key(event).has_value();

  const std::string_view id = normalizer_.event_id(family, event, scratch_);
  if (options_.keep_raw || options_.dedup || found.is_told || id.empty()) {
    const std::string_view bytes =
        found.is_told ? keep_told(event, compact, found) : keep_compact(event, compact);
    if (options_.keep_raw) found.event.raw = bytes;
    if (options_.dedup || found.is_told || id.empty()) found.bytes = bytes;
  }
  if (!id.empty()) {
    found.event.id = model::event_id(normalize::name_of(family), id, texts);
    name_findings(found, *rules_, texts);
  } else if (!has_key) {
    // Its occurrence in the file is counted by the ordered step, which needs its key.
    has_key = add_key(family, event, false);
  }
  found.has_key = has_key;
  if (has_key) found.key = static_cast<uint32_t>(result_->keys.size() - 1);
}

// In front of it stands what correlations are told: they keep both in one piece.
std::string_view EventScanner::keep_told(codec::JsonView event, bool compact, Found& found) {
  const std::string_view bytes = compact ? event.raw() : codec::compact_text(event, compact_);
  told_.clear();
  append_told(found, told_);
  char* const to = result_->texts.reserve(told_.size() + bytes.size());
  std::ranges::copy(bytes, std::ranges::copy(told_, to).out);
  found.told = {to, told_.size() + bytes.size()};
  return found.told.substr(told_.size());
}

std::string_view EventScanner::keep_compact(codec::JsonView event, bool compact) {
  if (compact) return result_->texts.store(event.raw());
  return result_->texts.store(codec::compact_text(event, compact_));
}

}  // namespace stanch::pipeline
