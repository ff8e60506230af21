#include "pipeline/output/finding_payload.h"

#include <gtest/gtest.h>

#include "codec/base64.h"
#include "codec/hash.h"
#include "codec/json.h"
#include "model/entry_kind.h"
#include "pipeline/output/samples_for_test.h"

namespace stanch::pipeline::output {
namespace {

const std::vector<std::string> kBecause = {"shares \"a\"", "\x1b[2J"};

model::EntryCitation citation() {
  return {.stream = model::StreamId("triage"), .sequence = 7, .hash = codec::sha256("x")};
}

TEST(FindingPayload, FitsTheKindAndHoldsTheRecord) {
  Sample sample = sample_finding();
  const std::string payload = finding_payload(sample.finding());
  EXPECT_EQ(payload.find('\n'), payload.npos);
  const std::string joined = joined_payload(payload, kBecause, citation());
  codec::JsonParser parser;
  const codec::JsonView view = parser.parse(joined);
  ASSERT_TRUE(view.exists()) << joined;
  const auto fits = model::check_payload(*model::current_entry_kind("finding_joined"), view);
  EXPECT_TRUE(fits) << fits.error().message();
  std::vector<std::string> because;
  for (const codec::JsonView text : view["because"].elements()) {
    because.push_back(text.string_or_empty());
  }
  EXPECT_EQ(because, kBecause);
  EXPECT_EQ(view["triage"]["sequence"].raw(), "7");
  EXPECT_EQ(codec::decode_base64(view["record_base64"].string_or_empty()), sample.event.raw);
  EXPECT_EQ(view["record_sha256"].string_or_empty(),
            codec::to_hex(codec::sha256(sample.event.raw)));
  EXPECT_FALSE(view["document"]["raw"].exists());
  EXPECT_EQ(view["document"]["id"].string_or_empty(), sample.id);
}

TEST(FindingPayload, NamesEveryEntityOnceAndTheActorFirst) {
  Sample sample = sample_finding();
  sample.targets = {{.entity = {"aws:user/1/bob"}}, {.entity = sample.event.facts.actor.entity}};
  codec::JsonParser parser;
  const std::string payload = finding_payload(sample.finding());
  const codec::JsonView view = parser.parse(payload);
  std::vector<std::string> entities;
  for (const codec::JsonView entity : view["entities"].elements()) {
    entities.push_back(entity.string_or_empty());
  }
  EXPECT_EQ(entities,
            (std::vector<std::string>{"aws:role/111122223333/deploy", "aws:access-key/ASIAEXAMPLE",
                                      "aws:session/111122223333/deploy/i-0abc@1772330000",
                                      "ip/203.0.113.7", "aws:user/1/bob"}));
}

TEST(FindingPayload, OfALargeRecordKeepsTheHashAlone) {
  Sample sample = sample_finding();
  const std::string large(kRecordBytesMax + 1, 'x');
  sample.event.raw = large;
  std::string payload = finding_payload(sample.finding());
  EXPECT_EQ(payload.find("record_base64"), payload.npos);
  EXPECT_NE(payload.find(codec::to_hex(codec::sha256(large))), payload.npos);
  sample.event.raw = std::string_view(large).substr(1);
  payload = finding_payload(sample.finding());
  EXPECT_NE(payload.find("record_base64"), payload.npos);
}

}  // namespace
}  // namespace stanch::pipeline::output
