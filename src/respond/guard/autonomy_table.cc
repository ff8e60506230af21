// Reads content/autonomy.yaml.

#include <fmt/format.h>

#include <algorithm>

#include "codec/timestamp.h"
#include "respond/guard/autonomy.h"
#include "respond/guard/table_file.h"
#include "respond/limits.h"

namespace stanch::respond {

namespace {

using codec::YamlMember;
using codec::YamlNode;

constexpr std::string_view kRowMembers = "severity, class, criticality, confidence, then.";
constexpr std::string_view kCriticalityNames[] = {"low", "medium", "high", "critical"};

class AutonomyReader : private TableFile {
 public:
  AutonomyReader(const std::string& path, const std::string& text, AutonomyTable& table,
                 Diagnostics& diagnostics)
      : TableFile(path, text, diagnostics), table_(table) {}

  void read() {
    each_member("autonomy is", [this](const YamlMember& member) {
      if (member.key.text == "envelope") return envelope(member.value);
      if (member.key.text != "rows" && member.key.text != "ask") {
        return unknown(member.key, "rows, ask, envelope.");
      }
      if (!is_list(member.value)) return;
      for (const YamlNode& item : member.value.items) {
        if (!is_map(item)) continue;
        member.key.text == "rows" ? row(item) : asking(item);
      }
    });
  }

 private:
  // Each text of a value, which is one or a list.
  template <typename Read>
  void each_text(const YamlNode& node, Read read) {
    if (!node.is_list()) return read(node);
    for (const YamlNode& item : node.items) read(item);
  }
  void bad(const YamlNode& node, std::string_view known) {
    report(ResponseCode::kValue, node.mark, fmt::format("'{}' is none of these", node.text),
           std::string(known));
  }

  void row(const YamlNode& item) {
    AutonomyRow row;
    bool has_then = false;
    for (const YamlMember& member : item.members) {
      const std::string& name = member.key.text;
      const YamlNode& value = member.value;
      if (name == "severity") {
        each_text(value, [&](const YamlNode& each) {
          const auto severity = model::find_severity(each.text);
          severity ? row.severities.push_back(*severity) : bad(each, "S1, S2, S3, S4.");
        });
      } else if (name == "class") {
        each_text(value, [&](const YamlNode& each) { risk_class(each, row); });
      } else if (name == "criticality") {
        each_text(value, [&](const YamlNode& each) {
          const bool known =
              std::ranges::find(kCriticalityNames, each.text) != std::end(kCriticalityNames);
          known ? row.criticalities.push_back(each.text)
                : bad(each, "low, medium, high, critical.");
        });
      } else if (name == "confidence") {
        row.is_confirmed = value.text == "confirmed";
        if (value.text != "confirmed" && value.text != "single") bad(value, "confirmed, single.");
      } else if (name == "then") {
        const auto then = find_autonomy(value.text);
        has_then = then.has_value();
        then ? void(row.then = *then) : bad(value, "run, one, two, never.");
      } else {
        unknown(member.key, kRowMembers);
      }
    }
    if (!has_then && item.find("then") == nullptr) {
      report(ResponseCode::kMissing, item.mark, "'then' is missing", "run, one, two, never.");
    }
    if (!has_then) return;
    const bool is_narrow =
        row.classes == std::vector{RiskClass::kReversible} && row.is_confirmed.value_or(false);
    if (row.then == Autonomy::kRun && !is_narrow) {
      return report(ResponseCode::kValue, item.mark,
                    "only what is reversible, and confirmed by two rules, runs alone",
                    "Add 'class: reversible' and 'confidence: confirmed'.");
    }
    table_.rows.push_back(std::move(row));
  }

  void risk_class(const YamlNode& node, AutonomyRow& row) {
    for (const RiskClass risk :
         {RiskClass::kReversible, RiskClass::kDisruptive, RiskClass::kIrreversible}) {
      if (name_of(risk) == node.text) return row.classes.push_back(risk);
    }
    bad(node, "reversible, disruptive, irreversible. What changes nothing never asks.");
  }

  void envelope(const YamlNode& node) {
    if (!is_map(node) || node.members.empty()) return;
    Envelope envelope;
    for (const YamlMember& member : node.members) {
      if (member.key.text == "targets") {
        envelope.targets_max = number(member.value).value_or(0);
      } else if (member.key.text == "for") {
        envelope.lasts = codec::parse_duration(member.value.text).value_or(Duration{});
      } else {
        unknown(member.key, "targets, for.");
      }
    }
    if (is_sound(envelope)) {
      table_.envelope = envelope;
    } else {
      report(ResponseCode::kValue, node.mark,
             fmt::format("an envelope is of 1 to {} targets, and for at most {} h",
                         kEnvelopeTargetsMax,
                         std::chrono::duration_cast<std::chrono::hours>(kEnvelopeLastsMax).count()),
             "{targets: 3, for: 1h}");
    }
  }

  void asking(const YamlNode& item) {
    Asking asking;
    for (const YamlMember& member : item.members) {
      if (member.key.text == "role") {
        asking.role = member.value.text;
      } else if (member.key.text == "within") {
        const auto within = codec::parse_duration(member.value.text);
        within ? void(asking.within = *within) : bad(member.value, "10m, 1h.");
      } else {
        unknown(member.key, "role, within.");
      }
    }
    if (!asking.role.empty() && asking.within > Duration{}) {
      table_.ask.push_back(std::move(asking));
    } else {
      report(ResponseCode::kMissing, item.mark, "whoever is asked has a role and a time",
             "{role: commander, within: 10m}");
    }
  }

  AutonomyTable& table_;
};

}  // namespace

void read_autonomy(const std::string& path, const std::string& text, AutonomyTable& table,
                   Diagnostics& diagnostics) {
  AutonomyReader(path, text, table, diagnostics).read();
}

}  // namespace stanch::respond
