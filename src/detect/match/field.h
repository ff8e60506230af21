#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text_arena.h"
#include "codec/json.h"

// Field names and the values they stand for in one event (docs/formats/sigma.md, F1-F8).

namespace stanch::detect::match {

// "requestParameters.ipPermissions{}.cidrIp" -> its segments, brackets dropped. With a selection
// (F8), as in "Parameters[Name=ForwardTo].Value", those in front of it; what comes behind it is
// a path of its own.
class FieldPath {
 public:
  explicit FieldPath(std::string_view name);

  struct Selection {
    std::string member, text;      // of the objects, those whose member is this text
    std::vector<FieldPath> below;  // where it goes on; empty: the objects are meant
  };

  const std::string& name() const { return name_; }
  size_t segments() const { return starts_.size(); }
  const std::optional<Selection>& selection() const { return selection_; }
  // Segment i alone, and everything from segment i on.
  std::string_view segment(size_t i) const;
  std::string_view rest(size_t i) const { return std::string_view(name_).substr(starts_[i]); }

 private:
  std::string name_;  // brackets dropped
  std::vector<uint32_t> starts_;
  std::optional<Selection> selection_;
};

// The member F2 chooses: the first with exactly this key, else the first whose key is equal
// ignoring ASCII case. Absent if there is none, or `object` is no object.
codec::JsonView find_member(codec::JsonView object, std::string_view key);

// JSON that stands inside strings of the current event, parsed once each (F5).
class EmbeddedJson {
 public:
  // The object or array that `string` holds as text, or an absent view.
  codec::JsonView find(codec::JsonView string);
  void clear();  // views handed out die

 private:
  struct Entry {
    const codec::JsonDocument* document;
    uint32_t node;
    codec::JsonView inner;
  };
  struct Slot {
    codec::JsonParser parser{codec::JsonParser::Texts::kFew};
    std::string text;
  };

  std::vector<Entry> entries_;
  std::vector<std::unique_ptr<Slot>> slots_;  // the first `used_` hold documents of this event
  size_t used_ = 0;
};

inline constexpr size_t kEmbeddedDocumentsMax = 64;           // of one event
inline constexpr size_t kEmbeddedBytesMax = size_t{1} << 20;  // of one string

// What a field stands for in one event.
struct FieldValues {
  bool present = false;                 // F6
  std::vector<codec::JsonView> values;  // scalars and objects; arrays are fanned out (F3)

  void clear() {
    present = false;
    values.clear();
  }
};

// Appends what `path` stands for below `root`.
void resolve(const FieldPath& path, codec::JsonView root, EmbeddedJson& embedded, FieldValues& out);

// The same for the segments from `segment` on, below `at`, where the ones before led.
void resolve_below(const FieldPath& path, size_t segment, codec::JsonView at,
                   EmbeddedJson& embedded, FieldValues& out);

// Appends what stands at the end of a path: arrays fan out, however deep.
void add_values(codec::JsonView at, FieldValues& out);

}  // namespace stanch::detect::match
