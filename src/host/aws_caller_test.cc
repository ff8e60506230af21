#include "host/aws_caller.h"

#include <gtest/gtest.h>

namespace stanch::host {
namespace {

// The role that is assumed in an account is ours there, however it is spelt.
TEST(AwsIdentity, IsItsRoleInEveryAccount) {
  AwsIdentity identity;
  identity.own = {"aws:user/111122223333/hub"};
  identity.role = "Stanch-Respond";
  EXPECT_TRUE(identity.own_in("444455556666").contains("aws:role/444455556666/stanch-respond"));
  EXPECT_TRUE(identity.own_in("444455556666").contains("aws:user/111122223333/hub"));
  identity.role.clear();
  EXPECT_EQ(identity.own_in("444455556666").size(), 1u);
}

}  // namespace
}  // namespace stanch::host
