#include "respond/evidence/trail_names.h"

#include "codec/timestamp.h"

namespace stanch::respond {

namespace {

constexpr std::string_view kDigestMark = "_CloudTrail-Digest_";
constexpr std::string_view kDigestFolder = "CloudTrail-Digest";
constexpr std::string_view kLogMark = "_CloudTrail_";
constexpr std::string_view kInsightMark = "_CloudTrail-";
constexpr std::string_view kBackfill = "_backfill";

bool chop(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

// Whether a folder on the way is named so.
bool has_folder(std::string_view path, std::string_view name) {
  for (size_t at = path.find(name); at != path.npos; at = path.find(name, at + 1)) {
    const size_t end = at + name.size();
    if ((at == 0 || path[at - 1] == '/') && end < path.size() && path[end] == '/') return true;
  }
  return false;
}

// From the last folder AWSLogs on; "" if there is none.
std::string_view from_logs_on(std::string_view path) {
  constexpr std::string_view kRoot = "AWSLogs/";
  for (size_t at = path.rfind(kRoot); at != path.npos; at = path.rfind(kRoot, at - 1)) {
    if (at == 0 || path[at - 1] == '/') return path.substr(at);
    if (at == 0) break;
  }
  return {};
}

std::string_view without_gz(std::string_view path) {
  chop(path, ".gz");
  return path;
}

// "20260301T0005Z", with seconds or without.
std::optional<Time> compact_time(std::string_view text) {
  const bool has_seconds = text.size() == 16;
  if (!has_seconds && text.size() != 14) return std::nullopt;
  if (text[8] != 'T' || text.back() != 'Z') return std::nullopt;
  std::string iso;
  iso.append(text, 0, 4).append("-").append(text, 4, 2).append("-").append(text, 6, 2);
  iso.append("T").append(text, 9, 2).append(":").append(text, 11, 2).append(":");
  iso.append(has_seconds ? text.substr(13, 2) : "00").append("Z");
  return codec::parse_timestamp(iso);
}

}  // namespace

std::string_view trail_base(std::string_view path) {
  const size_t slash = path.rfind('/');
  return without_gz(slash == path.npos ? path : path.substr(slash + 1));
}

TrailFileKind kind_of_trail_file(std::string_view path) {
  const std::string_view base = trail_base(path);
  if (base.ends_with(kSignatureSuffix)) return TrailFileKind::kSignature;
  if (!base.ends_with(".json")) return TrailFileKind::kOther;
  if (base.contains(kDigestMark) || has_folder(path, kDigestFolder)) return TrailFileKind::kDigest;
  if (base.contains(kLogMark) || base.contains(kInsightMark) || has_folder(path, "CloudTrail")) {
    return TrailFileKind::kLog;
  }
  return TrailFileKind::kOther;
}

bool lies_there(std::string_view path, std::string_view key) {
  if (trail_base(path) != trail_base(key)) return false;
  const std::string_view kept = without_gz(from_logs_on(path));
  key = without_gz(key);
  if (kept.empty() || kept == key) return true;
  return key.ends_with(kept) && key[key.size() - kept.size() - 1] == '/';
}

bool is_backfill_digest(std::string_view key) {
  std::string_view base = trail_base(key);
  chop(base, ".json");
  return base.ends_with(kBackfill);
}

std::string chain_of_digest(std::string_view key) {
  std::string_view base = trail_base(key);
  chop(base, ".json");
  const bool is_backfill = chop(base, kBackfill);
  const size_t end = base.rfind('_');
  if (end != base.npos && compact_time(base.substr(end + 1))) base = base.substr(0, end);
  return std::string(base).append(is_backfill ? kBackfill : "");
}

std::string region_of_digest(std::string_view key) {
  const std::string_view base = trail_base(key);
  size_t at = base.find(kDigestMark);
  if (at == base.npos) return {};
  at += kDigestMark.size();
  return std::string(base.substr(at, base.find('_', at) - at));
}

std::optional<LogName> read_log_name(std::string_view path) {
  const std::string_view base = trail_base(path);
  const size_t mark = base.find(kLogMark);
  if (mark == base.npos) return std::nullopt;
  const std::string_view rest = base.substr(mark + kLogMark.size());
  const size_t region_end = rest.find('_');
  if (region_end == rest.npos) return std::nullopt;
  const std::string_view later = rest.substr(region_end + 1);
  const auto delivered = compact_time(later.substr(0, later.find('_')));
  if (!delivered) return std::nullopt;
  return LogName{base.substr(0, mark), rest.substr(0, region_end), *delivered};
}

}  // namespace stanch::respond
