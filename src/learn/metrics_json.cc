#include <chrono>

#include "codec/timestamp.h"
#include "learn/metrics.h"

namespace stanch::learn {

namespace {

using codec::JsonWriter;

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

void field_if(JsonWriter& json, std::string_view name, std::optional<Duration> duration) {
  if (duration) json.field(name, seconds(*duration));
}

void field_if(JsonWriter& json, std::string_view name, std::optional<Time> time) {
  if (time) json.field(name, codec::format_timestamp(*time));
}

void append(const MetricsRow& row, JsonWriter& json) {
  json.begin_object();
  if (row.severity) json.field("severity", name_of(*row.severity));
  json.field("cases", row.cases).field("open", row.open).field("no_attack", row.no_attack);
  json.key("measures").begin_object();
  for (size_t i = 0; i < kMeasures; ++i) {
    const Distribution& times = row.measures[i];
    json.key(name_of(static_cast<Measure>(i)))
        .begin_object()
        .field("n", times.done)
        .field("open", times.open);
    field_if(json, "median_seconds", times.median);
    field_if(json, "p90_seconds", times.p90);
    field_if(json, "max_seconds", times.max);
    field_if(json, "oldest_open_seconds", times.oldest);
    json.end_object();
  }
  json.end_object().end_object();
}

void append(std::string_view name, const MetricsGroup& group, JsonWriter& json) {
  json.key(name).begin_object().key("severities").begin_array();
  for (const MetricsRow& row : group.severities) append(row, json);
  json.end_array().key("all");
  append(group.all, json);
  json.end_object();
}

}  // namespace

void append_json(const Metrics& metrics, JsonWriter& json) {
  append("real", metrics.real, json);
  append("drills", metrics.drills, json);
  json.field("merged", metrics.merged)
      .field("unopened", metrics.unopened)
      .field("outside", metrics.outside)
      .field("start_not_known", metrics.undetected)
      .field("received_not_known", metrics.unreceived)
      .field("erased", metrics.erased)
      .field("foreign", metrics.foreign);
}

void append_json(const Case& of, Time now, JsonWriter& json) {
  field_if(json, "first_event", of.first_event);
  field_if(json, "opened", of.opened);
  field_if(json, "acknowledged", of.acknowledged);
  field_if(json, "contained", of.contained);
  field_if(json, "eradicated", of.eradicated);
  field_if(json, "recovered", of.recovered);
  field_if(json, "closed", of.closed);
  json.key("measures").begin_object();
  for (size_t i = 0; i < kMeasures; ++i) {
    const auto measured = measure(of, static_cast<Measure>(i), now);
    if (!measured) continue;
    json.key(name_of(static_cast<Measure>(i)))
        .begin_object()
        .field("seconds", seconds(measured->time))
        .field("open", measured->open)
        .end_object();
  }
  json.end_object();
}

}  // namespace stanch::learn
