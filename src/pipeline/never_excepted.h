#pragma once

#include "model/event.h"

namespace stanch::pipeline {

// Whether no filter may hide what is found in this event: a call that makes a lasting credential,
// or changes who may do what, or what is logged or noticed. Who hides behind an exception would
// begin with these. Sign-ins, sessions, reads and alerts of others may be excepted.
bool is_never_excepted(const model::Facts& facts);

}  // namespace stanch::pipeline
