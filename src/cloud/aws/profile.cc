#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>
#include <vector>

#include "cloud/aws/credential_sources.h"
#include "cloud/aws/endpoint.h"
#include "cloud/aws/ini.h"
#include "cloud/aws/sts.h"
#include "cloud/invalid.h"
#include "cloud/text_file.h"
#include "codec/trimmed.h"

// Profiles, as the AWS SDKs read them ("Shared config and credentials files"). A role names
// where the credentials come from that may assume it, often another profile, so that profiles
// form a chain; it ends in keys, a token, or what this machine is.

namespace stanch::cloud::aws {
namespace {

constexpr size_t kChainMax = 5;  // roles one after another

// All profiles by name, from both files; those of the credentials file count first.
using Profiles = std::map<std::string, IniSection>;

// "profile prod", "profile 'my prod'" or "default"; nothing for other kinds of sections.
std::optional<std::string> profile_name(std::string_view section) {
  constexpr std::string_view kWord = "profile";
  if (section == "default") return "default";
  if (!section.starts_with(kWord) || section.size() == kWord.size()) return std::nullopt;
  std::string_view rest = section.substr(kWord.size());
  if (rest.front() != ' ' && rest.front() != '\t') return std::nullopt;
  rest = codec::trimmed(rest);
  const bool quoted = rest.size() >= 2 && (rest.front() == '"' || rest.front() == '\'') &&
                      rest.front() == rest.back();
  return std::string(quoted ? rest.substr(1, rest.size() - 2) : rest);
}

// A file that is not there says nothing.
Result<Ini> read_ini(env::Env env, const std::string& path) {
  if (path.empty()) return Ini{};
  auto text = read_text_file(env.files, path, kIniBytesMax);
  if (!text && text.error().code() == ErrorCode::kNotFound) return Ini{};
  if (!text) return std::move(text).error();
  auto ini = parse_ini(*text);
  if (!ini) return std::move(ini).error().within(path);
  return ini;
}

std::string path_of(env::Env env, const char* name, std::string_view usual) {
  std::string path = variable(env, name);
  const std::string home = variable(env, "HOME");
  if (path.starts_with("~/") && !home.empty()) return home + path.substr(1);
  if (!path.empty() || home.empty()) return path;
  return home + std::string(usual);
}

Result<Profiles> read_profiles(env::Env env) {
  TRY(Ini config, read_ini(env, path_of(env, "AWS_CONFIG_FILE", "/.aws/config")));
  TRY(Ini keys, read_ini(env, path_of(env, "AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials")));
  Profiles profiles;
  for (const auto& [section, values] : config) {
    if (const auto name = profile_name(section)) {
      // "[profile default]" sorts behind "[default]" and counts more.
      for (const auto& [key, value] : values) profiles[*name][key] = value;
    }
  }
  for (const auto& [name, values] : keys) {
    for (const auto& [key, value] : values) profiles[name][key] = value;
  }
  return profiles;
}

std::string name_of_profile(env::Env env, const ChainOptions& options) {
  if (!options.profile.empty()) return options.profile;
  return variable(env, "AWS_PROFILE");
}

std::string value_of(const IniSection& profile, const std::string& key) {
  const auto found = profile.find(key);
  return found == profile.end() ? "" : found->second;
}

// What would need a person or a program.
Result<> refuse(const IniSection& profile) {
  struct Row {
    std::string_view key;
    std::string_view why;
  };
  constexpr Row kRows[] = {
      {"credential_process",
       "credential_process is not supported: no program is run that a file "
       "names; use a role, or keys in the environment"},
      {"sso_session", "sign-in by SSO is not supported: nobody is there to sign in; use a role"},
      {"sso_start_url", "sign-in by SSO is not supported: nobody is there to sign in; use a role"},
      {"mfa_serial",
       "mfa_serial is not supported: nobody is there to type a code; use a role "
       "that this machine may assume"},
  };
  for (const Row& row : kRows) {
    if (profile.contains(std::string(row.key))) return invalid(std::string(row.why));
  }
  return {};
}

class Resolver {
 public:
  Resolver(env::Env env, const ChainOptions& options, const Profiles& profiles)
      : env_(env), options_(options), profiles_(profiles) {}

  Result<std::optional<Credentials>> resolve(const std::string& name) {
    const auto profile = profiles_.find(name);
    if (profile == profiles_.end()) {
      return Error(ErrorCode::kNotFound, "profile " + shown(name) + ": there is none");
    }
    auto result = resolve_section(name, profile->second);
    if (!result) return std::move(result).error().within("profile " + shown(name));
    return result;
  }

 private:
  static std::string shown(std::string name) {
    name.resize(std::min<size_t>(name.size(), 100));
    for (char& c : name) c = c < ' ' || c > '~' ? '?' : c;
    return name;
  }

  Result<std::optional<Credentials>> resolve_section(const std::string& name,
                                                     const IniSection& profile) {
    const bool again = std::ranges::find(path_, name) != path_.end();
    // A profile may be its own source: then it is its keys that are meant.
    if (profile.contains("role_arn") && !(again && path_.back() == name)) {
      if (again) return invalid("the profiles go round in a circle");
      if (path_.size() == kChainMax) return invalid("more than 5 roles come one after another");
      path_.push_back(name);
      TRY(Credentials credentials, assume(profile));
      return std::optional(std::move(credentials));
    }
    return keys_of(name, profile);
  }

