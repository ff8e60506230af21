#include "respond/action/parameters.h"

#include <fmt/format.h>

#include <algorithm>

#include "respond/guard/table_file.h"

namespace stanch::respond {

std::map<std::string, std::string> read_parameters(const std::string& path, const std::string& text,
                                                   const Actions& actions,
                                                   const std::set<std::string>& asked,
                                                   Diagnostics& diagnostics) {
  std::map<std::string, std::string> parameters;
  TableFile file(path, text, diagnostics);
  file.each_member("parameters are", [&](const codec::YamlMember& member) {
    const std::string& name = member.key.text;
    const bool is_taken = std::ranges::any_of(
        actions, [&](const auto& each) { return find_parameter(each.second, name) != nullptr; });
    if (!is_taken && !asked.contains(name)) {
      file.report(ResponseCode::kUnknown, member.key.mark,
                  fmt::format("no action and no playbook takes '{}'", name),
                  "'stanch actions show' says what each takes.");
    } else if (!member.value.is_scalar()) {
      file.report(ResponseCode::kValue, member.value.mark, "a text belongs here");
    } else if (!member.value.is_null() && !member.value.text.empty()) {
      parameters.insert_or_assign(name, member.value.text);
    }
  });
  return parameters;
}

}  // namespace stanch::respond
