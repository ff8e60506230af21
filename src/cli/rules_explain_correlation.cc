#include "cli/rules_explain_correlation.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json_writer.h"
#include "codec/timestamp.h"
#include "codec/utf8.h"
#include "detect/correlate/plan.h"
#include "host/correlation_look.h"
#include "pipeline/counted_words.h"
#include "pipeline/output/text.h"
#include "triage/words.h"

namespace stanch::cli {

namespace {

namespace output = pipeline::output;
using codec::format_timestamp;
using codec::JsonWriter;
using detect::correlate::Compiled;
using detect::correlate::MissingRule;
using detect::correlate::Nearest;
using detect::sigma::Correlation;
using detect::sigma::Reference;
using host::CorrelationLook;
using output::counted;
using pipeline::bounds_words;
using pipeline::measure_words;
using triage::duration_words;

constexpr size_t kFiringsShown = 5, kFiringsWritten = 1'000;
constexpr size_t kValueBytesShown = 300;

std::string shown(std::string_view text) {
  return codec::for_terminal(text.substr(0, kValueBytesShown));
}

// "userName 'alice', sourceIPAddress '203.0.113.7'"
std::string group_words(const std::vector<std::string>& names,
                        const std::vector<std::string>& values) {
  std::string words;
  for (size_t i = 0; i < std::min(names.size(), values.size()); ++i) {
    words += fmt::format("{}{} '{}'", i == 0 ? "" : ", ", shown(names[i]), shown(values[i]));
  }
  return words.empty() ? "all events (there is no group-by)" : words;
}

std::string_view name_of(MissingRule::Where where) {
  switch (where) {
    case MissingRule::Where::kNowhere: return "nowhere";
    case MissingRule::Where::kOtherGroup: return "other-group";
    case MissingRule::Where::kOutside: return "outside-timespan";
    case MissingRule::Where::kBefore: return "before-its-turn";
  }
  return "unknown";
}

std::string_view words_of(MissingRule::Where where) {
  switch (where) {
    case MissingRule::Where::kNowhere: return "nothing that counts";
    case MissingRule::Where::kOtherGroup: return "only in other groups";
    case MissingRule::Where::kOutside: return "in this group, but further away than the timespan";
    case MissingRule::Where::kBefore: return "in this window, but before what it has to follow";
  }
  return "";
}

class Writer {
 public:
  Writer(const detect::RuleSet& rules, uint32_t correlation, const CorrelationLook& look,
         const output::Style& style)
      : rules_(rules),
        compiled_(detect::correlations(rules).correlations[correlation]),
        look_(look),
        style_(style) {}

  std::string text() {
    const Correlation& tree = compiled_.tree;
    const bool fired = !look_.firings.empty();
    line(0, marked(fired, fmt::format("{}: {}", shown(tree.info.title),
                                      fired ? counted(look_.firings.size(), "firing")
                                            : std::string("it did not fire"))));
    std::string asked = std::string(name_of(tree.type));
    if (!tree.fields.empty())
      asked += " of " + shown(fmt::format("{}", fmt::join(tree.fields, ", ")));
    if (!tree.bounds.empty()) asked += " " + bounds_words(tree);
    asked += " within " + duration_words(tree.timespan);
    if (!tree.group_by.empty())
      asked += ", by " + shown(fmt::format("{}", fmt::join(tree.group_by, ", ")));
    line(2, asked);
    for (uint32_t slot = 0; slot < tree.rules.size(); ++slot) {
      const uint64_t number = look_.nearness.of_slot[slot];
      line(2, marked(number > 0,
                     fmt::format("'{}' matched {}", title_of(slot),
                                 number == 0 ? std::string("nothing") : counted(number, "event"))));
    }
    not_counted();
    if (fired) {
      firings();
    } else if (look_.nearness.nearest) {
      nearest(*look_.nearness.nearest);
    } else if (look_.matched > 0) {
      line(2, "No event counts, so there is no group that came near.");
    } else {
      line(2, fmt::format("None of {} is one for its rules: 'stanch rules explain' of such a "
                          "rule says why.",
                          counted(look_.events, "event")));
    }
    return std::move(out_);
  }

