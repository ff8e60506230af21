#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "env/sim/sim.h"

// A simulated machine with its files, variables and the servers that it can reach. Every
// secret of these tests has "SECRET" in it, so that one can see that no error tells one.

namespace stanch::cloud {

class World {
 public:
  using Answer = std::function<env::HttpTurn(const env::HttpRequest&)>;

  explicit World(uint64_t seed = 1) : sim(seed) {
    sim.set_variable("HOME", "/home/user");
    sim.script_http([this](const env::HttpRequest& request, Time) {
      requests.push_back(request);
      // The longest beginning of a URL that somebody answers for.
      const Answer* found = nullptr;
      for (const auto& [url, answer] : servers) {
        if (request.url.starts_with(url)) found = &answer;
      }
      return found != nullptr ? (*found)(request) : env::HttpTurn{.fate = env::HttpFate::kRefused};
    });
  }

  template <typename T>
  Result<T> run(std::function<Result<T>(env::Env)> program) {
    std::optional<Result<T>> result;
    const env::Outcome outcome = sim.run([&](env::Env env) { result = program(env); });
    EXPECT_EQ(outcome.end, env::End::kFinished) << outcome.message;
    expect_no_secret(*result ? "" : result->error().message());
    return *std::move(result);
  }

  // The names of variables may be said.
  static void expect_no_secret(std::string said) {
    for (const std::string variable : {"AWS_SECRET_ACCESS_KEY", "AZURE_CLIENT_SECRET"}) {
      for (size_t at = said.find(variable); at != said.npos; at = said.find(variable)) {
        said.erase(at, variable.size());
      }
    }
    EXPECT_THAT(said, testing::Not(testing::HasSubstr("SECRET")));
  }
  static std::string words(const Error& error) {
    return std::string(name_of(error.code())) + ": " + error.message();
  }
  static env::HttpTurn answer(int status, std::string body) {
    return {.response = {.status = status, .body = std::move(body)}};
  }
  static Answer always(int status, const std::string& body) {
    return [=](const env::HttpRequest&) { return answer(status, body); };
  }
  static Answer never(env::HttpFate fate) {
    return [=](const env::HttpRequest&) { return env::HttpTurn{.fate = fate}; };
  }
  static std::string header(const env::HttpRequest& request, std::string_view name) {
    for (const env::HttpHeader& h : request.headers) {
      if (h.name == name) return h.value;
    }
    return "";
  }

  env::SimWorld sim;
  std::map<std::string, Answer> servers;   // by the beginning of the URL
  std::vector<env::HttpRequest> requests;  // all that arrived or were lost
};

}  // namespace stanch::cloud
