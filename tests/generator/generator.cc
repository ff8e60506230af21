#include "generator/generator.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "generator/names.h"
#include "generator/random.h"
#include "generator/record_template.h"
#include "generator/work.h"

// How it works. Every call of every table becomes one RecordTemplate, made once.
// A handful of jobs (scripts under way) is open at any moment; each event is the
// next call of one of them, so calls of one session come in order with others
// between them. A job that ends is followed by a new one, drawn so that each script
// gets its share of *events*: scripts are long or short, so their chance to start
// is share divided by mean length.

namespace stanch::generator {
namespace {

constexpr size_t kOpenJobs = 24;

std::string text(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (std::string_view part : parts) all += part;
  return all;
}

// The record around a call. Members stand in CloudTrail's own order.
std::string record_text(const Call& call, std::string_view error, bool by_service) {
  const bool data = call.kind == Kind::kDataRead || call.kind == Kind::kDataWrite;
  const bool read = call.kind == Kind::kRead || call.kind == Kind::kDataRead;
  const bool global = call.source == "iam" || call.source == "organizations";
  const std::string_view region = global ? "us-east-1" : "${region}";
  std::string_view type = "AwsApiCall";
  if (call.kind == Kind::kSignIn) type = "AwsConsoleSignIn";
  if (call.kind == Kind::kServiceEvent) type = "AwsServiceEvent";
  std::string record =
      text({R"({"eventVersion":"1.11","userIdentity":${identity},"eventTime":"${time}",)",
            R"("eventSource":")", call.source, R"(.amazonaws.com","eventName":")", call.name,
            R"(","awsRegion":")", region,
            R"(","sourceIPAddress":"${address}","userAgent":"${agent}",)"});
  if (!error.empty()) {
    record +=
        text({R"("errorCode":")", error,
              R"(","errorMessage":"User: ${principal} is not authorized to perform: )", call.source,
              ":", call.name, R"( because no identity-based policy allows the action",)"});
  }
  record +=
      text({R"("requestParameters":)", call.request, R"(,"responseElements":)",
            error.empty() ? call.response : "null", ",", call.more,
            R"("requestID":"${uuid}","eventID":"${uuid}","readOnly":)", read ? "true" : "false",
            R"(,"eventType":")", type, R"(","managementEvent":)", data ? "false" : "true",
            R"(,"recipientAccountId":"${account}","eventCategory":")", data ? "Data" : "Management",
            "\""});
  if (!by_service) {
    record +=
        text({R"(,"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256",)",
              R"("clientProvidedHostHeader":")", call.source, global ? "" : ".${region}",
              R"(.amazonaws.com"})"});
  }
  return record + "${tail}}\n";
}

// "DescribeInstances" on ec2 is refused with another code than on other services.
std::string_view denial_of(const Call& call) {
  if (!call.error.empty()) return call.error;
  if (call.source == "ec2") return "Client.UnauthorizedOperation";
  if (call.source == "s3" || call.source == "iam" || call.source == "sts") return "AccessDenied";
  return "AccessDeniedException";
}

struct PreparedStep {
  RecordTemplate granted;
  RecordTemplate denied;
  uint32_t denied_percent;
  uint32_t least, most;
};

struct PreparedScript {
  const Script* script;
  std::vector<PreparedStep> steps;
  double weight = 0;  // chance to start, cumulated over the list
};

std::vector<PreparedScript> prepare(std::span<const Script> scripts) {
  std::vector<PreparedScript> all;
  for (const Script& script : scripts) {
    PreparedScript prepared{&script, {}, 0};
    double length = 0;
    const bool by_service =
        script.who == Who::kService || script.who == Who::kServiceRole || script.who == Who::kStack;
    for (const Step& step : script.steps) {
      const bool always = !step.call.error.empty();
      const std::string denied = record_text(step.call, denial_of(step.call), by_service);
      prepared.steps.push_back(
          {RecordTemplate(always ? denied : record_text(step.call, {}, by_service)),
           RecordTemplate(denied), step.call.denied_percent, step.least, step.most});
      length += (step.least + step.most) / 2.0;
    }
    prepared.weight = script.share / std::max(length, 0.5);
    all.push_back(std::move(prepared));
  }
  return all;
}

