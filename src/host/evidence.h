#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "host/response.h"
#include "ledger/package.h"
#include "respond/evidence/evidence_book.h"

// Evidence of an incident: what there is, whether it is complete, whether it is still what it was.
//
// What a step took lies in the cloud, told by what its action shows of it, or in the ledger, as the
// state that was read. What people took lies in a file.

namespace stanch::host {

struct Evidence {
  respond::EvidenceBook book;
  std::vector<model::StreamId> streams;  // that have it: of the incident, and of what went on in it
};
Result<Evidence> load_evidence(ledger::Ledger& ledger, const model::IncidentId& incident);

// A file that people took.
struct TakenFile {
  std::string path, what, source, authority, means;
  std::optional<Time> taken_at;  // without it: now
};
// Hashes it, and says that it was taken. Returns its id.
Result<std::string> add_evidence(const Responding& with, const model::IncidentId& incident,
                                 const TakenFile& file);

struct Looked {
  enum class End : uint8_t {
    kGood,     // sealed now; or, verified, what it was
    kWas,      // sealed before
    kNotYet,   // it is not complete
    kChanged,  // it is not what it was, or not there
    kUnseen,   // nobody could look
  };
  std::string id;
  End end = End::kUnseen;
  std::string words;  // why, for people
};
std::string_view name_of(Looked::End end);  // "good", "was", "not-yet", "changed", "unseen"

// Seals what is complete: all that is not sealed, or that item. kNotFound if there is none.
Result<std::vector<Looked>> seal_evidence(const Responding& with, const model::IncidentId& incident,
                                          const std::string& item);
// Looks at all that is sealed, and says in the ledger that somebody did.
Result<std::vector<Looked>> verify_evidence(const Responding& with,
                                            const model::IncidentId& incident,
                                            const std::string& item);

// What a package of the incident holds besides its entries: a list of the evidence with who had it
// when, and the files that lie on this machine. kCorrupt if one of them is not what it was.
Result<std::vector<ledger::Attachment>> evidence_attachments(env::Env& env,
                                                             const respond::EvidenceBook& book);

}  // namespace stanch::host
