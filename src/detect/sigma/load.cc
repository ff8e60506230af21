#include "detect/sigma/load.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "base/ascii.h"
#include "codec/yaml.h"
#include "detect/fields/apply.h"
#include "detect/sigma/bind.h"
#include "detect/sigma/collection.h"
#include "detect/sigma/contradictions.h"
#include "detect/sigma/correlation_fields.h"
#include "detect/sigma/detection.h"
#include "detect/sigma/expand.h"
#include "detect/sigma/limits.h"
#include "detect/sigma/link_correlations.h"
#include "detect/sigma/link_filters.h"
#include "detect/sigma/metadata.h"
#include "detect/sigma/read_correlation.h"
#include "detect/sigma/reporter.h"

namespace stanch::detect::sigma {

namespace {

constexpr codec::YamlLimits kYamlLimits = {.bytes_max = kFileBytesMax,
                                           .nodes_max = kNodesMax,
                                           .depth_max = kYamlDepthMax,
                                           .documents_max = kDocumentsMax};

size_t count_values(const Detection& detection) {
  size_t count = detection.item.values.size();
  for (const Detection& child : detection.children) count += count_values(child);
  return count;
}

uint32_t line_of_key(const codec::YamlNode& map, std::string_view key) {
  for (const codec::YamlMember& member : map.members) {
    if (member.key.text == key) return member.key.mark.line;
  }
  return map.mark.line;
}

class Loader {
 public:
  Loader(const Placeholders& placeholders, std::span<const LogSchema> logs,
         std::span<const FieldMap> maps)
      : placeholders_(placeholders), logs_(logs), maps_(maps) {}

  void add(const RuleText& file) {
    Reporter reporter(file.path, file.text, loaded_.diagnostics);
    std::vector<codec::YamlDocument> documents = codec::parse_yaml(file.text, kYamlLimits);
    if (documents.empty()) {
      reporter.report(Code::kEmptyFile, {1, 1}, "there is no rule in this file",
                      "write one, or remove the file");
    }
    for (const CollectedDocument& document : collect(std::move(documents), reporter)) {
      add(file, document, reporter);
    }
  }

  LoadedRules finish() {
    LinkedCorrelations linked =
        link_correlations(std::move(correlations_), names_, loaded_.diagnostics);
    for (const uint32_t report : linked.report_of) {
      loaded_.reports[report].state = RuleState::kLoaded;
    }
    loaded_.correlations = std::move(linked.correlations);
    map_correlation_fields(loaded_.correlations, linked.files, {loaded_.rules, renamings_}, logs_,
                           loaded_.diagnostics);
    loaded_.correlation_report_of = std::move(linked.report_of);
    LinkedFilters filters =
        link_filters(std::move(filters_), loaded_.rules, names_, loaded_.diagnostics);
    for (const uint32_t report : filters.report_of) {
      loaded_.reports[report].state = RuleState::kLoaded;
    }
    loaded_.filters = std::move(filters.filters);
    std::ranges::stable_sort(loaded_.diagnostics, [](const Diagnostic& a, const Diagnostic& b) {
      return std::tie(a.place.file, a.place.line) < std::tie(b.place.file, b.place.line);
    });
    return std::move(loaded_);
  }

 private:
  void add(const RuleText& file, const CollectedDocument& document, Reporter& reporter) {
    RuleReport report;
    report.path = file.path;
    report.document = document.index;
    if (const auto* id = document.root.find("id")) report.id = id->text;
    if (const auto* title = document.root.find("title")) report.title = title->text;
    if (!document.broken) report.state = read(file, document, report, reporter);
    if (report.state != RuleState::kLoaded) add_refused(document.root);
    loaded_.reports.push_back(std::move(report));
  }

  RuleState read(const RuleText& file, const CollectedDocument& document, RuleReport& report,
                 Reporter& reporter) {
    const codec::YamlNode& root = document.root;
    const auto holds = [&](std::string_view key) { return root.find(key) != nullptr; };
    if (holds("correlation")) return read_correlation(file, document, report, reporter);
    if (holds("filter")) return read_filter(file, document, report, reporter);
    if (!holds("detection") && !holds("logsource")) {
      reporter.report(Code::kNotARule, to_at(root.mark),
                      "the document has no `detection`, `correlation` or `filter`",
                      "leave files that are no Sigma rules out of this folder");
      return RuleState::kRefused;
    }
    const size_t errors_before = reporter.errors();
    Rule rule;
    rule.info.path = file.path;
    rule.info.version = document.version;
    read_metadata(root, rule, reporter);
    read_detection(root, rule, reporter);
    check_id(rule.info, document, reporter);
    if (reporter.errors() != errors_before) return RuleState::kRefused;

    fields::Renamings renamings;
    const RuleState completed = complete(rule, root, reporter, &renamings);
    if (completed != RuleState::kLoaded) return completed;

    for (Contradiction& one : find_contradictions(rule)) {
      reporter.report(Code::kContradiction, one.at, std::move(one.why), std::move(one.hint));
    }
    report.line = line_of_key(root, "detection");
    Unbindable unbindable = find_why_unbindable(rule, logs_, reporter);
    report.unbindable = !unbindable.why.empty();
    report.fits_log = unbindable.key != "logsource";
    report.needs_data_events = unbindable.needs_data_events || rule.needs_data_events;
    report.unbindable_why = std::move(unbindable.why);
    report.unbindable_hint = std::move(unbindable.hint);
    report.unbindable_line =
        unbindable.at.line != 0 ? unbindable.at.line : line_of_key(root, unbindable.key);
    names_.add(root.find("id") != nullptr ? rule.info.id.text() : "", rule.name,
               {.index = static_cast<uint32_t>(loaded_.rules.size())});
    loaded_.rules.push_back(std::move(rule));
    renamings_.push_back(std::move(renamings));
    loaded_.report_of.push_back(static_cast<uint32_t>(loaded_.reports.size()));
    return RuleState::kLoaded;
  }

