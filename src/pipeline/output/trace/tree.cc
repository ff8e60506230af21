// The trace for people. First the chains, each from its origin to what is traced, as a tree; then
// what everybody in it did; what is left of it; what to cut; and what nobody can know from here.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "codec/timestamp.h"
#include "codec/utf8.h"
#include "pipeline/output/text.h"
#include "pipeline/output/trace/labels.h"
#include "pipeline/output/trace/trace_writer.h"

namespace stanch::pipeline::output {

namespace {

namespace scope = triage::scope;

constexpr size_t kColumnsMin = 60;
constexpr size_t kHoldersDetailed = 30;
constexpr size_t kBranchesShown = 12;
constexpr size_t kActionsShown = 6;
constexpr size_t kSourcesShown = 6;
constexpr size_t kRemainsShown = 40;
constexpr size_t kDepthMax = 16;

class Tree {
 public:
  Tree(const scope::Trace& trace, const Style& style)
      : trace_(trace), style_(style), columns_(std::max<size_t>(style.columns, kColumnsMin)) {
    for (const scope::Hop& hop : trace.hops) {
      if (hop.primary) {
        children_[hop.parent].push_back(&hop);
      } else {
        others_[hop.child].push_back(&hop);
      }
    }
  }

  std::string text() {
    head();
    chains();
    activity();
    remains();
    cuts();
    unknowns();
    return std::move(out_);
  }

 private:
  void line(std::string_view text, Color color = Color::kNone) {
    out_ += colored(fit(text, columns_, style_), color, style_);
    out_ += '\n';
  }

  // Sentences may be long: further lines begin with `lead` again, or with as many spaces.
  void sentence(std::string_view lead, std::string_view text, bool repeat = false) {
    const size_t indent = columns_of(lead);
    const size_t room = columns_ > indent + 20 ? columns_ - indent : 20;
    std::string begin(lead);
    for (const std::string& row : rows_of(codec::for_terminal(text), room)) {
      out_ += begin + row + '\n';
      if (!repeat) begin.assign(indent, ' ');
    }
  }

  // Broken at spaces; a word that is wider than a row, wherever the row ends.
  static std::vector<std::string> rows_of(std::string_view text, size_t room) {
    std::vector<std::string> rows(1);
    size_t used = 0;
    while (!text.empty()) {
      const size_t end = std::min(text.find(' '), text.size());
      std::string_view word = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      const size_t width = columns_of(word);
      if (used > 0 && used + 1 + width > room) {
        rows.emplace_back();
        used = 0;
      }
      if (used > 0) {
        rows.back() += ' ';
        ++used;
      }
      while (!word.empty()) {
        const codec::Utf8Step step = codec::decode_utf8(word);
        const size_t wide = columns_of(word.substr(0, step.length));
        if (used + wide > room) {
          rows.emplace_back();
          used = 0;
        }
        rows.back() += word.substr(0, step.length);
        used += wide;
        word.remove_prefix(step.length);
      }
    }
    return rows;
  }

  void title(std::string_view text) {
    out_ += '\n';
    line(text, Color::kBold);
  }

  void head() {
    std::string subject = trace_.entity;
    for (const scope::Holder& holder : trace_.holders) {
      if (holder.id == subject && holder.name.contains('@') && !subject.ends_with(holder.name)) {
        subject += fmt::format(", {}", holder.name);
        break;
      }
    }
    line(fmt::format("Trace of {}", subject), Color::kBold);
    if (trace_.logs_from) {
      sentence("", fmt::format("{} from {} to {}", counted(trace_.events, "event"),
                               codec::format_timestamp(*trace_.logs_from),
                               codec::format_timestamp(*trace_.logs_to)));
    }
    if (trace_.window.since || trace_.window.until) {
      const auto end = [](const std::optional<Time>& time) {
        return time ? codec::format_timestamp(*time) : std::string("-");
      };
      sentence("", fmt::format("what was done: from {} to {}; origins: from all of the logs",
                               end(trace_.window.since), end(trace_.window.until)));
    }
  }

  // ------------------------------------------------------------ the chains

