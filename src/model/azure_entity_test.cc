#include "model/azure_entity.h"

#include <gtest/gtest.h>

#include <string>

namespace stanch::model {
namespace {

constexpr std::string_view kGroup = "/subscriptions/5A1B/resourceGroups/Shop-RG";

struct ArmCase {
  std::string id;
  const char* expected;
};

TEST(AzureEntity, ResourceIdsHaveOneIdEach) {
  const std::string group(kGroup);
  const std::string account = group + "/providers/Microsoft.Storage/storageAccounts/Bills";
  const ArmCase cases[] = {
      {"/subscriptions/5A1B", "azure:subscription/5a1b"},
      {"/subscriptions/5A1B/", "azure:subscription/5a1b"},
      {group, "azure:resource-group/5a1b/shop-rg"},
      {group + "/providers/Microsoft.Compute/virtualMachines/Web-1", "azure:vm/5a1b/shop-rg/web-1"},
      {"/SUBSCRIPTIONS/5A1B/RESOURCEGROUPS/SHOP-RG/PROVIDERS/MICROSOFT.COMPUTE/VIRTUALMACHINES/"
       "WEB-1",
       "azure:vm/5a1b/shop-rg/web-1"},
      {"subscriptions/5a1b/resourcegroups/shop-rg/providers/microsoft.compute/virtualmachines/"
       "web-1",
       "azure:vm/5a1b/shop-rg/web-1"},
      {group + "/providers/Microsoft.Compute/virtualMachines/web-1/extensions/agent",
       "azure:vm-extension/5a1b/shop-rg/web-1/agent"},
      {group + "/providers/Microsoft.Compute/virtualMachines", "azure:resource-group/5a1b/shop-rg"},
      {account, "azure:storage-account/5a1b/shop-rg/bills"},
      {account + "/blobServices/default", "azure:storage-account/5a1b/shop-rg/bills"},
      {account + "/blobServices/default/containers/May",
       "azure:blob-container/5a1b/shop-rg/bills/may"},
      {account + "/encryptionScopes/own",
       "azure:storage-storageaccounts-encryptionscopes/5a1b/shop-rg/bills/own"},
      {account + "/providers/Microsoft.Authorization/locks/keep",
       "azure:lock/5a1b/shop-rg/storage-account:bills/keep"},
      {group + "/providers/Microsoft.Authorization/locks/keep", "azure:lock/5a1b/shop-rg/keep"},
      {"/subscriptions/5a1b/providers/Microsoft.Authorization/roleAssignments/77",
       "azure:role-assignment/5a1b/-/77"},
      {"/subscriptions/5a1b/providers/Microsoft.Authorization/roleDefinitions/8E3A",
       "azure:role-definition/8e3a"},
      {"/providers/Microsoft.Authorization/roleDefinitions/8e3a", "azure:role-definition/8e3a"},
      {"/providers/Microsoft.Authorization/roleAssignments/77", "azure:role-assignment/-/-/77"},
      {"/providers/Microsoft.Management/managementGroups/Root", "azure:management-group/root"},
      {"/providers/Microsoft.Management/managementGroups/Root/providers/"
       "Microsoft.Authorization/policyAssignments/p",
       "azure:policy-assignment/-/-/management-group:root/p"},
      {"/subscriptions/5a1b/providers/Microsoft.domainRegistration", "azure:subscription/5a1b"},
      {group + "/providers/Contoso.Shop/carts/a%b", "azure:contoso.shop-carts/5a1b/shop-rg/a%25b"},
      {"/tenants/C0DE/providers/Microsoft.aadiam", "azure:tenant/c0de"},
      {"/subscriptions", ""},
      {"/subscriptions/5a1b/tags/x", ""},
      {"/resourceGroups/shop-rg", ""},
      {"https://example.com/subscriptions/5a1b", ""},
      {"web-1", ""},
      {"/", ""},
      {"", ""},
  };
  for (const ArmCase& c : cases) {
    TextArena arena;
    EXPECT_EQ(arm_entity(c.id, arena).text, c.expected) << c.id;
  }
}

TEST(AzureEntity, SaysWhereAResourceIs) {
  EXPECT_EQ(arm_subscription("/SUBSCRIPTIONS/5A1B/resourceGroups/x"), "5A1B");
  EXPECT_EQ(arm_subscription("/tenants/c0de/providers/x"), "");
  EXPECT_EQ(arm_tenant("/tenants/c0de/providers/x"), "c0de");
  EXPECT_EQ(arm_tenant("/subscriptions/5a1b"), "");
}

TEST(AzureEntity, ObjectsOfADirectoryAreItsOwn) {
  TextArena arena;
  EXPECT_EQ(entra_entity("User", "C0DE", "A1", arena).text, "azure:user/c0de/a1");
  EXPECT_EQ(entra_entity("user", "c0de", "a1", arena).text, "azure:user/c0de/a1");
  EXPECT_EQ(entra_entity("User", "c0de", "Ana@Example.com", arena).text,
            "azure:user/c0de/ana@example.com");
  EXPECT_EQ(entra_entity("ServicePrincipal", "c0de", "a1", arena).text,
            "azure:service-principal/c0de/a1");
  EXPECT_EQ(entra_entity("MSI", "c0de", "a1", arena).text, "azure:service-principal/c0de/a1");
  EXPECT_EQ(entra_entity("Odd/Type", "c0de", "a1", arena).text, "azure:odd%2Ftype/c0de/a1");
  EXPECT_EQ(entra_entity("User", "", "a1", arena).text, "azure:user/-/a1");
  EXPECT_TRUE(entra_entity("", "c0de", "a1", arena).empty());
  EXPECT_TRUE(entra_entity("User", "c0de", "", arena).empty());
}

TEST(AzureEntity, IdsThatAreUniqueEverywhereHaveNoScope) {
  TextArena arena;
  EXPECT_EQ(azure_client("1950A258", arena).text, "azure:client/1950a258");
  EXPECT_EQ(azure_credential("4CA6", arena).text, "azure:credential/4ca6");
  EXPECT_EQ(azure_session("00AA", arena).text, "azure:session/00aa");
  EXPECT_EQ(azure_token("xY_z-A", arena).text, "azure:token/xY_z-A");
  EXPECT_EQ(azure_service("Microsoft.ResourceHealth", arena).text,
            "azure:service/microsoft.resourcehealth");
  EXPECT_TRUE(azure_client("", arena).empty());
}

}  // namespace
}  // namespace stanch::model
