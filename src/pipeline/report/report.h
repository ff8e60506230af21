#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "learn/learn.h"
#include "pipeline/report/scope_graph.h"
#include "triage/overview.h"
#include "triage/state.h"

// The report of an incident, for people who were not there: what happened, what was decided and
// why, what it cost in time, what we cannot know. Made of the incident's entries alone, so that
// anybody with the ledger gets the same (docs/formats/report.md).
//
// Two steps: report_of() says what stands in it, once; markdown_of() and html_of() only say how it
// looks. Texts in a Report are as people and logs wrote them; the two make them harmless.

namespace stanch::pipeline::report {

struct Source {
  const triage::IncidentState& state;
  const triage::Overview& overview;
  const learn::Case& times;                       // with what was merged into it
  std::span<const learn::TimelineLine> timeline;  // all of it
  Time now{};
  bool privileged = false;        // notes for counsel are in it
  std::string ledger, last_hash;  // id of the ledger; hash of the last entry
  std::string program_version, content_version;
};

struct Table {
  std::vector<std::string> columns = {};
  std::vector<std::vector<std::string>> rows = {};
};

struct Fact {
  std::string name;
  std::vector<std::string> values = {};  // a line each
};

// One moment of the chart.
struct Mark {
  Time at{};
  std::string lane, text;
};
struct Milestone {
  Time at{};
  std::string text;
};
struct Chart {
  std::vector<std::string> lanes;  // that have marks, the attack first
  std::vector<Mark> marks;
  std::vector<Milestone> milestones;
};

// What a section shows beside its texts.
enum class Shows : unsigned char { kTexts, kChart, kScope, kTimeline };

struct Section {
  std::string id = {}, title = {}, lead = {};  // lead: a sentence below the title; may be empty
  std::vector<Fact> facts = {};
  std::vector<std::string> items = {};
  std::vector<Table> tables = {};
  Shows shows = Shows::kTexts;
};

struct Measure {
  std::string name, value, note;
};

struct Report {
  std::string incident, headline, sentence;
  std::string tlp;       // "AMBER+STRICT"; "" if nobody said
  std::string severity;  // "S1 Critical"; "" if none was set
  std::string standing;  // "contained, watching"
  bool drill = false, restricted = false, privileged = false, closed = false;
  size_t withheld = 0;            // notes for counsel that are not in it
  std::string restricted_to;      // names
  std::vector<Measure> measures;  // the figures at the top
  std::vector<Section> sections;
  std::vector<learn::TimelineLine> timeline;
  std::string made, provenance;  // when; where from, and how to check it
  Chart chart;
  ScopeGraph graph;
};

Report report_of(const Source& source);

std::string markdown_of(const Report& report);
std::string html_of(const Report& report);  // one page that asks nobody for anything
std::string chart_svg(const Chart& chart);  // "" without a mark

// "5h 12m", "3d 4h": for people, at a glance.
std::string span_text(Duration duration);

// Members of "stanch.report/1".
void append_json(const Source& source, codec::JsonWriter& json);

}  // namespace stanch::pipeline::report
