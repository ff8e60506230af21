#include "ingest/ingest.h"
#include "ingest/lines/line_forms.h"

namespace stanch::ingest {

struct TextLines::State {
  std::vector<std::string> columns;  // that a line of flow logs named
  bool in_syslog = false;            // there was a line that can be nothing else
};

TextLines::TextLines() : state_(std::make_unique<State>()) {}
TextLines::~TextLines() = default;
TextLines::TextLines(TextLines&&) noexcept = default;

TextLines::Kind TextLines::read(std::string_view line, std::string& json) {
  json.clear();
  if (line.ends_with('\r')) line.remove_suffix(1);
  const char first = line.empty() ? ' ' : line.front();
  if (first == '{' || first == '[' || first == ' ' || first == '\t') return Kind::kNone;
  if (auto header = vpc_flow_header(line); !header.empty()) {
    state_->columns = std::move(header);
    return Kind::kHeader;
  }
  const bool is_read = append_vpc_flow(line, state_->columns, json) || append_audit(line, json) ||
                       append_s3_access(line, json) || append_elb_access(line, json);
  if (is_read) return Kind::kRecord;
  if (!append_syslog(line, !state_->in_syslog, json)) return Kind::kNone;
  state_->in_syslog = true;
  return Kind::kRecord;
}

}  // namespace stanch::ingest
