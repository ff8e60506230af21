#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/check.h"

// The one error idea of the program. A function that may fail returns
// Result<T>; the caller looks, or hands it on with TRY. No exception crosses a
// module. The names follow std::expected, which GCC 12 has but which no
// compiler of ours warns about when it is ignored (docs/decisions).

namespace stanch {

// What may the caller do? That is all a code says; the text says what happened.
enum class ErrorCode : uint8_t {
  kInvalid,         // the request or the data is wrong: do not retry
  kNotFound,        // do not retry
  kConflict,        // somebody else was first: read again
  kDenied,          // do not retry
  kUnavailable,     // retry
  kThrottled,       // retry later
  kUnknownOutcome,  // sent, no answer: look before doing it again
  kCorrupt,         // stop
};

std::string_view name_of(ErrorCode code);

class [[nodiscard]] Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }

  // Puts "<context>: " in front of the message on the way up.
  Error within(std::string_view context) &&;

 private:
  ErrorCode code_;
  std::string message_;
};

template <typename T = void>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & {
    CHECK(has_value());
    return std::get<0>(state_);
  }
  const T& value() const& {
    CHECK(has_value());
    return std::get<0>(state_);
  }
  T&& value() && {
    CHECK(has_value());
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& {
    CHECK(!has_value());
    return std::get<1>(state_);
  }
  Error&& error() && {
    CHECK(!has_value());
    return std::get<1>(std::move(state_));
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  void value() const { CHECK(has_value()); }

  const Error& error() const& {
    CHECK(!has_value());
    return std::get<1>(state_);
  }
  Error&& error() && {
    CHECK(!has_value());
    return std::get<1>(std::move(state_));
  }

 private:
  std::variant<std::monostate, Error> state_;
};

}  // namespace stanch

#define STANCH_TRY_JOIN_(a, b) a##b
#define STANCH_TRY_NAME_(a, b) STANCH_TRY_JOIN_(a, b)
#define STANCH_TRY_2_(declaration, expression, name)     \
  auto name = (expression);                              \
  if (!name.has_value()) return std::move(name).error(); \
  declaration = std::move(name).value()
#define STANCH_TRY_1_(expression, name) \
  if (auto name = (expression); !name.has_value()) return std::move(name).error()
#define STANCH_TRY_PICK_(_1, _2, chosen, ...) chosen
#define STANCH_TRY_A_(expression) STANCH_TRY_1_(expression, STANCH_TRY_NAME_(try_, __LINE__))
#define STANCH_TRY_B_(declaration, expression) \
  STANCH_TRY_2_(declaration, expression, STANCH_TRY_NAME_(try_, __LINE__))

// TRY(f());           hands the error of f() on to our caller.
// TRY(auto x, f());   the same, and x is the value.
#define TRY(...) STANCH_TRY_PICK_(__VA_ARGS__, STANCH_TRY_B_, STANCH_TRY_A_)(__VA_ARGS__)
