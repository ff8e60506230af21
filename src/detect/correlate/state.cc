// The state as bytes:
//
//   "stanch.correlate/1\n"  body  SHA-256 of the body
//
// Integers are eight bytes, the least first; texts and lists stand behind their length. The body
// begins with the fingerprint of the correlations. What the windows ask (sums, ranks …) is not
// kept but made anew from their events.

#include <algorithm>
#include <cstring>
#include <string>

#include "base/check.h"
#include "detect/correlate/correlator.h"
#include "detect/correlate/limits.h"
#include "detect/sigma/print.h"

namespace stanch::detect::correlate {

namespace {

constexpr std::string_view kMagic = "stanch.correlate/1\n";
constexpr size_t kHashBytes = 32;

class StateWriter {
 public:
  void number(uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) {
      bytes += static_cast<char>(static_cast<unsigned char>(value >> shift));
    }
  }
  void time(Time value) { number(static_cast<uint64_t>(value.time_since_epoch().count())); }
  void text(std::string_view value) {
    number(value.size());
    bytes += value;
  }
  void time_if(const std::optional<Time>& value) {
    number(value ? 1 : 0);
    if (value) time(*value);
  }
  void text_if(const std::optional<std::string_view>& value) {
    number(value ? 1 : 0);
    if (value) text(*value);
  }
  std::string bytes;
};

// Once something is wrong, all that is read is empty and `good` false.
class StateReader {
 public:
  explicit StateReader(std::string_view bytes) : bytes_(bytes) {}

  uint64_t number() {
    const std::string_view taken = take(8);
    uint64_t value = 0;
    for (size_t i = taken.size(); i-- > 0;) value = value << 8 | static_cast<uint8_t>(taken[i]);
    return value;
  }
  Time time() { return Time(Duration(static_cast<int64_t>(number()))); }
  std::string text() { return std::string(take(number())); }
  // A list of so many things, each of eight bytes at least.
  uint64_t size() {
    const uint64_t value = number();
    if (value <= bytes_.size() / 8) return value;
    good = false;
    return 0;
  }
  std::optional<Time> time_if() {
    if (!flag()) return std::nullopt;
    return time();
  }
  std::vector<std::optional<std::string>> texts(size_t count) {
    std::vector<std::optional<std::string>> values;
    require(size() == count);
    for (size_t i = 0; good && i < count; ++i) {
      values.push_back(flag() ? std::optional(text()) : std::nullopt);
    }
    return values;
  }
  bool flag() {
    const uint64_t value = number();
    require(value <= 1);
    return value == 1;
  }
  void require(bool holds) { good = good && holds; }
  bool at_end() const { return bytes_.empty(); }

  bool good = true;

