#include <algorithm>

#include "ingest/lines/line_forms.h"

// Access logs of S3. New columns come at the end; older lines have fewer.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html

namespace stanch::ingest {

namespace {

constexpr std::string_view kNames[] = {"bucket_owner",
                                       "bucket",
                                       "time",
                                       "remote_ip",
                                       "requester",
                                       "request_id",
                                       "operation",
                                       "key",
                                       "request_uri",
                                       "http_status",
                                       "error_code",
                                       "bytes_sent",
                                       "object_size",
                                       "total_time",
                                       "turn_around_time",
                                       "referer",
                                       "user_agent",
                                       "version_id",
                                       "host_id",
                                       "signature_version",
                                       "cipher_suite",
                                       "authentication_type",
                                       "host_header",
                                       "tls_version",
                                       "access_point_arn",
                                       "acl_required",
                                       "source_region"};
constexpr size_t kColumnsMin = 18;

bool is_canonical_id(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

}  // namespace

bool append_s3_access(std::string_view line, std::string& json) {
  if (!is_canonical_id(line.substr(0, line.find(' ')))) return false;
  const auto columns = columns_of(line, true);
  if (!columns || columns->size() < kColumnsMin || (*columns)[2].size() != 26) return false;
  append_columns("aws_s3_access", line, {std::begin(kNames), std::end(kNames)}, *columns, json);
  return true;
}

}  // namespace stanch::ingest
