#include "pipeline/scan_identity.h"

#include <fmt/format.h>

#include "codec/hash.h"
#include "detect/sigma/filter.h"

namespace stanch::pipeline {

namespace {

// A hash over any number of fields, in little memory.
class Fingerprint {
 public:
  void add(std::string_view field) {
    constexpr size_t kFoldBytes = size_t{1} << 20;
    const uint64_t size = field.size();
    bytes_.append(reinterpret_cast<const char*>(&size), sizeof size);
    bytes_ += field;
    if (bytes_.size() >= kFoldBytes) {
      const codec::Sha256 hash = codec::sha256(bytes_);
      bytes_.assign(reinterpret_cast<const char*>(hash.data()), hash.size());
    }
  }
  void add(uint64_t number) { add(std::to_string(number)); }

  // Enough of it to be shown to people.
  std::string text() const { return codec::to_hex(codec::sha256(bytes_)).substr(0, 32); }

 private:
  std::string bytes_;
};

std::string rules_text(const detect::RuleSet& rules) {
  Fingerprint print;
  const auto infos = detect::rule_infos(rules);
  for (const auto& rule : infos) {
    print.add(rule->id.text());
    print.add(rule->version);
    print.add(rule->path);
  }
  for (const detect::sigma::Filter& filter : detect::filters(rules)) {
    print.add(filter.rule.info.id.text());
    print.add(filter.rule.info.version);
  }
  return fmt::format("{} ({})", infos.size(), print.text());
}

std::string input_text(const ingest::Listing& listing) {
  Fingerprint print;
  uint64_t bytes = 0;
  for (const ingest::InputFile& file : listing.files) {
    print.add(file.path);
    print.add(file.size);
    bytes += file.size;
  }
  for (const ingest::InputError& error : listing.errors) {
    print.add(error.path);
    print.add(ingest::name_of(error.problem));
  }
  return fmt::format("{} files of {} bytes ({})", listing.files.size(), bytes, print.text());
}

}  // namespace

std::vector<ScanSetting> settings_of(const detect::RuleSet& rules,
                                     const std::string& content_version, const ScanOptions& options,
                                     const ingest::Listing& listing,
                                     std::vector<ScanSetting> settings) {
  settings.push_back({"content", content_version});
  settings.push_back({"rules", rules_text(rules)});
  settings.push_back(
      {"deduplication", options.dedup ? fmt::format("{} ids", options.dedup_ids_max) : "off"});
  settings.push_back({"raw events", options.keep_raw ? "on" : "off"});
  if (options.all_events) settings.push_back({"all events", "on"});
  settings.push_back({"input", input_text(listing)});
  return settings;
}

Result<> check_repeatable(env::Files& files, const ingest::Listing& listing) {
  for (const ingest::InputFile& file : listing.files) {
    if (file.size != 0) continue;
    // Pipes have no size; nor have empty files.
    if (file.path != "-") {
      const auto status = files.status(file.path);
      if (!status || status->kind != env::FileKind::kOther) continue;
    }
    return Error(ErrorCode::kInvalid,
                 fmt::format("{} can be read only once, so that a scan of it cannot go on "
                             "after a crash; leave out the journal, or put the input into a file",
                             ingest::input_name(file.path)));
  }
  return {};
}

}  // namespace stanch::pipeline
