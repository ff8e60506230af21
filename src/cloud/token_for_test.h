#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "codec/base64.h"
#include "codec/rsa.h"

namespace stanch::cloud {

// What a JSON Web Token says, if that key (PKCS #1) signed it. Verified by OpenSSL.
struct JwtParts {
  std::string header, claims;
};
inline std::optional<JwtParts> parts_of_jwt(const std::string& token, std::string_view key_der) {
  const auto bytes_of = [](std::string text) {
    for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
    while (text.size() % 4 != 0) text += '=';
    return codec::decode_base64(text).value_or("");
  };
  const size_t first = token.find('.'), second = token.rfind('.');
  if (first == token.npos || first == second) return std::nullopt;
  const auto key = codec::RsaPublicKey::parse(key_der);
  if (!key ||
      !key->verify(std::string_view(token).substr(0, second), bytes_of(token.substr(second + 1)))) {
    return std::nullopt;
  }
  return JwtParts{.header = bytes_of(token.substr(0, first)),
                  .claims = bytes_of(token.substr(first + 1, second - first - 1))};
}

// The fields of a form, decoded.
inline std::map<std::string, std::string> fields_of(std::string_view form) {
  std::map<std::string, std::string> fields;
  while (!form.empty()) {
    const std::string_view field = form.substr(0, form.find('&'));
    form.remove_prefix(field.size() == form.size() ? form.size() : field.size() + 1);
    std::string value;
    for (size_t i = field.find('=') + 1; i < field.size(); ++i) {
      if (field[i] != '%') {
        value += field[i];
        continue;
      }
      value += static_cast<char>(std::stoi(std::string(field.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    }
    fields[std::string(field.substr(0, field.find('=')))] = value;
  }
  return fields;
}

inline std::string token_answer(const std::string& token) {
  return R"({"token_type":"Bearer","expires_in":3600,"access_token":")" + token + R"("})";
}

}  // namespace stanch::cloud
