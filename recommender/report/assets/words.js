// Words, glyphs and numbers as the static part has them: no colour stands without a sign.

const bandGlyphs = { high: "●", medium: "◐", low: "○" };
const severityGlyphs = { high: "▲", medium: "◆", low: "●", info: "○" };
const dispositionGlyphs = { needed: "●", review: "◐", implicit: "○", quarantined: "✕", excluded: "⊘" };
const peerKinds = {
  group: ["▣", "group"],
  entity: ["◈", "reserved entity"],
  fqdn: ["@", "DNS name"],
  cidr: ["#", "addresses"],
};
const groupOrigins = {
  workload: "one workload, told apart by its labels",
  "shared-labels": "several workloads with the same role labels and like behaviour",
  indistinguishable: "several workloads that no label tells apart",
  "service-account": "told apart by service account only",
  lack: "told apart by what its labels lack only",
  namespace: "all pods of the namespace but those held apart",
  unselectable: "no selector can name it, so it gets no policy",
};

const wholeNumbers = new Intl.NumberFormat("en-US");

function number(value) {
  return wholeNumbers.format(value);
}

function counted(count, noun, plural) {
  return `${number(count)} ${count === 1 ? noun : (plural ?? `${noun}s`)}`;
}

function instant(text) {
  return text ? text.slice(0, 16).replace("T", " ") : "never in this window";
}

function chip(kind, word, text) {
  const glyph = { band: bandGlyphs, sev: severityGlyphs }[kind][word] ?? "";
  return el(
    "span",
    { class: `chip ${kind}-${word}` },
    el("span", { "aria-hidden": "true" }, glyph),
    ` ${text ?? word}`,
  );
}

function confidenceChip(confidence) {
  const node = chip("band", confidence.band, `${confidence.value.toFixed(2)} ${confidence.band}`);
  if (confidence.cap) node.title = shown(`capped: ${confidence.cap}`);
  return node;
}

function disposition(word) {
  return el("span", { class: `dis-${word}` }, `${dispositionGlyphs[word] ?? "?"} ${word}`);
}

// Parts of a confidence with a bar each: what raised it, what lowered it. They add up on the confidence's own scale.
function confidenceParts(confidence) {
  const most = Math.max(...confidence.parts.map((part) => Math.abs(part.value)), 1e-9);
  const parts = confidence.parts.map((part) =>
    el(
      "li",
      null,
      el("span", { class: "figure" }, `${part.value < 0 ? "−" : "+"}${Math.abs(part.value).toFixed(2)}`),
      el("span", { class: "bar", "aria-hidden": "true" }, barFill(Math.abs(part.value) / most, part.value < 0 ? "low" : "high")),
      el("span", null, part.sentence, " ", el("span", { class: "quiet" }, `(${part.name})`)),
    ),
  );
  if (confidence.cap)
    parts.push(
      el("li", { class: "cap" }, el("span", { class: "figure" }, "cap"), el("span"), el("span", null, confidence.cap)),
    );
  return el("ul", { class: "parts" }, parts);
}

function scaleWords(confidence) {
  return confidence.scale === "log-odds"
    ? "In natural log-odds of being needed: the parts add up, 0 is even odds."
    : "In natural logarithm of the probability that nothing needed breaks: the parts add up, 0 is certainty.";
}

function barFill(share, state) {
  const node = el("span", { class: state ? `bar-${state}` : null });
  node.style.inlineSize = `${Math.max(0, Math.min(1, share)) * 100}%`;
  return node;
}

function portsText(rule) {
  return rule.ports.map((port) => port.text).join(", ") || "every port";
}

function groupLink(display) {
  return el("a", { href: hrefOf("groups", { group: display }) }, display);
}

function edgeLink(edge, text) {
  return el("a", { href: hrefOf("edges", { edge: edge.id }) }, text ?? edge.key);
}
