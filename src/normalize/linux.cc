#include <algorithm>
#include <charconv>
#include <string>

#include "codec/timestamp.h"
#include "normalize/family.h"
#include "normalize/host_entity.h"
#include "normalize/json_reader.h"
#include "normalize/target_list.h"
#include "normalize/text_values.h"

// What hosts with Linux log: lines of syslog and of the audit daemon, which ingest gives as objects
// (src/ingest/lines/), and the journal, which journalctl writes as JSON. Of sshd and sudo the
// message is read; who chooses a user name chooses part of it, so what sshd itself wrote last
// counts. https://www.freedesktop.org/software/systemd/man/latest/systemd.journal-fields.html
// https://github.com/openssh/openssh-portable/blob/master/auth.c (auth_log)
// https://www.sudo.ws/docs/man/sudoers.man/#LOG_FORMAT

namespace stanch::normalize {

namespace linux_host {

namespace {

using codec::JsonView;
using model::Outcome;
using model::TargetSource;

std::string_view program_of(JsonView event, std::string& scratch) {
  for (const std::string_view name : {"program", "SYSLOG_IDENTIFIER", "_COMM"}) {
    const JsonView program = event[name];
    if (is_text(program)) return text_of(program, scratch);
  }
  return {};
}

bool is_journal(JsonView event) {
  return event["MESSAGE"].exists() && event["__REALTIME_TIMESTAMP"].exists();
}
bool is_log(JsonView event) { return has_form(event, "syslog") || is_journal(event); }
bool is_sshd(JsonView event) {
  std::string scratch;
  const std::string_view program = program_of(event, scratch);
  return is_log(event) && (program == "sshd" || program == "sshd-session");
}
bool is_sudo(JsonView event) {
  std::string scratch;
  return is_log(event) && program_of(event, scratch) == "sudo";
}
bool is_audit(JsonView event) { return has_form(event, "linux_audit"); }

// A place in the journal is a place of its own.
std::string_view cursor(JsonView event, std::string& scratch) {
  return text_of(event["__CURSOR"], scratch);
}

// Seconds, milliseconds or microseconds since 1970, by how many of them make a second.
std::optional<Time> since_1970(std::string_view text, int64_t per_second) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  constexpr int64_t kSecondsMax = 9'000'000'000;  // what a Time holds
  if (error != std::errc() || end != text.data() + text.size() || value < 0 ||
      value / per_second > kSecondsMax) {
    return {};
  }
  return Time(std::chrono::nanoseconds(value * (1'000'000'000 / per_second)));
}

// What stands in `text` between two words; nothing if they are not there.
std::string_view between(std::string_view text, std::string_view before, std::string_view behind) {
  const size_t at = text.find(before);
  if (at == text.npos) return {};
  text.remove_prefix(at + before.size());
  const size_t end = text.find(behind);
  return behind.empty() || end == text.npos ? text.substr(0, text.find(' ')) : text.substr(0, end);
}

// One line on its way to facts.
class Line {
 public:
  Line(JsonView event, TextArena& arena, model::Facts& facts)
      : read_(arena), facts_(facts), targets_(arena, facts) {
    std::string scratch;
    facts.cloud = "linux";
    facts.event_id = arena.store(cursor(event, scratch));
    facts.action.service = arena.store(program_of(event, scratch));
    facts.action.plane = model::Plane::kData;
    for (const std::string_view name : {"host", "_HOSTNAME", "node"}) {
      if (host_.empty()) host_ = read_.text(event[name]);
    }
    const std::string_view micros = read_.text(event["__REALTIME_TIMESTAMP"]);
    facts.time = micros.empty() ? codec::parse_timestamp(read_.text(event["timestamp"]))
                                : since_1970(micros, 1'000'000);
    message_ = read_.text(event["message"]);
    if (message_.empty()) message_ = read_.text(event["MESSAGE"]);
    targets_.add(host::host_entity(host_, arena), TargetSource::kResources);
  }

  JsonReader& read() { return read_; }
  std::string_view message() const { return message_; }

  void set_action(std::string_view name, Outcome outcome = Outcome::kOk) {
    facts_.action.name = facts_.action.raw_name = name;
    facts_.outcome = outcome;
  }

  // `is_known`: the host has such a user.
  void set_actor(std::string_view name, bool is_known = true) {
    if (name.empty() || name == "?") return;
    facts_.actor.user_name = name;
    facts_.actor.type = model::ActorType::kUser;
    if (is_known) facts_.actor.entity = host::user_entity(host_, name, read_.arena());
  }

  void add_user(std::string_view name) {
    if (name == "?") return;
    targets_.add(host::user_entity(host_, name, read_.arena()), TargetSource::kRequest);
  }

  void set_source(std::string_view address) {
    facts_.source.entity = model::ip_entity(address, read_.arena());
    if (!facts_.source.entity.empty()) facts_.source.address = address;
  }

  void set_key(std::string_view fingerprint) {
    if (fingerprint.empty()) return;
    facts_.credential.entity = model::make_entity(
        {{"linux:ssh-key/"}, {fingerprint, model::EntityPart::Kind::kName}}, read_.arena());
    facts_.credential.lifetime = model::CredentialLifetime::kLongLived;
  }

  // What PAM says of a session or of a sign-in, whichever program asked it.
  bool read_pam() {
    if (!message_.starts_with("pam_")) return false;
    if (message_.contains("session opened for user ")) {
      set_action("session opened");
      std::string_view user = between(message_, "session opened for user ", "");
      add_user(user.substr(0, user.find('(')));
      const std::string_view by = between(message_, " by ", "(uid");
      set_actor(by);
    } else if (message_.contains("session closed for user ")) {
      set_action("session closed");
      add_user(between(message_, "session closed for user ", ""));
    } else if (message_.contains("authentication failure")) {
      set_action("authentication failure", Outcome::kFailed);
      set_actor(between(message_, " user=", ""));
      set_source(between(message_, " rhost=", ""));
    } else {
      return false;
    }
    return true;
  }

 private:
  JsonReader read_;
  model::Facts& facts_;
  TargetList targets_;
  std::string_view host_, message_;
};

struct SshdRow {
  std::string_view begins;  // up to the user's name
  std::string_view action;  // empty: the first two words, which name the method
  Outcome outcome;
};
constexpr SshdRow kSshd[] = {
    {"Accepted password for ", "", Outcome::kOk},
    {"Accepted publickey for ", "", Outcome::kOk},
    {"Accepted keyboard-interactive/pam for ", "", Outcome::kOk},
    {"Accepted hostbased for ", "", Outcome::kOk},
    {"Accepted gssapi-with-mic for ", "", Outcome::kOk},
    {"Failed password for ", "", Outcome::kFailed},
    {"Failed publickey for ", "", Outcome::kFailed},
    {"Failed keyboard-interactive/pam for ", "", Outcome::kFailed},
    {"Failed none for ", "", Outcome::kFailed},
    {"Invalid user ", "Invalid user", Outcome::kFailed},
    {"error: maximum authentication attempts exceeded for ", "maximum authentication attempts",
     Outcome::kFailed},
    {"User ", "not allowed", Outcome::kDenied},
};

void read_sshd(Line& line) {
  const std::string_view message = line.message();
  line.set_action("sshd");
  if (line.read_pam()) return;
  for (const SshdRow& row : kSshd) {
    if (!message.starts_with(row.begins)) continue;
    // A user name may hold " from " as well: the last one is sshd's.
    const size_t from = message.rfind(" from ");
    if (from == message.npos || from < row.begins.size()) continue;
    if (row.action == "not allowed" && !message.contains(" not allowed because ")) continue;
    std::string_view user = message.substr(row.begins.size(), from - row.begins.size());
    constexpr std::string_view kInvalid = "invalid user ";
    const bool is_invalid = user.starts_with(kInvalid) || row.begins == "Invalid user ";
    if (user.starts_with(kInvalid)) user.remove_prefix(kInvalid.size());
    const size_t method_end = row.begins.rfind(" for ");
    line.set_action(row.action.empty() ? row.begins.substr(0, method_end) : row.action,
                    row.outcome);
    line.set_actor(user, !is_invalid);
    std::string_view behind = message.substr(from + 6);
    line.set_source(behind.substr(0, behind.find(' ')));
    if (row.outcome == Outcome::kOk) {
      const size_t key = behind.find(" SHA256:");
      if (key != behind.npos) line.set_key(between(behind.substr(key), " ", ""));
    }
    return;
  }
}

void extract_sshd(JsonView event, TextArena& arena, model::Facts& facts) {
  Line line(event, arena, facts);
  read_sshd(line);
}

// "jo : TTY=pts/0 ; PWD=/home/jo ; USER=root ; COMMAND=/usr/bin/id", with a reason in front of
// the first if it was refused.
void extract_sudo(JsonView event, TextArena& arena, model::Facts& facts) {
  Line line(event, arena, facts);
  const std::string_view message = line.message();
  line.set_action("sudo");
  if (line.read_pam()) return;
  const size_t colon = message.find(" : ");
  if (colon == message.npos || !message.contains("COMMAND=")) return;
  const std::string_view rest = message.substr(colon + 3);
  const std::string_view reason = rest.substr(0, rest.find(" ; "));
  const bool is_refused = !reason.contains('=');
  line.set_action("COMMAND", is_refused ? Outcome::kDenied : Outcome::kOk);
  if (is_refused) facts.error_message = reason;
  const std::string_view name = message.substr(0, colon);
  line.set_actor(name.substr(std::min(name.find_first_not_of(' '), name.size())));
  line.add_user(between(rest, "USER=", " ; "));
}

// EPERM and EACCES.
bool is_refusal(std::string_view exit) {
  return exit == "-1" || exit == "-13" || exit == "EPERM" || exit == "EACCES";
}

void extract_audit(JsonView event, TextArena& arena, model::Facts& facts) {
  Line line(event, arena, facts);
  JsonReader& read = line.read();
  std::string digits(read.text(event["audit_time"]));
  std::erase(digits, '.');  // it has three of them behind
  facts.time = since_1970(digits, 1000);
  facts.action.service = "auditd";
  const std::string_view result = read.text(event["res"]);
  const bool has_failed =
      result == "failed" || result == "0" || read.text(event["success"]) == "no";
  Outcome outcome = Outcome::kOk;
  if (has_failed) {
    outcome = is_refusal(read.text(event["exit"])) ? Outcome::kDenied : Outcome::kFailed;
    facts.error_code = read.text(event["exit"]);
  }
  line.set_action(read.text(event["type"]), outcome);
  // The one who signed in, whatever he became since; 4294967295 is nobody.
  const std::string_view login = read.text(event["auid"]);
  if (login != "4294967295" && login != "-1" && login != "unset") facts.actor.principal_id = login;
  const std::string_view account = read.text(event["acct"]);
  std::string_view who = read.text(event["AUID"]);
  if (who.empty() || who == "unset") who = account;
  line.set_actor(who);
  if (account != who) line.add_user(account);
  line.set_source(read.text(event["addr"]));
}

void extract_log(JsonView event, TextArena& arena, model::Facts& facts) {
  Line line(event, arena, facts);
  line.set_action(facts.action.service);
  line.read_pam();
}

}  // namespace

}  // namespace linux_host

const Family kSshd = {.family = LogFamily::kSshd,
                      .name = "linux_sshd",
                      .source = {.product = "linux", .service = "sshd"},
                      .needs = {clues({"text_form"}), clues({"MESSAGE"})},
                      .is_one = linux_host::is_sshd,
                      .event_id = linux_host::cursor,
                      .extract = linux_host::extract_sshd};
const Family kSudo = {.family = LogFamily::kSudo,
                      .name = "linux_sudo",
                      .source = {.product = "linux", .service = "sudo"},
                      .needs = {clues({"text_form"}), clues({"MESSAGE"})},
                      .is_one = linux_host::is_sudo,
                      .event_id = linux_host::cursor,
                      .extract = linux_host::extract_sudo};
const Family kAuditd = {.family = LogFamily::kAuditd,
                        .name = "linux_auditd",
                        .source = {.product = "linux", .service = "auditd"},
                        .needs = {clues({"text_form"})},
                        .is_one = linux_host::is_audit,
                        .event_id = no_event_id,
                        .extract = linux_host::extract_audit};
const Family kSyslog = {.family = LogFamily::kSyslog,
                        .name = "linux_syslog",
                        .source = {.product = "linux", .service = "syslog"},
                        .needs = {clues({"text_form"}), clues({"MESSAGE"})},
                        .is_one = linux_host::is_log,
                        .event_id = linux_host::cursor,
                        .extract = linux_host::extract_log};

}  // namespace stanch::normalize
