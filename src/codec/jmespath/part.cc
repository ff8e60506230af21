#include "codec/jmespath/part.h"

#include <cmath>

#include "base/check.h"

namespace stanch::codec::jmespath {
namespace {

const JsonValue kNull;

// `b` is no integer of 64 bits, as JsonValue would hold that as one.
std::partial_ordering compare_mixed(int64_t a, double b) {
  constexpr double kBeyond = 9223372036854775808.0;  // 2^63
  if (b >= kBeyond) return std::partial_ordering::less;
  if (b < -kBeyond) return std::partial_ordering::greater;
  return a <= static_cast<int64_t>(std::floor(b)) ? std::partial_ordering::less
                                                  : std::partial_ordering::greater;
}

}  // namespace

Part::Part() : of_(&kNull) {}

JsonType Part::type() const {
  switch (of_.index()) {
    case 0: return scalar().type();
    case 1: return JsonType::kArray;
    default: return JsonType::kObject;
  }
}

bool Part::is_true_like() const { return of_.index() == 0 ? scalar().is_true_like() : size() != 0; }

size_t Part::size() const {
  switch (of_.index()) {
    case 0: return scalar().is_array() ? scalar().array().size() : scalar().object().size();
    case 1: return std::get<1>(of_)->size();
    default: return std::get<2>(of_)->size();
  }
}

Part Part::element(size_t index) const {
  if (const auto* list = std::get_if<const List*>(&of_)) return (**list)[index];
  return Part(scalar().array()[index]);
}

Part Part::member(std::string_view key) const {
  if (const auto* table = std::get_if<const Table*>(&of_)) {
    const auto found = (*table)->find(key);
    return found != (*table)->end() ? found->second : Part();
  }
  return of_.index() == 0 ? Part(scalar()[key]) : Part();
}

std::partial_ordering compare_numbers(const JsonValue& a, const JsonValue& b) {
  const int64_t *x = a.integer(), *y = b.integer();
  if (x != nullptr && y != nullptr) return *x <=> *y;
  if (x != nullptr) return compare_mixed(*x, b.number());
  if (y != nullptr) return 0 <=> compare_mixed(*y, a.number());
  return a.number() <=> b.number();
}

std::string_view name_of(JsonType type) {
  switch (type) {
    case JsonType::kNull: return "null";
    case JsonType::kBool: return "boolean";
    case JsonType::kNumber: return "number";
    case JsonType::kString: return "string";
    case JsonType::kArray: return "array";
    case JsonType::kObject: return "object";
  }
  CHECK(false);
}

}  // namespace stanch::codec::jmespath
