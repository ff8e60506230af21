// Reads a package as what it is: a folder that anybody may have written.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "codec/take_line.h"
#include "codec/utf8.h"
#include "ledger/keys.h"
#include "ledger/package.h"

namespace stanch::ledger {
namespace {

using codec::take_line;

constexpr size_t kFileBytesMax = size_t{4} << 30;  // of one file of a package
constexpr size_t kFilesMax = 2'000'000;

std::string_view take_field(std::string_view& line) {
  const size_t tab = std::min(line.find('\t'), line.size());
  const std::string_view field = line.substr(0, tab);
  line.remove_prefix(std::min(tab + 1, line.size()));
  return field;
}

std::optional<uint64_t> number_of(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

class PackageVerifier {
 public:
  PackageVerifier(env::Env& env, std::string folder)
      : files_(env.files), folder_(std::move(folder)) {}

  Result<PackageVerification> run(const std::optional<codec::PublicKey>& given) {
    TRY(const auto status, files_.status(folder_));
    if (status.kind != env::FileKind::kFolder) {
      return Error(ErrorCode::kInvalid, folder_ + " is no folder");
    }
    PackageVerification result;
    if (!given) {
      result.key_from_package = true;
      const auto key = codec::parse_public_pem(text("keys/ledger.pub.pem"));
      if (key) {
        key_ = *key;
      } else {
        problem(key.error().message());
      }
    } else {
      key_ = *given;
    }
    check_files();
    check_checkpoint();
    check_leaves();
    check_streams();
    if (checker_) checker_->finish();
    result.origin = checkpoint_.origin;
    result.size = checkpoint_.tree.size;
    Verification& entries = result.entries;
    if (checker_) {
      entries = {.entries = checker_->entries(),
                 .streams = checker_->streams(),
                 .erased = checker_->erased(),
                 .bytes = checker_->bytes(),
                 .covered = 0,
                 .checkpoints = 0,
                 .problems = checker_->take_problems(),
                 .problems_total = checker_->problems_total()};
    }
    entries.covered = covered_;
    entries.checkpoints = root_holds_ ? 1 : 0;
    entries.problems_total += problems_.size();
    for (VerifyProblem& found : problems_) {
      if (entries.problems.size() < kProblemsMax) entries.problems.push_back(std::move(found));
    }
    return result;
  }

 private:
  void problem(std::string what) { problems_.push_back({"", 0, 0, std::move(what)}); }

  // "" if it cannot be read, which is a problem.
  std::string text(const std::string& name) {
    auto bytes = read_file(files_, folder_ + "/" + name, kFileBytesMax);
    if (bytes) return std::move(*bytes);
    problem(bytes.error().message());
    return "";
  }

  void check_files() {
    const std::string tags = text("tagmanifest-sha256.txt");
    const std::string signature = text("tagmanifest-sha256.sig");
    const auto* bytes = reinterpret_cast<const uint8_t*>(signature.data());
    if (!codec::verify(key_, tags, {bytes, signature.size()})) {
      problem("tagmanifest-sha256.txt: its signature does not hold");
    }
    std::set<std::string> listed{"tagmanifest-sha256.txt", "tagmanifest-sha256.sig"};
    check_manifest("tagmanifest-sha256.txt", tags, listed);
    if (!listed.contains("manifest-sha256.txt")) problem("manifest-sha256.txt is not listed");
    check_manifest("manifest-sha256.txt", text("manifest-sha256.txt"), listed);
    size_t count = 0;
    check_unlisted("", listed, count);
  }

  void check_manifest(const std::string& manifest, std::string_view lines,
                      std::set<std::string>& listed) {
    while (const auto line = take_line(lines)) {
      const auto hash = codec::sha256_of_hex(line->substr(0, 64));
      const std::string name(line->size() > 66 ? line->substr(66) : "");
      const bool inside = !name.empty() && name.front() != '/' && !name.starts_with("../") &&
                          name.find("/../") == name.npos && name.find('\0') == name.npos;
      if (!hash || line->substr(64, 2) != "  " || !inside || !listed.insert(name).second) {
        problem(manifest + ": a line is malformed");
        continue;
      }
      if (codec::sha256(text(name)) != *hash) {
        problem(codec::for_terminal(name) + ": it is not what " + manifest + " says");
      }
    }
    if (!lines.empty()) problem(manifest + ": it does not end with a newline");
  }

  void check_unlisted(const std::string& folder, const std::set<std::string>& listed,
                      size_t& count) {
    const auto names = files_.list(folder_ + "/" + folder);
    if (!names) return problem(names.error().message());
    for (const std::string& name : *names) {
      if (++count > kFilesMax) return problem("the package has too many files");
      const std::string path = folder + name;
      const auto status = files_.status(folder_ + "/" + path);
      if (status && status->kind == env::FileKind::kFolder) {
        constexpr long kDepthMax = 8;
        if (std::ranges::count(path, '/') < kDepthMax) check_unlisted(path + "/", listed, count);
      } else if (!listed.contains(path)) {
        problem(codec::for_terminal(path) + ": no manifest lists it");
      }
    }
  }

  void check_checkpoint() {
    const std::string bytes = text("data/log/checkpoint");
    const auto note = codec::parse_note(bytes);
    const auto checkpoint =
        note ? codec::parse_checkpoint(note->text) : Result<codec::Checkpoint>(note.error());
    if (!checkpoint) return problem("data/log/checkpoint: " + checkpoint.error().message());
    checkpoint_ = *checkpoint;
    if (!codec::note_name_complaint(checkpoint_.origin).empty() ||
        !codec::is_signed_by(*note, {checkpoint_.origin, key_})) {
      problem("data/log/checkpoint: its signature does not hold");
    }
  }

  void check_leaves() {
    const std::string bytes = text("data/log/leaves.txt");
    std::string_view lines = bytes;
    codec::MerkleFrontier tree;
    while (const auto line = take_line(lines)) {
      const auto leaf = codec::sha256_of_hex(*line);
      if (!leaf) return problem("data/log/leaves.txt: a line is no hash");
      leaves_.emplace(*leaf, tree.size());
      tree.add(*leaf);
    }
    root_holds_ = lines.empty() && tree.size() == checkpoint_.tree.size &&
                  tree.root() == checkpoint_.tree.root;
    if (!root_holds_) problem("data/log/leaves.txt: its root is not the one that is signed");
  }

  void check_streams() {
    std::string ledger_id = text("data/ledger-id.txt");
    if (ledger_id.ends_with('\n')) ledger_id.pop_back();
    checker_.emplace(ledger_id);
    const std::string omitted = text("data/omitted.tsv");
    std::set<std::pair<std::string, uint64_t>> withheld;
    std::string_view lines = omitted;
    while (auto line = take_line(lines)) {
      const std::string number(take_field(*line));
      const auto sequence = number_of(take_field(*line));
      if (sequence && *line == "withheld") withheld.emplace(number, *sequence);
    }
    const std::string table = text("data/streams.tsv");
    lines = table;
    while (auto line = take_line(lines)) {
      const std::string number(take_field(*line));
      const auto count = number_of(take_field(*line));
      if (number.size() > 12 || !number_of(number) || !count) {
        problem("data/streams.tsv: a line is malformed");
        continue;
      }
      check_stream(number, *count, std::string(*line), withheld);
    }
  }

  void check_stream(const std::string& number, uint64_t count, const std::string& stream,
                    const std::set<std::pair<std::string, uint64_t>>& withheld) {
    const std::string base = "data/streams/" + number;
    const std::string headers = text(base + ".headers.ndjson");
    const std::string payloads = text(base + ".payloads.txt");
    std::string_view header_lines = headers, payload_lines = payloads;
    for (uint64_t sequence = 0; sequence < count; ++sequence) {
      const std::string_view before = header_lines;
      const auto header = take_line(header_lines);
      const auto payload = take_line(payload_lines);
      if (!header || !payload) {
        checker_->report({stream, sequence, 0, "it is missing in the package"});
        return;
      }
      StoredEntry row{.number = 0,
                      .stream = stream,
                      .sequence = sequence,
                      .id = {},
                      .header = before.substr(0, header->size() + 1),
                      .salt = {},
                      .payload = {}};
      if (!payload->empty()) {
        row.salt = payload->substr(0, model::kEntrySaltBytes);
        row.payload = payload->substr(row.salt->size());
      }
      const auto entry = model::parse_header_line(row.header);
      const std::string id = entry ? entry->id.text() : "";
      row.id = id;
      const auto leaf = leaves_.find(codec::merkle_leaf(row.header));
      if (leaf != leaves_.end()) {
        row.number = leaf->second;
        ++covered_;
      }
      checker_->check(row, leaf != leaves_.end(), withheld.contains({number, sequence}));
    }
    if (!header_lines.empty() || !payload_lines.empty()) {
      checker_->report({stream, count, 0, "the package has more of it than it says"});
    }
  }

  env::Files& files_;
  std::string folder_;
  codec::PublicKey key_;
  codec::Checkpoint checkpoint_;
  std::map<codec::Sha256, uint64_t> leaves_;  // their numbers
  std::optional<ChainChecker> checker_;
  std::vector<VerifyProblem> problems_;
  uint64_t covered_ = 0;
  bool root_holds_ = false;
};

}  // namespace

Result<PackageVerification> verify_package(env::Env& env, const std::string& folder,
                                           const std::optional<codec::PublicKey>& key) {
  return PackageVerifier(env, folder).run(key);
}

}  // namespace stanch::ledger
