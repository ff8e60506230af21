#pragma once

#include "model/event.h"

namespace stanch::pipeline {

// Whether no filter may hide what is found in this event: a call that changes who may do what, or
// what is logged. Who hides behind an exception would begin with these.
bool is_never_excepted(const model::Facts& facts);

}  // namespace stanch::pipeline
