#include "respond/action/webhooks.h"

#include <fmt/format.h>

#include "respond/guard/table_file.h"

namespace stanch::respond {

cloud::webhook::Webhooks read_webhooks(const std::string& path, const std::string& text,
                                       Diagnostics& diagnostics) {
  cloud::webhook::Webhooks webhooks;
  TableFile file(path, text, diagnostics);
  file.each_member("webhooks are", [&](const codec::YamlMember& member) {
    if (!cloud::webhook::is_webhook_name(member.key.text)) {
      file.report(ResponseCode::kValue, member.key.mark,
                  fmt::format("'{}' names no webhook", member.key.text),
                  "Small letters, digits and '-', as in 'identity-team'.");
    } else if (!member.value.is_scalar()) {
      file.report(ResponseCode::kValue, member.value.mark, "a URL belongs here");
    } else if (const auto good = cloud::webhook::check_url(member.value.text); !good) {
      file.report(ResponseCode::kValue, member.value.mark, good.error().message(),
                  "https://automation.example.com/stanch");
    } else {
      webhooks.insert_or_assign(member.key.text, member.value.text);
    }
  });
  return webhooks;
}

}  // namespace stanch::respond
