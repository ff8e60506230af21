#include "host/trail_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "codec/gzip.h"
#include "codec/json_value.h"
#include "codec/timestamp.h"
#include "host/limits.h"
#include "ingest/ingest.h"
#include "ledger/keys.h"
#include "respond/evidence/trail_names.h"

namespace stanch::host {

namespace {

using respond::FoundDigest;
using respond::TrailFileKind;
using respond::TrailFiles;

// What is too large may be anything: nobody looked.
Error too_large(uint64_t bytes_max) {
  return {ErrorCode::kDenied,
          fmt::format("it has more than {} bytes, or inflates far too well", bytes_max)};
}
Error damaged(std::string_view why) { return {ErrorCode::kCorrupt, std::string(why)}; }

std::string in_folder(const std::string& folder, const std::string& path) {
  return folder.ends_with('/') ? folder + path : folder + "/" + path;
}

// The uncompressed text of a file, piece by piece. One that is not compressed counts as it is:
// browsers and some tools inflate what they download.
class TextOfFile {
 public:
  TextOfFile(env::Files& files, uint64_t bytes_max) : files_(files), bytes_max_(bytes_max) {}

  using Sink = std::function<Result<>(std::string_view)>;
  Result<> read(const std::string& path, const Sink& sink) {
    TRY(const auto file, files_.open(path));
    in_.resize(kReadBytes);
    out_.resize(kReadBytes);
    size_t count = 0;
    for (size_t more = 1; count < kMagicBytes && more > 0; count += more) {
      TRY(more, file->read(std::span(in_).subspan(count)));
    }
    const bool is_compressed = codec::is_gzip({in_.data(), count});
    if (is_compressed) {
      codec::InflateLimits limits;
      limits.bytes_max = bytes_max_;
      inflater_ = codec::make_gzip_inflater(limits);
    }
    uint64_t total = 0;
    while (count > 0) {
      const std::string_view piece(in_.data(), count);
      total += count;
      if (is_compressed) {
        TRY(inflate(piece, sink));
      } else if (total > bytes_max_) {
        return too_large(bytes_max_);
      } else {
        TRY(sink(piece));
      }
      TRY(count, file->read(in_));
    }
    if (!is_compressed) return {};
    TRY(inflate({}, sink));
    if (inflater_->at_end() != codec::InflateState::kGoing) return damaged("its end is missing");
    return {};
  }

 private:
  static constexpr size_t kReadBytes = size_t{1} << 20;
  static constexpr size_t kMagicBytes = 2;  // that tell gzip

  Result<> inflate(std::string_view piece, const Sink& sink) {
    for (;;) {
      const auto step = inflater_->step(piece, out_);
      if (step.state == codec::InflateState::kBomb) {
        return too_large(bytes_max_);
      }
      if (step.state != codec::InflateState::kGoing) return damaged("it is no gzip as written");
      if (step.produced > 0) {
        TRY(sink({out_.data(), step.produced}));
      }
      piece.remove_prefix(step.consumed);
      if (step.produced == 0 && (piece.empty() || step.consumed == 0)) return {};
    }
  }

  env::Files& files_;
  uint64_t bytes_max_;
  std::vector<char> in_, out_;
  std::unique_ptr<codec::Inflater> inflater_;
};

Result<respond::TrailDigest> read_digest(TextOfFile& reader, const std::string& path) {
  std::string text;
  TRY(reader.read(path, [&](std::string_view piece) -> Result<> {
    text += piece;
    return {};
  }));
  return respond::read_trail_digest(text);
}

// What lies below the folder, as paths from there.
struct Listed {
  std::map<std::string, std::string> signatures;  // path of the digest -> of the signature
  std::vector<std::string> digests, others;
};
Result<Listed> list_folder(env::Files& files, const std::string& folder,
                           std::vector<std::string>& unread) {
  TRY(const env::FileStatus status, files.status(folder));
  if (status.kind != env::FileKind::kFolder) {
    return Error(ErrorCode::kInvalid, fmt::format("{} is no folder", folder));
  }
  ingest::Limits limits;
  limits.listed_files_max = kTrailFilesMax;
  const ingest::Listing listing = ingest::list_inputs(files, std::span(&folder, 1), limits);
  Listed listed;
  for (const ingest::InputError& error : listing.errors) {
    if (error.path == folder) return Error(ErrorCode::kDenied, error.message);
    unread.push_back(error.message);
  }
  if (listing.files.size() >= kTrailFilesMax) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("{} has {} files or more; validate it in parts: a region, a year",
                             folder, kTrailFilesMax));
  }
  const size_t prefix = in_folder(folder, "").size();
  for (const ingest::InputFile& file : listing.files) {
    std::string path = file.path.substr(prefix);
    switch (respond::kind_of_trail_file(path)) {
      case TrailFileKind::kDigest: listed.digests.push_back(std::move(path)); break;
      case TrailFileKind::kSignature: {
        const size_t size = path.size() - respond::kSignatureSuffix.size();
        listed.signatures.emplace(path.substr(0, size), path);
        break;
      }
      default: listed.others.push_back(std::move(path));
    }
  }
  std::ranges::sort(listed.digests);
  std::ranges::sort(listed.others);
  return listed;
}

}  // namespace

