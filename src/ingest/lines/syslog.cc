#include <algorithm>
#include <array>

#include "ingest/lines/line_forms.h"

// Lines of syslog, with or without the priority "<34>" in front:
//
//   Mar  2 08:40:12 web-1 sshd[812]: Failed password …                 RFC 3164: no year, no zone
//   2026-03-02T08:40:12.123456+00:00 web-1 sshd[812]: Failed …         as rsyslog and syslog-ng
//   write it <34>1 2026-03-02T08:40:12.1Z web-1 sshd 812 ID47 [a@1 b="c"] …     RFC 5424
//
// A time without a year is a text, not a time.

namespace stanch::ingest {

namespace {

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";

struct Syslog {
  std::string_view priority, time, host, program, pid, message;
};

// The next word of `rest`, which loses it and one space.
std::string_view take_word(std::string_view& rest) {
  const std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(std::min(word.size() + 1, rest.size()));
  return word;
}

// "Mar  2 08:40:12 "
bool take_old_time(std::string_view& rest, std::string_view& time) {
  if (rest.size() < 16 || rest[3] != ' ' || rest[6] != ' ' || rest[9] != ':' || rest[12] != ':' ||
      rest[15] != ' ') {
    return false;
  }
  const size_t month = kMonths.find(rest.substr(0, 3));
  const std::string_view day = rest.substr(rest[4] == ' ' ? 5 : 4, rest[4] == ' ' ? 1 : 2);
  if (month == kMonths.npos || month % 3 != 0 || !is_number(day)) return false;
  for (const size_t at : {7, 10, 13}) {
    if (!is_number(rest.substr(at, 2))) return false;
  }
  time = rest.substr(0, 15);
  rest.remove_prefix(16);
  return true;
}

// "sshd[812]: "; the kernel has no process.
bool take_tag(std::string_view& rest, Syslog& log) {
  const size_t colon = rest.find(':');
  if (colon == rest.npos || colon == 0 || colon > 128) return false;
  std::string_view tag = rest.substr(0, colon);
  if (tag.find_first_of(" \"{}") != tag.npos) return false;
  if (tag.ends_with(']')) {
    const size_t open = tag.find('[');
    if (open == tag.npos || open == 0) return false;
    log.pid = tag.substr(open + 1, tag.size() - open - 2);
    if (!is_number(log.pid)) return false;
    tag = tag.substr(0, open);
  }
  log.program = tag;
  rest.remove_prefix(colon + 1);
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  log.message = rest;
  return true;
}

// Behind "<34>1 ".
bool take_new(std::string_view rest, Syslog& log) {
  log.time = take_word(rest);
  log.host = take_word(rest);
  log.program = take_word(rest);
  log.pid = take_word(rest);
  take_word(rest);  // what kind of message
  if (rest.starts_with('[')) {
    // Its structured data, in which a bracket inside of quotes does not count.
    bool in_quotes = false;
    size_t at = 0;
    for (; at < rest.size(); ++at) {
      if (rest[at] == '\\') {
        ++at;
      } else if (rest[at] == '"') {
        in_quotes = !in_quotes;
      } else if (rest[at] == ']' && !in_quotes && rest.substr(at + 1, 1) != "[") {
        break;
      }
    }
    rest.remove_prefix(std::min(at + 1, rest.size()));
  } else {
    take_word(rest);
  }
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
  log.message = rest;
  return (log.time == "-" || is_time(log.time)) && !log.program.empty();
}

bool read(std::string_view line, bool strict, Syslog& log) {
  std::string_view rest = line;
  if (rest.starts_with('<')) {
    const size_t closing = rest.find('>');
    constexpr size_t kDigitsMax = 3;
    if (closing > kDigitsMax + 1 || !is_number(rest.substr(1, closing - 1))) return false;
    log.priority = rest.substr(1, closing - 1);
    rest.remove_prefix(closing + 1);
    if (rest.starts_with("1 ")) return take_new(rest.substr(2), log);
  }
  const bool is_old = take_old_time(rest, log.time);
  if (!is_old) {
    log.time = take_word(rest);
    if (!is_time(log.time)) return false;
  }
  log.host = take_word(rest);
  if (log.host.empty() || !take_tag(rest, log)) return false;
  constexpr std::array<std::string_view, 4> kWithoutProcess = {"kernel", "sudo", "su", "auditd"};
  return !strict || is_old || !log.priority.empty() || !log.pid.empty() ||
         std::ranges::find(kWithoutProcess, log.program) != kWithoutProcess.end();
}

}  // namespace

bool append_syslog(std::string_view line, bool strict, std::string& json) {
  Syslog log;
  if (!read(line, strict, log)) return false;
  append_columns("syslog", line, {"priority", "timestamp", "host", "program", "pid", "message"},
                 {log.priority, log.time, log.host, log.program, log.pid, log.message}, json);
  return true;
}

}  // namespace stanch::ingest
