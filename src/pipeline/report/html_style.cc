#include "pipeline/report/html_style.h"

namespace stanch::pipeline::report {

const std::string_view kHtmlStyle = R"css(
:root {
  --paper: #fbfaf8; --card: #ffffff; --ink: #1d2126; --soft: #5c636d; --faint: #8b929b;
  --line: #e6e3dd; --accent: #2f5d8a; --attack: #b3402e; --made: #b3402e; --good: #3c7a57;
  --wash: #f3f1ec;
  --s1: #a32a1d; --s2: #b85c12; --s3: #8a6d10; --s4: #4d6475;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --card: #1b1f24; --ink: #e6e4df; --soft: #a3a9b1; --faint: #757c85;
    --line: #2c3138; --accent: #86b3dd; --attack: #e58a78; --made: #e58a78; --good: #86c3a0;
    --wash: #21262c;
    --s1: #ee8877; --s2: #e5a263; --s3: #d4b95d; --s4: #9db4c4;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.6 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue",
    "Liberation Sans", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
.tlp { background: #000; font-weight: 700; letter-spacing: .06em; text-align: center;
  padding: .45rem 1rem; font-size: .85rem; }
.tlp.RED { color: #ff2b2b; } .tlp.AMBER { color: #ffc000; } .tlp.GREEN { color: #33ff00; }
.tlp.CLEAR { color: #fff; }
.band { text-align: center; padding: .5rem 1.25rem; font-size: .9rem; background: var(--wash);
  border-bottom: 1px solid var(--line); color: var(--ink); }
main { max-width: 62rem; margin: 0 auto; padding: 3.5rem 1.5rem 5rem; }
header { margin-bottom: 3rem; }
.kicker { color: var(--soft); font-size: .875rem; margin: 0 0 .75rem; }
h1 { font: 500 clamp(1.65rem, 1.2rem + 2vw, 2.5rem)/1.22 ui-serif, "Iowan Old Style", Charter,
  Georgia, "Liberation Serif", serif; letter-spacing: -.012em; margin: 0 0 1.25rem;
  text-wrap: balance; }
.badges { display: flex; flex-wrap: wrap; gap: .5rem; margin: 0; padding: 0; list-style: none; }
.badges li { border: 1px solid var(--line); border-radius: 99px; padding: .15rem .8rem;
  font-size: .875rem; background: var(--card); }
.badges .S1, .badges .S2, .badges .S3, .badges .S4 { font-weight: 650; }
.S1 { color: var(--s1); } .S2 { color: var(--s2); } .S3 { color: var(--s3); }
.S4 { color: var(--s4); }
.figures { display: grid; grid-template-columns: repeat(4, 1fr); gap: 1px; margin: 2.25rem 0 0;
  background: var(--line); border: 1px solid var(--line); border-radius: 12px; overflow: hidden; }
.figures div { background: var(--card); padding: 1.1rem 1.25rem 1rem; }
.figures dt { color: var(--soft); font-size: .8125rem; }
.figures dd { margin: .15rem 0 0; font-size: 1.6rem; line-height: 1.25; font-weight: 550;
  letter-spacing: -.01em; }
.figures small { display: block; color: var(--faint); font-size: .75rem; font-weight: 400;
  letter-spacing: 0; }
nav { margin: 0 0 3rem; font-size: .875rem; color: var(--faint); }
nav a { color: var(--soft); text-decoration: none; margin-right: 1.1rem; white-space: nowrap;
  line-height: 2; }
nav a:hover { color: var(--accent); }
section { margin: 0 0 4rem; }
h2 { font: 500 1.4rem/1.3 ui-serif, "Iowan Old Style", Charter, Georgia, "Liberation Serif", serif;
  margin: 0 0 .35rem; letter-spacing: -.005em; }
.lead { color: var(--soft); margin: 0 0 1.25rem; max-width: 44rem; }
dl.facts { display: grid; grid-template-columns: 9.5rem 1fr; margin: 1.25rem 0 0; }
dl.facts > dt { color: var(--soft); padding: .65rem 1rem .65rem 0;
  border-top: 1px solid var(--line); font-size: .9375rem; }
dl.facts > dd { margin: 0; padding: .65rem 0; border-top: 1px solid var(--line); min-width: 0; }
dd p { margin: 0 0 .2rem; }
dd p:last-child { margin: 0; }
ul.items { margin: 1rem 0 0; padding: 0; list-style: none; }
ul.items li { padding: .75rem 1.1rem; background: var(--wash); border-radius: 8px;
  margin-bottom: .5rem; max-width: 46rem; }
.scroll { overflow-x: auto; margin: 1.25rem 0 0; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
th { text-align: left; font-weight: 500; color: var(--faint); font-size: .8125rem;
  padding: 0 1.25rem .5rem 0; white-space: nowrap; }
td { border-top: 1px solid var(--line); padding: .6rem 1.25rem .6rem 0; vertical-align: top;
  overflow-wrap: anywhere; min-width: 5.5rem; }
th:last-child, td:last-child { padding-right: 0; }
td.time, td.number { white-space: nowrap; color: var(--soft); overflow-wrap: normal; }
.picture { background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  padding: 1.5rem 1.5rem 1rem; overflow-x: auto; margin-top: 1.25rem; }
.picture svg { display: block; width: 100%; min-width: 44rem; height: auto;
  font: 12px ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans",
    Arial, sans-serif; }
svg text { fill: var(--ink); }
svg text.lane, svg text.caption, svg text.tick, svg text.break { fill: var(--soft); }
svg text.tick, svg text.break { text-anchor: middle; font-size: 11px; fill: var(--faint); }
svg text.milestone { font-size: 11.5px; fill: var(--soft); }
svg path { fill: none; }
svg path.lane { stroke: var(--line); }
svg path.axis { stroke: var(--faint); }
svg path.milestone { stroke: var(--faint); stroke-dasharray: 2 3; }
svg circle { fill: var(--accent); fill-opacity: .78; stroke: var(--card); }
svg .lane-attack circle { fill: var(--attack); }
svg .node rect { fill: var(--wash); stroke: var(--line); }
svg .node.made rect { fill: var(--card); stroke: var(--made); stroke-width: 1.5; }
svg .node.made text { fill: var(--made); }
svg .node.folded rect { fill: none; stroke-dasharray: 3 3; }
svg .node.folded text { fill: var(--soft); }
svg text.type { fill: var(--soft); font-size: 10.5px; }
svg .edge { stroke: var(--faint); stroke-width: 1.2; stroke-opacity: .75; }
svg .edge.write { stroke: var(--attack); stroke-width: 1.6; }
svg .edge.denied { stroke-dasharray: 3 4; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.4rem; color: var(--soft);
  font-size: .8125rem; margin: .85rem 0 0; padding: 0; list-style: none; }
.legend i { display: inline-block; width: 1.5rem; height: 0; border-top: 2px solid var(--faint);
  vertical-align: middle; margin-right: .45rem; }
.legend .write i { border-color: var(--attack); }
.legend .denied i { border-top-style: dashed; }
.legend .made i { width: .9rem; height: .8rem; border: 1.5px solid var(--made);
  border-radius: 3px; }
h3 { font-size: .875rem; font-weight: 600; color: var(--soft); margin: 2rem 0 .5rem; }
ol.timeline { list-style: none; margin: 0; padding: 0; }
ol.timeline li { display: grid; grid-template-columns: 4.6rem 1fr; gap: 0 1rem; padding: .5rem 0;
  border-top: 1px solid var(--line); break-inside: avoid; }
ol.timeline time { color: var(--soft); font-size: .9375rem; }
ol.timeline .who { color: var(--faint); font-size: .8125rem; }
ol.timeline .gap { color: var(--faint); font-style: italic; }
ol.timeline .counsel { border-left: 3px solid var(--s2); padding-left: .75rem; }
footer { border-top: 1px solid var(--line); padding-top: 1.25rem; color: var(--faint);
  font-size: .8125rem; }
footer p { margin: 0 0 .4rem; overflow-wrap: anywhere; max-width: 52rem; }
@media (max-width: 42rem) {
  main { padding: 2rem 1.1rem 3rem; }
  .figures { grid-template-columns: 1fr 1fr; }
  .figures dd { font-size: 1.35rem; }
  dl.facts { grid-template-columns: 1fr; }
  dl.facts > dt { padding-bottom: 0; }
  dl.facts > dd { border-top: 0; padding-top: .1rem; }
  section { margin-bottom: 3rem; }
  .scroll table, .scroll tbody, .scroll tr, .scroll td { display: block; }
  .scroll thead { display: none; }
  .scroll tr { border-top: 1px solid var(--line); padding: .6rem 0; }
  .scroll td { border: 0; padding: 0; }
  .scroll td.number::before, .scroll td.named::before { content: attr(data-name) ": ";
    color: var(--faint); font-size: .8125rem; }
  .scroll td:empty { display: none; }
  ol.timeline li { grid-template-columns: 1fr; }
  .picture { padding: 1rem; }
}
@media print {
  :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #333; --faint: #555; --line: #ccc;
    --wash: #fff; --accent: #1f4f7d; --attack: #9c2f1f; --made: #9c2f1f; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  nav { display: none; }
  section { margin-bottom: 1.6rem; }
  h2 { break-after: avoid; }
  tr, .picture, ul.items li { break-inside: avoid; }
  .picture svg { min-width: 0; }
  .tlp { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  .picture, svg { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
)css";

}  // namespace stanch::pipeline::report
