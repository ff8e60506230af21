#include "pipeline/journal_lines.h"

#include <fmt/format.h>

#include <charconv>
#include <span>

#include "codec/base64.h"
#include "codec/json.h"
#include "codec/json_writer.h"

// Each line ends with a check over what stands before it. A power failure may keep the end of a
// line and lose its middle: a newline alone does not say that a line is whole.

namespace stanch::pipeline {

namespace {

constexpr std::string_view kCheckBegin = R"(,"check":")";
constexpr std::string_view kCheckEnd = R"("})";
constexpr size_t kHexDigits = 16;
constexpr size_t kCheckBytes = kCheckBegin.size() + kHexDigits + kCheckEnd.size();

// Every number of the summary, under the name that it has in stanch.scan-summary/1.
struct Counter {
  std::string_view name;
  uint64_t ScanSummary::* value;
};
constexpr Counter kCounters[] = {
    {"files", &ScanSummary::files},
    {"files_failed", &ScanSummary::files_failed},
    {"files_empty", &ScanSummary::files_empty},
    {"digests_skipped", &ScanSummary::digests_skipped},
    {"bytes_read", &ScanSummary::bytes_read},
    {"bytes_text", &ScanSummary::bytes_text},
    {"records", &ScanSummary::records},
    {"events", &ScanSummary::events},
    {"duplicates", &ScanSummary::duplicates},
    {"conflicts", &ScanSummary::conflicts},
    {"dedup_forgotten", &ScanSummary::dedup_forgotten},
    {"tolerated", &ScanSummary::tolerated},
    {"duplicate_keys", &ScanSummary::duplicate_keys},
    {"gated", &ScanSummary::gated},
};

std::string hex(uint64_t number) { return fmt::format("{:016x}", number); }

uint64_t check_of(std::string_view bytes) { return codec::keyed_hash({}, bytes); }

// Puts the check behind the members of an object that is not closed yet.
std::string finish_line(std::string open_object) {
  const std::string check = hex(check_of(open_object));
  return fmt::format("{}{}{}{}\n", std::move(open_object), kCheckBegin, check, kCheckEnd);
}

template <typename Numbers>
void append_numbers(codec::JsonWriter& json, std::string_view name, const Numbers& numbers) {
  json.key(name).begin_array();
  for (const uint64_t number : numbers) json.number(number);
  json.end_array();
}

std::optional<uint64_t> number_of(codec::JsonView view) {
  if (!view.exists() || !view.is_number()) return std::nullopt;
  const auto value = view.as_int64();
  if (!value || *value < 0) return std::nullopt;
  return static_cast<uint64_t>(*value);
}

bool read_numbers(codec::JsonView view, std::span<uint64_t> numbers) {
  if (!view.exists() || view.size() != numbers.size()) return false;
  size_t at = 0;
  for (const codec::JsonView element : view.elements()) {
    const auto number = number_of(element);
    if (!number) return false;
    numbers[at++] = *number;
  }
  return true;
}

std::optional<Time> time_of(codec::JsonView view) {
  if (!view.exists() || !view.is_number()) return std::nullopt;
  const auto value = view.as_int64();
  return value ? std::optional(Time(Duration(*value))) : std::nullopt;
}

bool read_errors(codec::JsonView errors, ScanSummary& summary) {
  for (const codec::JsonView error : errors.elements()) {
    const auto problem = number_of(error["problem"]);
    const codec::JsonView loss = error["loss"];
    if (!problem || *problem >= ingest::kInputProblems || !loss.exists() || !loss.is_bool()) {
      return false;
    }
    // Paths need not be UTF-8.
    auto path = codec::decode_base64(error["path"].string_or_empty());
    auto message = codec::decode_base64(error["message"].string_or_empty());
    if (!path || !message) return false;
    summary.errors.push_back({std::move(*path), static_cast<ingest::InputProblem>(*problem),
                              std::move(*message), loss.as_bool()});
  }
  return true;
}

}  // namespace

std::string header_line(const JournalHeader& header) {
  std::string line;
  codec::JsonWriter json(line);
  json.begin_object();
  json.field("schema", header.schema);
  json.field("secret", hex(header.secret.value));
  json.key("scan").begin_array();
  for (const ScanSetting& same : header.same) {
    json.begin_object();
    json.field("name", same.name);
    json.field("value_base64", codec::encode_base64(same.value));
    json.end_object();
  }
  json.end_array();
  return finish_line(std::move(line));
}

std::string keys_line(std::string_view keys) {
  return finish_line(fmt::format(R"({{"keys":"{}")", codec::encode_base64(keys)));
}