  void chains() {
    title("Where it came from");
    if (trace_.holders.empty()) {
      sentence("  ", "Nobody in these logs used it or touched it.");
      return;
    }
    for (const scope::Origin& origin : trace_.origins) {
      node(origin.holder, "", "");
      sentence("    ", origin.words);
      touched(trace_.holders[origin.holder], "    ");
      branches(origin.holder, "", 1);
    }
    if (trace_.starts_more > 0) {
      sentence("  ", fmt::format("and {} more that touched it", grouped(trace_.starts_more)));
    }
  }

  // The account, else the cloud: the number of a directory would leave no room for names.
  static std::string place_of(const scope::Holder& holder) {
    using enum scope::HolderKind;
    if (!holder.account.empty() && !is_number(holder.account)) {
      return fmt::format(" in {}", holder.account);
    }
    const size_t colon = holder.id.find(':');
    const bool says_so = holder.kind == kHost || holder.kind == kService || holder.kind == kUnknown;
    if (colon == holder.id.npos || says_so) return "";
    return fmt::format(" at {}", holder.id.substr(0, colon));
  }

  void touched(const scope::Holder& holder, const std::string& lead) {
    for (const scope::ActionUse& use : holder.touched) {
      sentence(lead,
               fmt::format("touched it: {}, {}, {}", use.action, counted(use.tally.count, "time"),
                           span_text(use.tally)),
               true);
    }
  }

  void node(size_t holder, const std::string& lead, std::string_view time) {
    const scope::Holder& h = trace_.holders[holder];
    const bool start = h.relation == scope::Relation::kStart;
    std::string label = holder_label(h);
    label += place_of(h);
    if (start) label += " *";
    const size_t time_columns = time.empty() ? 0 : time.size() + 1;
    const size_t used = columns_of(lead) + time_columns;
    const size_t room = columns_ > used + 10 ? columns_ - used : 10;
    std::string text = fit(label, room, style_);
    const size_t width = columns_of(std::string_view(text));
    if (start) text = colored(std::move(text), Color::kBold, style_);
    if (h.relation == scope::Relation::kSibling)
      text = colored(std::move(text), Color::kDim, style_);
    out_ += lead + text;
    if (!time.empty()) {
      out_.append(room > width ? room - width : 0, ' ');
      out_ += ' ';
      out_ += time;
    }
    out_ += '\n';
    shown_.insert(holder);
  }

  void branches(size_t parent, const std::string& lead, size_t depth) {
    const auto found = children_.find(parent);
    if (found == children_.end()) return;
    std::vector<const scope::Hop*> hops = found->second;
    // What leads to what is traced is never left out.
    std::ranges::stable_sort(hops, {}, [this](const scope::Hop* hop) {
      return trace_.holders[hop->child].relation == scope::Relation::kSibling;
    });
    const size_t more = hops.size() > kBranchesShown ? hops.size() - kBranchesShown : 0;
    hops.resize(hops.size() - more);
    for (const scope::Hop* hop : hops) {
      const bool last = hop == hops.back() && more == 0;
      const std::string branch = style_.unicode ? (last ? "└─ " : "├─ ") : (last ? "`- " : "|- ");
      const std::string below = last ? "   " : (style_.unicode ? "│  " : "|  ");
      const bool again = shown_.contains(hop->child);
      node(hop->child, lead + branch, hop->proof ? clock_text(hop->proof->time) : "");
      if (again) continue;
      how(*hop, lead + below);
      if (depth < kDepthMax) {
        branches(hop->child, lead + below, depth + 1);
      } else if (children_.contains(hop->child)) {
        line(lead + below + "(deeper: --json has all of it)");
      }
    }
    if (more > 0) {
      const std::string branch = style_.unicode ? "└─ " : "`- ";
      line(fmt::format("{}{}and {} more", lead, branch, grouped(more)));
    }
  }