const PreparedScript& draw(const std::vector<PreparedScript>& cumulated, Random& random) {
  const double at = random.fraction() * cumulated.back().weight;
  return *std::upper_bound(cumulated.begin(), cumulated.end() - 1, at,
                           [](double value, const PreparedScript& s) { return value < s.weight; });
}

void cumulate(std::vector<PreparedScript>& scripts) {
  double sum = 0;
  for (PreparedScript& script : scripts) script.weight = sum += script.weight;
}

std::string two(int64_t value) { return (value < 10 ? "0" : "") + std::to_string(value); }

struct Clock {
  double seconds;
  std::string time, words;
  int64_t shown = -1;

  void show() {
    const auto now = static_cast<int64_t>(std::floor(seconds));
    if (now == shown) return;
    shown = now;
    // Days to civil date: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    const int64_t days = now / 86400, rest = now % 86400;
    const int64_t z = days + 719468, era = z / 146097, doe = z - era * 146097;
    const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    const int64_t day = doy - (153 * mp + 2) / 5 + 1, month = mp < 10 ? mp + 3 : mp - 9;
    const int64_t year = yoe + era * 400 + (month <= 2 ? 1 : 0);
    const int64_t hour = rest / 3600, minute = rest / 60 % 60, second = rest % 60;
    static constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time = std::to_string(year) + "-" + two(month) + "-" + two(day) + "T" + two(hour) + ":" +
           two(minute) + ":" + two(second) + "Z";
    words = text({kMonths[month - 1], " "}) + std::to_string(day) + ", " + std::to_string(year) +
            ", " + std::to_string(hour % 12 == 0 ? 12 : hour % 12) + ":" + two(minute) + ":" +
            two(second) + (hour < 12 ? " AM" : " PM");
  }
};

struct Job {
  const PreparedScript* script = nullptr;
  size_t step = 0;
  uint32_t left = 0;  // calls of this step still to make
  KeptValues kept;
};

}  // namespace

struct Generator::State {
  explicit State(const Options& given)
      : options(given), random(given.seed), names(random), clock{} {
    clock.seconds = static_cast<double>(given.start_seconds);
    for (auto table :
         {platform_scripts(), scanner_scripts(), delivery_scripts(), people_scripts()}) {
      for (PreparedScript& script : prepare(table)) ordinary.push_back(std::move(script));
    }
    // A script's share counts among the scripts of its own work.
    std::array<double, kWorkCount> shares{};
    for (const PreparedScript& s : ordinary) {
      shares[static_cast<size_t>(s.script->work)] += s.script->share;
    }
    for (PreparedScript& s : ordinary) {
      const auto work = static_cast<size_t>(s.script->work);
      s.weight *= options.mix[work] / shares[work];
    }
    cumulate(ordinary);
    attacks = prepare(attack_scripts());
    cumulate(attacks);
    jobs.resize(kOpenJobs);
    for (Job& job : jobs) open(draw(ordinary, random), job);
  }

  std::string& value(Job& job, Kept kept) { return job.kept[static_cast<size_t>(kept)]; }

  void open(const PreparedScript& script, Job& job);
  void dress(const Script& script, Job& job);
  void one(std::string& out);
  void call(Job& job, std::string& out);

  Options options;
  Random random;
  Names names;
  Clock clock;
  std::vector<PreparedScript> ordinary, attacks;
  std::vector<Job> jobs;
  Job attack;
};

