#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/finding.h"
#include "pipeline/output/style.h"
#include "pipeline/output/summary.h"
#include "pipeline/scan.h"

// How findings leave: one writer a form (docs/formats/json.md). A writer keeps
// what it must (SARIF its rules), never the findings.

namespace stanch::pipeline::output {

enum class Format : uint8_t { kTable, kNdjson, kOcsf, kSarif, kCsv };
std::optional<Format> find_format(std::string_view name);

struct WriterOptions {
  RunInfo run;
  Style style;  // of the table
};

// begin, any number of write, end; in this order, once. Each appends to `out`.
// Log text is inert in every form: nothing that a terminal or a spreadsheet
// would act on.
class FindingWriter {
 public:
  virtual ~FindingWriter() = default;
  virtual void begin(std::string& out) = 0;
  virtual void write(const model::Finding& finding, std::string& out) = 0;
  virtual void end(const ScanSummary& summary, std::string& out) = 0;
};

std::unique_ptr<FindingWriter> make_writer(Format format, const WriterOptions& options);

// "stanch.finding/1", one line with its newline.
void append_finding_json(const model::Finding& finding, std::string& out);

// "stanch.dead-letter/1", one line with its newline.
void append_dead_letter_json(const DeadLetter& letter, std::string& out);

}  // namespace stanch::pipeline::output
