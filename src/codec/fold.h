#pragma once

#include <string>
#include <string_view>

// Simple case folding (Unicode CaseFolding.txt, status C and S), the meaning of
// "case-insensitive" everywhere in Stanch: one code point to one code point,
// no locale. So 'K' (U+212A) folds to 'k', 'ſ' to 's', 'İ' (U+0130) to itself.

namespace stanch::codec {

bool is_ascii(std::string_view text);

// The folded text. A text that is folded already is returned as it is, else it is
// written to `scratch`. Input that is no UTF-8 keeps its bad bytes.
std::string_view fold_case(std::string_view text, std::string& scratch);
std::string fold_case(std::string_view text);

char32_t fold_case(char32_t code_point);

}  // namespace stanch::codec
