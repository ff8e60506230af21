#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "codec/json.h"
#include "ingest/ingest.h"

// Any JSON as a record: no crash, everything that comes out can be read and is JSON, and it is
// the same again with parsers that have read it before.

namespace {

using namespace stanch;

class Log final : public ingest::Unwrapper::Sink {
 public:
  void event(codec::JsonView event, ingest::Envelope from) override {
    CHECK(event.exists());
    text.clear();
    codec::append_compact(event, text);
    CHECK(judge_.parse(text).exists());
    all += static_cast<char>('a' + static_cast<int>(from)) + text + '\n';
  }
  void rejected(codec::JsonProblem problem, std::string_view bytes) override {
    CHECK(problem != codec::JsonProblem::kNone);
    all += std::string(codec::name_of(problem)) + ' ' + std::string(bytes) + '\n';
  }
  std::string all;

 private:
  codec::JsonParser judge_;
  std::string text;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  static codec::JsonParser parser;
  static ingest::Unwrapper unwrapper{ingest::Limits()};
  std::string before;
  for (int i = 0; i < 2; ++i) {
    const codec::JsonView record = parser.parse(bytes);
    if (!record.exists()) return 0;
    Log log;
    unwrapper.unwrap(record, log);
    CHECK(i == 0 || log.all == before);
    before = log.all;
  }
  return 0;
}
