#include "pipeline/own_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "pipeline/journal.h"

namespace stanch::pipeline {

namespace {

// What the documents begin with that a scan writes.
constexpr std::string_view kBeginnings[] = {
    R"({"schema":"stanch.)",
    R"({"activity_id":1,"activity_name":"Create","category_uid":2,"category_name":"Findings",)",
    R"({"$schema":"https://json.schemastore.org/sarif-2.1.0.json",)",
    "time,level,rule_id,rule_title,finding_id,event_id,",
    "TIME (UTC) ",
};

// The path by which the status of an input is asked for.
std::string place_of(const std::string& path) { return path == "-" ? "/dev/stdin" : path; }

// Whether nothing is lost with this file: it is empty, or began as a scan's output, which may
// have been cut off early.
bool may_be_replaced(env::Files& files, const std::string& path) {
  const auto file = files.open(path);
  if (!file) return false;
  std::string head(128, '\0');
  size_t size = 0;
  while (size < head.size()) {
    const auto count = (*file)->read(std::span(head).subspan(size));
    if (!count) return false;
    if (*count == 0) break;
    size += *count;
  }
  head.resize(size);
  return std::ranges::any_of(kBeginnings, [&](std::string_view beginning) {
    return head.starts_with(beginning) || beginning.starts_with(head);
  });
}

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// Where a file is or would be; nothing for devices and pipes, which many may share.
struct Spot {
  uint64_t device, inode;
  std::string name;  // in that folder; empty if it exists
  bool operator==(const Spot&) const = default;
};
std::optional<Spot> spot_of(env::Files& files, const std::string& path) {
  if (const auto status = files.status(path)) {
    if (status->kind != env::FileKind::kFile) return std::nullopt;
    return Spot{status->device, status->inode, ""};
  }
  const auto folder = files.status(folder_of(path));
  if (!folder) return std::nullopt;  // opening it will say why
  return Spot{folder->device, folder->inode, last_part(path)};
}

}  // namespace

OwnFiles::OwnFiles(env::Files& files, std::span<const std::string> paths) : files_(files) {
  for (const std::string& path : paths) {
    const auto status = files.status(path);
    if (!status || status->kind != env::FileKind::kFile) continue;
    known_.push_back({status->device, status->inode});
  }
}

bool OwnFiles::contains(const std::string& path) const {
  if (empty()) return false;
  const auto status = files_.status(place_of(path));
  if (!status) return false;
  return std::ranges::any_of(known_, [&](const Known& known) {
    return known.device == status->device && known.inode == status->inode;
  });
}

Result<> keep_apart(env::Files& files, std::span<const std::string> own,
                    std::span<const std::string> named, ingest::Listing& listing) {
  const OwnFiles own_files(files, own);
  if (own_files.empty()) return {};
  for (const std::string& path : named) {
    if (!own_files.contains(path)) continue;
    return Error(ErrorCode::kInvalid,
                 fmt::format("{} is input, and the scan would write to it; nothing was changed. "
                             "Write to another file",
                             path == "-" ? "the file on standard input" : path));
  }
  std::vector<ingest::InputFile> others;
  others.reserve(listing.files.size());
  for (ingest::InputFile& file : listing.files) {
    if (!own_files.contains(file.path)) {
      others.push_back(std::move(file));
    } else if (!may_be_replaced(files, file.path)) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("{} lies among the input, is no output of an earlier scan, and "
                               "the scan would write to it; nothing was changed. Write to "
                               "another file, or move this one away",
                               file.path));
    }
  }
  listing.files = std::move(others);
  return {};
}

Result<> check_different(env::Files& files, std::span<const std::string> own) {
  std::vector<std::optional<Spot>> spots;
  for (const std::string& path : own) {
    const std::optional<Spot> spot = spot_of(files, path);
    const auto same = std::ranges::find(spots, spot);
    if (spot && same != spots.end()) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("{} and {} are one file, and each would be written; nothing was "
                               "changed. Name different files",
                               own[static_cast<size_t>(same - spots.begin())], path));
    }
    spots.push_back(spot);
  }
  return {};
}

}  // namespace stanch::pipeline
