// One page: style and pictures are in it, and its policy forbids it to ask anybody for anything or
// to run anything, whatever stands in its texts.

#include <fmt/format.h>

#include "codec/timestamp.h"
#include "pipeline/report/escape.h"
#include "pipeline/report/html_style.h"
#include "pipeline/report/report.h"

namespace stanch::pipeline::report {

namespace {

// Lines of a text become lines.
std::string lines_html(std::string_view text) {
  std::string out;
  while (true) {
    const size_t end = text.find('\n');
    out += html_text(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    out += "<br>";
    text.remove_prefix(end + 1);
  }
}

std::string_view first_word(std::string_view text) { return text.substr(0, text.find(' ')); }

void append_bands(const Report& report, std::string& out) {
  if (!report.tlp.empty()) {
    const std::string_view color = std::string_view(report.tlp).substr(0, report.tlp.find('+'));
    out += fmt::format("<div class=\"tlp {}\">TLP:{}</div>\n", color, html_text(report.tlp));
  }
  if (report.drill) out += "<div class=\"band\">This was an exercise.</div>\n";
  if (report.restricted) {
    out += fmt::format(
        "<div class=\"band\"><strong>Restricted.</strong> For {} alone.</div>\n",
        report.restricted_to.empty() ? "named people" : html_text(report.restricted_to));
  }
  if (report.privileged) {
    out +=
        "<div class=\"band\"><strong>Privileged.</strong> This report holds notes for counsel. "
        "Do not pass it on without asking them.</div>\n";
  }
}

void append_header(const Report& report, std::string& out) {
  out += fmt::format("<header>\n<p class=\"kicker\">Incident report · {}</p>\n<h1>{}</h1>\n",
                     html_text(report.incident), html_text(report.sentence));
  out += "<ul class=\"badges\">";
  if (!report.severity.empty()) {
    out += fmt::format("<li class=\"{}\">{}</li>", first_word(report.severity),
                       html_text(report.severity));
  }
  out += fmt::format("<li>{}</li></ul>\n", html_text(report.standing));
  out += "<dl class=\"figures\">\n";
  for (const Measure& measure : report.measures) {
    out += fmt::format("<div><dt>{}</dt><dd>{}<small>{}</small></dd></div>\n",
                       html_text(measure.name), html_text(measure.value), html_text(measure.note));
  }
  out += "</dl>\n</header>\n<nav aria-label=\"Sections\">";
  for (const Section& section : report.sections) {
    out += fmt::format("<a href=\"#{}\">{}</a>", section.id, html_text(section.title));
  }
  out += "</nav>\n";
}

void append_table(const Table& table, std::string& out) {
  out += "<div class=\"scroll\"><table><thead><tr>";
  for (const std::string& column : table.columns) {
    out += fmt::format("<th scope=\"col\">{}</th>", html_text(column));
  }
  out += "</tr></thead><tbody>\n";
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string& column = table.columns[i];
      const std::string_view kind =
          column.starts_with("Time (")                                      ? "time"
          : column == "Findings" || column == "Entries" || column == "Time" ? "number"
          : i > 0                                                           ? "named"
                                                                            : "";
      out += fmt::format("<td class=\"{}\" data-name=\"{}\">{}</td>", kind, html_text(column),
                         lines_html(row[i]));
    }
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
}

void append_timeline(const Report& report, std::string& out) {
  constexpr size_t kDay = 10;
  std::string day;
  for (const learn::TimelineLine& line : report.timeline) {
    const std::string time = learn::time_for_people(line.time);
    if (time.substr(0, kDay) != day) {
      if (!day.empty()) out += "</ol>\n";
      day = time.substr(0, kDay);
      out += fmt::format("<h3>{} UTC</h3>\n<ol class=\"timeline\">\n", day);
    }
    const bool gap = line.telling != learn::Telling::kTold;
    const std::string_view kind = gap ? "gap" : line.privileged ? "counsel" : "told";
    out += fmt::format(
        "<li><time datetime=\"{}\">{}</time><div class=\"{}\">{} <span class=\"who\">{}</span>"
        "</div></li>\n",
        codec::format_timestamp(line.time), time.substr(kDay + 1, 8), kind, lines_html(line.text),
        html_text(learn::actor_for_people(line.actor)));
  }
  if (!day.empty()) out += "</ol>\n";
}

void append_picture(const std::string& svg, std::string_view legend, std::string& out) {
  if (svg.empty()) return;
  out += "<div class=\"picture\">\n" + svg;
  out += legend;
  out += "</div>\n";
}

constexpr std::string_view kScopeLegend =
    "<ul class=\"legend\"><li class=\"write\"><i></i>changed</li><li><i></i>read, or used</li>"
    "<li class=\"denied\"><i></i>denied</li><li class=\"made\"><i></i>made by the "
    "attack</li></ul>\n";

void append_section(const Report& report, const Section& section, std::string& out) {
  out += fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n", section.id, html_text(section.title));
  if (!section.lead.empty()) {
    out += fmt::format("<p class=\"lead\">{}</p>\n", html_text(section.lead));
  }
  if (section.shows == Shows::kChart) append_picture(chart_svg(report.chart), "", out);
  if (section.shows == Shows::kScope) append_picture(scope_svg(report.graph), kScopeLegend, out);
  if (!section.facts.empty()) {
    out += "<dl class=\"facts\">\n";
    for (const Fact& fact : section.facts) {
      out += fmt::format("<dt>{}</dt><dd>", html_text(fact.name));
      for (const std::string& value : fact.values) out += "<p>" + lines_html(value) + "</p>";
      out += "</dd>\n";
    }
    out += "</dl>\n";
  }
  if (!section.items.empty()) {
    out += "<ul class=\"items\">\n";
    for (const std::string& item : section.items) out += "<li>" + lines_html(item) + "</li>\n";
    out += "</ul>\n";
  }
  for (const Table& table : section.tables) append_table(table, out);
  if (section.shows == Shows::kTimeline) append_timeline(report, out);
  out += "</section>\n";
}

}  // namespace

std::string html_of(const Report& report) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n";
  out += fmt::format("<title>{}{} · {}</title>\n<style>{}</style>\n</head>\n<body>\n",
                     report.tlp.empty() ? "" : fmt::format("[TLP:{}] ", report.tlp),
                     html_text(report.headline), html_text(report.incident), kHtmlStyle);
  append_bands(report, out);
  out += "<main>\n";
  append_header(report, out);
  for (const Section& section : report.sections) append_section(report, section, out);
  out += fmt::format("<footer><p>{}</p><p>{}</p></footer>\n</main>\n", html_text(report.made),
                     html_text(report.provenance));
  if (!report.tlp.empty()) {
    const std::string_view color = std::string_view(report.tlp).substr(0, report.tlp.find('+'));
    out += fmt::format("<div class=\"tlp {}\">TLP:{}</div>\n", color, html_text(report.tlp));
  }
  return out + "</body>\n</html>\n";
}

}  // namespace stanch::pipeline::report