  std::string json() {
    const Correlation& tree = compiled_.tree;
    JsonWriter json(out_);
    json.begin_object()
        .field("schema", "stanch.correlation-explanation/1")
        .field("rule", tree.info.id.text())
        .field("title", tree.info.title)
        .field("type", name_of(tree.type))
        .field("fires", !look_.firings.empty())
        .field("timespan_seconds", seconds(tree.timespan))
        .field("events", look_.events)
        .field("matched", look_.matched)
        .field("without_time", look_.without_time);
    json.key("rules").begin_array();
    for (uint32_t slot = 0; slot < tree.rules.size(); ++slot) {
      json.begin_object()
          .field("rule", tree.rules[slot].text)
          .field("title", title_of(slot))
          .field("matched", look_.nearness.of_slot[slot])
          .end_object();
    }
    json.end_array();
    append_lacking("without_group", tree.group_by, look_.nearness.without_group, json);
    append_lacking("without_value", tree.fields, look_.nearness.without_value, json);
    json.key("bounds").begin_array();
    for (const auto& bound : tree.bounds) {
      json.begin_object()
          .field("operator", name_of(bound.op))
          .field("number", bound.number)
          .end_object();
    }
    json.end_array().field("groups", look_.nearness.groups);
    json.field("firings", uint64_t{look_.firings.size()});
    json.key("fired").begin_array();
    for (size_t i = 0; i < std::min(look_.firings.size(), kFiringsWritten); ++i) {
      append_firing(look_.firings[i], json);
    }
    json.end_array();
    if (look_.nearness.nearest) append_nearest(*look_.nearness.nearest, json);
    json.end_object();
    output::escape_hidden(out_, 0);
    return std::move(out_) + "\n";
  }

 private:
  static int64_t seconds(Duration duration) {
    return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  }

  std::string title_of(uint32_t slot) const {
    const Reference& rule = compiled_.tree.rules[slot];
    const size_t index =
        rule.index + (rule.is_correlation ? detect::rule_count(rules_) : size_t{0});
    return shown(detect::rule_infos(rules_)[index]->title);
  }

  std::string marked(bool holds, const std::string& text) const {
    const std::string_view mark = style_.unicode ? (holds ? "✓" : "✗") : (holds ? "+" : "-");
    return output::colored(std::string(mark), holds ? output::Color::kGreen : output::Color::kRed,
                           style_) +
           " " + text;
  }

  void line(size_t indent, const std::string& text) {
    out_ += output::wrapped(std::string(indent, ' ') + text, indent + 2, style_.columns) + "\n";
  }

  void not_counted() {
    const auto lacking = [&](const std::vector<std::string>& names,
                             const std::vector<uint64_t>& numbers, std::string_view what) {
      for (size_t i = 0; i < names.size(); ++i) {
        if (numbers[i] == 0) continue;
        line(2, fmt::format("Not counted: {} without {}{}", counted(numbers[i], "event"),
                            shown(names[i]), what));
      }
    };
    if (look_.without_time > 0) {
      line(2, fmt::format("Not counted: {} without a time", counted(look_.without_time, "event")));
    }
    lacking(compiled_.tree.group_by, look_.nearness.without_group, ", by which it groups");
    lacking(compiled_.tree.fields, look_.nearness.without_value,
            ", or with a value there that is no number where it must be");
  }

  void firings() {
    for (size_t i = 0; i < std::min(look_.firings.size(), kFiringsShown); ++i) {
      const auto& firing = look_.firings[i];
      line(2, fmt::format("{} for {}: {} counted", format_timestamp(firing.time),
                          group_words(compiled_.names, firing.group),
                          counted(firing.counted, "event")));
    }
    if (look_.firings.size() > kFiringsShown) {
      line(2, fmt::format("and {} more (--json shows them)",
                          output::grouped(look_.firings.size() - kFiringsShown)));
    }
  }

