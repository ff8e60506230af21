#include "triage/assets.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <span>
#include <utility>

#include "base/text_arena.h"
#include "codec/utf8.h"
#include "codec/yaml.h"
#include "model/aws_entity.h"
#include "triage/codes.h"

namespace stanch::triage {

namespace {

constexpr std::pair<std::string_view, Criticality> kCriticalities[] = {
    {"low", Criticality::kLow},
    {"medium", Criticality::kMedium},
    {"high", Criticality::kHigh},
    {"critical", Criticality::kCritical}};
constexpr std::string_view kDataClasses[] = {"public", "internal", "confidential", "restricted"};

constexpr std::string_view kMembers[] = {"match",       "account", "owner",     "on_call",
                                         "environment", "data",    "privilege", "criticality",
                                         "protected",   "reaches"};

// Where a problem is, and how it is told.
class Reporter {
 public:
  Reporter(const std::string& path, const std::string& text, Diagnostics& diagnostics)
      : path_(path), text_(text), diagnostics_(diagnostics) {}

  void operator()(TableCode code, uint32_t line, uint32_t column, std::string message,
                  std::string hint) {
    diagnostics_.push_back({&code_of(code),
                            {path_, line, column},
                            std::move(message),
                            line == 0 ? "" : line_of(text_, line),
                            std::move(hint)});
  }

