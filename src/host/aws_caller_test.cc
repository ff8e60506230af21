#include "host/aws_caller.h"

#include <gtest/gtest.h>

namespace stanch::host {
namespace {

// The roles that are assumed in an account are ours there, however it is spelt.
TEST(AwsIdentity, IsItsRolesInEveryAccount) {
  AwsIdentity identity;
  identity.own = {"aws:user/111122223333/hub"};
  identity.entity = "aws:user/111122223333/hub";
  identity.roles = "Stanch";
  EXPECT_TRUE(identity.own_in("444455556666").contains("aws:role/444455556666/stanch-respond"));
  EXPECT_TRUE(identity.own_in("444455556666").contains("aws:user/111122223333/hub"));
  EXPECT_TRUE(identity.own_in("444455556666").contains("aws:role/444455556666/stanch-read"));
  EXPECT_EQ(identity.signer("444455556666", cloud::Duty::kEvidence),
            "aws:role/444455556666/stanch-evidence");
  identity.roles.clear();
  EXPECT_EQ(identity.signer("444455556666", cloud::Duty::kEvidence), identity.entity);
  EXPECT_EQ(identity.own_in("444455556666").size(), 1u);
}

}  // namespace
}  // namespace stanch::host