  void nearest(const Nearest& nearest) {
    const Correlation& tree = compiled_.tree;
    line(2, fmt::format("Nearest of {}: {}", counted(look_.nearness.groups, "group"),
                        group_words(tree.group_by, nearest.group)));
    if (detect::sigma::is_learning(tree.type)) {
      learning(nearest);
      return;
    }
    line(4, fmt::format("{} from {} to {}", counted(nearest.counted, "event"),
                        format_timestamp(nearest.from), format_timestamp(nearest.to)));
    if (nearest.in_group > nearest.counted) {
      line(4, fmt::format("{} of the group not in this window",
                          counted(nearest.in_group - nearest.counted, "more event")));
    }
    if (!tree.bounds.empty()) {
      line(4, fmt::format("{}: {}; asked for is {}", shown(measure_words(tree)), nearest.value,
                          bounds_words(tree)));
    }
    for (const MissingRule& missing : nearest.missing) {
      line(4,
           marked(false, fmt::format("'{}': {}", title_of(missing.slot), words_of(missing.where))));
    }
    if (tree.expression) line(4, "The condition over these rules does not hold");
  }

  // Of types that learn.
  void learning(const Nearest& nearest) {
    const Correlation& tree = compiled_.tree;
    line(4, fmt::format("{} over {}", counted(nearest.in_group, "event"),
                        duration_words(nearest.known)));
    if (nearest.known < tree.learning) {
      line(4, fmt::format("it fires once it knows a group for {}", duration_words(tree.learning)));
    } else if (tree.type == detect::sigma::CorrelationType::kSilence) {
      line(4, fmt::format("longest time without an event {}; asked for are {}, and {} times the "
                          "longest before it",
                          duration_words(nearest.gap), duration_words(tree.timespan), tree.factor));
    } else if (tree.type == detect::sigma::CorrelationType::kSurge) {
      line(4, fmt::format("events in one timespan: at most {}; asked for is {}, and {} times what "
                          "is usual",
                          nearest.value, bounds_words(tree), tree.factor));
    } else {
      line(4, "nothing new after that");
    }
  }

  static void append_lacking(std::string_view name, const std::vector<std::string>& fields,
                             const std::vector<uint64_t>& numbers, JsonWriter& json) {
    json.key(name).begin_array();
    for (size_t i = 0; i < fields.size(); ++i) {
      json.begin_object().field("field", fields[i]).field("events", numbers[i]).end_object();
    }
    json.end_array();
  }

  void append_group(const std::vector<std::string>& values, JsonWriter& json) const {
    json.key("group").begin_array();
    for (size_t i = 0; i < values.size(); ++i) {
      json.begin_object().field("field", compiled_.names[i]).field("value", values[i]).end_object();
    }
    json.end_array();
  }

  void append_firing(const detect::correlate::Firing& firing, JsonWriter& json) const {
    json.begin_object().field("time", format_timestamp(firing.time));
    append_group(firing.group, json);
    json.field("counted", firing.counted).end_object();
  }

  void append_nearest(const Nearest& nearest, JsonWriter& json) const {
    json.key("nearest").begin_object();
    append_group(nearest.group, json);
    json.field("from", format_timestamp(nearest.from))
        .field("to", format_timestamp(nearest.to))
        .field("counted", nearest.counted)
        .field("in_group", nearest.in_group)
        .field("value", nearest.value)
        .field("known_seconds", seconds(nearest.known))
        .field("gap_seconds", seconds(nearest.gap));
    json.key("missing").begin_array();
    for (const MissingRule& missing : nearest.missing) {
      json.begin_object()
          .field("rule", compiled_.tree.rules[missing.slot].text)
          .field("where", name_of(missing.where))
          .end_object();
    }
    json.end_array().end_object();
  }

  const detect::RuleSet& rules_;
  const Compiled& compiled_;
  const CorrelationLook& look_;
  output::Style style_;
  std::string out_;
};

}  // namespace

int explain_correlation(Context& context, const host::LoadedRules& rules, uint32_t correlation) {
  const auto look =
      host::look_at_correlation(context.env(), rules, correlation, context.argument("EVENT"));
  if (!look) return context.fail(look.error(), kExitInput);
  Writer writer(*rules.loaded.rules, correlation, *look, context.style());
  return context.print(context.settings().flag("json") ? writer.json() : writer.text());
}

}  // namespace stanch::cli
