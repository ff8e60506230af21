#include "ledger/memory_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <tuple>
#include <type_traits>
#include <utility>

#include "ledger/prepare.h"
#include "ledger/tree.h"

namespace stanch::ledger {
namespace {

class MemoryStore final : public Store, private IncidentList {
 public:
  MemoryStore(env::Env env, std::shared_ptr<MemoryState> state, const std::string& salt_key)
      : env_(env),
        state_(std::move(state)),
        salts_(salt_key.empty() ? random_salts(env.random) : keyed_salts(salt_key)),
        monitor_(env.threads.monitor()) {}

  const std::string& id() const override { return state_->id; }
  const std::string& origin() const override { return state_->origin; }

  Result<Appended> append(const model::StreamId& stream, uint64_t expected_next,
                          std::span<const model::EntryDraft> drafts) override {
    TRY(std::vector<model::Entry> entries, prepare(stream, drafts, salts_));
    return changing([&]() -> Result<Appended> {
      const auto found = state_->places.find(stream.text());
      const uint64_t next = found == state_->places.end() ? 0 : found->second.size();
      if (auto repeated = repeated_at(stream, expected_next, entries)) return std::move(*repeated);
      if (expected_next != next) {
        return Error(ErrorCode::kConflict, fmt::format("stream {} goes on at {}, not at {}",
                                                       stream.text(), next, expected_next));
      }
      for (const model::Entry& entry : entries) {
        if (find_row(stream, entry.id) != nullptr) {
          return Error(ErrorCode::kConflict,
                       fmt::format("stream {} holds {} already", stream.text(), entry.id.text()));
        }
      }
      Appended appended{.next = next + entries.size(), .citations = {}, .repeated = false};
      std::vector<uint64_t>& places = state_->places[stream.text()];
      codec::Sha256 prev = head_of(stream).hash;
      for (model::Entry& entry : entries) {
        std::string header = place(entry, places.size(), prev);
        prev = model::entry_hash(header);
        appended.citations.push_back({stream, entry.sequence, prev});
        places.push_back(state_->rows.size());
        state_->rows.push_back({stream.text(), entry.id.text(), std::move(header), entry.sequence,
                                std::move(entry.payload)});
      }
      state_->heads[stream.text()] = prev;
      return appended;
    });
  }

  Result<std::vector<model::Entry>> read(const model::StreamId& stream, uint64_t from,
                                         size_t limit) override {
    return looking([&]() -> Result<std::vector<model::Entry>> {
      std::vector<model::Entry> entries;
      const auto found = state_->places.find(stream.text());
      if (found == state_->places.end()) return entries;
      limit = std::min(limit, kReadEntriesMax);
      for (uint64_t i = from; i < found->second.size() && entries.size() < limit; ++i) {
        TRY(model::Entry entry, checked_entry_of(view(found->second[i])));
        entries.push_back(std::move(entry));
      }
      return entries;
    });
  }

  Result<StreamHead> head(const model::StreamId& stream) override {
    return looking([&]() -> Result<StreamHead> { return head_of(stream); });
  }

  Result<std::vector<StreamHead>> streams(std::string_view prefix, std::string_view after,
                                          size_t limit) override {
    return looking([&]() -> Result<std::vector<StreamHead>> {
      std::vector<StreamHead> heads;
      limit = std::min(limit, kReadEntriesMax);
      for (const auto& [name, places] : state_->places) {
        if (name > after && name.starts_with(prefix) && heads.size() < limit) {
          heads.push_back(head_of(model::StreamId(name)));
        }
      }
      return heads;
    });
  }

  Result<model::Entry> find(const model::StreamId& stream, const model::EntryId& id) override {
    return looking([&]() -> Result<model::Entry> {
      const MemoryState::Row* row = find_row(stream, id);
      if (row == nullptr) {
        return Error(ErrorCode::kNotFound,
                     fmt::format("stream {} has no entry {}", stream.text(), id.text()));
      }
      return checked_entry_of(view(static_cast<uint64_t>(row - state_->rows.data())));
    });
  }

  Result<Followed> follow(const Cursor& from, size_t limit) override {
    uint64_t number = 0;
    if (!from.text.empty()) {
      const char* end = from.text.data() + from.text.size();
      if (std::from_chars(from.text.data(), end, number).ptr != end) {
        return Error(ErrorCode::kInvalid, "this is no cursor of this ledger: " + from.text);
      }
    }
    return looking([&]() -> Result<Followed> {
      Followed followed;
      limit = std::min(limit, kReadEntriesMax);
      for (; number < state_->rows.size() && followed.entries.size() < limit; ++number) {
        TRY(model::Entry entry, checked_entry_of(view(number)));
        followed.entries.push_back(std::move(entry));
      }
      followed.cursor = number == 0 ? from : Cursor{std::to_string(number)};
      return followed;
    });
  }

