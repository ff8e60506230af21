#include <algorithm>
#include <array>

#include "ingest/lines/line_forms.h"

// Lines of Linux' audit daemon:
//
//   type=USER_LOGIN msg=audit(1364481363.243:24287): pid=5 uid=0 … msg='op=login acct="jo"
//   res=failed'
//
// with "node=<name> " in front where many hosts write to one place. What stands in `msg` after that
// is taken apart like the rest; of two with one key the first counts. What the daemon could not
// write in quotes it wrote in hexadecimal: of texts that is undone. Behind a byte 0x1d stand the
// same things in words, their keys in capitals.
// https://github.com/linux-audit/audit-documentation/wiki/SPEC-Audit-Event-Enrichment
// https://github.com/linux-audit/audit-documentation/blob/main/specs/fields/field-dictionary.csv

namespace stanch::ingest {

namespace {

constexpr size_t kFieldsMax = 256;

constexpr std::string_view kTexts[] = {"acct", "cmd",  "comm",     "cwd",       "data",
                                       "exe",  "name", "new-disk", "proctitle", "vm"};

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// "2F746D70" -> "/tmp"; arguments are separated by zeros. Nothing for what is no such text.
std::string unhex(std::string_view text) {
  if (text.size() < 2 || text.size() % 2 != 0) return {};
  std::string plain;
  plain.reserve(text.size() / 2);
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = digit_of(text[i]), low = digit_of(text[i + 1]);
    if (high < 0 || low < 0) return {};
    const char byte = static_cast<char>(high * 16 + low);
    plain += byte == '\0' ? ' ' : byte;
  }
  return plain;
}

struct Field {
  std::string_view key;
  std::string_view value;
  bool is_quoted = false;
};

class Fields {
 public:
  // Takes all of `text` apart.
  void read(std::string_view text) {
    constexpr std::string_view kBetween = " ,\t\x1d";
    for (size_t at = 0; at < text.size() && all_.size() < kFieldsMax;) {
      at = std::min(text.find_first_not_of(kBetween, at), text.size());
      const size_t end_of_word = std::min(text.find_first_of(kBetween, at), text.size());
      const size_t equals = text.find('=', at);
      if (equals >= end_of_word) {  // a word without a key
        at = end_of_word;
        continue;
      }
      Field field{.key = text.substr(at, equals - at), .value = {}};
      at = equals + 1;
      const char quote = at < text.size() ? text[at] : '\0';
      const size_t closing = quote == '"' || quote == '\'' ? text.find(quote, at + 1) : text.npos;
      field.is_quoted = closing != text.npos;
      const size_t end =
          field.is_quoted ? closing : std::min(text.find_first_of(" \t\x1d", at), text.size());
      field.value =
          text.substr(at + (field.is_quoted ? 1 : 0), end - at - (field.is_quoted ? 1 : 0));
      at = field.is_quoted ? end + 1 : end;
      if (field.key == "msg" && quote == '\'') {
        read(field.value);
      } else {
        add(field);
      }
    }
  }

  const std::vector<Field>& all() const { return all_; }

 private:
  void add(const Field& field) {
    if (!field.key.empty() && all_.size() < kFieldsMax &&
        std::ranges::find(all_, field.key, &Field::key) == all_.end()) {
      all_.push_back(field);
    }
  }

  std::vector<Field> all_;
};

bool is_text(std::string_view type, std::string_view key) {
  const bool is_argument = type == "EXECVE" && key.starts_with('a') && is_number(key.substr(1));
  return is_argument || std::ranges::find(kTexts, key) != std::end(kTexts);
}

}  // namespace

bool append_audit(std::string_view line, std::string& json) {
  std::string_view rest = line, node, type;
  const auto take = [&rest](std::string_view key, std::string_view& value) {
    if (!rest.starts_with(key)) return false;
    rest.remove_prefix(key.size());
    value = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(value.size() + 1, rest.size()));
    return true;
  };
  take("node=", node);
  if (!take("type=", type) || !rest.starts_with("msg=audit(")) return false;
  rest.remove_prefix(std::string_view("msg=audit(").size());
  const size_t colon = rest.find(':'), closing = rest.find(')');
  if (colon == rest.npos || closing == rest.npos || colon > closing) return false;
  const std::string_view time = rest.substr(0, colon);
  const std::string_view serial = rest.substr(colon + 1, closing - colon - 1);
  rest.remove_prefix(closing + 1);
  if (rest.starts_with(':')) rest.remove_prefix(1);

  Fields fields;
  fields.read(rest);
  codec::JsonWriter out(json);
  out.begin_object().field("text_form", "linux_audit").field("type", type);
  if (!node.empty()) out.field("node", node);
  out.field("audit_time", time).field("audit_serial", serial);
  for (const Field& field : fields.all()) {
    constexpr std::array<std::string_view, 6> kOurs = {"text_form",  "type",         "node",
                                                       "audit_time", "audit_serial", "line"};
    if (std::ranges::find(kOurs, field.key) != kOurs.end()) continue;
    const std::string plain =
        !field.is_quoted && is_text(type, field.key) ? unhex(field.value) : std::string();
    out.field(field.key, plain.empty() ? field.value : std::string_view(plain));
  }
  out.field("line", line).end_object();
  return true;
}

}  // namespace stanch::ingest