  Result<std::optional<Credentials>> keys_of(const std::string& name, const IniSection& profile) {
    Credentials credentials{.access_key_id = value_of(profile, "aws_access_key_id"),
                            .secret_access_key = value_of(profile, "aws_secret_access_key"),
                            .session_token = value_of(profile, "aws_session_token"),
                            .expires = std::nullopt,
                            .source = "profile " + shown(name)};
    const bool id = !credentials.access_key_id.empty();
    if (id != !credentials.secret_access_key.empty()) {
      return invalid("of aws_access_key_id and aws_secret_access_key only one is set");
    }
    if (id) return std::optional(std::move(credentials));
    TRY(refuse(profile));
    return std::optional<Credentials>();  // a region and the like
  }

  Result<Credentials> assume(const IniSection& profile) {
    TRY(refuse(profile));
    const std::string region_there = value_of(profile, "region");
    TRY(const std::string region, region_or(region_there));
    const StsOptions sts{.region = region, .clock_ahead = options_.clock_ahead};
    TRY(const RoleSession session, session_of(profile));
    const std::string token_file = value_of(profile, "web_identity_token_file");
    if (!token_file.empty()) {
      TRY(const std::string token, read_token_file(env_.files, token_file));
      return assume_role_with_web_identity(env_, token, session, sts);
    }
    TRY(const Credentials source, source_of(profile));
    return assume_role(env_, source, session, sts);
  }

  Result<std::string> region_or(const std::string& of_profile) const {
    for (const std::string& region : {options_.region, variable(env_, "AWS_REGION"),
                                      variable(env_, "AWS_DEFAULT_REGION"), of_profile}) {
      if (!region.empty()) return region;
    }
    return invalid("no region is set, and STS has one in each: set AWS_REGION");
  }

  Result<RoleSession> session_of(const IniSection& profile) const {
    RoleSession session{.role_arn = value_of(profile, "role_arn"),
                        .session_name = value_of(profile, "role_session_name"),
                        .external_id = value_of(profile, "external_id")};
    if (session.session_name.empty()) session.session_name = options_.session_name;
    const std::string seconds = value_of(profile, "duration_seconds");
    if (seconds.empty()) return session;
    int number = 0;
    const auto [end, problem] =
        std::from_chars(seconds.data(), seconds.data() + seconds.size(), number);
    if (problem != std::errc() || end != seconds.data() + seconds.size() || number <= 0) {
      return invalid("duration_seconds is no number");
    }
    session.lasts = std::chrono::seconds(number);
    return session;
  }

  // Who may assume the role.
  Result<Credentials> source_of(const IniSection& profile) {
    const std::string from_profile = value_of(profile, "source_profile");
    const std::string from_machine = value_of(profile, "credential_source");
    if (from_profile.empty() == from_machine.empty()) {
      return invalid("role_arn needs either source_profile or credential_source");
    }
    Result<std::optional<Credentials>> found =
        from_machine.empty() ? resolve(from_profile) : ask_machine(from_machine);
    if (!found) return std::move(found).error();
    if (*found) return **std::move(found);
    return Error(ErrorCode::kNotFound, "the source of the role has no credentials");
  }

  Result<std::optional<Credentials>> ask_machine(const std::string& source) {
    if (source == "Environment") return from_environment(env_, options_);
    if (source == "EcsContainer") return from_container(env_, options_);
    if (source == "Ec2InstanceMetadata") return from_instance(env_, options_);
    return invalid("credential_source is none of Environment, EcsContainer, Ec2InstanceMetadata");
  }

  env::Env env_;
  const ChainOptions& options_;
  const Profiles& profiles_;
  std::vector<std::string> path_;  // of roles, from the one asked for on
};

}  // namespace

Result<std::string> region_of(env::Env env, const ChainOptions& options) {
  for (std::string region :
       {options.region, variable(env, "AWS_REGION"), variable(env, "AWS_DEFAULT_REGION")}) {
    if (!region.empty()) return region;
  }
  TRY(const Profiles profiles, read_profiles(env));
  const std::string name = name_of_profile(env, options);
  const auto profile = profiles.find(name.empty() ? "default" : name);
  std::string region = profile == profiles.end() ? "" : value_of(profile->second, "region");
  if (region.empty()) return invalid("no AWS region is set: set AWS_REGION");
  return region;
}

Found from_profile(env::Env env, const ChainOptions& options) {
  TRY(const Profiles profiles, read_profiles(env));
  const std::string name = name_of_profile(env, options);
  if (name.empty() && !profiles.contains("default")) return std::optional<Credentials>();
  Resolver resolver(env, options, profiles);
  TRY(std::optional<Credentials> found, resolver.resolve(name.empty() ? "default" : name));
  // Who names a profile means the credentials in it, and no others.
  if (!found && !name.empty()) {
    return Error(ErrorCode::kNotFound, "the AWS profile that is asked for has no credentials");
  }
  return found;
}

}  // namespace stanch::cloud::aws