  Result<Lease> take_lease(std::string_view name, std::string_view holder, Time now,
                           Duration duration) override {
    return changing([&]() -> Result<Lease> {
      Lease lease{std::string(name), std::string(holder), 1, now + duration};
      if (const auto found = state_->leases.find(name); found != state_->leases.end()) {
        const bool runs = found->second.until > now, ours = found->second.holder == holder;
        if (runs && !ours) {
          return Error(ErrorCode::kConflict,
                       fmt::format("{} is held by {}", name, found->second.holder));
        }
        lease.fence = found->second.fence + (runs ? 0 : 1);
      }
      state_->leases.insert_or_assign(std::string(name), lease);
      return lease;
    });
  }

  Result<> give_lease(const Lease& lease) override {
    return changing([&]() -> Result<> {
      if (check_lease(lease)) state_->leases.find(lease.name)->second.until = Time{};
      return {};
    });
  }

  Result<> scan(uint64_t from, const EntryVisitor& visit) override {
    for (uint64_t number = from; number < state_->rows.size(); ++number) TRY(visit(view(number)));
    return {};
  }

  Result<> scan_stream(const model::StreamId& stream, const EntryVisitor& visit) override {
    const auto found = state_->places.find(stream.text());
    if (found == state_->places.end()) return {};
    for (const uint64_t number : found->second) TRY(visit(view(number)));
    return {};
  }

  Result<uint64_t> count() override {
    return looking([&]() -> Result<uint64_t> { return state_->rows.size(); });
  }

  Result<uint64_t> tree_size() override {
    return looking([&]() -> Result<uint64_t> {
      uint64_t hashes = 0;
      for (const auto& [key, tile] : state_->tiles) {
        if (key.first == 0) hashes += tile.size() / kHashBytes;
      }
      return hashes;
    });
  }

  Result<std::optional<Tile>> tile(unsigned level, uint64_t number) override {
    return looking([&]() -> Result<std::optional<Tile>> {
      const auto found = state_->tiles.find({level, number});
      if (found == state_->tiles.end()) return std::optional<Tile>();
      return std::optional(Tile{level, number, found->second});
    });
  }

  Result<> save_tiles(const Lease& lease, std::span<const Tile> tiles) override {
    return changing([&]() -> Result<> {
      TRY(check_lease(lease));
      for (const Tile& tile : tiles) {
        const auto kept = state_->tiles.find({tile.level, tile.number});
        if (kept != state_->tiles.end() && kept->second.size() > tile.hashes.size()) {
          return Error(ErrorCode::kConflict, "another has made the tree grow meanwhile");
        }
      }
      for (const Tile& tile : tiles) state_->tiles[{tile.level, tile.number}] = tile.hashes;
      return {};
    });
  }

  Result<> save_checkpoint(const Lease& lease, const KeptCheckpoint& checkpoint) override {
    return changing([&]() -> Result<> {
      TRY(check_lease(lease));
      state_->checkpoints[checkpoint.size] = checkpoint.note;
      return {};
    });
  }

  Result<std::vector<KeptCheckpoint>> checkpoints() override {
    return looking([&]() -> Result<std::vector<KeptCheckpoint>> {
      std::vector<KeptCheckpoint> found;
      for (const auto& [size, note] : state_->checkpoints) found.push_back({size, note});
      return found;
    });
  }

  Result<> erase_payload(const model::StreamId& stream, uint64_t sequence) override {
    return changing([&]() -> Result<> {
      const auto found = state_->places.find(stream.text());
      if (found == state_->places.end() || sequence >= found->second.size()) {
        return Error(ErrorCode::kNotFound,
                     fmt::format("stream {} has no entry {}", stream.text(), sequence));
      }
      state_->rows[found->second[sequence]].payload.reset();
      drop_list();
      return {};
    });
  }

  Result<> rebuild() override {
    return changing([&]() -> Result<> {
      drop_list();
      uint64_t leaves = 0;
      for (const auto& [key, tile] : state_->tiles) {
        if (key.first == 0) leaves += tile.size() / kHashBytes;
      }
      for (const MemoryState::Row& row : state_->rows) {
        state_->heads[row.stream] = model::entry_hash(row.header);  // its last counts
      }
      TreeBuilder tree;
      for (uint64_t i = 0; i < leaves; ++i) tree.add(codec::merkle_leaf(state_->rows[i].header));
      state_->tiles.clear();
      for (const Tile& tile : tree.take_changed()) {
        state_->tiles[{tile.level, tile.number}] = tile.hashes;
      }
      return {};
    });
  }