 private:
  std::string_view take(uint64_t count) {
    if (!good || count > bytes_.size()) {
      good = false;
      return {};
    }
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  std::string_view bytes_;
};

std::string_view as_text(const codec::Sha256& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

void write_entry(const Entry& entry, size_t values, StateWriter& out) {
  out.time(entry.time);
  out.number(entry.slot);
  out.text(entry.event());
  out.number(values);
  for (size_t i = 0; i < values; ++i) out.text_if(entry.value(i));
  out.number(entry.inner ? 1 : 0);
  if (!entry.inner) return;
  out.number(entry.inner->size());
  for (const Named& named : *entry.inner) {
    out.time(named.time);
    out.text(named.event);
  }
}

Entry read_entry(StateReader& in, size_t values) {
  Entry entry;
  entry.time = in.time();
  entry.slot = static_cast<uint32_t>(std::min<uint64_t>(in.number(), UINT32_MAX));
  const std::string event = in.text();
  const std::vector<std::optional<std::string>> read = in.texts(values);
  entry.texts =
      PackedTexts(event, std::vector<std::optional<std::string_view>>(read.begin(), read.end()));
  if (!in.flag()) return entry;
  std::vector<Named> inner;
  const uint64_t count = in.size();
  in.require(count <= kNamedMax);
  for (uint64_t i = 0; in.good && i < count; ++i) {
    const Time time = in.time();
    inner.push_back({time, in.text()});
  }
  entry.inner = std::make_shared<const std::vector<Named>>(std::move(inner));
  return entry;
}

}  // namespace

std::string Correlator::fingerprint() const {
  codec::Sha256Fields fields;
  for (const Compiled& compiled : plan_.correlations) {
    fields.add(compiled.tree.info.version).add(sigma::to_text(compiled.tree));
    for (const std::string& name : compiled.names) fields.add(name);
    for (const sigma::Reference& reference : compiled.tree.rules) {
      fields.add(std::to_string(reference.index));
    }
  }
  fields.add(std::to_string(plan_.rule_feeds.size()));
  return std::string(as_text(fields.finish()));
}

std::string Correlator::save() const {
  CHECK(!finished_ && firings_.empty());
  StateWriter out;
  out.text(fingerprint());
  out.time(watermark_);
  out.time(newest_);
  out.number(waiting_count_);
  for (const auto& [time, of_time] : waiting_) {
    std::vector<Seen> sorted = of_time;  // so that equal states have equal bytes
    std::ranges::sort(sorted);
    for (const Seen& seen : sorted) {
      out.time(seen.time);
      out.text(seen.event);
      out.number(seen.rule);
      out.number(seen.values.size());
      for (const auto& value : seen.values) out.text_if(value);
    }
  }
  const Group::More nothing;
  for (size_t i = 0; i < states_.size(); ++i) {
    const Compiled& compiled = plan_.correlations[i];
    const Groups& groups = states_[i].groups;
    out.number(groups.size());
    for (const Group* at = groups.first(); at != nullptr; at = at->behind) {
      const Group& group = *at;
      const Group::More& more = group.extra ? *group.extra : nothing;
      const std::vector<std::string> values = values_of(group.key());
      out.number(values.size());
      for (const std::string& value : values) out.text(value);
      out.time(group.since);
      out.time_if(more.fired);
      out.time_if(more.began);
      out.number(more.before);
      out.number(static_cast<uint64_t>(more.gap.count()));
      out.number(group.window.entries().size());
      for (const Entry& entry : group.window.entries()) {
        write_entry(entry, compiled.names.size() - compiled.groups(), out);
      }
      for (const std::optional<Time>& chain : group.window.chains()) out.time_if(chain);
    }
  }
  for (const uint64_t count :
       {tally_.late, tally_.hurried, tally_.groups_evicted, tally_.entries_evicted}) {
    out.number(count);
  }
  for (const Tally::Of& of : tally_.of) {
    out.number(of.no_group);
    out.number(of.no_value);
  }
  std::string bytes = std::string(kMagic) + out.bytes;
  return bytes.append(as_text(codec::sha256(out.bytes)));
}

Result<> Correlator::load(std::string_view bytes) {
  CHECK(waiting_.empty() && groups_ == 0 && watermark_ == Time::min());
  const auto damaged = [] {
    return Error(ErrorCode::kCorrupt, "the state of the correlations is not what was saved");
  };
  if (!bytes.starts_with(kMagic) || bytes.size() < kMagic.size() + kHashBytes) return damaged();
  const std::string_view body =
      bytes.substr(kMagic.size(), bytes.size() - kMagic.size() - kHashBytes);
  if (as_text(codec::sha256(body)) != bytes.substr(bytes.size() - kHashBytes)) return damaged();
  StateReader in(body);
  const std::string saved_with = in.text();
  if (in.good && saved_with != fingerprint()) {
    return Error(ErrorCode::kInvalid,
                 "the state of the correlations was saved with other rules: begin without it");
  }
  watermark_ = in.time();
  newest_ = in.time();
  const uint64_t waiting = in.size();
  for (uint64_t i = 0; in.good && i < waiting; ++i) {
    Seen seen{in.time(), in.text(), 0, {}};
    const uint64_t rule = in.number();
    in.require(rule < plan_.rule_fields.size());
    if (!in.good) break;
    seen.rule = static_cast<uint32_t>(rule);
    seen.values = in.texts(plan_.rule_fields[rule].size());
    waiting_[seen.time].push_back(std::move(seen));
    ++waiting_count_;
  }
  for (uint32_t i = 0; i < states_.size(); ++i) {
    const Compiled& compiled = plan_.correlations[i];
    const uint64_t groups = in.size();
    for (uint64_t j = 0; in.good && j < groups; ++j) {
      Group::More more;
      const uint64_t values = in.size();
      in.require(values == compiled.groups() ||
                 (compiled.is_about_news() && values == compiled.groups() + compiled.fields()));
      std::vector<std::string> texts;
      for (uint64_t k = 0; in.good && k < values; ++k) texts.push_back(in.text());
      Group group{PackedTexts(key_of(texts)), in.time(), Window(compiled, secret_)};
      more.fired = in.time_if();
      more.began = in.time_if();
      more.before = in.number();
      const uint64_t gap = in.number();
      in.require(gap <= static_cast<uint64_t>(Duration::max().count()));
      more.gap = Duration(static_cast<int64_t>(gap));
      if (more != Group::More()) group.more() = more;
      in.require(more.began || !sigma::is_learning(compiled.tree.type) ||
                 values != compiled.groups());
      const uint64_t entries = in.size();
      in.require(entries > 0 || !(compiled.at_close || compiled.is_silence()));
      Time last = Time::min();
      for (uint64_t k = 0; in.good && k < entries; ++k) {
        Entry entry = read_entry(in, compiled.names.size() - compiled.groups());
        in.require(entry.slot < compiled.tree.rules.size() && entry.time >= last);
        last = entry.time;
        if (in.good) in.require(group.window.add(compiled, std::move(entry)));
      }
      group.window.end_moment(last);
      for (std::optional<Time>& chain : group.window.chains()) chain = in.time_if();
      const Groups& known = states_[i].groups;
      in.require(known.find(group.key()) == nullptr);
      in.require(known.last() == nullptr || known.last()->since <= group.since);
      if (!in.good) break;
      entries_ += group.window.entries().size();
      states_[i].entries += group.window.entries().size();
      const Group& added = add_group(i, std::move(group));
      if (compiled.is_silence()) states_[i].silences.emplace(silent_at(i, added), added.key());
    }
    set_timer(i);
  }
  for (uint64_t* count :
       {&tally_.late, &tally_.hurried, &tally_.groups_evicted, &tally_.entries_evicted}) {
    *count = in.number();
  }
  for (Tally::Of& of : tally_.of) {
    of.no_group = in.number();
    of.no_value = in.number();
  }
  if (!in.good || !in.at_end()) return damaged();
  return {};
}

}  // namespace stanch::detect::correlate
