// Events and firings are lines of a TimeOrder. An event's document is
//
//   {"file", "member", "record", "offset", "told": [{"rule", "values": […]}, …]} tab event
//
// and that of a firing, which goes by the last event that it names,
//
//   {"correlation", "group": [value, …], "events": [id, …], "counted", "value"}
//
// In the end both are gone through side by side: each firing meets its event there.

#include "pipeline/correlation_step.h"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "base/check.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "detect/correlate/correlator.h"
#include "model/ids.h"
#include "pipeline/counted_words.h"
#include "pipeline/journal.h"
#include "pipeline/parallel.h"

namespace stanch::pipeline {

namespace {

using codec::JsonView;
using codec::JsonWriter;
using detect::correlate::Correlator;
using detect::correlate::Firing;
using detect::correlate::Seen;
using Texts = std::vector<std::optional<std::string>>;

constexpr size_t kPieceBytes = size_t{256} << 10;
constexpr size_t kMomentMax = 5'000'000;  // matches of one moment
// However many threads there are: what a flood evicts must not depend on them.
constexpr size_t kParts = 4;
constexpr size_t kAtOnce = size_t{1} << 15;  // matches that are parsed before the parts go on
constexpr std::string_view kHeader = R"({"schema":"stanch.scan-waiting/1"})"
                                     "\n";  // of the file

Error not_as_written() {
  return {ErrorCode::kCorrupt, "what waits for correlations is not as it was written"};
}

uint64_t number_of(JsonView view) {
  return static_cast<uint64_t>(view.exists() ? view.as_int64().value_or(0) : 0);
}

std::string firing_document(const Firing& firing) {
  std::string document;
  JsonWriter json(document);
  json.begin_object().field("correlation", uint64_t{firing.correlation});
  json.key("group").begin_array();
  for (const std::string& value : firing.group) json.string(value);
  json.end_array().key("events").begin_array();
  for (const auto& named : firing.events) json.string(named.event);
  json.end_array().field("counted", firing.counted).field("value", firing.value).end_object();
  return document;
}

uint32_t rule_of(const detect::RuleSet& rules, uint32_t correlation) {
  return static_cast<uint32_t>(detect::rule_count(rules)) + correlation;
}

Result<> add_firings(const std::vector<Firing>& firings, const detect::RuleSet& rules,
                     TimeOrder& order) {
  for (const Firing& firing : firings) {
    if (!detect::is_shown(rules, rule_of(rules, firing.correlation))) continue;
    CHECK(!firing.events.empty());
    const auto& last = firing.events.back();
    const std::string document = firing_document(firing);
    const TimedLine line{last.time, last.event, document};
    TRY(order.add(line));
  }
  return {};
}

void add_tally(const detect::correlate::Tally& tally, CorrelationCounts& counts) {
  for (const auto& of : tally.of) {
    counts.without_group += of.no_group;
    counts.without_value += of.no_value;
  }
  counts.evicted += tally.entries_evicted;
  counts.groups_evicted += tally.groups_evicted;
  counts.late += tally.late;
}

// Nothing if there is no such file.
Result<std::optional<std::string>> beginning_of(env::Files& files, const std::string& path) {
  const auto file = files.open(path);
  if (!file && file.error().code() == ErrorCode::kNotFound) return std::optional<std::string>();
  if (!file) return file.error();
  std::string text(kHeader.size(), '\0');
  size_t size = 0;
  while (size < text.size()) {
    TRY(const size_t count, (*file)->read(std::span(text).subspan(size)));
    if (count == 0) break;
    size += count;
  }
  text.resize(size);
  return std::optional(text);
}

// It may have been cut off early.
bool is_ours(const std::string& beginning) { return kHeader.starts_with(beginning); }

}  // namespace

void append_told(const Found& found, std::string& out) {
  JsonWriter json(out);
  const model::Origin& origin = found.event.origin;
  json.begin_object()
      .field("file", origin.file)
      .field("member", uint64_t{origin.member})
      .field("record", origin.record)
      .field("offset", origin.offset);
  json.key("told").begin_array();
  for (const FoundRule& of : found.rules) {
    if (!of.is_told) continue;
    json.begin_object().field("rule", uint64_t{of.rule}).key("values").begin_array();
    for (const auto& value : of.told) value ? json.string(*value) : json.null();
    json.end_array().end_object();
  }
  json.end_array().end_object();
  out += '\t';
}

std::string waiting_path(const std::string& journal_path) { return journal_path + ".waiting"; }

Result<> remove_waiting(env::Files& files, const std::string& journal_path) {
  const std::string path = waiting_path(journal_path);
  TRY(const auto beginning, beginning_of(files, path));
  if (!beginning || !is_ours(*beginning)) return {};
  TRY(files.remove(path));
  return files.sync_folder(folder_of(path));
}

CorrelationStep::CorrelationStep(const env::Env& env, const detect::RuleSet& rules,
                                 const Options& options)
    : files_(env.files),
      threads_(env.threads),
      rules_(rules),
      options_(options),
      events_(env.files, {.folder = options.spool_folder}) {}

CorrelationStep::~CorrelationStep() = default;

Result<> CorrelationStep::make_durable(std::string path, uint64_t keep) {
  path_ = std::move(path);
  TRY(const auto beginning, beginning_of(files_, path_));
  if (beginning && !is_ours(*beginning)) {
    return Error(ErrorCode::kInvalid, path_ +
                                          " would hold what waits for correlations, but has "
                                          "other content; it was left as it is. Name another "
                                          "journal");
  }
  bytes_ = keep;
  if (keep == 0) {
    // What is in logs is nobody else's business.
    TRY(file_, files_.create_private(path_));
    buffer_ = kHeader;
  } else {
    TRY(file_, files_.open_append(path_, keep));
  }
  return files_.sync_folder(folder_of(path_));
}

Result<> CorrelationStep::add(const Found& found, CorrelationCounts& counts) {
  ++counts.events;
  const std::optional<Time> time = found.event.facts.time;
  if (!time) {
    ++counts.without_time;
    return {};
  }
  const TimedLine line{time, found.event.id.text(), found.told};
  if (file_ == nullptr) return events_.add(line);
  append_text(line, buffer_);
  buffer_ += '\n';
  if (buffer_.size() < kPieceBytes) return {};
  bytes_ += buffer_.size();
  return file_->append(std::exchange(buffer_, {}));
}

Result<uint64_t> CorrelationStep::commit() {
  if (file_ == nullptr) return uint64_t{0};
  bytes_ += buffer_.size();
  TRY(file_->append(std::exchange(buffer_, {})));
  TRY(file_->sync());
  return bytes_;
}

void CorrelationStep::abandon() { (void)events_.remove_files(); }

// From the file into the order.
Result<> CorrelationStep::read_waiting() {
  if (file_ == nullptr) return {};
  TRY(const auto file, files_.open(path_));
  std::string text;
  bool is_header = true;
  for (uint64_t left = bytes_; left > 0;) {
    const size_t before = text.size();
    text.resize(before + std::min<uint64_t>(kPieceBytes, left));
    TRY(const size_t count, file->read(std::span(text).subspan(before)));
    if (count == 0) return not_as_written();
    text.resize(before + count);
    left -= count;
    size_t begin = 0;
    for (size_t end = 0; (end = text.find('\n', std::max(begin, before))) != text.npos;
         begin = end + 1) {
      if (!std::exchange(is_header, false)) TRY(events_.add_text(text.substr(begin, end - begin)));
    }
    text.erase(0, begin);
  }
  return text.empty() ? Result<>() : Result<>(not_as_written());
}

// The correlations in parts, which go through the same events side by side.
class CorrelationStep::Parts {
 public:
  Parts(const detect::RuleSet& rules, const Options& options)
      : rules_(rules), plans_(detect::correlate::split(detect::correlations(rules), kParts)) {
    // All is in order: only one moment waits at a time.
    detect::correlate::Options of_part{.waiting_max = kMomentMax};
    of_part.groups_max /= kParts / 2;
    of_part.entries_max /= kParts / 2;
    for (const auto& plan : plans_) parts_.emplace_back(Correlator(plan, of_part, options.secret));
  }