 private:
  const std::string& path_;
  const std::string& text_;
  Diagnostics& diagnostics_;
};

// `*` is any run of characters.
bool fits(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0, star = pattern.npos, after = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      after = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++after;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

// An ARN as the pattern of entity ids that it means. A `*` in it must come through the escaping of
// names, so a name that no ARN has stands for it meanwhile.
std::string pattern_of(const std::string& match) {
  if (!match.starts_with("arn:")) return match;
  constexpr std::string_view kAny = "any-run-of-characters";
  std::string arn;
  for (const char c : match) {
    if (c == '*') {
      arn += kAny;
    } else {
      arn += c;
    }
  }
  TextArena arena;
  std::string_view rest = model::aws_entity(arn, arena).text;
  std::string pattern;
  for (size_t at = rest.find(kAny); at != rest.npos; at = rest.find(kAny)) {
    pattern.append(rest.substr(0, at)).append(1, '*');
    rest.remove_prefix(at + kAny.size());
  }
  return pattern.append(rest);
}

// One member of a row: its text, or its list.
struct Member {
  std::string_view name;
  std::string text;
  std::vector<std::string> list;
  uint32_t line = 0, column = 0;
};

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// Whether something can have that id (docs/formats/entity-ids.md, E1); `*` is any run. What no
// thing can be called would be there for nothing, and what it should say would be missed.
bool can_be_an_id(std::string_view pattern) {
  constexpr std::string_view kOthers = "-._~:@+=,$/%*";
  if (pattern.find('*') == pattern.npos && pattern.find('/') == pattern.npos) return false;
  return !pattern.empty() && std::ranges::all_of(pattern, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOthers.find(c) != kOthers.npos;
  });
}

// A number that a spreadsheet took for an amount.
bool is_spoilt_account(std::string_view text) {
  constexpr size_t kDigits = 12;
  return text.size() > 4 && text.size() != kDigits &&
         text.find_first_not_of("0123456789.E+") == text.npos;
}

// Whether what stands in an id between these places is its scope (docs/formats/entity-ids.md), and
// not its name, which anybody may choose, or the name of a provider of identities.
bool is_scope(std::string_view entity, size_t slash, size_t end) {
  const std::string_view type = entity.substr(0, slash);
  if (end == entity.size()) return type == "aws:account" || type == "aws:root";
  return type != "aws:web-identity" && type != "aws:saml-user";
}

// Sets a member; false with a report if it is none, or cannot have that value.
bool set(Assets::Row& row, const Member& member, Reporter& report) {
  Asset& asset = row.asset;
  const std::string& text = member.text;
  const auto bad = [&](std::string_view hint) {
    report(TableCode::kValue, member.line, member.column,
           fmt::format("'{}' is no value of {}", text, member.name), std::string(hint));
    return false;
  };
  if (member.name == "match") {
    row.pattern = pattern_of(text);
    return can_be_an_id(row.pattern) ||
           bad("Write an entity id (aws:role/111122223333/deploy), or an ARN; '*' is any run.");
  }
  if (member.name == "account") {
    if (is_spoilt_account(text)) {
      return bad(
          "AWS accounts have 12 digits; spreadsheets drop a leading zero, or write 1.1E+11.");
    }
    return row.account = text, true;
  }
  if (member.name == "owner") return asset.owner = text, true;
  if (member.name == "on_call") return asset.on_call = text, true;
  if (member.name == "environment") return asset.environment = text, true;
  if (member.name == "privilege") {
    if (text != "administrator") return bad("The one value is administrator.");
    return asset.privilege = text, true;
  }
  if (member.name == "criticality") {
    for (const auto& [name, value] : kCriticalities) {
      if (name == text) return asset.criticality = value, true;
    }
    return bad("One of low, medium, high, critical.");
  }
  if (member.name == "data") {
    if (std::ranges::find(kDataClasses, text) == std::end(kDataClasses)) {
      return bad("One of public, internal, confidential, restricted.");
    }
    return asset.data = text, true;
  }
  if (member.name == "protected") {
    if (text != "true" && text != "false") return bad("true or false.");
    return asset.is_protected = text == "true", true;
  }
  if (member.name == "reaches") {
    for (const std::string& reached : member.list) {
      std::string entity = pattern_of(reached);
      if (!can_be_an_id(entity) || entity.find('*') != entity.npos) {
        report(TableCode::kValue, member.line, member.column,
               fmt::format("'{}' is nothing that can be reached", reached),
               "Write the entity id, or the ARN, of one thing.");
        return false;
      }
      asset.reaches.push_back(std::move(entity));
    }
    return true;
  }
  report(TableCode::kUnknown, member.line, member.column,
         fmt::format("there is no member '{}'", member.name),
         fmt::format("{}.", fmt::join(kMembers, ", ")));
  return false;
}

bool complete(const Assets::Row& row, uint32_t line, Reporter& report) {
  if (row.pattern.empty() != row.account.empty()) return true;
  report(TableCode::kMissing, line, 0,
         row.pattern.empty() ? "the row does not say what it is about"
                             : "the row names things and an account",
         "Give either match or account.");
  return false;
}

void report_contradiction(std::string_view member, uint32_t line, Reporter& report) {
  if (member.empty()) return;
  report(TableCode::kTwice, line, 0,
         fmt::format("an earlier row says another {} of the same", member),
         "One of them is wrong.");
}

// ---------------------------------------------------------------- CSV, RFC 4180

struct Cell {
  std::string text;
  uint32_t line = 1, column = 1;
};

// The rows of a text; false if a quote is not closed.
bool read_csv(std::string_view text, std::vector<std::vector<Cell>>& rows) {
  uint32_t line = 1;
  size_t line_at = 0;  // where it begins
  bool quoted = false, row_open = false;
  const auto begin = [&](size_t at) {
    rows.back().push_back({"", line, static_cast<uint32_t>(at - line_at + 1)});
  };
  const auto cell = [&]() -> Cell& { return rows.back().back(); };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!row_open) {
      rows.emplace_back();
      begin(i);
      row_open = true;
    }
    if (quoted) {
      if (c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
        cell().text += text[++i];
      } else if (c == '"') {
        quoted = false;
      } else {
        cell().text += c;
      }
    } else if (c == '"' && cell().text.empty()) {
      quoted = true;
    } else if (c == ',') {
      begin(i + 1);
    } else if (c == '\n') {
      row_open = false;
    } else if (c != '\r') {
      cell().text += c;
    }
    if (c != '\n') continue;
    ++line;
    line_at = i + 1;
  }
  return !quoted;
}

// Said once, not of every row.
bool check_header(const std::vector<Cell>& header, Reporter& report) {
  bool good = true;
  for (size_t i = 0; i < header.size(); ++i) {
    const std::string& name = header[i].text;
    if (std::ranges::find(kMembers, name) == std::end(kMembers)) {
      report(TableCode::kUnknown, header[i].line, header[i].column,
             fmt::format("there is no column '{}'", name),
             name.find(';') != name.npos ? "Cells are separated by commas."
                                         : fmt::format("{}.", fmt::join(kMembers, ", ")));
      good = false;
    } else if (std::ranges::find(header.begin(), header.begin() + static_cast<ptrdiff_t>(i), name,
                                 &Cell::text) != header.begin() + static_cast<ptrdiff_t>(i)) {
      report(TableCode::kTwice, header[i].line, header[i].column,
             fmt::format("two columns are '{}'", name), "");
      good = false;
    }
  }
  return good;
}

}  // namespace

