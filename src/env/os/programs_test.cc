#include "env/os/programs.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace stanch::env::os {
namespace {

// "status: output", or "code: message".
std::string run(const ProgramRun& run) {
  const auto end = OsPrograms().run(run);
  if (!end) return std::string(name_of(end.error().code())) + ": " + end.error().message();
  return std::to_string(end->status) + ": " + end->out;
}

TEST(OsPrograms, GiveWhatTheyWroteAndHowTheyEnded) {
  EXPECT_EQ(run({.name = "printf", .arguments = {"%s|", "a b", "$HOME", ";x", ""}}),
            "0: a b|$HOME|;x||");
  EXPECT_EQ(run({.name = "false", .arguments = {}}), "1: ");
  EXPECT_EQ(run({.name = "cat", .arguments = {}}), "0: ") << "its input is empty";
}

TEST(OsPrograms, AreOnesOfPathAlone) {
  for (const char* name : {"no-such-program-here", "/bin/true", "../bin/true", ""}) {
    EXPECT_EQ(run({.name = name, .arguments = {}}),
              "not_found: " + std::string(name) + ": there is no such program");
  }
}

TEST(OsPrograms, AreEndedWhenTheyTakeTooLongOrSayTooMuch) {
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_TRUE(run({.name = "sleep", .arguments = {"60"}, .within = std::chrono::milliseconds(50)})
                  .ends_with("/sleep takes too long"));
  EXPECT_TRUE(
      run({.name = "yes", .arguments = {}, .out_bytes_max = 1000}).ends_with("/yes says too much"));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(30));
}

}  // namespace
}  // namespace stanch::env::os