  void how(const scope::Hop& hop, const std::string& lead) {
    std::string text = hop.action.empty() ? how_text(hop) : hop.action;
    const scope::Holder& parent = trace_.holders[hop.parent];
    const scope::Holder& child = trace_.holders[hop.child];
    const bool crosses =
        !parent.account.empty() && !child.account.empty() && parent.account != child.account;
    if (crosses) text += ", into another account";
    if (hop.confidence != scope::Confidence::kProven) {
      text += fmt::format("; inferred, confidence {}: {}", name_of(hop.confidence), hop.why);
    }
    sentence(lead + "  ", text, true);
    touched(child, lead + "  ");
    if (const auto other = others_.find(hop.child); other != others_.end()) {
      for (const scope::Hop* o : other->second) {
        sentence(lead + "  ",
                 fmt::format("also {}: {}", holder_label(trace_.holders[o->parent]), how_text(*o)),
                 true);
      }
    }
  }

  std::string how_text(const scope::Hop& hop) const {
    switch (hop.kind) {
      case scope::LinkKind::kMinted: return "it was issued";
      case scope::LinkKind::kGivenTo: return "the provider gave it to this host";
      case scope::LinkKind::kCreated: return "it was created";
      case scope::LinkKind::kOnBehalfOf: {
        const bool is_lent = trace_.holders[hop.parent].kind == scope::HolderKind::kWorkload;
        return is_lent ? "lent to this account" : "used on behalf of this person";
      }
      case scope::LinkKind::kSamePerson: return "the same person";
      case scope::LinkKind::kSameAccount: return "the same service account";
      case scope::LinkKind::kNeighbour: return "seen beside it";
    }
    return "";
  }

  // ------------------------------------------------------------ what they did

  void activity() {
    title("What was done");
    size_t detailed = 0, quiet = 0, left = 0;
    for (const size_t i : by_relation()) {
      const scope::Holder& holder = trace_.holders[i];
      if (holder.activity.empty()) {
        ++quiet;
      } else if (detailed == kHoldersDetailed) {
        ++left;
      } else {
        ++detailed;
        details(holder);
      }
    }
    if (left > 0)
      sentence("  ", fmt::format("and {} more; --json names all", counted(left, "holder")));
    if (detailed == 0) sentence("  ", "Nothing, as far as these logs tell.");
    if (quiet > 0 && detailed > 0) {
      sentence("  ", fmt::format("{} of the holders above did nothing in these logs.", quiet));
    }
  }

