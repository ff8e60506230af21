#include "model/gcp_entity.h"

#include <gtest/gtest.h>

namespace stanch::model {
namespace {

TEST(GcpEntity, OfResourceNames) {
  const struct {
    const char *name, *id;
  } cases[] = {
      {"projects/acme-prod", "gcp:project/acme-prod"},
      {"organizations/123456789012", "gcp:organization/123456789012"},
      {"projects/_/buckets/acme-papers/objects/a/b.txt", "gcp:bucket/acme-papers"},
      {"//storage.googleapis.com/projects/_/buckets/acme-papers", "gcp:bucket/acme-papers"},
      {"projects/acme-prod/zones/europe-west1-b/instances/web-1",
       "gcp:instance/acme-prod/europe-west1-b/web-1"},
      {"projects/acme-prod/global/firewalls/open-ssh", "gcp:firewall/acme-prod/open-ssh"},
      {"projects/acme-prod/serviceAccounts/ci@acme-prod.iam.gserviceaccount.com",
       "gcp:service-account/acme-prod/ci@acme-prod.iam.gserviceaccount.com"},
      {"projects/-/serviceAccounts/ci@acme-prod.iam.gserviceaccount.com",
       "gcp:service-account/acme-prod/ci@acme-prod.iam.gserviceaccount.com"},
      {"projects/acme-prod/serviceAccounts/ci@acme-prod.iam.gserviceaccount.com/keys/0f1e2d",
       "gcp:service-account-key/acme-prod/ci@acme-prod.iam.gserviceaccount.com/0f1e2d"},
      {"projects/acme-prod/secrets/db/versions/7", "gcp:secret/acme-prod/db"},
      {"projects/acme-prod/locations/global/keyRings/r/cryptoKeys/k/cryptoKeyVersions/2",
       "gcp:crypto-key/acme-prod/global/r/k"},
      {"projects/acme-prod/sinks/all", "gcp:sink/acme-prod/all"},
      {"projects/acme-prod/datasets/sales/tables/orders", "gcp:dataset/acme-prod/sales"},
      {"projects/_", ""},
      {"", ""},
      {"projects", ""},
      {"projects/", ""},
      {"no slash", ""},
      {"projects/acme-prod/global", "gcp:project/acme-prod"},
      {"../../etc/passwd", ""},
  };
  TextArena arena;
  for (const auto& each : cases)
    EXPECT_EQ(gcp_resource(each.name, arena).text, each.id) << each.name;
}

TEST(GcpEntity, TheUseOfAnAccountByWhoeverLendsIt) {
  const struct {
    const char *account, *lender, *id;
  } cases[] = {
      {"gcp:service-account/p/ci@p.x", "gcp:user/mara@example.com",
       "gcp:session/p/ci@p.x/mara@example.com"},
      {"gcp:service-account/p/ci@p.x", "gcp:service-account/q/hub@q.x",
       "gcp:session/p/ci@p.x/hub@q.x"},
      {"gcp:service-account/p/ci@p.x", "gcp:workload/p.svc.id.goog/shop/web",
       "gcp:session/p/ci@p.x/p.svc.id.goog:shop:web"},
      {"gcp:service-account/p/ci@p.x", "gcp:service-account/p/ci@p.x", ""},
      {"gcp:service-account/p/ci@p.x", "", ""},
      {"gcp:user/mara@example.com", "gcp:user/mara@example.com", ""},
      {"", "gcp:user/mara@example.com", ""},
  };
  TextArena arena;
  for (const auto& each : cases) {
    EXPECT_EQ(gcp_session({each.account}, {each.lender}, arena).text, each.id)
        << each.account << " " << each.lender;
  }
}

TEST(GcpEntity, OfPeopleAndAccounts) {
  const struct {
    const char *member, *id;
  } cases[] = {
      {"user:Mara@Example.com", "gcp:user/mara@example.com"},
      {"mara@example.com", "gcp:user/mara@example.com"},
      {"serviceAccount:ci@acme-prod.iam.gserviceaccount.com",
       "gcp:service-account/acme-prod/ci@acme-prod.iam.gserviceaccount.com"},
      {"123456789-compute@developer.gserviceaccount.com",
       "gcp:service-account/123456789/123456789-compute@developer.gserviceaccount.com"},
      {"acme-prod@appspot.gserviceaccount.com",
       "gcp:service-account/acme-prod/acme-prod@appspot.gserviceaccount.com"},
      {"group:Admins@example.com", "gcp:group/admins@example.com"},
      {"domain:example.com", "gcp:domain/example.com"},
      {"allUsers", "gcp:everyone/allUsers"},
      {"principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/subject/"
       "s",
       "gcp:principal/iam.googleapis.com%2Fprojects%2F1%2Flocations%2Fglobal%2F"
       "workloadIdentityPools%2Fp%2Fsubject%2Fs"},
      // The two forms of an account of Kubernetes.
      {"principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/"
       "acme-prod.svc.id.goog/subject/ns/shop/sa/web",
       "gcp:workload/acme-prod.svc.id.goog/shop/web"},
      {"serviceAccount:acme-prod.svc.id.goog[shop/web]",
       "gcp:workload/acme-prod.svc.id.goog/shop/web"},
      {"serviceAccount:acme-prod.svc.id.goog[shop]", ""},
      {"serviceAccount:acme-prod.svc.id.goog[shop/web/x]", ""},
      {"serviceAccount:elsewhere.example[shop/web]", ""},
      {"principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/subject/"
       "ns/shop/sa/web",
       "gcp:principal/iam.googleapis.com%2Fprojects%2F1%2Flocations%2Fglobal%2F"
       "workloadIdentityPools%2Fp%2Fsubject%2Fns%2Fshop%2Fsa%2Fweb"},
      {"deleted:user", ""},
      {"user:nobody", ""},
      {"", ""},
  };
  TextArena arena;
  for (const auto& each : cases)
    EXPECT_EQ(gcp_member(each.member, arena).text, each.id) << each.member;
  EXPECT_TRUE(is_google_agent("service-123@gcp-sa-logging.iam.gserviceaccount.com"));
  EXPECT_TRUE(is_google_agent("123@cloudservices.gserviceaccount.com"));
  EXPECT_TRUE(is_google_agent("service-123@compute-system.iam.gserviceaccount.com"));
  EXPECT_FALSE(is_google_agent("service-desk@acme-prod.iam.gserviceaccount.com"));
  EXPECT_FALSE(is_google_agent("123-compute@developer.gserviceaccount.com"));
  EXPECT_FALSE(is_google_agent("mara@example.com"));
}

}  // namespace
}  // namespace stanch::model