std::string_view name_of(Criticality criticality) {
  return kCriticalities[static_cast<size_t>(criticality)].first;
}

namespace {

// The first member that both give, and give differently; "" for none.
std::string_view contradiction(const Asset& one, const Asset& other) {
  const auto differ = [](const auto& a, const auto& b, bool given) { return given && a != b; };
  const auto texts = [&](const std::string& a, const std::string& b) {
    return differ(a, b, !a.empty() && !b.empty());
  };
  if (texts(one.owner, other.owner)) return "owner";
  if (texts(one.on_call, other.on_call)) return "on_call";
  if (texts(one.environment, other.environment)) return "environment";
  if (texts(one.data, other.data)) return "data";
  if (texts(one.privilege, other.privilege)) return "privilege";
  if (differ(one.criticality, other.criticality, one.criticality && other.criticality)) {
    return "criticality";
  }
  if (differ(one.is_protected, other.is_protected, one.is_protected && other.is_protected)) {
    return "protected";
  }
  if (differ(one.reaches, other.reaches, !one.reaches.empty() && !other.reaches.empty())) {
    return "reaches";
  }
  return "";
}

}  // namespace

std::string_view Assets::add(Row row) {
  const auto stars = static_cast<size_t>(std::ranges::count(row.pattern, '*'));
  row.specificity = row.pattern.size() - stars;
  ByText& index = !row.account.empty() ? accounts_ : stars > 0 ? same_patterns_ : exact_;
  std::vector<size_t>& same = index[row.account.empty() ? row.pattern : row.account];
  for (const size_t other : same) {
    const std::string_view member = contradiction(rows_[other].asset, row.asset);
    if (!member.empty()) return member;
  }
  const size_t place = rows_.size();
  same.push_back(place);
  if (row.account.empty() && stars > 0) {
    const auto specificity = [this](size_t at) { return rows_[at].specificity; };
    const auto at =
        std::ranges::upper_bound(patterns_, row.specificity, std::greater(), specificity);
    patterns_.insert(at, place);
  }
  rows_.push_back(std::move(row));
  return "";
}

void Assets::add_yaml(const std::string& path, const std::string& text, Diagnostics& diagnostics) {
  Reporter report(path, text, diagnostics);
  for (const codec::YamlDocument& document : codec::parse_yaml(text)) {
    if (document.problem) {
      report(TableCode::kSyntax, document.problem->mark.line, document.problem->mark.column,
             document.problem->message, document.problem->hint);
      continue;
    }
    for (const codec::YamlDuplicateKey& twice : document.duplicate_keys) {
      report(TableCode::kTwice, twice.again.line, twice.again.column,
             fmt::format("'{}' is given twice", twice.key),
             fmt::format("First on line {}.", twice.first.line));
    }
    const codec::YamlNode* list = document.root.find("assets");
    for (const codec::YamlMember& stranger : document.root.members) {
      if (list == nullptr || stranger.key.text == "assets") continue;
      report(TableCode::kUnknown, stranger.key.mark.line, stranger.key.mark.column,
             fmt::format("there is no member '{}'", stranger.key.text), "assets.");
    }
    if (list != nullptr && list->is_null()) continue;
    if (list == nullptr || !list->is_list()) {
      report(TableCode::kType, document.root.mark.line, document.root.mark.column,
             "a list under 'assets:' belongs here", "Write 'assets: []' for none.");
      continue;
    }
    for (const codec::YamlNode& item : list->items) {
      Row row;
      bool good = item.is_map();
      if (!good) {
        report(TableCode::kType, item.mark.line, item.mark.column, "a row is no map",
               "Write '- match: …'.");
      }
      std::set<std::string_view> given;
      for (const codec::YamlMember& entry : item.members) {
        if (!given.insert(entry.key.text).second) {
          good = false;  // reported above; nobody knows which is meant
          continue;
        }
        Member member{.name = entry.key.text,
                      .text = entry.value.text,
                      .list = {},
                      .line = entry.value.mark.line,
                      .column = entry.value.mark.column};
        const bool wants_list = member.name == "reaches";
        if (entry.value.is_map() || entry.value.is_list() != wants_list) {
          report(TableCode::kType, member.line, member.column,
                 fmt::format("{} is no {}", member.name, wants_list ? "list" : "single value"), "");
          good = false;
          continue;
        }
        for (const codec::YamlNode& reached : entry.value.items) {
          member.list.push_back(reached.text);
        }
        good = set(row, member, report) && good;
      }
      if (good && complete(row, item.mark.line, report)) {
        report_contradiction(add(std::move(row)), item.mark.line, report);
      }
    }
  }
}

