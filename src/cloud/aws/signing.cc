#include "cloud/aws/signing.h"

#include <algorithm>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "cloud/encode_uri.h"
#include "cloud/invalid.h"
#include "codec/hash.h"
#include "codec/timestamp.h"

// The signature is an HMAC over a text that both sides write down from the request:
//
//   canonical request   method, path, sorted query, sorted headers, their names, hash of body
//   string to sign      algorithm, time, scope, hash of the canonical request
//   scope               20150830/us-east-1/iam/aws4_request
//   key                 HMAC over HMAC: secret, then each part of the scope
//
// All care goes into the first: it must come out the same for the server, which sees the
// request after its own HTTP library has. libcurl's signer is not used; that of 7.88 sorts no
// query and knows no valueless parameter.

namespace stanch::cloud::aws {
namespace {

using env::HttpHeader;
using env::HttpRequest;

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";
constexpr std::chrono::seconds kValidMax = std::chrono::days(7);

// Proxies and libraries change these, or they do not exist yet; AWS's own clients leave them out.
constexpr std::string_view kUnsignedHeaders[] = {
    "authorization", "connection", "expect", "transfer-encoding", "user-agent", "x-amzn-trace-id"};
// Of an earlier signature.
constexpr std::string_view kOwnHeaders[] = {"authorization", "x-amz-date", "x-amz-security-token",
                                            "x-amz-content-sha256"};

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// What encode_uri_but() makes of the text that `text`, a part of a URL, stands for.
Result<std::string> encode_once(std::string_view text, std::string_view kept) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) {
        return invalid("cannot sign a URL with a '%' that no two hex digits follow");
      }
      out.append({'%', upper(text[i + 1]), upper(text[i + 2])});
      i += 2;
    } else if (is_unreserved(text[i]) || kept.contains(text[i])) {
      out += text[i];
    } else {
      out += encode_uri(text.substr(i, 1));
    }
  }
  return out;
}

struct Target {
  bool tls;
  std::string host;  // as the Host header says it
  std::string_view path;
  std::string_view query;
};

// The HTTP client looks more closely; a signature harms nobody.
Result<Target> take_apart(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == url.npos) return invalid("cannot sign a URL without a scheme");
  Target target{.tls = url.substr(0, scheme) == "https", .host = "", .path = "", .query = ""};
  std::string_view rest = url.substr(scheme + 3);
  const size_t end = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view authority = rest.substr(0, end);
  const std::string_view default_port = target.tls ? ":443" : ":80";
  if (authority.ends_with(default_port)) authority.remove_suffix(default_port.size());
  if (authority.empty()) return invalid("cannot sign a URL without a host");
  target.host = authority;
  rest.remove_prefix(end);
  const size_t question = std::min(rest.find('?'), rest.size());
  target.path = rest.substr(0, question);
  target.query = rest.substr(std::min(question + 1, rest.size()));
  return target;
}

// "/a//./b/../c/" is "/a/c/". Without a last slash none is added, as AWS's own clients have it.
std::string normalized(std::string_view path) {
  std::vector<std::string_view> segments;
  for (std::string_view rest = path; !rest.empty();) {
    const size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view segment = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
    if (segment.empty() || segment == ".") continue;
    if (segment != "..") {
      segments.push_back(segment);
    } else if (!segments.empty()) {
      segments.pop_back();
    }
  }
  std::string out;
  for (const std::string_view segment : segments) out.append("/").append(segment);
  if (out.empty() || path.ends_with('/')) out += '/';
  return out;
}

Result<std::string> canonical_path(std::string_view path, SigningRules rules) {
  if (path.empty()) return std::string("/");
  if (rules == SigningRules::kS3) return encode_once(path, "/");
  return encode_uri_but(normalized(path), "/");
}

// Sorted by the encoded name, then by the value: "a-b" comes after "a", whatever follows.
Result<std::string> canonical_query(std::string_view query) {
  if (query.contains('+')) {
    return invalid("cannot sign a query with '+': write %2B, or %20 for a space");
  }
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view parameter = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (parameter.empty()) continue;
    const size_t equals = std::min(parameter.find('='), parameter.size());
    TRY(std::string name, encode_once(parameter.substr(0, equals), ""));
    TRY(std::string value,
        encode_once(parameter.substr(std::min(equals + 1, parameter.size())), ""));
    parameters.emplace_back(std::move(name), std::move(value));
  }
  std::ranges::sort(parameters);
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(value);
  }
  return out;
}

// Without white space around it, and one space for each that is inside.
std::string with_single_blanks(std::string_view value) {
  std::string out;
  bool gap = false;
  for (const char c : value) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      gap = true;
      continue;
    }
    if (gap && !out.empty()) out += ' ';
    gap = false;
    out += c;
  }
  return out;
}

struct SignedHeaders {
  std::string lines;  // "host:example.com\n…"
  std::string names;  // "host;x-amz-date"
};

SignedHeaders signed_headers(const HttpRequest& request, const std::string& host) {
  std::map<std::string, std::string> values;
  for (const HttpHeader& header : request.headers) {
    const std::string name = lower(header.name);
    if (is_one_of(kUnsignedHeaders, name)) continue;
    const auto [at, is_new] = values.try_emplace(name, with_single_blanks(header.value));
    if (!is_new) at->second.append(",").append(with_single_blanks(header.value));
  }
  values.try_emplace("host", host);
  SignedHeaders out;
  for (const auto& [name, value] : values) {
    out.lines.append(name).append(":").append(value).append("\n");
    out.names.append(out.names.empty() ? "" : ";").append(name);
  }
  return out;
}