  IncidentList& incidents() override { return *this; }

 private:
  Result<Cursor> list_cursor() override {
    return looking([&]() -> Result<Cursor> { return state_->incidents_cursor; });
  }

  Result<> put_rows(std::span<const IncidentRow> rows, const Cursor& from,
                    const Cursor& to) override {
    return changing([&]() -> Result<> {
      if (state_->incidents_cursor != from) {
        return Error(ErrorCode::kConflict, "another has brought the list of incidents up to date");
      }
      for (const IncidentRow& row : rows) state_->incidents.insert_or_assign(row.id, row);
      state_->incidents_cursor = to;
      return {};
    });
  }

  Result<std::vector<IncidentRow>> list(const IncidentQuery& query) override {
    return looking([&]() -> Result<std::vector<IncidentRow>> {
      std::vector<IncidentRow> rows;
      for (const auto& [id, row] : state_->incidents) {
        if (query.closed && row.closed != *query.closed) continue;
        if (row.severity > query.severity_max) continue;
        if (!query.after || is_before(*query.after, row)) rows.push_back(row);
      }
      std::ranges::sort(rows, is_before);
      rows.resize(std::min({rows.size(), query.limit, kIncidentPageMax}));
      return rows;
    });
  }

  static bool is_before(const IncidentRow& a, const IncidentRow& b) {
    return std::tie(a.closed, a.severity, b.opened, a.id) <
           std::tie(b.closed, b.severity, a.opened, b.id);
  }

  void drop_list() {
    state_->incidents.clear();
    state_->incidents_cursor = {};
  }

  // One change at a time. The calls of the clock are where a simulated crash may come.
  template <typename Body>
  std::invoke_result_t<Body> changing(Body body) {
    (void)env_.clock.steady();
    std::invoke_result_t<Body> result = looking(body);
    (void)env_.clock.steady();
    return result;
  }
  template <typename Body>
  std::invoke_result_t<Body> looking(Body body) {
    env::MonitorLock lock(*monitor_);
    return body();
  }

  StoredEntry view(uint64_t number) const {
    const MemoryState::Row& row = state_->rows[number];
    StoredEntry view{number, row.stream, row.sequence, row.id, row.header, {}, {}};
    if (row.payload) {
      view.salt = row.payload->salt;
      view.payload = row.payload->json;
    }
    return view;
  }

  StreamHead head_of(const model::StreamId& stream) const {
    const auto found = state_->places.find(stream.text());
    if (found == state_->places.end() || found->second.empty()) {
      return {stream, 0, model::stream_root(state_->id, stream)};
    }
    return {stream, found->second.size(), state_->heads[stream.text()]};
  }

  const MemoryState::Row* find_row(const model::StreamId& stream, const model::EntryId& id) const {
    const auto found = state_->places.find(stream.text());
    if (found == state_->places.end()) return nullptr;
    for (const uint64_t number : found->second) {
      if (state_->rows[number].id == id.text()) return &state_->rows[number];
    }
    return nullptr;
  }

  std::optional<Appended> repeated_at(const model::StreamId& stream, uint64_t from,
                                      const std::vector<model::Entry>& entries) const {
    const auto found = state_->places.find(stream.text());
    if (found == state_->places.end() || from + entries.size() > found->second.size()) return {};
    Appended appended{.next = from + entries.size(), .citations = {}, .repeated = true};
    for (const model::Entry& entry : entries) {
      const uint64_t sequence = from + appended.citations.size();
      const MemoryState::Row& row = state_->rows[found->second[sequence]];
      if (row.id != entry.id.text()) return {};
      appended.citations.push_back({stream, sequence, model::entry_hash(row.header)});
    }
    return appended;
  }

  Result<> check_lease(const Lease& lease) const {
    const auto found = state_->leases.find(lease.name);
    if (found == state_->leases.end() || found->second.holder != lease.holder ||
        found->second.fence != lease.fence) {
      return Error(ErrorCode::kConflict, fmt::format("{} is held by another now", lease.name));
    }
    return {};
  }

  env::Env env_;
  std::shared_ptr<MemoryState> state_;
  SaltSource salts_;
  std::unique_ptr<env::Monitor> monitor_;  // guards the state between threads
};

}  // namespace

std::unique_ptr<Store> open_memory(env::Env env, std::shared_ptr<MemoryState> state,
                                   const std::string& salt_key) {
  return std::make_unique<MemoryStore>(env, std::move(state), salt_key);
}

}  // namespace stanch::ledger
