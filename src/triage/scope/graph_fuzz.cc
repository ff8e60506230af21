#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "codec/hash.h"
#include "triage/scope/trace.h"

// Saved graphs that anybody may have written. As they are, and with a hash that fits, so that what
// stands behind it is read too: then a graph that is taken saves itself as it was, and can be
// traced from any end.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stanch;
  using namespace stanch::triage::scope;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto graph = Graph::load(bytes); graph && graph->save() != bytes) std::abort();

  const codec::Sha256 hash = codec::sha256(bytes);
  std::string whole = "stanch-graph 1\n";
  whole.append(reinterpret_cast<const char*>(hash.data()), hash.size());
  whole += bytes;
  const auto graph = Graph::load(whole);
  if (!graph) return 0;
  if (graph->save() != whole) std::abort();
  const Links links(*graph);
  const Lineage lineage(links);
  for (Links::Number number = 1; number < links.size() && number < 20; ++number) {
    if (!trace(lineage, links.text(number))) std::abort();
  }
  return 0;
}
