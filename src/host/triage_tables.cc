#include "host/triage_tables.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "codec/network.h"
#include "pipeline/content.h"

namespace stanch::host {

namespace {

constexpr std::string_view kAddress = "ip/";
constexpr std::string_view kAssets = "assets/";

// The networks of egress_cidrs; what is none is said when rules are loaded.
std::vector<codec::Network> egress_of(const model::Content& content) {
  Diagnostics ignored;
  const detect::Placeholders lists = pipeline::placeholders_of(content, ignored);
  std::vector<codec::Network> networks;
  const auto egress = lists.find("egress_cidrs");
  if (egress == lists.end()) return networks;
  for (const std::string& text : egress->second) {
    if (const auto network = codec::parse_network(text)) networks.push_back(*network);
  }
  return networks;
}

}  // namespace

Result<TriageTables> load_triage_tables(env::Env& env, const std::string& overlay) {
  TRY(const model::Content content, pipeline::load_content(env.files, overlay));
  TriageTables tables;
  tables.content_version = content.version();
  for (const auto& [path, text] : content.files) {
    if (path == "severity.yaml") {
      tables.matrix = triage::SeverityMatrix::read(path, text, tables.diagnostics);
    } else if (path.starts_with(kAssets) && path.ends_with(".csv")) {
      tables.assets.add_csv(path, text, tables.diagnostics);
    } else if (path.starts_with(kAssets)) {
      tables.assets.add_yaml(path, text, tables.diagnostics);
    }
  }
  tables.grouping.is_own_egress = [networks = egress_of(content)](std::string_view entity) {
    if (!entity.starts_with(kAddress)) return false;
    const auto address = codec::parse_address(entity.substr(kAddress.size()));
    return address && std::ranges::any_of(networks, [&](const codec::Network& network) {
             return codec::is_inside(*address, network);
           });
  };
  return tables;
}

}  // namespace stanch::host
