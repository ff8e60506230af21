#include "detect/match/places.h"

namespace stanch::detect::match {

void Places::start(codec::JsonView event) {
  event_ = event;
  current_ = nullptr;
  layouts_ = event.document()->layouts;
  if (layouts_ == nullptr) return;
  layouts_->start(event);
  if (!layouts_->has_layout()) return;
  if (known_.empty()) known_.resize(codec::JsonLayouts::kSlots);
  current_ = &known_[layouts_->slot()];
  if (current_->layout == layouts_->number()) return;
  current_->layout = layouts_->number();
  current_->places.assign(fields_.size(), Place());
}

// For a field that is asked for the first time in this layout, or is not where it was.
Place Places::work_out(uint32_t field) {
  bool remember = current_ != nullptr && current_->places[field].kind == Place::Kind::kUnknown;
  const Place place = locate(fields_[field], remember);
  if (remember) current_->places[field] = place;
  return place;
}

// F1: the whole remaining name first, then its first segment; as resolve_below() does it.
Place Places::locate(const FieldPath& path, bool& remember) {
  Place place{.kind = Place::Kind::kAbsent};
  codec::JsonView at = event_;
  for (size_t segment = 0; at.exists() && at.is_object(); ++segment) {
    if (segment > 0 && remember) {
      const auto object = layouts_->add(at, place.object);
      remember = object.has_value();
      place.object = object.value_or(place.object);
    }
    if (const codec::JsonView whole = find_member(at, path.rest(segment))) {
      const bool is_end = whole.is_scalar() && !path.selection();
      place.kind = is_end ? Place::Kind::kScalar : Place::Kind::kComplex;
      place.type = whole.type();
      place.node = whole.index();
      place.token = whole.node().token;
      return place;
    }
    if (segment + 1 == path.segments()) return place;
    at = find_member(at, path.segment(segment));
  }
  if (at.exists() && (at.is_string() || at.is_array())) place.kind = Place::Kind::kComplex;
  return place;
}

}  // namespace stanch::detect::match
