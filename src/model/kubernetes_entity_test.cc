#include "model/kubernetes_entity.h"

#include <gtest/gtest.h>

namespace stanch::model {
namespace {

TEST(KubernetesEntity, AnAccountByItsSubject) {
  const struct {
    const char *subject, *id;
  } cases[] = {
      {"system:serviceaccount:shop:web", "kubernetes:service-account/shop/web"},
      {"system:serviceaccount:kube-system:aws-node.v2",
       "kubernetes:service-account/kube-system/aws-node.v2"},
      {"system:serviceaccount:shop:", ""},
      {"system:serviceaccount::web", ""},
      {"system:serviceaccount:shop", ""},
      {"system:serviceaccount:shop:web:x", ""},
      {"system:serviceaccount:shop:web/../x", ""},
      {"system:serviceaccount:Shop:web", ""},
      {"repo:acme/app", ""},
      {"", ""},
  };
  TextArena arena;
  for (const auto& each : cases)
    EXPECT_EQ(kubernetes_subject(each.subject, arena).text, each.id) << each.subject;
}

TEST(KubernetesEntity, AnAccountBehindWhatACloudCallsIt) {
  const struct {
    const char *identity, *id;
  } cases[] = {
      {"aws:web-identity/oidc.eks.eu-west-1.amazonaws.com%2Fid%2F1/system:serviceaccount:shop:web",
       "kubernetes:service-account/shop/web"},
      {"aws:web-identity/arn:aws:eks:eu-west-1:1:cluster%2Fprod/system:serviceaccount:shop:web",
       "kubernetes:service-account/shop/web"},
      {"gcp:principal/iam.googleapis.com%2Fprojects%2F1%2Fsubject%2Fsystem:serviceaccount:shop:web",
       "kubernetes:service-account/shop/web"},
      {"gcp:workload/acme-prod.svc.id.goog/shop/web", "kubernetes:service-account/shop/web"},
      {"gcp:workload/acme-prod.svc.id.goog", ""},
      {"gcp:workload/shop/web", ""},
      {"gcp:workload/", ""},
      {"aws:web-identity/token.example/repo:acme%2Fapp", ""},
      // Only a whole subject is one.
      {"aws:web-identity/token.example/x-system:serviceaccount:shop:web", ""},
      {"aws:bucket/system:serviceaccount:shop:web", ""},
      {"kubernetes:service-account/shop/web", ""},
      {"", ""},
  };
  TextArena arena;
  for (const auto& each : cases) {
    EXPECT_EQ(kubernetes_account_behind({each.identity}, arena).text, each.id) << each.identity;
  }
}

}  // namespace
}  // namespace stanch::model