  // Whether it is time for go_on().
  Result<bool> add(const TimedLine& line) {
    const std::string_view head = line.document.substr(0, line.document.find('\t'));
    const JsonView told = parser_.parse(head)["told"];
    if (!told.exists() || !line.time) return not_as_written();
    for (const JsonView each : told.elements()) {
      const uint64_t rule = number_of(each["rule"]);
      Texts values;
      for (const JsonView value : each["values"].elements()) {
        values.push_back(value.is_string() ? std::optional(value.string_or_empty()) : std::nullopt);
      }
      const auto& fields = detect::correlations(rules_).rule_fields;
      if (rule >= fields.size() || fields[rule].size() != values.size()) return not_as_written();
      for (size_t i = 0; i < parts_.size(); ++i) {
        if (plans_[i].rule_feeds[rule].empty()) continue;
        parts_[i].seen.push_back(
            {*line.time, std::string(line.id), static_cast<uint32_t>(rule), values});
        ++waiting_;
      }
    }
    return waiting_ >= kAtOnce;
  }

  Result<> go_on(env::Threads& threads, unsigned jobs, bool is_last, TimeOrder& firings) {
    waiting_ = 0;
    for_each_parallel(threads, parts_.size(), jobs, [&](size_t number) {
      Part& part = parts_[number];
      for (Seen& seen : part.seen) part.correlator.add(std::move(seen));
      part.seen.clear();
      if (is_last) part.correlator.finish();
    });
    for (Part& part : parts_) TRY(add_firings(part.correlator.take_firings(), rules_, firings));
    return {};
  }

  void add_tallies(CorrelationCounts& counts) const {
    for (const Part& part : parts_) add_tally(part.correlator.tally(), counts);
  }

