// Whole scans of files: compressed folders, two threads, memory.

#include <fcntl.h>
#include <fmt/format.h>
#include <libdeflate.h>
#include <simdjson.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/check.h"
#include "cases.h"
#include "corpus.h"
#include "env/os/os.h"
#include "folder.h"
#include "host/rule_set.h"
#include "measure.h"
#include "pipeline/scan.h"

namespace stanch::bench {

namespace {

namespace fs = std::filesystem;

struct Sink : pipeline::ScanSink {
  Result<> finding(const model::Finding&) override { return {}; }
  Result<> dead_letter(const pipeline::DeadLetter&) override { return {}; }
  void conflict(const model::Origin&) override {}
  void progress(const pipeline::Progress&) override {}
};

void write_file(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::string gzip(std::string_view text) {
  libdeflate_compressor* compressor = libdeflate_alloc_compressor(6);
  std::string out(libdeflate_gzip_compress_bound(compressor, text.size()), '\0');
  out.resize(
      libdeflate_gzip_compress(compressor, text.data(), text.size(), out.data(), out.size()));
  libdeflate_free_compressor(compressor);
  return out;
}

// Lines [first, last) of a corpus as a delivery file.
std::string delivery(const std::vector<std::string_view>& lines, size_t first, size_t last) {
  std::string text = "{\"Records\":[";
  for (size_t i = first; i < last; ++i) {
    if (i != first) text += ',';
    text += lines[i];
  }
  return text + "]}";
}

std::vector<std::string_view> lines_of(const Corpus& corpus) {
  std::vector<std::string_view> lines;
  std::string_view rest(corpus.text.data(), corpus.size);
  while (!rest.empty()) {
    const size_t newline = rest.find('\n');
    lines.push_back(rest.substr(0, newline));
    rest.remove_prefix(newline + 1);
  }
  return lines;
}

void floor_on(std::string_view text) {
  simdjson::dom::parser parser;
  while (!text.empty()) {
    const size_t newline = text.find('\n');
    CHECK(parser.parse(text.data(), newline, false).error() == simdjson::SUCCESS);
    text.remove_prefix(newline + 1);
  }
}

// Peak resident memory of a run of the program, in MiB.
double peak_mib(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    const int null = open("/dev/null", O_WRONLY);
    dup2(null, 1);
    dup2(null, 2);
    execv(argv[0], argv.data());
    _exit(127);
  }
  // The child's rusage would count our own memory, which it shared until execv(). The kernel's high
  // water mark of its new memory does not, and only rises: the last reading counts.
  const std::string path = fmt::format("/proc/{}/status", child);
  double peak = 0;
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    std::ifstream file(path);
    std::string line;
    while (std::getline(file, line)) {
      if (line.starts_with("Name:") && line.find("stanch_bench") != std::string::npos) break;
      if (line.starts_with("VmHWM:")) peak = std::stod(line.substr(6)) / 1024.0;
    }
    usleep(2000);
  }
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
  return peak;
}

}  // namespace