  std::vector<size_t> by_relation() const {
    std::vector<size_t> order(trace_.holders.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(order, [this](size_t a, size_t b) {
      const scope::Holder &x = trace_.holders[a], &y = trace_.holders[b];
      return std::tuple(x.relation == scope::Relation::kSibling, x.hops) <
             std::tuple(y.relation == scope::Relation::kSibling, y.hops);
    });
    return order;
  }

  void details(const scope::Holder& holder) {
    std::string label = "  " + holder_label(holder);
    label += place_of(holder);
    line(label, Color::kBold);
    about(holder);
    for (const scope::ActivityGroup& group : holder.activity) {
      line(fmt::format("    {:<10} {:>7}  {}", heading_of(group.kind), grouped(group.tally.count),
                       span_text(group.tally)),
           group.kind == scope::EdgeKind::kWrote ? Color::kYellow : Color::kNone);
      sentence("      ", actions_text(group));
    }
    sources(holder);
  }

  void about(const scope::Holder& holder) {
    std::vector<std::string> parts;
    if (!holder.person.empty()) parts.push_back("person " + short_name(holder.person));
    if (!holder.source_identity.empty())
      parts.push_back("source identity " + holder.source_identity);
    if (!holder.given_to.empty()) parts.push_back("given to " + entity_label(holder.given_to));
    if (!holder.mfa.empty()) parts.push_back("MFA " + holder.mfa);
    if (!holder.issued.empty()) parts.push_back("issued " + holder.issued);
    if (!holder.expires.empty()) parts.push_back("expires " + holder.expires);
    if (holder.places.size() == 1) parts.push_back("in " + holder.places.front().place);
    if (holder.places.size() > 1) {
      parts.push_back(fmt::format(
          "in {}", counted(holder.places.size(), "account-region", "pairs of account and region")));
    }
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
    if (!text.empty()) sentence("    ", text);
  }

  std::string actions_text(const scope::ActivityGroup& group) const {
    std::string text;
    const size_t shown = std::min(group.actions.size(), kActionsShown);
    for (size_t i = 0; i < shown; ++i) {
      const scope::ActionUse& use = group.actions[i];
      if (!text.empty()) text += ", ";
      text += use.action;
      if (use.tally.count > 1) text += fmt::format(" x{}", grouped(use.tally.count));
      const size_t targets = use.targets.size() + use.targets_more;
      if (targets == 1) {
        text += fmt::format(" ({})", short_name(use.targets.front().id));
      } else if (targets > 1) {
        text += fmt::format(" ({} +{})", short_name(use.targets.front().id), targets - 1);
      }
    }
    const uint64_t more = group.actions.size() - shown + group.actions_more;
    if (more > 0) text += fmt::format(" and {}", counted(more, "more kind", "more kinds"));
    return text;
  }

  void sources(const scope::Holder& holder) {
    const size_t shown = std::min(holder.sources.size(), kSourcesShown);
    for (size_t i = 0; i < shown; ++i) {
      const scope::SourceUse& use = holder.sources[i];
      std::string text = use.is_address ? short_name(use.source) : use.source;
      if (text.empty()) text = "(no source in the record)";
      std::string where = use.country;
      if (!use.network.empty()) where += (where.empty() ? "" : ", ") + use.network;
      if (!where.empty()) text += fmt::format(" ({})", where);
      text += fmt::format(", {}, {}", counted(use.tally.count, "event"), span_text(use.tally));
      if (!use.user_agents.empty()) {
        text += fmt::format(", {}", use.user_agents.front());
        if (use.user_agents.size() > 1) text += fmt::format(" +{}", use.user_agents.size() - 1);
      }
      sentence(i == 0 ? "    from " : "         ", text);
    }
    const uint64_t more = holder.sources.size() - shown + holder.sources_more;
    if (more > 0) sentence("         ", fmt::format("and {} more", grouped(more)));
    const auto addresses = std::ranges::count_if(holder.sources, &scope::SourceUse::is_address);
    if (!holder.given_to.empty() && addresses > 1) {
      sentence("    ! ", fmt::format("given to one host and used from {} addresses: look whether "
                                     "each is its own",
                                     addresses));
    }
  }

  // ------------------------------------------------------------ what follows

  void remains() {
    title("What outlives it");
    if (trace_.remains.empty()) return sentence("  ", "Nothing, as far as these logs tell.");
    const size_t shown = std::min(trace_.remains.size(), kRemainsShown);
    for (size_t i = 0; i < shown; ++i) {
      const scope::Remains& r = trace_.remains[i];
      const std::string gone = r.gone ? fmt::format(" (deleted {})", clock_text(r.gone->time)) : "";
      sentence("  ", fmt::format("{}  {} {} by {}{}", clock_text(r.when.time), name_of(r.how), r.id,
                                 r.action, gone));
    }
    if (trace_.remains.size() > shown) {
      sentence("  ", fmt::format("and {} more; --json names all",
                                 grouped(trace_.remains.size() - shown)));
    }
  }

  void cuts() {
    title("What to cut, the highest lever first");
    if (trace_.cuts.empty()) return sentence("  ", "Nothing.");
    size_t number = 0;
    for (const scope::Cut& cut : trace_.cuts) {
      ++number;
      const std::string lead = fmt::format("  {:>2}. ", number);
      sentence(lead, fmt::format("{} {}", heading_of(cut.kind), cut.id));
      std::string words = cut.words;
      if (cut.others > 0) {
        words += fmt::format("; {} outside of this trace would be cut too",
                             counted(cut.others, "session or key", "sessions or keys"));
      }
      sentence("      ", words);
    }
    sentence("  ",
             "Cut them together, then trace again: a change takes seconds to reach everywhere.");
  }

  void unknowns() {
    title("What we cannot know");
    for (const scope::Unknown& unknown : trace_.unknowns) sentence("  - ", unknown.words);
  }

  const scope::Trace& trace_;
  const Style& style_;
  const size_t columns_;
  std::map<size_t, std::vector<const scope::Hop*>> children_, others_;
  std::set<size_t> shown_;
  std::string out_;
};

}  // namespace

std::string trace_tree(const scope::Trace& trace, const Style& style) {
  return Tree(trace, style).text();
}

}  // namespace stanch::pipeline::output