std::string checkpoint_line(const Checkpoint& checkpoint, size_t errors_from) {
  const ScanSummary& summary = checkpoint.summary;
  std::string line;
  codec::JsonWriter json(line);
  json.begin_object();
  json.field("output_bytes", checkpoint.output.findings);
  json.field("dead_letter_bytes", checkpoint.output.dead_letters);
  json.field("waiting_bytes", checkpoint.waiting_bytes);
  for (const Counter& counter : kCounters) json.field(counter.name, summary.*counter.value);
  // The others are known when all is read.
  json.field("correlated", summary.correlations.events);
  json.field("correlated_without_time", summary.correlations.without_time);
  append_numbers(json, "unparsed", summary.unparsed);
  append_numbers(json, "findings", summary.findings);
  append_numbers(json, "findings_by_rule", summary.findings_by_rule);
  std::vector<uint64_t> hidden;
  for (const auto& [by, count] : summary.findings_hidden) {
    hidden.insert(hidden.end(), {by.first, by.second, count});
  }
  append_numbers(json, "findings_hidden", hidden);
  if (summary.first_event) {
    json.field("first_event_ns", int64_t{summary.first_event->time_since_epoch().count()});
  }
  if (summary.last_event) {
    json.field("last_event_ns", int64_t{summary.last_event->time_since_epoch().count()});
  }
  json.field("elapsed_ns", int64_t{summary.elapsed.count()});
  json.key("errors").begin_array();
  for (size_t i = errors_from; i < summary.errors.size(); ++i) {
    const ingest::InputError& error = summary.errors[i];
    json.begin_object();
    json.field("path", codec::encode_base64(error.path));
    json.field("problem", static_cast<uint64_t>(error.problem));
    json.field("message", codec::encode_base64(error.message));
    json.field("loss", error.loss);
    json.end_object();
  }
  json.end_array();
  return finish_line(std::move(line));
}

bool checks(std::string_view line) {
  if (line.size() < kCheckBytes) return false;
  const std::string_view tail = line.substr(line.size() - kCheckBytes);
  if (!tail.starts_with(kCheckBegin) || !tail.ends_with(kCheckEnd)) return false;
  const std::string_view checked = line.substr(0, line.size() - kCheckBytes);
  return tail.substr(kCheckBegin.size(), kHexDigits) == hex(check_of(checked));
}

std::optional<JournalHeader> parse_header(std::string_view line) {
  codec::JsonParser parser;
  const codec::JsonView root = parser.parse(line);
  const std::string secret = root["secret"].string_or_empty();
  JournalHeader header{.schema = root["schema"].string_or_empty(), .secret = {}, .same = {}};
  const auto [end, error] =
      std::from_chars(secret.data(), secret.data() + secret.size(), header.secret.value, 16);
  if (secret.size() != kHexDigits || error != std::errc()) return std::nullopt;
  for (const codec::JsonView same : root["scan"].elements()) {
    auto value = codec::decode_base64(same["value_base64"].string_or_empty());
    if (!value) return std::nullopt;
    header.same.push_back({same["name"].string_or_empty(), std::move(*value)});
  }
  return header;
}

std::optional<std::string> parse_keys(std::string_view line) {
  codec::JsonParser parser;
  const codec::JsonView keys = parser.parse(line)["keys"];
  if (!keys.exists() || !keys.is_string()) return std::nullopt;
  auto bytes = codec::decode_base64(keys.raw());
  if (!bytes || bytes->size() % kKeyBytes != 0) return std::nullopt;
  return bytes;
}

bool parse_checkpoint(std::string_view line, Checkpoint& checkpoint) {
  codec::JsonParser parser;
  const codec::JsonView root = parser.parse(line);
  const auto output_bytes = number_of(root["output_bytes"]);
  const auto dead_letter_bytes = number_of(root["dead_letter_bytes"]);
  const auto waiting_bytes = number_of(root["waiting_bytes"]);
  const auto correlated = number_of(root["correlated"]);
  const auto without_time = number_of(root["correlated_without_time"]);
  const auto elapsed = number_of(root["elapsed_ns"]);
  if (!output_bytes || !dead_letter_bytes || !waiting_bytes || !correlated || !without_time ||
      !elapsed) {
    return false;
  }
  checkpoint.output = {*output_bytes, *dead_letter_bytes};
  checkpoint.waiting_bytes = *waiting_bytes;

  ScanSummary& summary = checkpoint.summary;
  summary.correlations.events = *correlated;
  summary.correlations.without_time = *without_time;
  for (const Counter& counter : kCounters) {
    const auto number = number_of(root[counter.name]);
    if (!number) return false;
    summary.*counter.value = *number;
  }
  const codec::JsonView by_rule = root["findings_by_rule"];
  const codec::JsonView by_filter = root["findings_hidden"];
  std::vector<uint64_t> hidden(by_filter.exists() ? by_filter.size() : 0);
  if (!read_numbers(by_filter, hidden) || hidden.size() % 3 != 0) return false;
  for (size_t i = 0; i < hidden.size(); i += 3) {
    const std::pair by(static_cast<uint32_t>(hidden[i]), static_cast<uint32_t>(hidden[i + 1]));
    summary.findings_hidden[by] = hidden[i + 2];
  }
  summary.findings_by_rule.resize(by_rule.size());
  summary.first_event = time_of(root["first_event_ns"]);
  summary.last_event = time_of(root["last_event_ns"]);
  summary.elapsed = Duration(*elapsed);
  return read_numbers(root["unparsed"], summary.unparsed) &&
         read_numbers(root["findings"], summary.findings) &&
         read_numbers(by_rule, summary.findings_by_rule) && read_errors(root["errors"], summary);
}

}  // namespace stanch::pipeline
