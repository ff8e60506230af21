#include "detect/sigma/codes.h"

#include <array>

namespace stanch::detect::sigma {

namespace {

constexpr auto kError = Severity::kError;
constexpr auto kWarning = Severity::kWarning;
constexpr auto kNote = Severity::kNote;

constexpr std::array<DiagnosticCode, kCodes> kTable = {{
    {"SIG001", "yaml-syntax", kError, "The document is not YAML that Stanch reads."},
    {"SIG002", "not-utf8", kError, "The file is not UTF-8."},
    {"SIG003", "too-large", kError, "Something exceeds a named limit: size, depth, number."},
    {"SIG004", "duplicate-key", kError,
     "A key stands twice in one map; one of them would be lost."},
    {"SIG005", "not-a-rule", kError, "The document is neither a rule, a correlation nor a filter."},
    {"SIG006", "missing-field", kError, "A field that every rule needs is missing or empty."},
    {"SIG007", "wrong-type", kError,
     "A field holds a list, map or scalar where another is needed."},
    {"SIG008", "title-too-long", kError, "The title has more than 256 characters."},
    {"SIG009", "bad-id", kError, "The id is not a UUID."},
    {"SIG010", "bad-level", kError, "The level is none of Sigma's five."},
    {"SIG011", "bad-status", kWarning, "The status is none of Sigma's five."},
    {"SIG012", "bad-date", kWarning, "A date is not written YYYY-MM-DD, or is no day."},
    {"SIG013", "bad-tag", kWarning, "A tag has no namespace, or characters that tags cannot have."},
    {"SIG014", "bad-related", kWarning, "A `related` entry lacks a UUID or has an unknown type."},
    {"SIG015", "likely-typo", kWarning,
     "A field that means nothing here looks like one that does."},
    {"SIG016", "stanch-field", kWarning,
     "The `stanch` map holds something that is not understood."},
    {"SIG017", "duplicate-id", kError, "Two rules have one id; only the first is loaded."},
    {"SIG018", "unknown-modifier", kError, "A field modifier does not exist in Sigma 2.1."},
    {"SIG019", "modifier-combination", kError,
     "Modifiers that cannot stand together, or in this order."},
    {"SIG020", "modifier-value", kError, "A value that the item's modifiers cannot take."},
    {"SIG021", "bad-network", kError, "A `cidr` value is not a network, or has host bits set."},
    {"SIG022", "bad-regex", kError, "A regular expression that RE2 refuses."},
    {"SIG023", "removed-syntax", kError, "Syntax of Sigma 1 that version 2 removed."},
    {"SIG024", "bad-condition", kError, "The condition does not follow the grammar."},
    {"SIG025", "unknown-detection", kError,
     "The condition names a detection, or a rule, that does not exist."},
    {"SIG026", "pattern-names-nothing", kError, "`1 of x*` or `all of x*` where no name fits."},
    {"SIG027", "unused-detection", kWarning,
     "A detection, or a rule of a correlation, that no condition uses."},
    {"SIG028", "null-in-list", kWarning,
     "`null` inside a list of values; the specification forbids it."},
    {"SIG029", "all-of-one", kWarning, "`|all` on a single value says nothing."},
    {"SIG030", "ambiguous-scalar", kWarning,
     "An unquoted value that other tools read as another type."},
    {"SIG031", "empty-detection", kError, "A detection, item or list without content."},
    {"SIG032", "matches-everything", kWarning, "A value that every text matches."},
    {"SIG033", "unknown-placeholder", kError,
     "`|expand` names a placeholder that has no values; the rule is not loaded."},
    {"SIG034", "empty-placeholder", kNote,
     "A placeholder with an empty list: the item never matches."},
    {"SIG035", "percent-without-expand", kNote, "`%name%` without `|expand` is plain text."},
    {"SIG036", "filter-polarity", kError,
     "A filter that does not say whether its condition is what is hidden or what is kept."},
    {"SIG037", "bad-action", kError,
     "An `action` that does not exist, or that has nothing to repeat."},
    {"SIG038", "unknown-log-field", kWarning, "A field that events of this log source never have."},
    {"SIG039", "bad-log-schema", kError, "A file of content/fields that is not understood."},
    {"SIG040", "other-case-field", kNote,
     "A field that this log source writes in another case; found because case is ignored."},
    {"SIG041", "empty-file", kWarning, "A rule file without a document."},
    {"SIG042", "unknown-correlation-type", kError, "The correlation's type does not exist."},
    {"SIG043", "bad-timespan", kError, "A timespan that is none, or beyond its limits."},
    {"SIG044", "unknown-rule", kError,
     "A correlation names a rule that does not exist, or is not loaded."},
    {"SIG045", "correlation-cycle", kError, "A correlation refers to itself."},
    {"SIG046", "correlation-condition", kError,
     "The correlation's condition does not fit its type, or can never hold."},
    {"SIG047", "bad-alias", kError, "An alias that does not say one field for each of the rules."},
    {"SIG048", "forgeable-filter", kError,
     "A filter that hides by what an attacker can choose alone: user agent, address, session, "
     "tag."},
    {"SIG049", "filter-terms", kNote,
     "A filter without owner, reason and end, or that ends after more than 90 days."},
    {"SIG050", "filter-fits-nothing", kWarning, "A filter that no loaded rule is meant by."},
    {"SIG051", "bad-field-map", kError, "A field map of content/fields that is not understood."},
    {"SIG052", "unsupported-mapping", kError,
     "A field map uses what pySigma has and Stanch has not; the map is not used."},
    {"SIG053", "contradiction", kWarning,
     "A condition asks for two things that no event has both, unless the field is a list."},
    {"SIG054", "filter-hides-nothing", kWarning,
     "A filter that cannot hide anything of what a rule that it names finds."},
}};

}  // namespace

const DiagnosticCode& row(Code code) { return kTable[static_cast<size_t>(code)]; }

std::span<const DiagnosticCode> diagnostic_codes() { return kTable; }

}  // namespace stanch::detect::sigma
