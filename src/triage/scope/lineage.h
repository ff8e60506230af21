#pragma once

#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "triage/scope/links.h"

// Which credential came from which. Every link says what proves it; where the logs have no such
// proof a link is inferred, with its confidence and its reason.

namespace stanch::triage::scope {

enum class Confidence : uint8_t { kProven, kHigh, kMedium, kLow };
std::string_view name_of(Confidence confidence);

enum class LinkKind : uint8_t {
  kMinted,       // the parent made the child
  kGivenTo,      // the provider gave the child to the parent, a host or function
  kCreated,      // the parent created the child, a host or function
  kOnBehalfOf,   // the parent is the person behind the child
  kSamePerson,   // two records of one person
  kSameAccount,  // the child is what a cloud calls the parent, a service account of Kubernetes
  kNeighbour,    // the child appeared where the parent was at work
};
std::string_view name_of(LinkKind kind);

// What a unit is to lineage.
enum class HolderKind : uint8_t {
  kCredential,  // a key or session; a password, certificate …
  kPerson,      // vouched for by another system: SAML, OIDC, a workforce directory
  kHost,        // an instance, task or function
  kPrincipal,   // a user or root without a credential in the record: it signed in
  kWorkload,    // a service account or application, without a credential in the record
  kForeign,     // another account's caller, known by a number only
  kService,     // the provider itself
  kUnknown,     // anonymous, or the record does not say
};
std::string_view name_of(HolderKind kind);

class Lineage {
 public:
  using Number = Links::Number;

  struct Link {
    Number parent, child;  // units
    LinkKind kind;
    Number action;  // of the call that proves it; may be the empty text
    Moment proof;   // that event; without one where nothing is recorded
    Confidence confidence = Confidence::kProven;
    std::string_view why = {};  // of what is inferred
  };

  explicit Lineage(const Links& links);

  const Links& links() const { return links_; }
  const Units& units() const { return units_; }

  // The likeliest first.
  std::span<const Link> parents(Number unit) const;
  // By time, then id.
  std::span<const Link> children(Number unit) const;

  HolderKind kind_of(Number unit) const { return kinds_[unit]; }
  // What is said of any member under this word.
  std::string_view says(Number unit, std::string_view word) const;
  // The principal that it acts as, or the empty text.
  Number principal_of(Number unit) const;

 private:
  void add_minted();
  void add_given();
  void add_people();
  void add_same_names();
  void add_accounts_behind();
  std::string address_of(Number number) const;
  Number first_of(std::span<const Number> people) const;
  void add_second_issues();
  void add_neighbours();
  void sort();
  void add(Link link);
  bool has_parent(Number unit) const;
  std::optional<Link> caller_elsewhere(const Link& link) const;
  std::optional<Link> password_before(const Link& link) const;
  std::optional<Time> issued(Number unit) const;
  HolderKind find_kind(Number unit) const;
  Number session_of(Number unit) const;
  void note_passwords();
  std::optional<Moment> first_seen(Number unit) const;
  unsigned rank_of(const Link& link) const;

  const Links& links_;
  Units units_;
  std::vector<Link> by_child_, by_parent_;
  std::vector<bool> has_parent_;
  std::vector<HolderKind> kinds_;
  // Of a user: when a password was set, in order, and which.
  std::map<Number, std::vector<std::pair<Moment, Number>>> passwords_;
};

}  // namespace stanch::triage::scope
