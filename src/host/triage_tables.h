#pragma once

#include <string>

#include "base/diagnostic.h"
#include "base/result.h"
#include "env/env.h"
#include "triage/assets.h"
#include "triage/grouper.h"
#include "triage/severity.h"

// What triage works with, from the content: severity.yaml, assets/*, and the context's egress.

namespace stanch::host {

struct TriageTables {
  std::string content_version;
  triage::SeverityMatrix matrix;
  triage::Assets assets;
  triage::GroupingContext grouping;
  Diagnostics diagnostics;  // about these tables; with errors they must not be used
};

// `content` is an overlay folder; "" for none. Fails if it cannot be read.
Result<TriageTables> load_triage_tables(env::Env& env, const std::string& content);

}  // namespace stanch::host