void Assets::add_csv(const std::string& path, const std::string& text, Diagnostics& diagnostics) {
  Reporter report(path, text, diagnostics);
  std::vector<std::vector<Cell>> rows;
  std::string_view rest = text;
  if (!codec::is_utf8(text)) {
    report(TableCode::kSyntax, 0, 0, "the file is not UTF-8",
           "Save it as CSV UTF-8; spreadsheets often write another encoding.");
    return;
  }
  if (rest.starts_with(codec::kByteOrderMark)) rest.remove_prefix(codec::kByteOrderMark.size());
  if (!read_csv(rest, rows)) {
    report(TableCode::kSyntax, rows.back().back().line, rows.back().back().column,
           "a quote is not closed", "Inside quotes, a quote is written twice.");
    rows.pop_back();
  }
  if (rows.empty()) return;
  const std::vector<Cell> header = rows.front();
  if (!check_header(header, report)) return;
  for (const std::vector<Cell>& cells : std::span(rows).subspan(1)) {
    if (cells.size() == 1 && cells[0].text.empty()) continue;
    const uint32_t line = cells[0].line;
    bool good = cells.size() == header.size();
    if (!good) {
      report(TableCode::kType, line, 0,
             fmt::format("{} cells, and {} names in the header", cells.size(), header.size()), "");
      continue;
    }
    Row row;
    for (size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].text.empty()) continue;
      const Member member{.name = header[i].text,
                          .text = cells[i].text,
                          .list = split(cells[i].text, ' '),
                          .line = cells[i].line,
                          .column = cells[i].column};
      good = set(row, member, report) && good;
    }
    if (good && complete(row, line, report)) {
      report_contradiction(add(std::move(row)), line, report);
    }
  }
}

std::optional<Asset> Assets::find(std::string_view entity, std::string_view account_of_it) const {
  std::optional<Asset> found;
  const auto take = [](auto& member, const auto& from, bool given) {
    if (given) member = from;
  };
  const auto use = [&](const Row& row) {
    if (!found) found.emplace();
    Asset& asset = *found;
    take(asset.owner, row.asset.owner, asset.owner.empty());
    take(asset.on_call, row.asset.on_call, asset.on_call.empty());
    take(asset.environment, row.asset.environment, asset.environment.empty());
    take(asset.criticality, row.asset.criticality, !asset.criticality);
    take(asset.data, row.asset.data, asset.data.empty());
    take(asset.is_protected, row.asset.is_protected, !asset.is_protected);
    take(asset.privilege, row.asset.privilege, asset.privilege.empty());
    take(asset.reaches, row.asset.reaches, asset.reaches.empty());
  };
  if (const auto rows = exact_.find(entity); rows != exact_.end()) {
    for (const size_t row : rows->second) use(rows_[row]);
  }
  for (const size_t row : patterns_) {
    if (fits(rows_[row].pattern, entity)) use(rows_[row]);
  }
  const size_t scope = entity.find('/');
  if (scope == entity.npos) return found;
  const size_t end = std::min(entity.find('/', scope + 1), entity.size());
  const bool says_where = end < entity.size() || is_scope(entity, scope, end);
  const std::string_view account =
      says_where ? entity.substr(scope + 1, end - scope - 1) : account_of_it;
  const auto rows = accounts_.find(account);
  if (rows != accounts_.end() && (!says_where || is_scope(entity, scope, end))) {
    for (const size_t row : rows->second) use(rows_[row]);
  }
  return found;
}

}  // namespace stanch::triage