void Generator::State::open(const PreparedScript& script, Job& job) {
  job.script = &script;
  job.step = 0;
  job.left = random.between(script.steps[0].least, script.steps[0].most);
  const std::pair<Kept, const std::vector<std::string>*> kept[] = {
      {Kept::kAccount, &names.accounts},   {Kept::kOther, &names.accounts},
      {Kept::kRegion, &names.regions},     {Kept::kService, &names.services},
      {Kept::kPerson, &names.people},      {Kept::kBucket, &names.buckets},
      {Kept::kFunction, &names.functions}, {Kept::kRole, &names.roles},
      {Kept::kKey, &names.keys},           {Kept::kVpc, &names.vpcs},
      {Kept::kSubnet, &names.subnets},     {Kept::kGroup, &names.groups},
      {Kept::kInstance, &names.instances}, {Kept::kDatabase, &names.databases},
      {Kept::kCluster, &names.clusters},   {Kept::kSecret, &names.secrets},
      {Kept::kImage, &names.images},       {Kept::kInterface, &names.interfaces},
      {Kept::kVolume, &names.volumes},
  };
  for (const auto& [slot, from] : kept) value(job, slot) = pick(*from, random);
  value(job, Kept::kForeign) = random.below(2) == 0 ? "210987654321" : "999900001111";
  std::string tag;
  random.append_hex(6, tag);
  value(job, Kept::kTag) = tag;
  dress(*script.script, job);
}

