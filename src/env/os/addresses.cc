#include <arpa/inet.h>
#include <maxminddb.h>
#include <netinet/in.h>

#include <cerrno>
#include <cstring>

#include "env/os/parts.h"
#include "env/system_error.h"

namespace stanch::env::os {

namespace {

class MaxMindDatabase final : public AddressDatabase {
 public:
  explicit MaxMindDatabase(const MMDB_s& database) : database_(database) {}
  ~MaxMindDatabase() override { MMDB_close(&database_); }
  MaxMindDatabase(const MaxMindDatabase&) = delete;
  MaxMindDatabase& operator=(const MaxMindDatabase&) = delete;

  AddressFacts find(const std::string& address) const override {
    AddressFacts facts;
    sockaddr_storage room{};
    const sockaddr* const parsed = parse(address, room);
    if (parsed == nullptr) return facts;
    int problem = MMDB_SUCCESS;
    MMDB_lookup_result_s found = MMDB_lookup_sockaddr(&database_, parsed, &problem);
    if (problem != MMDB_SUCCESS || !found.found_entry) return facts;
    facts.country = text_at(found.entry, "country", "iso_code");
    if (facts.country.empty()) facts.country = text_at(found.entry, "country_code", nullptr);
    facts.network = number_at(found.entry, "autonomous_system_number");
    facts.organization = text_at(found.entry, "autonomous_system_organization", nullptr);
    return facts;
  }

 private:
  static const sockaddr* parse(const std::string& address, sockaddr_storage& room) {
    auto* const v4 = reinterpret_cast<sockaddr_in*>(&room);
    auto* const v6 = reinterpret_cast<sockaddr_in6*>(&room);
    if (inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
      v4->sin_family = AF_INET;
    } else if (inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
      v6->sin6_family = AF_INET6;
    } else {
      return nullptr;
    }
    return reinterpret_cast<const sockaddr*>(&room);
  }

  static bool value_at(MMDB_entry_s& entry, const char* key, const char* inner,
                       MMDB_entry_data_s& data) {
    const char* const path[] = {key, inner, nullptr};
    return MMDB_aget_value(&entry, &data, path) == MMDB_SUCCESS && data.has_data;
  }

  static std::string text_at(MMDB_entry_s& entry, const char* key, const char* inner) {
    MMDB_entry_data_s data{};
    if (!value_at(entry, key, inner, data) || data.type != MMDB_DATA_TYPE_UTF8_STRING) return {};
    return {data.utf8_string, data.data_size};
  }

  static uint32_t number_at(MMDB_entry_s& entry, const char* key) {
    MMDB_entry_data_s data{};
    if (!value_at(entry, key, nullptr, data) || data.type != MMDB_DATA_TYPE_UINT32) return 0;
    return data.uint32;
  }

  MMDB_s database_;
};

}  // namespace

Result<std::unique_ptr<AddressDatabase>> OsFiles::open_addresses(const std::string& path) {
  MMDB_s database;
  const int problem = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &database);
  if (problem == MMDB_FILE_OPEN_ERROR) return system_error(errno, "open", path);
  if (problem == MMDB_IO_ERROR) return system_error(errno, "read", path);
  if (problem != MMDB_SUCCESS) {
    return Error(ErrorCode::kCorrupt,
                 path + " is no address database that can be read: " + MMDB_strerror(problem));
  }
  return std::unique_ptr<AddressDatabase>(std::make_unique<MaxMindDatabase>(database));
}

}  // namespace stanch::env::os
