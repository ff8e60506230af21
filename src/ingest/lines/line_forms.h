#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json_writer.h"

// The forms of lines that are no JSON, a file each: pure functions from a line to an object, of
// which `text_form` names the form, the members are named as the provider's documents name the
// columns, and `line` is the line itself. "-" stands for what is not there, and gives no member.
// Inside ingest/ only.

namespace stanch::ingest {

inline constexpr size_t kLineColumnsMax = 64;

// The columns of a line: separated by spaces, or "in quotes", or [in brackets] where `brackets`.
// A quote inside of quotes has a backslash in front. Nothing if there are too many, or none ends.
std::optional<std::vector<std::string_view>> columns_of(std::string_view line, bool brackets);

bool is_number(std::string_view text);  // of digits alone
// An RFC 3339 time.
bool is_time(std::string_view text);

// Writes the object: its form, each column that there is, the line.
void append_columns(std::string_view form, std::string_view line,
                    const std::vector<std::string_view>& names,
                    const std::vector<std::string_view>& values, std::string& json);

// Each appends an object for a line of its form, and nothing for another.
bool append_vpc_flow(std::string_view line, const std::vector<std::string>& header,
                     std::string& json);
bool append_s3_access(std::string_view line, std::string& json);
bool append_elb_access(std::string_view line, std::string& json);
bool append_audit(std::string_view line, std::string& json);
// `strict`: what may as well be a line of some other program's log is none.
bool append_syslog(std::string_view line, bool strict, std::string& json);

// The columns that the first line of a file of flow logs names; empty if it is no such line.
std::vector<std::string> vpc_flow_header(std::string_view line);

}  // namespace stanch::ingest
