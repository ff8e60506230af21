// Asked in this order: the key, where the target is one; then the user or role itself, for its ARN
// and what IAM says of it as a whole; then the report of what services it used, which IAM makes on
// demand. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html

#include "respond/plan/last_use.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "codec/timestamp.h"
#include "model/entity_parts.h"
#include "respond/limits.h"

namespace stanch::respond {

namespace {

using codec::JsonValue;

constexpr std::string_view kSignIn = "signin";  // the service of the console's passwords
constexpr std::string_view kUnnamed = "N/A";    // GetAccessKeyLastUsed, of a key never used

std::string some_of(const std::vector<std::string>& all) {
  const size_t shown = std::min(all.size(), kUsesShownMax);
  std::string text = fmt::format("{}", fmt::join(all.begin(), all.begin() + shown, ", "));
  if (shown < all.size()) text += fmt::format(" and {} more", all.size() - shown);
  return text;
}

class Looking {
 public:
  Looking(IamReader& iam, const Target& target, const SeenUse& seen, Time now)
      : iam_(iam), target_(target), seen_(seen), now_(now) {}

  LastUse run() {
    const auto parts = model::split_entity(target_.entity);
    if (!parts) return {};
    if (parts->type == "aws:role") {
      role(parts->name);
    } else if (parts->type == "aws:user" || parts->type == "aws:login-profile") {
      user(parts->name);
    } else if (parts->type == "aws:access-key") {
      key(parts->name);
    } else {
      return {};
    }
    if (is_answered_) {
      use_.facts.emplace_back(
          "AWS tells of a use up to 4 hours late, and of each service the last alone.");
    }
    say_seen();
    return std::move(use_);
  }

 private:
  void key(const std::string& id) {
    const auto answer = ask("GetAccessKeyLastUsed", {{"AccessKeyId", JsonValue(id)}});
    if (!answer) return;
    const JsonValue& last = (*answer)["AccessKeyLastUsed"];
    const std::string& service = last["ServiceName"].text_or_empty();
    if (service == kUnnamed || last["LastUsedDate"].is_null()) {
      use_.facts.emplace_back("AWS knows of no use of the key.");
    } else {
      add("the key", service, last["LastUsedDate"], last["Region"].text_or_empty());
    }
    if (const std::string& owner = (*answer)["UserName"].text_or_empty(); !owner.empty()) {
      user(owner);
    }
  }

  void user(const std::string& name) {
    const auto answer = ask("GetUser", {{"UserName", JsonValue(name)}});
    if (!answer) return;
    const JsonValue& found = (*answer)["User"];
    if (!found["PasswordLastUsed"].is_null()) {
      add("the password", std::string(kSignIn), found["PasswordLastUsed"], "");
    }
    services("the user", found["Arn"]);
  }

  void role(const std::string& name) {
    const auto answer = ask("GetRole", {{"RoleName", JsonValue(name)}});
    if (!answer) return;
    const JsonValue& found = (*answer)["Role"];
    const JsonValue& last = found["RoleLastUsed"];
    if (!last["LastUsedDate"].is_null()) {
      add("the role", "", last["LastUsedDate"], last["Region"].text_or_empty());
    }
    services("the role", found["Arn"]);
  }

  // The last use of each service that the identity may use now.
  void services(std::string_view whose, const JsonValue& arn) {
    if (!arn.is_string()) return;
    const auto job = ask("GenerateServiceLastAccessedDetails", {{"Arn", arn}});
    if (!job) return;
    const JsonValue::Object asked = {{"JobId", (*job)["JobId"]},
                                     {"MaxItems", JsonValue(kServicesMax)}};
    std::optional<JsonValue> report;
    do {
      report = ask("GetServiceLastAccessedDetails", asked);
      if (!report) return;
    } while ((*report)["JobStatus"].text_or_empty() == "IN_PROGRESS" && iam_.wait(kReportPause));
    if ((*report)["JobStatus"].text_or_empty() != "COMPLETED") {
      return unknown("AWS did not finish its report of the services it used");
    }
    std::vector<std::pair<Time, std::string>> recent;
    const JsonValue& list = (*report)["ServicesLastAccessed"];
    for (const JsonValue& each : list.is_array() ? list.array() : JsonValue::Array()) {
      const auto at = codec::parse_timestamp(each["LastAuthenticated"].text_or_empty());
      const std::string& service = each["ServiceNamespace"].text_or_empty();
      if (!at || now_ - *at > kUsedWithin) continue;
      recent.emplace_back(*at, service);
      judge(service, *at);
    }
    std::ranges::sort(recent, std::greater<>());
    std::vector<std::string> texts;
    for (const auto& [at, service] : recent) {
      texts.push_back(fmt::format("{} ({})", service, codec::format_timestamp(at)));
    }
    use_.facts.push_back(
        texts.empty() ? fmt::format("AWS knows of no service that {} used in 30 days.", whose)
                      : fmt::format("In 30 days {} used {}.", whose, some_of(texts)));
  }

  // One use, of a service that may not be known.
  void add(std::string_view whose, const std::string& service, const JsonValue& time,
           const std::string& region) {
    const auto at = codec::parse_timestamp(time.text_or_empty());
    if (!at) return;
    std::string fact = fmt::format("AWS: {} was last used {}", whose, codec::format_timestamp(*at));
    if (!region.empty() && region != kUnnamed) fact += fmt::format(" in {}", region);
    if (!service.empty()) fact += fmt::format(", for {}", service);
    use_.facts.push_back(fact + ".");
    if (now_ - *at <= kUsedWithin) judge(service, *at);
  }

  void judge(const std::string& service, Time at) {
    const std::string what = fmt::format("{} at {}", service.empty() ? "something" : service,
                                         codec::format_timestamp(at));
    const auto known = [&](const std::string& other) { return other.starts_with(what); };
    if (std::ranges::any_of(use_.others, known)) return;
    if (seen_.first && at < *seen_.first) {
      use_.others.push_back(what + ", before this incident");
    } else if (!seen_.first || (!service.empty() && !seen_.services.contains(service))) {
      use_.others.push_back(what + ", which this incident does not show");
    }
  }

  std::optional<JsonValue> ask(std::string_view operation, JsonValue::Object with) {
    auto answer = iam_.ask(target_.account, operation, std::move(with));
    if (!answer) {
      unknown(answer.error().message());
      return std::nullopt;
    }
    is_answered_ = true;
    return std::move(*answer);
  }
  void unknown(const std::string& why) {
    use_.facts.push_back(fmt::format("Not known whether anything else uses it: {}", why));
  }

  void say_seen() {
    if (!seen_.first) return;
    std::string fact =
        fmt::format("This incident saw it since {}", codec::format_timestamp(*seen_.first));
    const auto add = [&](const char* words, const std::set<std::string>& all) {
      if (!all.empty()) fact += fmt::format("{}{}", words, some_of({all.begin(), all.end()}));
    };
    add(", from ", seen_.sources);
    add(", in sessions ", seen_.sessions);
    add(", using ", seen_.services);
    use_.facts.push_back(fact + ".");
  }

  IamReader& iam_;
  const Target& target_;
  const SeenUse& seen_;
  Time now_;
  bool is_answered_ = false;
  LastUse use_;
};

}  // namespace

LastUse look_at_last_use(IamReader& iam, const Target& target, const SeenUse& seen, Time now) {
  return Looking(iam, target, seen, now).run();
}

}  // namespace stanch::respond
