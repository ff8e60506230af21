#include "respond/action/permissions.h"

#include <fmt/format.h>

#include <set>

#include "cloud/aws/permissions.h"
#include "cloud/operations.h"

namespace stanch::respond {

namespace {

struct Collected {
  std::set<std::string> read, write, unknown;

  void add(const OperationName& name, const Template& with, std::set<std::string>& to) {
    const cloud::Operation* operation =
        cloud::Operations::built_in().find(name.service, name.operation);
    if (operation != nullptr && !operation->service->is_of_aws()) return;
    const auto found = cloud::aws::permissions_of(name.service, name.operation, with.members());
    to.insert(found.begin(), found.end());
    if (found.empty()) unknown.insert(fmt::format("{}.{}", name.service, name.operation));
  }
  void add(const std::vector<WriteCall>& calls) {
    for (const WriteCall& call : calls) add(call.name, call.with, write);
  }
};

}  // namespace

Permissions permissions_of(const Action& action) {
  Collected all;
  for (const ReadCall& call : action.observe) all.add(call.name, call.with, all.read);
  all.add(action.change);
  if (action.undo) all.add(action.undo->change);
  return {.read = {all.read.begin(), all.read.end()},
          .write = {all.write.begin(), all.write.end()},
          .unknown = {all.unknown.begin(), all.unknown.end()}};
}

}  // namespace stanch::respond
