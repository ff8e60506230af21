#include "env/system_error.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace stanch::env {
namespace {

TEST(SystemError, SaysWhatMayBeDoneAndWhy) {
  struct Case {
    std::string_view name;
    int number;
    ErrorCode code;
    std::string_view text;
  };
  constexpr Case kCases[] = {
      {"missing", ENOENT, ErrorCode::kNotFound, "cannot open a: no such file or folder"},
      {"denied", EACCES, ErrorCode::kDenied, "cannot open a: permission denied"},
      {"full", ENOSPC, ErrorCode::kUnavailable, "cannot open a: no space left on the device"},
      {"broken disk", EIO, ErrorCode::kCorrupt, "cannot open a: input/output error"},
      {"closed pipe", EPIPE, ErrorCode::kDenied,
       "cannot open a: nobody reads the other end any more"},
      {"folder", EISDIR, ErrorCode::kInvalid, "cannot open a: it is a folder"},
      {"not in the table", ENOLCK, ErrorCode::kUnavailable, "cannot open a: No locks available"},
  };
  for (const Case& c : kCases) {
    Error error = system_error(c.number, "open", "a");
    EXPECT_EQ(error.code(), c.code) << c.name;
    EXPECT_EQ(error.message(), c.text) << c.name;
  }
}

TEST(SystemError, NamesOfFilesReachNoTerminalRaw) {
  EXPECT_EQ(system_error(ENOENT, "read", "a\x1b[2Jb\nc").message(),
            "cannot read a?[2Jb?c: no such file or folder");
}

}  // namespace
}  // namespace stanch::env
