#include "model/entity_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/aws_entity.h"

namespace stanch::model {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(EntityParts, OfAllForms) {
  const auto trail = split_entity("aws:trail/111122223333/eu-west-1/main");
  ASSERT_TRUE(trail);
  EXPECT_EQ(trail->type, "aws:trail");
  EXPECT_THAT(trail->scope, ElementsAre("111122223333", "eu-west-1"));
  EXPECT_EQ(trail->name, "main");
  const auto address = split_entity("ip/2001:db8::1");
  ASSERT_TRUE(address);
  EXPECT_THAT(address->scope, IsEmpty());
  EXPECT_EQ(address->name, "2001:db8::1");
}

// Whatever a record calls a user comes back as it was.
TEST(EntityParts, EscapesAreUndone) {
  for (const char* name : {"a b", "../../etc", "$(reboot)", "caf\xC3\xA9", "100%", "%41"}) {
    TextArena arena;
    const EntityRef id =
        aws_entity(AwsType::kTrail, name, {"aws", "111122223333", "eu-west-1"}, arena);
    const auto parts = split_entity(id.text);
    ASSERT_TRUE(parts) << id.text;
    EXPECT_EQ(parts->name, name);
  }
}

TEST(EntityParts, WhatIsNoId) {
  for (const char* text : {"", "x", "/x", "aws:user/", "aws:user//x", "aws:user/1/%4", "ip/%zz",
                           "aws:user/1/%~00112233445566778899aabbccddeeff"}) {
    EXPECT_FALSE(split_entity(text)) << text;
  }
}

}  // namespace
}  // namespace stanch::model