// Who acts, from where, with what: written once a job.
void Generator::State::dress(const Script& script, Job& job) {
  clock.show();
  const std::string& account = value(job, Kept::kAccount);
  const std::string& service = value(job, Kept::kService);
  const std::string& person = value(job, Kept::kPerson);
  std::string role, session, path, extra, scope, address, agent, invoked, console;
  const std::string nat = "192.0.2." + std::to_string(random.between(4, 60));
  const std::string inside = "10." + std::to_string(random.between(16, 23)) + "." +
                             std::to_string(random.between(0, 250)) + "." +
                             std::to_string(random.between(4, 250));
  const std::string boto =
      "Boto3/1.35.36 md/Botocore#1.35.36 ua/2.0 os/linux#5.10.226-214.880.amzn2.x86_64 "
      "md/arch#x86_64 lang/python#3.12.6 cfg/retry-mode#legacy";
  const std::string browser =
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
      "Chrome/130.0.0.0 Safari/537.36";
  const std::string dns = std::string(script.as) + ".amazonaws.com";
  switch (script.who) {
    case Who::kService: break;
    case Who::kServiceRole:
      role = "AWSServiceRoleFor" + std::string(script.as);
      role[17] = static_cast<char>(role[17] - 'a' + 'A');
      session = script.as;
      path = "aws-service-role/" + dns + "/";
      address = agent = invoked = dns;
      break;
    case Who::kInstance:
      role = service + "-node";
      session = value(job, Kept::kInstance);
      extra = R"(,"ec2RoleDelivery":"2.0")";
      address = random.below(4) == 0 ? nat : inside;
      agent = "aws-sdk-go/1.55.5 (go1.22.7; linux; amd64) amazon-ssm-agent/3.3.987.0";
      break;
    case Who::kContainer:
      role = value(job, Kept::kRole);
      random.append_hex(32, session);
      address = random.below(3) == 0 ? nat : inside;
      agent = boto + " exec-env/AWS_ECS_FARGATE";
      break;
    case Who::kFunction:
      role = value(job, Kept::kFunction) + "-role";
      session = value(job, Kept::kFunction);
      scope =
          R"(,"inScopeOf":{"issuerType":"AWS::Lambda::Function","credentialsIssuedTo":"arn:aws:lambda:)" +
          value(job, Kept::kRegion) + ":" + account + ":function:" + session + "\"}";
      address = nat;
      agent = boto + " exec-env/AWS_Lambda_python3.12";
      break;
    case Who::kDataJob:
      role = "data-pipeline";
      session = "spark-" + value(job, Kept::kTag);
      address = inside;
      agent =
          "Hadoop 3.3.6-amzn-4, aws-sdk-java/2.28.16 Linux/5.10.226 "
          "OpenJDK_64-Bit_Server_VM/17.0.12+7-LTS";
      break;
    case Who::kScanner:
      role = "CloudPostureReadOnly";
      session = "posture-scan-" + value(job, Kept::kTag);
      address = "203.0.113." + std::to_string(random.between(16, 31));
      agent = boto;
      break;
    case Who::kMonitor:
      role = "MetricsIntegration";
      session = "metrics";
      address = "203.0.113." + std::to_string(random.between(32, 47));
      agent = "aws-sdk-go/1.55.5 (go1.22.7; linux; amd64)";
      break;
    case Who::kIac:
      role = "terraform-apply";
      session = "run-" + value(job, Kept::kTag);
      address = "192.0.2.70";
      agent =
          "APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) "
          "terraform-provider-aws/5.72.1 (+https://registry.terraform.io/providers/hashicorp/aws) "
          "aws-sdk-go-v2/1.32.2 ua/2.1 os/linux lang/go#1.23.2 md/GOOS#linux md/GOARCH#amd64 "
          "api/ec2#1.182.0";
      break;
    case Who::kCi:
      role = "ci-deploy-" + service;
      session = "GitHubActions";
      address = "198.51.100." + std::to_string(random.between(100, 180));
      agent =
          "aws-cli/2.18.5 md/awscrt#0.22.0 ua/2.0 os/linux#6.5.0-1025-azure md/arch#x86_64 "
          "lang/python#3.12.6 md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe "
          "md/distrib#ubuntu.22";
      break;
    case Who::kAutomation:
      role = std::string(script.as);
      session = "job-" + value(job, Kept::kTag);
      address = nat;
      agent = boto;
      break;
    case Who::kStack: invoked = "cloudformation.amazonaws.com"; [[fallthrough]];
    case Who::kPerson:
    case Who::kPersonCli:
      role = "AWSReservedSSO_" +
             std::string(random.below(3) == 0 ? "DataEngineer" : "PlatformEngineer") +
             "_1f0c9ad27b3e4a55";
      break;
    case Who::kAdministrator: role = "AWSReservedSSO_IdentityAdministrator_77ab10c3de9f0412"; break;
    case Who::kSecurityTeam: role = "AWSReservedSSO_SecurityOperations_c04d5e6f7a8b9c0d"; break;
    case Who::kLegacyUser:
    case Who::kBreakGlass:
    case Who::kThief: break;
  }
  if (role.starts_with("AWSReservedSSO_")) {
    session = person + "@example.com";
    path = "aws-reserved/sso.amazonaws.com/eu-west-1/";
    address = "192.0.2." + std::to_string(random.between(80, 120));
    agent = script.who == Who::kPersonCli
                ? "aws-cli/2.18.5 md/awscrt#0.22.0 ua/2.0 os/macos#23.6.0 md/arch#arm64 "
                  "lang/python#3.12.6 md/pyimpl#CPython cfg/retry-mode#standard "
                  "md/installer#source md/prompt#off"
                : browser;
    if (script.who != Who::kPersonCli) console = R"(,"sessionCredentialFromConsole":"true")";
    if (!invoked.empty()) address = agent = invoked, console.clear();
  }

  std::string& identity = value(job, Kept::kIdentity);
  // Principal ids belong to the identity, so they are drawn from its name; session keys are new.
  uint64_t name_hash = 0xcbf29ce484222325;
  for (char c : account + role + (role.empty() ? service : ""))
    name_hash = (name_hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  Random by_name(name_hash);
  std::string id17, key16;
  by_name.append_base32(17, id17);
  (role.empty() ? by_name : random).append_base32(16, key16);
  std::string& principal = value(job, Kept::kPrincipal);
  if (script.who == Who::kService) {
    identity = R"({"type":"AWSService","invokedBy":")" + dns + "\"}";
    principal = address = agent = dns;
  } else if (!role.empty()) {
    principal = "arn:aws:sts::" + account + ":assumed-role/" + role + "/" + session;
    const std::string issued = clock.time.substr(0, 14) + "00:00Z";
    identity =
        R"({"type":"AssumedRole","principalId":"AROA)" + id17 + ":" + session + R"(","arn":")" +
        principal + R"(","accountId":")" + account + R"(","accessKeyId":"ASIA)" + key16 +
        R"(","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA)" + id17 +
        R"(","arn":"arn:aws:iam::)" + account + ":role/" + path + role + R"(","accountId":")" +
        account + R"(","userName":")" + role + R"("},"attributes":{"creationDate":")" + issued +
        R"(","mfaAuthenticated":"false"})" + extra + "}" + scope +
        (invoked.empty() ? "" : R"(,"invokedBy":")" + invoked + "\"") + "}";
  } else {
    std::string user = script.who == Who::kBreakGlass ? "break-glass-1"
                       : script.who == Who::kThief    ? service + "-deploy"
                                                      : service + "-mailer";
    principal = "arn:aws:iam::" + account + ":user/" + user;
    address =
        script.who == Who::kThief ? "198.51.100." + std::to_string(random.between(200, 250)) : nat;
    agent = script.who == Who::kBreakGlass ? browser : boto;
    identity = R"({"type":"IAMUser","principalId":"AIDA)" + id17 + R"(","arn":")" + principal +
               R"(","accountId":")" + account + R"(","accessKeyId":"AKIA)" + key16 +
               R"(","userName":")" + user + "\"}";
  }
  value(job, Kept::kAddress) = address;
  value(job, Kept::kAgent) = agent;
  value(job, Kept::kTail) = console;
}

