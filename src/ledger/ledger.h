#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/incident_list.h"
#include "model/entry.h"

// The one durable truth: streams of entries that are only ever appended to
// (docs/formats/ledger.md). What everybody but the ledger's own tools uses.
//
// All backends behave the same: src/ledger/suite_test.cc is one suite for all
// of them. May be called from any thread. Errors: kInvalid (the request),
// kConflict (read again), kUnavailable (not done: disk full, busy; may be
// retried), kUnknownOutcome (look first: settle_append()), kCorrupt (the ledger
// is damaged, or the disk failed: end the process).

namespace stanch::ledger {

struct StreamHead {
  model::StreamId stream;
  uint64_t next = 0;   // sequence of the entry that comes next
  codec::Sha256 hash;  // of the last entry, or stream_root()
};

struct Appended {
  uint64_t next = 0;                            // of the stream, behind the last of these
  std::vector<model::EntryCitation> citations;  // one a draft, in their order
  bool repeated = false;                        // they had been appended before: nothing was done
};

// Where a follower is. Opaque, a text without spaces; "" is the beginning. Valid in one ledger.
struct Cursor {
  std::string text;
  bool operator==(const Cursor&) const = default;
};

struct Followed {
  std::vector<model::Entry> entries;
  Cursor cursor;  // behind them; go on from here
};

// A claim of one holder on a name, for a time. Whoever writes under a lease is fenced: a holder
// that slept past its end is refused by `fence`, whatever it believes.
struct Lease {
  std::string name;
  std::string holder;
  uint64_t fence = 0;  // rises with each new holder
  Time until{};
};

inline constexpr size_t kAppendEntriesMax = 1000;  // in one append
inline constexpr size_t kReadEntriesMax = 1000;    // a page of read() and follow()

class Ledger {
 public:
  virtual ~Ledger() = default;

  virtual const std::string& id() const = 0;      // of this ledger, drawn when it was made
  virtual const std::string& origin() const = 0;  // its name in checkpoints

  // Appends all drafts at `expected_next` … or none. Durable when it returns. kConflict if the
  // stream goes on elsewhere, or holds one of the drafts at another place. If exactly these
  // drafts (by their ids) stand there already, that is success, and nothing is done.
  virtual Result<Appended> append(const model::StreamId& stream, uint64_t expected_next,
                                  std::span<const model::EntryDraft> drafts) = 0;

  // Up to `limit` entries of the stream from `from` on; fewer if they are large. None: its end.
  virtual Result<std::vector<model::Entry>> read(const model::StreamId& stream, uint64_t from,
                                                 size_t limit = kReadEntriesMax) = 0;

  // A stream that nobody has written yet begins at 0.
  virtual Result<StreamHead> head(const model::StreamId& stream) = 0;

  // Heads of streams whose names begin with `prefix` and come after `after`, sorted by bytes.
  virtual Result<std::vector<StreamHead>> streams(std::string_view prefix, std::string_view after,
                                                  size_t limit = kReadEntriesMax) = 0;

  // The entry of that id in the stream; kNotFound.
  virtual Result<model::Entry> find(const model::StreamId& stream, const model::EntryId& id) = 0;

  // Entries of all streams that came after the cursor, each stream in its order; every entry
  // once. Does not wait: nothing new gives no entries and the same cursor.
  virtual Result<Followed> follow(const Cursor& from, size_t limit = kReadEntriesMax) = 0;

  // Takes or renews the lease: kConflict while another holder's has not ended at `now`. It outlives
  // the process, and a loss of power only where others may hold it on another machine.
  virtual Result<Lease> take_lease(std::string_view name, std::string_view holder, Time now,
                                   Duration duration) = 0;
  // Gives it back; of no effect if it is another's by now.
  virtual Result<> give_lease(const Lease& lease) = 0;

  virtual IncidentList& incidents() = 0;
};

// After kUnknownOutcome: whether that append took place, by reading its position. kConflict if
// something else stands there; kNotFound if nothing does, so that it may be tried again.
Result<Appended> settle_append(Ledger& ledger, const model::StreamId& stream,
                               uint64_t expected_next, std::span<const model::EntryDraft> drafts);

// Appends, at the end of the stream, those of the drafts that it does not hold yet; so that whoever
// was interrupted may do everything again. Others may append at the same time. `repeated` if all
// were there. kConflict only if others were quicker kAppendMissingTries times in a row.
Result<Appended> append_missing(Ledger& ledger, const model::StreamId& stream,
                                std::span<const model::EntryDraft> drafts);
inline constexpr unsigned kAppendMissingTries = 100;

// Visits all entries of a stream in their order, a page in memory at a time.
Result<> each_entry(Ledger& ledger, const model::StreamId& stream,
                    const std::function<Result<>(const model::Entry&)>& visit);
// All entries of a stream: of those that are short.
Result<std::vector<model::Entry>> read_all(Ledger& ledger, const model::StreamId& stream);

}  // namespace stanch::ledger
