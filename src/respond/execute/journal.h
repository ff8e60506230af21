#pragma once

#include <functional>
#include <span>
#include <string>

#include "env/env.h"
#include "ledger/ledger.h"
#include "respond/plan/plan_book.h"

namespace stanch::respond {

// One incident's stream for whoever executes its plans: what it says, and appending to it at the
// place that was read, so that nobody acts on what was not so any more. Not thread-safe.
class Journal {
 public:
  // `ledger` must outlive it. `actor` says all its entries.
  static Result<Journal> open(env::Clock& clock, ledger::Ledger& ledger,
                              const model::IncidentId& incident, std::string actor);

  const PlanBook& book() const { return book_; }
  const model::IncidentId& incident() const { return incident_; }
  Time now() const { return clock_->now(); }

  Result<> refresh();

  struct Said {
    std::string kind, key, payload;
  };
  // Appends one entry, durable when it returns. Others may append in between: then `still` is asked
  // again (if there is one), of what the book says by now, and its error is that of this. An entry
  // of the same kind and key that somebody else wrote is a kConflict: so a key names what is done
  // and who does it.
  Result<model::EntryCitation> append(const std::string& kind, const std::string& key,
                                      const std::string& payload,
                                      const std::function<Result<>(const PlanBook&)>& still = {});
  // The same of several, all or none. Returns the citation of the last.
  Result<model::EntryCitation> append(std::span<const Said> said,
                                      const std::function<Result<>(const PlanBook&)>& still);

 private:
  Journal(env::Clock& clock, ledger::Ledger& ledger, const model::IncidentId& incident,
          std::string actor);

  env::Clock* clock_;
  ledger::Ledger* ledger_;
  model::IncidentId incident_;
  model::StreamId stream_;
  std::string actor_;
  PlanBook book_;
  uint64_t next_ = 0;
};

}  // namespace stanch::respond
