#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <string_view>

#include "cases.h"
#include "codec/json_writer.h"

using namespace stanch;

namespace {

constexpr std::string_view kHelp =
    "usage: stanch_bench [OPTION…]   measures speed and memory; bench/README.md says how to read "
    "it\n"
    "  --quick          few rounds of few events\n"
    "  --rounds N       how often each pair is measured\n"
    "  --events N       events of a corpus in memory\n"
    "  --disk-mib N     .gz on disk for the peak of memory; 2048 is the full row\n"
    "  --only TEXT      rows whose name has TEXT in it\n"
    "  --program PATH   the built stanch, for whole-process figures\n"
    "  --json FILE      writes the rows there too\n";

std::string to_json(const std::vector<bench::Row>& rows) {
  std::string out;
  codec::JsonWriter writer(out);
  writer.begin_object().field("schema", "stanch.bench/1").key("rows").begin_array();
  for (const bench::Row& row : rows) {
    writer.begin_object()
        .field("name", row.name)
        .field("value", row.value)
        .field("unit", row.unit)
        .field(row.at_least ? "at_least" : "at_most", row.wanted)
        .field("reached", row.reached())
        .field("detail", row.detail)
        .end_object();
  }
  writer.end_array().end_object();
  return out + "\n";
}

}  // namespace

int main(int argc, char** argv) {
  bench::Settings settings;
  std::string json;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    const std::string_view value = i + 1 < argc ? argv[i + 1] : "";
    const auto number = [&value] {
      size_t read = 0;
      std::from_chars(value.data(), value.data() + value.size(), read);
      return read;
    };
    if (option == "--help" || option == "-h") {
      fmt::print("{}", kHelp);
      return 0;
    }
    if (option == "--quick") {
      settings.rounds = 3;
      settings.events = 30'000;
      settings.disk_bytes = size_t{64} << 20;
      continue;
    }
    ++i;
    if (option == "--rounds") {
      settings.rounds = static_cast<int>(number());
    } else if (option == "--events") {
      settings.events = number();
    } else if (option == "--disk-mib") {
      settings.disk_bytes = number() << 20;
    } else if (option == "--only") {
      settings.only = value;
    } else if (option == "--program") {
      settings.program = value;
    } else if (option == "--json") {
      json = value;
    } else {
      fmt::print(stderr, "stanch_bench: there is no option {}; see --help\n", option);
      return 2;
    }
  }
  std::vector<bench::Row> rows = bench::in_memory(settings);
  for (bench::Row& row : bench::correlation_rows(settings)) rows.push_back(std::move(row));
  for (bench::Row& row : bench::on_disk(settings)) rows.push_back(std::move(row));
  for (bench::Row& row : bench::ledger_rows(settings)) rows.push_back(std::move(row));
  for (bench::Row& row : bench::incident_rows(settings)) rows.push_back(std::move(row));
  for (bench::Row& row : bench::response_rows(settings)) rows.push_back(std::move(row));
  for (const bench::Row& row : rows) {
    const std::string wanted =
        row.wanted == 0 ? "" : fmt::format("{} {:.2f}", row.at_least ? ">=" : "<=", row.wanted);
    fmt::print("{:4} {:<42} {:>8.2f} {:<10} {}\n", row.reached() ? "ok" : "MISS", row.name,
               row.value, wanted, row.unit);
    if (!row.detail.empty()) fmt::print("     {}\n", row.detail);
  }
  if (!json.empty()) {
    std::FILE* file = std::fopen(json.c_str(), "w");
    if (!file) {
      fmt::print(stderr, "stanch_bench: cannot write {}\n", json);
      return 1;
    }
    const std::string text = to_json(rows);
    std::fwrite(text.data(), 1, text.size(), file);
    std::fclose(file);
  }
  return 0;
}
