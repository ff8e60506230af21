#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "pipeline/output/style.h"

// Text on a terminal: how wide it is, and how it is cut and coloured.

namespace stanch::pipeline::output {

// Terminal columns of UTF-8 text without control characters: East Asian wide characters and
// emoji take two, combining marks none (Unicode Standard Annex 11, as wcwidth has it).
size_t columns_of(std::string_view text);

// Foreign text made safe (codec::for_terminal) and cut to `columns`, its end replaced by an
// ellipsis if it did not fit.
std::string fit(std::string_view text, size_t columns, const Style& style);

// fit(), then filled with spaces up to `columns`.
std::string fit_padded(std::string_view text, size_t columns, const Style& style);

enum class Color : unsigned char { kNone, kBold, kDim, kRed, kBoldRed, kYellow, kBlue, kGreen };

// `text` between escape sequences for this colour, or as it is where colour is not welcome.
std::string colored(std::string text, Color color, const Style& style);

// A line broken at spaces so that it fits into `columns`; further lines begin with `indent` spaces.
std::string wrapped(std::string_view line, size_t indent, size_t columns);

// A cell of CSV (RFC 4180), quoted where it must be. Two things are done to text that somebody else
// wrote: control and hidden characters are shown as \n, \x1b, \u{202e} (codec::for_terminal), and a
// cell that a spreadsheet would take for a formula, because it begins with = + - @ tab or CR, gets
// an apostrophe in front. Who needs the exact bytes takes JSON.
std::string csv_cell(std::string_view text);

// "1,234,567"
std::string grouped(unsigned long long number);

// "1 rule", "2,000 rules"; `many` is `one` with an s unless it is given.
std::string counted(unsigned long long number, std::string_view one, std::string_view many = {});

// "1.5 MB", in powers of 1000.
std::string bytes_text(unsigned long long bytes);

// Makes JSON text inert on a terminal: hidden characters (codec::is_hidden), which in JSON can
// only stand inside strings, become \u escapes. The document means what it meant. Changes
// `json` from `begin` on.
void escape_hidden(std::string& json, size_t begin);

}  // namespace stanch::pipeline::output
