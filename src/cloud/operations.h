#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// The operations that can be called, of all providers. Each has a table: aws/operations.json, which
// tools/gen_aws_operations.py writes from the public service models, azure/operations.json and
// gcp/operations.json (tools/gen_azure_operations.py, gen_gcp_operations.py), and
// webhook/operations.json. What is in one:
//
//   services: name as in "iam.UpdateAccessKey" -> protocol, version, endpoint prefix (of Google the
//   host), name to sign for (of Google the scopes), target prefix, global endpoints a partition;
//   operations; shapes operation: method, uri, input, output, wrapper (element around the result),
//   host (prefix of the host name), root and namespace (of the XML body), checksum (of the body is
//   wanted), page; wait (how Google Cloud says when what it began is done: compute, operation)
//   shape: m (members: m), r (required), p (member that is the body), o (open: members that are not
//   listed go through as they are); e (element); k, v (key, value)
//   member: its type, or t (type) with w (its name in the message), q (another in query strings), l
//   (where it stands: header, headers, uri, querystring, statusCode), g (of which segments a text
//   in the path is: "projects/*/keys/*", "**" for any number), f (flattened; in a path: as one
//   segment), a (attribute), x (sensitive), i (idempotency token), n (namespaces of the element)
//   type: s text, b boolean, i integer, d number, x bytes, ti tr tu time (ISO 8601, RFC 822, Unix
//   seconds), j any JSON, @Shape
//
// https://smithy.io/2.0/aws/protocols/

namespace stanch::cloud {

enum class Protocol : uint8_t {
  kQuery,
  kEc2,
  kJson,
  kRestJson,
  kRestXml,
  kWebhook,
  kArm,    // Azure Resource Manager, and what speaks like it
  kGraph,  // Microsoft Graph
  kGoogle,
};

// How Google Cloud says when that which a call began is done; Azure says it in the answer.
enum class Waits : uint8_t { kNot, kCompute, kOperation };

enum class Kind : uint8_t {
  kText,
  kBoolean,
  kInteger,
  kNumber,
  kBytes,
  kTimeIso,
  kTimeRfc822,
  kTimeUnix,
  kAnything,  // JSON as it is
  kStructure,
  kList,
  kMap,
};

enum class Location : uint8_t { kBody, kHeader, kHeaders, kUri, kQuery, kStatus };

struct Shape;

struct Member {
  std::string name;              // as people write it
  Kind scalar = Kind::kText;     // if there is no shape
  const Shape* shape = nullptr;  // of a structure, list or map
  std::string wire;              // its name in the message; "" if that is `name`
  std::string query_name;        // of protocol ec2, where it differs
  Location location = Location::kBody;
  bool is_flat = false, is_attribute = false, is_sensitive = false, is_token = false;
  std::string namespace_prefix, namespace_uri;  // of its element; the prefix may be ""
  std::string segments;  // of a text in the path: "projects/*"; "" for a single one

  Kind kind() const;
  const std::string& wire_or_name() const { return wire.empty() ? name : wire; }
};

struct Shape {
  Kind kind = Kind::kStructure;
  std::vector<Member> members;        // of a structure, by name
  std::vector<std::string> required;  // of these, by name
  const Member* payload = nullptr;    // the member that is the whole body
  Member element;                     // of a list
  Member key, value;                  // of a map
  bool is_open = false;               // a structure that may hold more than is listed

  const Member* find(std::string_view name) const;  // null if there is none
};

inline Kind Member::kind() const { return shape == nullptr ? scalar : shape->kind; }

struct Paging {
  std::string in, out;             // members of input and output: the token; without `in` a URL
  std::string more;                // member of the output that says so; "" if the token does
  std::vector<std::string> lists;  // members of the output that go on
};

struct Service;

struct Operation {
  const Service* service = nullptr;
  std::string name, method, uri, wrapper, root, root_namespace, host_prefix;
  const Shape* input = nullptr;   // null if it takes nothing
  const Shape* output = nullptr;  // null if it answers nothing
  bool wants_checksum = false;
  Waits waits = Waits::kNot;
  std::unique_ptr<Paging> paging;  // null if the answer is one page
};

struct GlobalEndpoint {
  std::string host, region;
};

struct Service {
  std::string name;
  Protocol protocol = Protocol::kQuery;
  std::string version, endpoint_prefix, signing_name, target_prefix, json_version, xml_namespace;
  std::map<std::string, GlobalEndpoint, std::less<>> global;  // by partition; empty: regional
  std::map<std::string, Operation, std::less<>> operations;
  std::map<std::string, Shape, std::less<>> shapes;

  bool is_of_aws() const { return protocol < Protocol::kWebhook; }
  bool is_of_azure() const { return protocol == Protocol::kArm || protocol == Protocol::kGraph; }
  bool is_of_google() const { return protocol == Protocol::kGoogle; }
};

// Immutable; any thread.
class Operations {
 public:
  // Of this program.
  static const Operations& built_in();
  // kInvalid if the text is no such table.
  static Result<Operations> read(std::string_view json);

  // "iam", "UpdateAccessKey"; null if there is no row.
  const Operation* find(std::string_view service, std::string_view operation) const;
  const std::map<std::string, Service, std::less<>>& services() const { return services_; }

 private:
  std::map<std::string, Service, std::less<>> services_;
};

}  // namespace stanch::cloud
