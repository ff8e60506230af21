#pragma once

#include <memory>

#include "codec/json_writer.h"
#include "pipeline/output/finding_writer.h"

// What the writers of this folder share; nobody else includes it.

namespace stanch::pipeline::output {

std::unique_ptr<FindingWriter> make_table_writer(const WriterOptions& options);
std::unique_ptr<FindingWriter> make_ndjson_writer(const WriterOptions& options);
std::unique_ptr<FindingWriter> make_ocsf_writer(const WriterOptions& options);
std::unique_ptr<FindingWriter> make_sarif_writer(const WriterOptions& options);
std::unique_ptr<FindingWriter> make_csv_writer(const WriterOptions& options);

// Members that are left out when there is nothing to say.
void field_if(codec::JsonWriter& json, std::string_view name, std::string_view text);
void field_if(codec::JsonWriter& json, std::string_view name, const std::optional<Time>& time);

// The array of matched fields: [{"selection", "field", "value"}].
void append_matched(const model::Finding& finding, codec::JsonWriter& json);
// Of a correlation, "events": their ids, and "counted": how many it counted.
void append_correlated(const model::Finding& finding, codec::JsonWriter& json);
void append_origin(const model::Origin& origin, codec::JsonWriter& json);

}  // namespace stanch::pipeline::output
