#include "pipeline/ordered_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "detect/correlate/plan.h"
#include "model/ids.h"
#include "pipeline/hiding_filter.h"

namespace stanch::pipeline {

namespace {

// How far ahead of its use a slot of the memory is fetched.
constexpr size_t kPrefetchDistance = 16;

// The id of an event without one, as the memory knows it.
uint64_t id_of_bytes(uint64_t content, uint64_t occurrence) {
  return (content ^ (occurrence * 0x9E3779B97F4A7C15)) | 1;
}

}  // namespace

OrderedStep::OrderedStep(const env::Env& env, const detect::RuleSet& rules,
                         std::string_view content_version, const ScanOptions& options,
                         codec::HashSecret secret, ScanSink& sink, ScanSummary& summary,
                         Progress progress)
    : rules_(rules),
      content_version_(content_version),
      dedup_(options.dedup),
      all_events_(options.all_events),
      sink_(sink),
      summary_(summary),
      progress_(progress),
      memory_(options.dedup ? options.dedup_ids_max : 1),
      correlations_(env, rules,
                    {.spool_folder = options.spool_folder,
                     .secret = secret,
                     .keep_raw = options.keep_raw,
                     .content_version = content_version,
                     .sources = options.sources,
                     .jobs = options.jobs}) {
  summary_.findings_by_rule.resize(detect::rule_infos(rules).size());
}

Result<> OrderedStep::make_durable(const Durable& durable) {
  durable_.emplace(durable);
  elapsed_before_ = summary_.elapsed;
  files_committed_ = summary_.files;
  text_committed_ = summary_.bytes_text;
  if (!detect::correlations(rules_).correlations.empty()) {
    TRY(correlations_.make_durable(waiting_path(durable_->options.path), durable_->waiting_bytes));
  }
  return durable_->journal.restore(memory_);
}

Result<> OrderedStep::take(BatchResult result) {
  summary_.bytes_read += result.bytes_read;
  summary_.bytes_text += result.bytes_text;
  file_records_ += result.records;
  file_events_ += result.events;
  summary_.records += result.records;
  summary_.events += result.events;
  summary_.tolerated += result.tolerated;
  summary_.gated += result.gated;
  for (size_t i = 0; i < kUnparsedReasons; ++i) summary_.unparsed[i] += result.unparsed[i];

  for (const DeadLetter& letter : result.dead) TRY(sink_.dead_letter(letter));
  TRY(take_keys(result));

  progress_.bytes_read += result.bytes_read;
  progress_.bytes_text += result.bytes_text;
  progress_.events = summary_.events;
  if (result.last) TRY(end_file(result));
  sink_.progress(progress_);
  return {};
}

Result<> OrderedStep::take_keys(BatchResult& result) {
  auto found = result.found.begin();
  const auto is_at = [&](size_t key) {
    return found != result.found.end() && (*found)->has_key && (*found)->key == key;
  };
  for (size_t i = 0; i < result.keys.size(); ++i) {
    const EventKey& key = result.keys[i];
    if (dedup_ && i + kPrefetchDistance < result.keys.size()) {
      memory_.prefetch(result.keys[i + kPrefetchDistance].id);
    }
    const uint64_t occurrence = key.id == 0 ? occurrences_[key.content]++ : 0;
    auto verdict = DedupMemory::Verdict::kNew;
    if (dedup_) {
      const uint64_t id = key.id != 0 ? key.id : id_of_bytes(key.content, occurrence);
      verdict = memory_.see(id, key.content);
      if (durable_ && verdict == DedupMemory::Verdict::kNew) {
        TRY(durable_->journal.add_key(id, key.content));
      }
    }
    const bool duplicate = verdict == DedupMemory::Verdict::kDuplicate;
    if (duplicate) {
      ++summary_.duplicates;
      --summary_.events;
    }
    if (verdict == DedupMemory::Verdict::kConflict) {
      ++summary_.conflicts;
      sink_.conflict({result.path, 0, key.record, 0});
    }
    while (is_at(i)) {
      Found& event = **found;
      ++found;
      if (duplicate) continue;
      if (key.id == 0) {
        event.event.id = model::event_id_of_bytes(normalize::name_of(event.family), event.bytes,
                                                  occurrence, result.texts);
        name_findings(event, rules_, result.texts);
      } else if (verdict == DedupMemory::Verdict::kConflict) {
        event.event.id = model::event_id_of_version(event.event.id, event.bytes, result.texts);
        name_findings(event, rules_, result.texts);
      }
      TRY(take_found(event));
    }
  }
  // Without deduplication most events have no key.
  for (; found != result.found.end(); ++found) TRY(take_found(**found));
  summary_.dedup_forgotten = memory_.forgotten();
  return {};
}

Result<> OrderedStep::end_file(BatchResult& result) {
  occurrences_.clear();
  ++summary_.files;
  ++progress_.files_done;
  if (result.digest) ++summary_.digests_skipped;
  if (result.empty) ++summary_.files_empty;
  const uint64_t records = std::exchange(file_records_, 0);
  const uint64_t events = std::exchange(file_events_, 0);
  if (result.error) {
    note_error(std::move(*result.error));
  } else if (records > 0 && events == 0) {
    // As it is with a file without JSON: a file that was only found may be of another kind.
    const std::string path(result.path);
    note_error({path, ingest::InputProblem::kNoEvent,
                fmt::format("{}: no event in {} record{}", ingest::input_name(path), records,
                            records == 1 ? "" : "s"),
                result.named});
  }
  if (!durable_) return {};
  const JournalOptions& options = durable_->options;
  const bool due = summary_.files - files_committed_ >= options.checkpoint_files ||
                   summary_.bytes_text - text_committed_ >= options.checkpoint_text_bytes;
  return due ? commit() : Result<>();
}

void OrderedStep::note_error(ingest::InputError error) {
  if (error.loss) ++summary_.files_failed;
  summary_.errors.push_back(std::move(error));
}

Result<> OrderedStep::finish() {
  if (durable_ && summary_.files != files_committed_) TRY(commit());
  return correlations_.finish(
      summary_.correlations,
      [this](uint32_t rule, const model::Finding& finding) { return hand_on(rule, finding); });
}

// The output first: a journal that knows more than the output would lose findings.
Result<> OrderedStep::commit() {
  TRY(const OutputSizes output, durable_->sink.commit());
  TRY(const uint64_t waiting, correlations_.commit());
  summary_.elapsed = elapsed_before_ + (durable_->clock.steady() - durable_->start);
  TRY(durable_->journal.commit({summary_, output, waiting}, memory_));
  files_committed_ = summary_.files;
  text_committed_ = summary_.bytes_text;
  return {};
}

Result<> OrderedStep::take_found(const Found& found) {
  if (found.duplicate_key) ++summary_.duplicate_keys;
  if (const auto time = found.event.facts.time) {
    summary_.first_event = std::min(summary_.first_event.value_or(*time), *time);
    summary_.last_event = std::max(summary_.last_event.value_or(*time), *time);
  }
  if (all_events_) TRY(sink_.event(found.event));
  for (const FoundRule& of : found.rules) {
    if (!of.is_shown || is_hidden(of, found.event.facts)) continue;
    TRY(hand_on(of.rule, {.id = of.id,
                          .rule = *detect::rule_infos(rules_)[of.rule],
                          .content_version = content_version_,
                          .event = found.event,
                          .matched = of.matched}));
  }
  return found.is_told ? correlations_.add(found, summary_.correlations) : Result<>();
}

// By a filter that is in force. Correlations see it all the same.
bool OrderedStep::is_hidden(const FoundRule& of, const model::Facts& facts) {
  const std::optional<uint32_t> filter = find_hiding_filter(rules_, of.filters, facts);
  if (filter) ++summary_.findings_hidden[{*filter, of.rule}];
  return filter.has_value();
}

Result<> OrderedStep::hand_on(uint32_t rule, const model::Finding& finding) {
  ++summary_.findings[static_cast<size_t>(finding.rule.level)];
  ++summary_.findings_by_rule[rule];
  ++progress_.findings;
  return sink_.finding(finding);
}

}  // namespace stanch::pipeline
