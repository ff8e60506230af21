#include "pipeline/output/finding_writer.h"

#include "base/check.h"
#include "pipeline/output/writers.h"

namespace stanch::pipeline::output {

namespace {

struct Row {
  Format format;
  std::string_view name;
  std::unique_ptr<FindingWriter> (*make)(const WriterOptions&);
};

constexpr Row kRows[] = {
    {Format::kTable, "table", make_table_writer}, {Format::kNdjson, "ndjson", make_ndjson_writer},
    {Format::kOcsf, "ocsf", make_ocsf_writer},    {Format::kSarif, "sarif", make_sarif_writer},
    {Format::kCsv, "csv", make_csv_writer},
};

}  // namespace

std::optional<Format> find_format(std::string_view name) {
  for (const Row& row : kRows) {
    if (row.name == name) return row.format;
  }
  return std::nullopt;
}

std::unique_ptr<FindingWriter> make_writer(Format format, const WriterOptions& options) {
  for (const Row& row : kRows) {
    if (row.format == format) return row.make(options);
  }
  CHECK(false);
}

}  // namespace stanch::pipeline::output
