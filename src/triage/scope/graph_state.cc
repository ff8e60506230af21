// The graph as bytes:
//   "stanch-graph 1\n"
//   sha-256 of all that follows, 32 bytes
//   options, counts, texts in their order, edges in their order (docs/formats/trace.md)
// Numbers are base-128, little end first; texts are a number of bytes and the bytes. Edges name
// texts by their place. What was dropped on the way stays dropped, and how ranks fall follows from
// the edges that are left.

#include <algorithm>
#include <optional>
#include <tuple>
#include <vector>

#include "codec/hash.h"
#include "triage/scope/graph.h"
#include "triage/scope/links.h"

namespace stanch::triage::scope {

namespace {

constexpr std::string_view kMagic = "stanch-graph 1\n";

class Writer {
 public:
  void number(uint64_t value) {
    while (value >= 0x80) {
      out_ += static_cast<char>(value | 0x80);
      value >>= 7;
    }
    out_ += static_cast<char>(value);
  }
  void text(std::string_view text) {
    number(text.size());
    out_ += text;
  }
  void time(Time time) { number(static_cast<uint64_t>(time.time_since_epoch().count())); }
  void time(const std::optional<Time>& time_or_none) {
    number(time_or_none ? 1 : 0);
    if (time_or_none) time(*time_or_none);
  }
  void moment(const Moment& moment) {
    time(moment.time);
    text(moment.event);
  }
  const std::string& bytes() const { return out_; }

 private:
  std::string out_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  uint64_t number() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (left_.empty()) break;
      const auto byte = static_cast<unsigned char>(left_.front());
      left_.remove_prefix(1);
      if (shift == 63 && byte > 1) break;
      value |= uint64_t{byte & 0x7Fu} << shift;
      if ((byte & 0x80) == 0) {
        if (byte == 0 && shift > 0) break;  // longer than it need be
        return value;
      }
    }
    good_ = false;
    return 0;
  }
  std::string_view text() {
    const uint64_t size = number();
    if (size > left_.size()) good_ = false;
    if (!good_) return {};
    const std::string_view text = left_.substr(0, size);
    left_.remove_prefix(size);
    return text;
  }
  Time time() { return Time(Duration(static_cast<int64_t>(number()))); }
  std::optional<Time> time_or_none() {
    const uint64_t there = number();
    if (there > 1) good_ = false;
    return there == 1 ? std::optional(time()) : std::nullopt;
  }
  Moment moment() {
    const Time at = time();
    return {at, std::string(text())};
  }
  bool good() const { return good_; }
  bool at_end() const { return left_.empty(); }
  size_t left() const { return left_.size(); }

 private:
  std::string_view left_;
  bool good_ = true;
};

std::string_view hash_text(const codec::Sha256& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

Error damaged() { return {ErrorCode::kCorrupt, "the saved entity graph is damaged"}; }

// Sums of what a holder did, and that there are logs, have no target.
bool may_end_nowhere(EdgeKind kind) {
  return kind == EdgeKind::kLogged || (kind >= EdgeKind::kCreated && kind <= EdgeKind::kFailed);
}

}  // namespace

std::string Graph::save() const {
  const Links links(*this);
  Writer out;
  out.number(options_.edges_max);
  out.time(options_.activity.since);
  out.time(options_.activity.until);
  out.number(events_);
  for (const uint64_t count : dropped_.events) out.number(count);
  for (const uint64_t count : {dropped_.without_time, dropped_.outside_window,
                               dropped_.targets_omitted, dropped_.texts_cut}) {
    out.number(count);
  }
  out.number(links.size());
  for (Links::Number number = 0; number < links.size(); ++number) out.text(links.text(number));
  out.number(links.edges().size());
  for (const Links::Edge& edge : links.edges()) {
    out.number(static_cast<uint64_t>(edge.kind));
    for (const Number number : {edge.from, edge.to, edge.what}) out.number(number);
    out.number(edge.tally->count);
    if (edge.tally->count == 0) continue;
    out.moment(edge.tally->first);
    if (edge.tally->count > 1) out.moment(edge.tally->last);
  }
  std::string bytes(kMagic);
  bytes += hash_text(codec::sha256(out.bytes()));
  return bytes + out.bytes();
}

Result<Graph> Graph::load(std::string_view bytes, codec::HashSecret secret) {
  constexpr size_t kHashBytes = sizeof(codec::Sha256);
  if (!bytes.starts_with(kMagic)) {
    return Error(ErrorCode::kCorrupt, "this is no saved entity graph of this version");
  }
  bytes.remove_prefix(kMagic.size());
  if (bytes.size() < kHashBytes) return damaged();
  const std::string_view body = bytes.substr(kHashBytes);
  if (bytes.substr(0, kHashBytes) != hash_text(codec::sha256(body))) return damaged();
  return read(body, secret);
}

Result<Graph> Graph::read(std::string_view body, codec::HashSecret secret) {
  Reader in(body);
  GraphOptions options;
  options.edges_max = in.number();
  options.activity.since = in.time_or_none();
  options.activity.until = in.time_or_none();
  options.secret = secret;
  Graph graph(options);
  graph.events_ = in.number();
  for (uint64_t& count : graph.dropped_.events) count = in.number();
  for (uint64_t* count : {&graph.dropped_.without_time, &graph.dropped_.outside_window,
                          &graph.dropped_.targets_omitted, &graph.dropped_.texts_cut}) {
    *count = in.number();
  }
  const uint64_t texts = in.number();
  if (!in.good() || texts == 0 || texts > in.left() || !in.text().empty()) return damaged();
  for (uint64_t i = 1; i < texts; ++i) {
    const std::string_view text = in.text();
    if (!in.good() || text <= graph.texts_.back()) return damaged();
    graph.number_of(text);
  }
  std::vector<bool> used(texts);
  used[0] = true;
  std::optional<std::tuple<uint64_t, uint64_t, uint64_t, uint64_t>> before;
  const uint64_t edges = in.number();
  if (!in.good() || edges > in.left() || edges > options.edges_max) return damaged();
  for (uint64_t i = 0; i < edges; ++i) {
    const uint64_t kind = in.number(), from = in.number(), to = in.number(), what = in.number();
    Edge edge{.rank = 0, .tally = {.count = in.number(), .first = {}, .last = {}}};
    if (!in.good() || kind >= kEdgeKinds || from == 0 || from >= texts || to >= texts ||
        what >= texts || (to == 0 && !may_end_nowhere(static_cast<EdgeKind>(kind))) ||
        (edge.tally.count == 0) != (kind == static_cast<uint64_t>(EdgeKind::kSays))) {
      return damaged();
    }
    if (edge.tally.count > 0) edge.tally.first = in.moment();
    edge.tally.last = edge.tally.count > 1 ? in.moment() : edge.tally.first;
    const Key key{static_cast<EdgeKind>(kind), static_cast<Number>(from), static_cast<Number>(to),
                  static_cast<Number>(what)};
    edge.rank = graph.rank_of(key);
    used[from] = used[to] = used[what] = true;
    const std::tuple place(from, kind, to, what);
    if (!in.good() || edge.tally.last < edge.tally.first || (before && !(*before < place))) {
      return damaged();
    }
    before = place;
    graph.edges_.emplace(key, std::move(edge));
  }
  if (!in.at_end() || std::ranges::find(used, false) != used.end()) return damaged();
  return graph;
}

}  // namespace stanch::triage::scope
