#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "respond/plan/iam_reader.h"

// Whether somebody who administers an account can still get into it once an identity is cut off.
// An administrator is who has AdministratorAccess, or a policy of its own that allows everything on
// everything; the root user is none, since nobody can know whether people can sign in as it.

namespace stanch::respond {

// What a step takes away.
struct CutOff {
  std::string account;
  std::string identity;      // aws:user or aws:role
  std::string key;           // only that one of the user's keys; "": not only that
  bool is_password = false;  // only the user's password
};

enum class Left : uint8_t { kYes, kNo, kUnknown };
struct AdministratorLeft {
  Left left = Left::kYes;
  std::string because;    // for people; "": whom it cuts off is no administrator
  bool may_pass = false;  // it is not known for the moment alone: ask again
};

class Administrators {
 public:
  struct Ours {
    std::vector<std::string> accounts;     // those that may take roles of each other
    std::vector<std::string> break_glass;  // patterns of names of users and roles
    // Whether an entity may be the attacker's, or is cut off too: nobody counts on it.
    std::function<bool(const std::string&)> is_suspect;
  };

  // `iam` must outlive it. Reads each account once, when it is first asked about.
  Administrators(IamReader& iam, Ours ours) : iam_(iam), ours_(std::move(ours)) {}

  AdministratorLeft after(const CutOff& cut);

 private:
  enum class Surely : uint8_t { kNo, kPerhaps, kYes };
  struct Principal {
    std::string entity, name;
    bool is_user = false;
    Surely administers = Surely::kNo;
    Surely is_open = Surely::kNo;  // of a role: to somebody who can get in
  };
  struct Account {
    std::vector<Principal> principals;  // roles first: what they are is known without asking more
    std::string unread;                 // why not all of them were read; "": all were
    bool may_pass = false;              // so it is for the moment alone
  };

  const Account& account(const std::string& id);
  Principal read_role(const codec::JsonValue& role, const std::string& account) const;
  // Whether people can get in as that user, but by what the step takes away.
  Surely can_sign_in(const std::string& name, const CutOff& cut);
  bool is_break_glass(const std::string& name) const;

  IamReader& iam_;
  Ours ours_;
  std::map<std::string, Account> accounts_;
};

}  // namespace stanch::respond