std::vector<Row> on_disk(const Settings& settings) {
  static constexpr std::string_view kFolder = ".json.gz folder, two threads";
  static constexpr std::string_view kScaling = "two threads against one, one large file";
  static constexpr std::string_view kPeak = "peak memory";
  std::vector<Row> rows;
  if (!settings.wants(kFolder) && !settings.wants(kScaling) && !settings.wants(kPeak)) return rows;
  env::OsEnv os;
  env::Env env = os.env();
  const auto own = host::load_rule_set(env, {});
  CHECK(own.has_value());
  const Folder spool;
  const auto scan = [&](const fs::path& path, unsigned jobs) {
    pipeline::ScanOptions options;
    options.spool_folder = spool.path;
    options.paths = {path.string()};
    options.jobs = jobs;
    options.dedup = false;
    Sink sink;
    CHECK(pipeline::scan(env, own->loaded.rules, "bench", options, sink).has_value());
  };

  const Corpus corpus = generated(settings.events, 0.01);
  const std::vector<std::string_view> lines = lines_of(corpus);
  Folder plain, packed, single;
  std::vector<std::string> archives;
  size_t text_bytes = 0;
  constexpr size_t kRecordsAFile = 1000;
  for (size_t i = 0; i < lines.size(); i += kRecordsAFile) {
    const std::string text = delivery(lines, i, std::min(i + kRecordsAFile, lines.size()));
    const std::string name = fmt::format("{:05}.json", i / kRecordsAFile);
    write_file(plain.path / name, text);
    archives.push_back(gzip(text));
    write_file(packed.path / (name + ".gz"), archives.back());
    text_bytes += text.size();
  }
  write_file(single.path / "all.ndjson", {corpus.text.data(), corpus.size});

  if (settings.wants(kFolder)) {
    std::vector<char> room(size_t{64} << 20);
    const auto inflate_all = [&] {
      libdeflate_decompressor* inflater = libdeflate_alloc_decompressor();
      for (const std::string& archive : archives) {
        size_t size = 0;
        CHECK(libdeflate_gzip_decompress(inflater, archive.data(), archive.size(), room.data(),
                                         room.size(), &size) == LIBDEFLATE_SUCCESS);
      }
      libdeflate_free_decompressor(inflater);
    };
    const auto timings = measure({inflate_all, [&] { scan(plain.path, 1); },
                                  [&] { scan(packed.path, 1); }, [&] { scan(packed.path, 2); }},
                                 settings.rounds, ClockKind::kWall);
    // The rate of one thread that inflates and then scans, from the two rates of this run.
    const double expected = timings[0].median() + timings[1].median();
    const auto mb = static_cast<double>(text_bytes) / 1e6;
    rows.push_back(
        {std::string(kFolder), expected / timings[3].median(), "x 1/(1/inflate+1/scan)", 0.85, true,
         fmt::format("{:.0f} MB/s of text; inflate {:.0f}, scan {:.0f}, one thread {:.0f}",
                     mb / timings[3].median(), mb / timings[0].median(), mb / timings[1].median(),
                     mb / timings[2].median())});
  }
  if (settings.wants(kScaling)) {
    const std::string_view text(corpus.text.data(), corpus.size);
    const size_t middle = text.find('\n', text.size() / 2) + 1;
    const auto timings = measure({[&] { floor_on(text); },
                                  [&] {
                                    std::thread other([&] { floor_on(text.substr(0, middle)); });
                                    floor_on(text.substr(middle));
                                    other.join();
                                  },
                                  [&] { scan(single.path, 1); }, [&] { scan(single.path, 2); }},
                                 settings.rounds, ClockKind::kWall);
    const double of_floor = paired_ratio(timings[0], timings[1]);
    const double of_scan = paired_ratio(timings[2], timings[3]);
    rows.push_back({std::string(kScaling), of_scan / of_floor, "x the floor's scaling", 0.95, true,
                    fmt::format("{:.2f}, the floor {:.2f}", of_scan, of_floor)});
  }
  if (!settings.program.empty() && settings.wants(kPeak)) {
    // The same archives under many names: memory must not follow the size of the input.
    Folder small, large;
    size_t bytes = 0;
    size_t number = 0;
    while (bytes < settings.disk_bytes) {
      const size_t i = number % archives.size();
      const fs::path from = packed.path / fmt::format("{:05}.json.gz", i);
      fs::copy_file(from, large.path / fmt::format("{:07}.json.gz", number));
      if (bytes < settings.disk_bytes / 8) {
        fs::copy_file(from, small.path / fmt::format("{:07}.json.gz", number));
      }
      bytes += archives[i].size();
      ++number;
    }
    const auto run = [&](const fs::path& folder) {
      return peak_mib({settings.program, "scan", "--jobs", "2", "--quiet", "--format", "ndjson",
                       "--fail-level", "critical", folder.string()});
    };
    const double at_small = run(small.path);
    const double at_large = run(large.path);
    rows.push_back({fmt::format("{}, {} MiB of .gz", kPeak, settings.disk_bytes >> 20), at_large,
                    "MiB", 300.0, false, fmt::format("{:.0f} MiB at an eighth of it", at_small)});
  }
  return rows;
}

}  // namespace stanch::bench
