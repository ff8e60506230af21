#pragma once

#include <string>
#include <string_view>

// Foreign text, harmless where it is put. Control characters, those that are hidden and those that
// turn the reading direction are shown as \n, \x1b, \u{202e} (codec::for_terminal) everywhere.

namespace stanch::pipeline::report {

// Inside an HTML element or a quoted attribute.
std::string html_text(std::string_view text);

// Inside a paragraph, a list item or a table cell of Markdown (CommonMark, and GitHub's): no
// markup, HTML, link, mention, reference or formula comes of it. Always on one line.
std::string markdown_text(std::string_view text);

}  // namespace stanch::pipeline::report