void Generator::State::call(Job& job, std::string& out) {
  while (job.left == 0 && ++job.step < job.script->steps.size()) {
    const PreparedStep& step = job.script->steps[job.step];
    job.left = random.between(step.least, step.most);
  }
  if (job.step >= job.script->steps.size()) return;
  const PreparedStep& step = job.script->steps[job.step];
  --job.left;
  const bool denied = step.denied_percent > 0 && random.below(100) < step.denied_percent;
  (denied ? step.denied : step.granted).append(job.kept, {clock.time, clock.words}, random, out);
}

void Generator::State::one(std::string& out) {
  clock.seconds += -std::log(1.0 - random.fraction()) / options.events_per_second;
  clock.show();
  const size_t before = out.size();
  const bool bad = options.finding_fraction > 0 && random.fraction() < options.finding_fraction;
  while (out.size() == before) {
    Job& job = bad ? attack : jobs[random.below(kOpenJobs)];
    if (job.script != nullptr) call(job, out);
    // An empty answer means that the job is over: the next one starts at once.
    if (out.size() == before) open(draw(bad ? attacks : ordinary, random), job);
  }
}

Generator::Generator(const Options& options) : state_(std::make_unique<State>(options)) {}
Generator::~Generator() = default;

void Generator::append(size_t count, std::string& out) {
  for (size_t i = 0; i < count; ++i) state_->one(out);
}

std::vector<ContextValue> organisation_context() {
  std::vector<ContextValue> values;
  for (std::string_view account :
       {"111122223333", "123456789012", "222233334444", "333344445555", "444455556666",
        "555566667777", "666677778888", "777788889999"}) {
    values.push_back({"own_accounts", account});
  }
  values.insert(values.end(),
                {{"own_organization", kOrganization},
                 {"egress_cidrs", kEgress},
                 {"iac_roles", "terraform-apply"},
                 {"ci_roles", "ci-deploy-*"},
                 {"automation_roles", "data-pipeline"},
                 {"automation_roles", "housekeeping-*"},
                 {"automation_roles", "db-refresh"},
                 {"automation_roles", "image-pipeline"},
                 {"automation_roles", "CloudPostureReadOnly"},
                 {"admin_roles", "AWSReservedSSO_IdentityAdministrator_*"},
                 {"security_roles", "AWSReservedSSO_SecurityOperations_*"},
                 {"break_glass", "break-glass-1"},
                 {"used_regions", "us-east-1"},
                 {"used_regions", "eu-west-1"},
                 {"used_regions", "eu-central-1"},
                 {"vendor_accounts", kScannerAccount},
                 {"trusted_identity_providers", "token.actions.githubusercontent.com"}});
  return values;
}

}  // namespace stanch::generator
