#include "host/address_book.h"

#include <fmt/format.h>

namespace stanch::host {

Result<AddressBook> AddressBook::open(env::Env& env, const std::string& countries,
                                      const std::string& networks) {
  AddressBook book;
  if (!countries.empty()) {
    TRY(book.countries_, env.files.open_addresses(countries));
  }
  if (!networks.empty()) {
    TRY(book.networks_, env.files.open_addresses(networks));
  }
  return book;
}

void AddressBook::fill(triage::scope::Trace& trace) const {
  constexpr std::string_view kIp = "ip/";
  for (triage::scope::Holder& holder : trace.holders) {
    for (triage::scope::SourceUse& use : holder.sources) {
      if (!use.is_address || !use.source.starts_with(kIp)) continue;
      const std::string address = use.source.substr(kIp.size());
      if (countries_) use.country = countries_->find(address).country;
      if (!networks_) continue;
      const env::AddressFacts facts = networks_->find(address);
      if (facts.network != 0) use.network = fmt::format("AS{}", facts.network);
      if (!facts.organization.empty()) {
        use.network += fmt::format("{}{}", use.network.empty() ? "" : " ", facts.organization);
      }
    }
  }
}

}  // namespace stanch::host