  // What is not known from the text of a rule, or filter, alone: values of placeholders, and how
  // its log names its fields.
  RuleState complete(Rule& rule, const codec::YamlNode& root, Reporter& reporter,
                     fields::Renamings* renamings = nullptr) {
    const size_t errors_before = reporter.errors();
    const auto placeholders = fields::placeholders_for(maps_, rule, placeholders_);
    const bool all_known =
        expand_placeholders(rule, placeholders ? *placeholders : placeholders_, reporter);
    check_size(rule, root, reporter);
    if (!all_known) return RuleState::kRefusedPlaceholder;
    if (reporter.errors() != errors_before) return RuleState::kRefused;
    return fields::apply(maps_, rule, reporter, renamings) ? RuleState::kLoaded
                                                           : RuleState::kRefused;
  }

  // Whether it can be loaded is known when all files are read; until then it counts as refused.
  RuleState read_correlation(const RuleText& file, const CollectedDocument& document,
                             RuleReport& report, Reporter& reporter) {
    const size_t errors_before = reporter.errors();
    Correlation tree = sigma::read_correlation(document.root, reporter);
    tree.info.path = file.path;
    tree.info.version = document.version;
    check_id(tree.info, document, reporter);
    report.line = line_of_key(document.root, "correlation");
    const auto index = static_cast<uint32_t>(correlations_.size());
    names_.add(document.root.find("id") != nullptr ? tree.info.id.text() : "", tree.name,
               {.is_correlation = true, .index = index});
    correlations_.push_back({.tree = std::move(tree),
                             .file = &file,
                             .report = static_cast<uint32_t>(loaded_.reports.size()),
                             .refused = reporter.errors() != errors_before});
    return RuleState::kRefused;
  }

  // So that a correlation which names it is told why it is not there.
  void add_refused(const codec::YamlNode& root) {
    if (root.find("correlation") != nullptr || root.find("filter") != nullptr) return;
    const codec::YamlNode* id = root.find("id");
    const codec::YamlNode* name = root.find("name");
    names_.add(id != nullptr ? id->text : "", name != nullptr ? name->text : "", {.refused = true});
  }

  // As with correlations: until all files are read it counts as refused.
  RuleState read_filter(const RuleText& file, const CollectedDocument& document, RuleReport& report,
                        Reporter& reporter) {
    const size_t errors_before = reporter.errors();
    Filter filter = sigma::read_filter(document.root, reporter);
    filter.rule.info.path = file.path;
    filter.rule.info.version = document.version;
    check_id(filter.rule.info, document, reporter);
    if (reporter.errors() != errors_before) return RuleState::kRefused;
    const RuleState completed = complete(filter.rule, document.root, reporter);
    if (completed != RuleState::kLoaded) return completed;
    // Of its fields; that it may never hold is no matter.
    (void)find_why_unbindable(filter.rule, logs_, reporter);
    report.is_filter = true;
    report.line = line_of_key(document.root, "filter");
    filters_.push_back({.filter = std::move(filter),
                        .file = &file,
                        .report = static_cast<uint32_t>(loaded_.reports.size()),
                        .at = to_at(document.root.mark)});
    return RuleState::kRefused;
  }

  // Ids are compared without case, as UUIDs are (RFC 4122, 3). Who has none goes by the path.
  void check_id(model::RuleInfo& info, const CollectedDocument& document, Reporter& reporter) {
    if (info.id.empty()) {
      info.id = model::RuleId(
          document.index == 0 ? info.path : info.path + "#" + std::to_string(document.index));
      return;
    }
    std::string id = ascii_lower(info.id.text());
    const codec::YamlNode* node = document.root.find("id");
    const auto [first, is_new] =
        first_with_id_.emplace(std::move(id), info.path + ":" + std::to_string(node->mark.line));
    if (is_new) return;
    reporter.report(Code::kDuplicateId, to_at(node->mark),
                    "the id " + info.id.text() + " belongs to " + first->second + " already",
                    "give this rule an id of its own (`uuidgen`), or remove it");
  }

  static void check_size(const Rule& rule, const codec::YamlNode& root, Reporter& reporter) {
    size_t values = 0;
    for (const NamedDetection& named : rule.detections) values += count_values(named.detection);
    if (values <= kRuleValuesMax) return;
    reporter.report(Code::kTooLarge, to_at(root.mark),
                    "the rule has more than " + std::to_string(kRuleValuesMax) + " values",
                    "split it");
  }

  const Placeholders& placeholders_;
  std::span<const LogSchema> logs_;
  std::span<const FieldMap> maps_;
  std::unordered_map<std::string, std::string> first_with_id_;  // id -> "path:line"
  RuleNames names_;
  std::vector<fields::Renamings> renamings_;  // by rule
  std::vector<ReadCorrelation> correlations_;
  std::vector<ReadFilter> filters_;
  LoadedRules loaded_;
};

}  // namespace

LoadedRules load(std::span<const RuleText> texts, const Placeholders& placeholders,
                 std::span<const LogSchema> logs, std::span<const FieldMap> maps) {
  std::vector<const RuleText*> order;
  order.reserve(texts.size());
  for (const RuleText& text : texts) order.push_back(&text);
  std::ranges::stable_sort(order, {},
                           [](const RuleText* text) -> const std::string& { return text->path; });
  Loader loader(placeholders, logs, maps);
  for (const RuleText* text : order) loader.add(*text);
  return loader.finish();
}

}  // namespace stanch::detect::sigma