 private:
  struct Part {
    explicit Part(Correlator of) : correlator(std::move(of)) {}
    Correlator correlator;
    std::vector<Seen> seen;
  };
  const detect::RuleSet& rules_;
  std::vector<detect::correlate::Plan> plans_;
  std::deque<Part> parts_;
  size_t waiting_ = 0;
  codec::JsonParser parser_;
};

Result<> CorrelationStep::correlate(TimeOrder& firings, CorrelationCounts& counts) {
  const unsigned jobs = options_.jobs != 0 ? options_.jobs : threads_.cores();
  Parts parts(rules_, options_);
  for (;;) {
    TRY(const auto line, events_.next());
    if (!line) break;
    TRY(const bool is_time, parts.add(*line));
    if (is_time) TRY(parts.go_on(threads_, jobs, false, firings));
  }
  TRY(parts.go_on(threads_, jobs, true, firings));
  parts.add_tallies(counts);
  return {};
}

// Makes a finding of a firing and the event that it goes by.
class CorrelationStep::Teller {
 public:
  Teller(const detect::RuleSet& rules, const Options& options, const Emit& emit)
      : rules_(rules), options_(options), emit_(emit), normalizer_(options.sources) {}

  Result<> tell(const TimedLine& event, std::string_view firing) {
    TextArena texts;
    const size_t tab = event.document.find('\t');
    const JsonView head = head_parser_.parse(event.document.substr(0, tab));
    const std::string_view bytes = event.document.substr(tab + 1);
    const JsonView record = event_parser_.parse(bytes);
    if (!head.exists() || !record.exists()) return not_as_written();

    model::FoundEvent found;
    found.id = model::EventIdRef(event.id);
    const std::string file = head["file"].string_or_empty();
    found.origin = {.file = file,
                    .member = static_cast<uint32_t>(number_of(head["member"])),
                    .record = number_of(head["record"]),
                    .offset = number_of(head["offset"])};
    if (options_.keep_raw) found.raw = bytes;
    const normalize::LogFamily family = normalizer_.recognise(record);
    if (family == normalize::LogFamily::kUnknown) return not_as_written();
    normalizer_.extract(family, record, texts, found.facts);
    return tell(found, firing_parser_.parse(firing), texts);
  }

 private:
  Result<> tell(const model::FoundEvent& event, JsonView firing, TextArena& texts) {
    const uint64_t number = number_of(firing["correlation"]);
    if (!firing.exists() || number >= detect::correlations(rules_).correlations.size()) {
      return not_as_written();
    }
    const auto correlation = static_cast<uint32_t>(number);
    const auto& compiled = detect::correlations(rules_).correlations[correlation];
    const uint32_t rule = rule_of(rules_, correlation);
    std::vector<std::string> group;
    for (const JsonView value : firing["group"].elements()) {
      group.push_back(value.string_or_empty());
    }
    std::vector<std::string> ids;
    for (const JsonView id : firing["events"].elements()) ids.push_back(id.string_or_empty());
    std::vector<model::MatchedField> matched;
    for (size_t i = 0; i < group.size(); ++i) {
      const bool grouped = i < compiled.groups();
      matched.push_back({grouped ? "group-by" : "condition", compiled.names[i], group[i]});
    }
    std::vector<model::EventIdRef> events;
    for (const std::string& id : ids) events.emplace_back(id);
    const uint64_t counted = number_of(firing["counted"]);
    const model::RuleInfo& info = *detect::rule_infos(rules_)[rule];
    const model::FindingIdRef id = model::finding_id({.rule_id = info.id.text(),
                                                      .rule_version = info.version,
                                                      .events = events,
                                                      .group = detect::correlate::key_of(group)},
                                                     texts);
    return emit_(rule, {.id = id,
                        .rule = info,
                        .content_version = options_.content_version,
                        .event = event,
                        .matched = matched,
                        .correlated = events,
                        .counted = counted,
                        .correlation = counted_of(
                            compiled.tree,
                            {counted, firing["value"].string_or_empty(),
                             std::span(group).first(std::min(group.size(), compiled.groups()))},
                            texts)});
  }

  const detect::RuleSet& rules_;
  const Options& options_;
  const Emit& emit_;
  normalize::Normalizer normalizer_;
  codec::JsonParser head_parser_, event_parser_, firing_parser_;
};

Result<> CorrelationStep::finish(CorrelationCounts& counts, const Emit& emit) {
  TRY(read_waiting());
  if (events_.count() == 0) return {};
  TRY(events_.sort());
  TimeOrder firings(files_, {.folder = options_.spool_folder});
  TRY(correlate(firings, counts));
  TRY(firings.sort());
  TRY(events_.rewind());
  Teller teller(rules_, options_, emit);
  TRY(auto event, events_.next());
  for (;;) {
    TRY(const auto firing, firings.next());
    if (!firing) break;
    while (event && (event->time != firing->time || event->id != firing->id)) {
      TRY(event, events_.next());
    }
    if (!event) return not_as_written();
    TRY(teller.tell(*event, firing->document));
  }
  TRY(firings.remove_files());
  return events_.remove_files();
}

}  // namespace stanch::pipeline