// "20150830T123600Z"
std::string basic_time(Time when) {
  std::string text = codec::format_timestamp(std::chrono::floor<std::chrono::seconds>(when));
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

std::string_view text_of(const codec::Sha256& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

std::string scope_of(const Signing& signing) {
  return basic_time(signing.when).substr(0, 8) + "/" + signing.region + "/" + signing.service +
         "/aws4_request";
}

std::string signature(std::string_view canonical, const Credentials& credentials,
                      const Signing& signing) {
  const std::string time = basic_time(signing.when);
  const std::string text = std::string(kAlgorithm) + "\n" + time + "\n" + scope_of(signing) + "\n" +
                           codec::to_hex(codec::sha256(canonical));
  codec::Sha256 key = codec::hmac_sha256("AWS4" + credentials.secret_access_key, time.substr(0, 8));
  for (const std::string_view part :
       {std::string_view(signing.region), std::string_view(signing.service),
        std::string_view("aws4_request")}) {
    key = codec::hmac_sha256(text_of(key), part);
  }
  return codec::to_hex(codec::hmac_sha256(text_of(key), text));
}

Result<std::string> canonical_request(const HttpRequest& request, const Target& target,
                                      const SignedHeaders& headers, std::string_view payload,
                                      SigningRules rules) {
  TRY(const std::string path, canonical_path(target.path, rules));
  TRY(const std::string query, canonical_query(target.query));
  return request.method + "\n" + path + "\n" + query + "\n" + headers.lines + "\n" + headers.names +
         "\n" + std::string(payload);
}

// These end up in headers and URLs.
Result<> check(const Credentials& credentials, const Signing& signing) {
  const auto is_word = [](std::string_view text) {
    return !text.empty() && text.size() <= 128 &&
           std::ranges::all_of(text, [](char c) { return is_unreserved(c); });
  };
  if (!is_word(signing.region)) return invalid("cannot sign for a region that is no name");
  if (!is_word(signing.service)) return invalid("cannot sign for a service that is no name");
  if (!is_word(credentials.access_key_id)) return invalid("the access key id is no word");
  if (credentials.secret_access_key.empty()) return invalid("the secret access key is empty");
  return {};
}

}  // namespace

Result<> sign(HttpRequest& request, const Credentials& credentials, const Signing& signing) {
  TRY(check(credentials, signing));
  TRY(const Target target, take_apart(request.url));
  HttpRequest signed_request = request;
  std::erase_if(signed_request.headers, [](const HttpHeader& header) {
    return is_one_of(kOwnHeaders, lower(header.name));
  });
  auto& headers = signed_request.headers;
  const bool s3 = signing.rules == SigningRules::kS3;
  const std::string payload = s3 && signing.unsigned_payload && target.tls
                                  ? std::string(kUnsignedPayload)
                                  : codec::to_hex(codec::sha256(request.body));
  headers.push_back({"X-Amz-Date", basic_time(signing.when)});
  if (s3) headers.push_back({"X-Amz-Content-Sha256", payload});
  if (!credentials.session_token.empty()) {
    headers.push_back({"X-Amz-Security-Token", credentials.session_token});
  }
  const SignedHeaders parts = signed_headers(signed_request, target.host);
  TRY(const std::string canonical,
      canonical_request(signed_request, target, parts, payload, signing.rules));
  headers.push_back(
      {"Authorization", std::string(kAlgorithm) + " Credential=" + credentials.access_key_id + "/" +
                            scope_of(signing) + ", SignedHeaders=" + parts.names +
                            ", Signature=" + signature(canonical, credentials, signing)});
  request.headers = std::move(headers);
  return {};
}

Result<> presign(HttpRequest& request, const Credentials& credentials, const Signing& signing,
                 std::chrono::seconds valid) {
  TRY(check(credentials, signing));
  if (valid < std::chrono::seconds(1) || valid > kValidMax) {
    return invalid("a presigned URL is valid for 1 second to 7 days");
  }
  TRY(const Target plain, take_apart(request.url));
  if (lower(std::string(plain.query)).contains("x-amz-signature=")) {
    return invalid("the URL is signed already");
  }
  const SignedHeaders parts = signed_headers(request, plain.host);
  std::string url = request.url + (request.url.contains('?') ? "&" : "?");
  url += "X-Amz-Algorithm=" + std::string(kAlgorithm);
  url += "&X-Amz-Credential=" + encode_uri(credentials.access_key_id + "/" + scope_of(signing));
  url += "&X-Amz-Date=" + basic_time(signing.when);
  url += "&X-Amz-Expires=" + std::to_string(valid.count());
  if (!credentials.session_token.empty()) {
    url += "&X-Amz-Security-Token=" + encode_uri(credentials.session_token);
  }
  url += "&X-Amz-SignedHeaders=" + encode_uri(parts.names);
  const std::string payload = signing.rules == SigningRules::kS3
                                  ? std::string(kUnsignedPayload)
                                  : codec::to_hex(codec::sha256(request.body));
  TRY(const Target target, take_apart(url));
  TRY(const std::string canonical,
      canonical_request(request, target, parts, payload, signing.rules));
  request.url = url + "&X-Amz-Signature=" + signature(canonical, credentials, signing);
  return {};
}

}  // namespace stanch::cloud::aws