Result<TrailFolder> read_trail_folder(env::Files& files, const std::string& folder) {
  TrailFolder result;
  TRY(Listed listed, list_folder(files, folder, result.unread));
  TextOfFile reader(files, kTrailDigestBytesMax);
  size_t logs = 0;
  for (std::string& path : listed.digests) {
    FoundDigest found{
        .path = path, .digest = read_digest(reader, in_folder(folder, path)), .signature = {}};
    if (const auto kept = listed.signatures.find(path); kept != listed.signatures.end()) {
      const auto text =
          ledger::read_file(files, in_folder(folder, kept->second), kTrailSignatureBytesMax);
      if (text) {
        found.signature = respond::read_kept_signature(*text);
      } else {
        result.unread.push_back(text.error().message());
      }
    }
    if (found.digest) logs += found.digest->logs.size();
    if (logs > kTrailLogsMax) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("the digests in {} name more than {} log files; validate it in "
                               "parts: a region, a year",
                               folder, kTrailLogsMax));
    }
    result.files.digests.push_back(std::move(found));
  }
  result.files.others = std::move(listed.others);
  result.ignored = static_cast<uint64_t>(
      std::ranges::count(result.files.others, TrailFileKind::kOther, respond::kind_of_trail_file));
  return result;
}

Result<> load_trail_keys(env::Files& files, const std::string& path, respond::TrailKeys& keys) {
  TRY(const std::string text, ledger::read_file(files, path, kTrailKeysBytesMax));
  auto added = keys.add(text);
  if (!added) return std::move(added).error().within(path);
  return {};
}

std::vector<std::string> ask_trail_keys(cloud::Caller& caller, const TrailFiles& files, Time now,
                                        respond::TrailKeys& keys) {
  // What a region is asked for. Backfill digests are signed later than the time they speak of.
  struct Span {
    Time from, to;
  };
  constexpr auto kBefore = std::chrono::hours(1), kAfter = std::chrono::hours(2);
  std::map<std::string, Span> regions;
  for (const FoundDigest& found : files.digests) {
    if (!found.digest) continue;
    const respond::TrailDigest& digest = *found.digest;
    const std::string region = respond::region_of_digest(digest.object.key);
    if (regions.size() >= kTrailRegionsMax && !regions.contains(region)) continue;
    const bool is_late = respond::is_backfill_digest(digest.object.key);
    const Time to = is_late ? now : std::min(now, digest.to + kAfter);
    const auto [at, is_new] = regions.try_emplace(region, Span{digest.from - kBefore, to});
    at->second.from = std::min(at->second.from, digest.from - kBefore);
    at->second.to = std::max(at->second.to, to);
  }
  std::vector<std::string> failed;
  for (const auto& [region, span] : regions) {
    codec::JsonValue::Object parameters;
    parameters.emplace("StartTime", codec::JsonValue(codec::format_timestamp(span.from)));
    parameters.emplace("EndTime", codec::JsonValue(codec::format_timestamp(span.to)));
    const cloud::Called called = caller.call({.service = "cloudtrail",
                                              .operation = "ListPublicKeys",
                                              .region = region,
                                              .parameters = codec::JsonValue(std::move(parameters)),
                                              .all_pages = true});
    const auto added = called.answer ? keys.add(codec::to_json(called.answer->value))
                                     : Result<>(Error(called.refusal.code, called.refusal.message));
    if (!added) failed.push_back(fmt::format("{}: {}", region, added.error().message()));
  }
  return failed;
}

respond::TrailReport validate_trail(env::Files& files, const std::string& folder,
                                    const TrailFiles& trail, const respond::TrailKeys& keys) {
  TextOfFile reader(files, kTrailLogBytesMax);
  return respond::check_trail(trail, keys, [&](const std::string& path) -> Result<codec::Sha256> {
    codec::Sha256Stream hash;
    TRY(reader.read(in_folder(folder, path), [&](std::string_view piece) -> Result<> {
      hash.add(piece);
      return {};
    }));
    return hash.finish();
  });
}

}  // namespace stanch::host
