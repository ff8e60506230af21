#include "host/events.h"

#include "ingest/ingest.h"

namespace stanch::host {

namespace {

class Visitor : public ingest::Unwrapper::Sink {
 public:
  using Visit = std::function<bool(codec::JsonView, const model::Origin&)>;
  Visitor(const Visit& visit, EventsRead& read, const ingest::Limits& limits)
      : visit_(visit), read_(read), limits_(limits) {}

  // False once the visitor has had enough.
  bool record(const model::Record& record, ingest::Unwrapper& unwrapper) {
    record_ = &record;
    if (const codec::JsonView view = parser_.parse(record.bytes)) {
      unwrapper.unwrap(view, *this);
    } else {
      pieces_of(record.bytes, unwrapper);
    }
    return !stopped_;
  }

  void event(codec::JsonView event, ingest::Envelope) override {
    if (event["expect"] && event["event"] && event["event"].is_object()) event = event["event"];
    if (event["expect"] && event["events"] && event["events"].is_array()) {
      for (const codec::JsonView each : event["events"].elements()) visit(each);
    } else {
      visit(event);
    }
  }

  void rejected(codec::JsonProblem, std::string_view) override { ++read_.rejected; }

 private:
  void visit(codec::JsonView event) {
    if (stopped_) return;
    ++read_.events;
    stopped_ = !visit_(event, record_->origin);
  }

  void pieces_of(std::string_view bytes, ingest::Unwrapper& unwrapper) {
    for (const ingest::Piece& piece : ingest::cut_again(bytes, parser_, limits_)) {
      if (piece.problem == codec::JsonProblem::kNone) {
        unwrapper.unwrap(parser_.parse(piece.bytes), *this);
      } else {
        ++read_.rejected;
      }
    }
  }

  const Visit& visit_;
  EventsRead& read_;
  const ingest::Limits& limits_;
  codec::JsonParser parser_;
  const model::Record* record_ = nullptr;
  bool stopped_ = false;
};

}  // namespace

Result<EventsRead> each_event(
    env::Files& files, const std::string& path,
    const std::function<bool(codec::JsonView, const model::Origin&)>& visit) {
  const ingest::Limits limits;
  const ingest::Listing listing = ingest::list_inputs(files, std::span(&path, 1));
  EventsRead read;
  ingest::Unwrapper unwrapper(limits);
  Visitor visitor(visit, read, limits);
  const ingest::InputError* first_error =
      listing.errors.empty() ? nullptr : &listing.errors.front();
  ingest::InputError kept;
  for (const ingest::InputFile& file : listing.files) {
    ingest::RecordReader reader(files, file, limits);
    ingest::RecordBatch batch;
    while (reader.next(batch)) {
      read.rejected += batch.rejected.size();
      for (const model::Record& record : batch.records) {
        if (!visitor.record(record, unwrapper)) return read;
      }
    }
    if (reader.error() != nullptr && first_error == nullptr) {
      kept = *reader.error();
      first_error = &kept;
    }
  }
  if (first_error != nullptr) return Error(ErrorCode::kInvalid, first_error->message);
  return read;
}

}  // namespace stanch::host
