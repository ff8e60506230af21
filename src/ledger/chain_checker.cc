#include "ledger/chain_checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "codec/json.h"
#include "codec/utf8.h"

namespace stanch::ledger {

void ChainChecker::report(VerifyProblem problem) {
  ++problems_total_;
  if (problems_.size() < kProblemsMax) problems_.push_back(std::move(problem));
}

void ChainChecker::check(const StoredEntry& row, std::optional<bool> leaf_holds, bool withheld) {
  ++entries_;
  bytes_ += row.header.size() + (row.salt ? row.salt->size() : 0) +
            (row.payload ? row.payload->size() : 0);
  const auto bad = [&](std::string what) {
    report({std::string(row.stream), row.sequence, row.number, std::move(what)});
  };
  if (leaf_holds == false) bad("its header is not what the tree has at its place");
  // Goes on behind a row whose header says nothing, as far as the row itself can be believed.
  const auto pass_over = [&] {
    Stream& stream = streams_[std::string(row.stream)];
    if (row.sequence != stream.next) return;
    stream.next = row.sequence + 1;
    stream.hash.reset();
    stream.last_number = row.number;
  };
  const auto parsed = model::parse_header_line(row.header);
  if (!parsed) {
    bad(parsed.error().message());
    return pass_over();
  }
  const model::Entry& entry = *parsed;
  if (entry.stream.text() != row.stream || entry.sequence != row.sequence) {
    if (leaf_holds != true) {
      bad(fmt::format("its header says entry {} of {}", entry.sequence,
                      codec::for_terminal(entry.stream.text())));
      return pass_over();
    }
    // The tree vouches for the header, so it is the place that was changed.
    report({entry.stream.text(), entry.sequence, row.number,
            fmt::format("it is kept as entry {} of {}", row.sequence,
                        codec::for_terminal(row.stream))});
  }
  if (entry.id.text() != row.id) bad("it is not kept under its id");
  Stream& stream = streams_[entry.stream.text()];
  const codec::Sha256 hash = model::entry_hash(row.header);
  if (entry.sequence != stream.next) {
    report({entry.stream.text(), std::min(stream.next, entry.sequence), row.number,
            entry.sequence > stream.next
                ? fmt::format("it is missing: entry {} comes next", entry.sequence)
                : "it stands at two places"});
  } else {
    check_link(row, entry, stream, leaf_holds);
  }
  check_payload(row, entry, stream, hash, withheld);
  if (entry.kind == "erased") check_erasure(row, entry, stream);
  stream.next = entry.sequence + 1;
  stream.hash = hash;
  stream.last_number = row.number;
}

void ChainChecker::check_link(const StoredEntry& row, const model::Entry& entry, Stream& stream,
                              std::optional<bool> leaf_holds) {
  if (entry.sequence == 0) {
    if (entry.prev != model::stream_root(ledger_id_, entry.stream)) {
      report({entry.stream.text(), 0, row.number,
              "it does not begin its stream in this ledger: it belongs elsewhere, or was changed"});
    }
    return;
  }
  const bool holds = !stream.hash || entry.prev == *stream.hash;
  if (stream.suspects) {
    // This entry names the hash of the later suspect: then the earlier one was changed.
    blame(entry.stream.text(), stream, !holds);
    return;
  }
  if (holds) return;
  stream.suspects = Suspects{stream.last_number, row.number, entry.sequence};
  if (leaf_holds) blame(entry.stream.text(), stream, !*leaf_holds);
}

void ChainChecker::blame(const std::string& name, Stream& stream, bool later) {
  const Suspects suspects = *std::exchange(stream.suspects, std::nullopt);
  if (later) {
    report(
        {name, suspects.later_sequence, suspects.later_number,
         "it was changed, or does not belong here: it does not name the hash of the entry before "
         "it"});
  } else {
    report({name, suspects.later_sequence - 1, suspects.earlier_number,
            "it was changed, or replaced: the entry after it names another hash"});
  }
}

void ChainChecker::check_payload(const StoredEntry& row, const model::Entry& entry, Stream& stream,
                                 const codec::Sha256& hash, bool withheld) {
  if (!row.salt && !row.payload) {
    if (withheld) return;
    ++erased_;
    stream.missing.emplace(entry.sequence, hash);
    return;
  }
  const bool whole = row.salt && row.payload && row.salt->size() == model::kEntrySaltBytes;
  if (!whole || model::payload_commitment({std::string(*row.payload), std::string(*row.salt)}) !=
                    entry.commitment) {
    report({entry.stream.text(), entry.sequence, row.number,
            "its payload is not what its header commits to"});
  }
}

void ChainChecker::check_erasure(const StoredEntry& row, const model::Entry& entry,
                                 Stream& stream) {
  codec::JsonParser parser;
  const codec::JsonView payload = row.payload ? parser.parse(*row.payload) : codec::JsonView();
  const codec::JsonView number = payload ? payload["sequence"] : payload;
  const auto sequence = number && number.is_number() ? number.as_int64() : std::nullopt;
  if (!sequence) return;  // its commitment says that already, or a newer program wrote it
  const auto found = stream.missing.find(static_cast<uint64_t>(*sequence));
  if (found == stream.missing.end()) {
    report({entry.stream.text(), static_cast<uint64_t>(*sequence), row.number,
            "its payload was to be erased, and is still there: repeat 'stanch ledger erase'"});
    return;
  }
  if (codec::to_hex(found->second) != payload["hash"].string_or_empty()) {
    report({entry.stream.text(), static_cast<uint64_t>(*sequence), row.number,
            "the entry that erased it names another hash"});
  }
  stream.missing.erase(found);
}

void ChainChecker::check_head(const StreamHead& head) {
  const auto found = streams_.find(head.stream.text());
  const uint64_t next = found == streams_.end() ? 0 : found->second.next;
  if (next != head.next) {
    report({head.stream.text(), std::min(next, head.next),
            found == streams_.end() ? 0 : found->second.last_number + 1,
            next < head.next ? fmt::format("it is missing: the stream has {} entries", head.next)
                             : "the stream's head does not know it: 'stanch ledger rebuild'"});
    return;
  }
  if (found == streams_.end()) return;
  Stream& stream = found->second;
  const bool holds = stream.hash && *stream.hash == head.hash;
  if (stream.suspects) {
    blame(head.stream.text(), stream, !holds);
  } else if (!holds && stream.hash) {
    report({head.stream.text(), next - 1, stream.last_number,
            "it was changed: the stream's head names another hash"});
  }
}

void ChainChecker::finish() {
  for (auto& [name, stream] : streams_) {
    if (stream.suspects) blame(name, stream, true);
    for (const auto& [sequence, hash] : stream.missing) {
      report({name, sequence, stream.last_number,
              "its payload is missing, and no entry says that it was erased"});
    }
  }
}

std::vector<VerifyProblem> ChainChecker::take_problems() {
  // What cannot name an entry comes behind what can.
  std::ranges::stable_sort(problems_, {}, [](const VerifyProblem& problem) {
    return std::pair(problem.stream.empty(), problem.number);
  });
  return std::move(problems_);
}

}  // namespace stanch::ledger
