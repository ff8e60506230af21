#pragma once

namespace stanch::host {

// Against others who append to the same stream, or write the same row.
inline constexpr unsigned kAppendTriesMax = 100;

}  // namespace stanch::host
