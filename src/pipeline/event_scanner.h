#pragma once

#include <memory>
#include <string>

#include "codec/hash.h"
#include "codec/json.h"
#include "detect/detect.h"
#include "ingest/ingest.h"
#include "model/record.h"
#include "pipeline/batch_result.h"

namespace stanch::pipeline {

// One thread's way from record to findings: parse, unwrap, recognise, match,
// and only for what matches, facts. Not thread-safe.
class EventScanner : private ingest::Unwrapper::Sink {
 public:
  struct Options {
    bool dedup = true;
    bool keep_raw = false;
    bool keep_dead = true;
    bool all_events = false;
    ingest::Limits limits;
    std::shared_ptr<const normalize::OwnSources> sources = nullptr;
  };
  EventScanner(std::shared_ptr<const detect::RuleSet> rules, codec::HashSecret secret,
               const Options& options);

  // Adds what this record, of the result's file, gives to `result`.
  void scan(const model::Record& record, BatchResult& result);

 private:
  void event(codec::JsonView event, ingest::Envelope from) override;
  void rejected(codec::JsonProblem problem, std::string_view text) override;

  void scan_pieces(std::string_view bytes, codec::JsonProblem problem);
  model::Origin origin() const;
  void reject(Unparsed reason, std::string_view bytes);
  bool add_key(normalize::LogFamily family, codec::JsonView event, bool compact);
  void add_found(normalize::LogFamily family, codec::JsonView event,
                 std::span<const detect::Match> matches, bool has_key, bool compact);
  // The event's compact text, in the result's arena.
  std::string_view keep_compact(codec::JsonView event, bool compact);
  std::string_view keep_told(codec::JsonView event, bool compact, Found& found);

  std::shared_ptr<const detect::RuleSet> rules_;
  codec::HashSecret secret_;
  Options options_;
  codec::JsonParser parser_;
  normalize::Normalizer normalizer_;
  detect::Matcher matcher_;
  ingest::Unwrapper unwrapper_;

  // Of the record at hand.
  const model::Record* record_ = nullptr;
  BatchResult* result_ = nullptr;
  uint64_t piece_offset_ = 0;  // in it, where it is no JSON but parts of it are

  std::string scratch_, compact_, told_;
};

// The log of a family in Sigma's words; empty if it is unknown.
detect::EventSource event_source(const normalize::Normalizer& normalizer,
                                 normalize::LogFamily family);

Unparsed unparsed_of(codec::JsonProblem problem);

}  // namespace stanch::pipeline
