// decisions.yaml, as `recommender/review/read.py` reads it: texts always between double quotes, sorted by subject.

// A YAML double-quoted scalar of printable ASCII: nothing in a text can end it or begin something else.
function yamlText(text) {
  const escaped = String(text).replace(/[^\x20-\x7e]|["\\]/gu, (char) => {
    const point = char.codePointAt(0);
    if (point >= 0xd800 && point <= 0xdfff) return "\\uFFFD"; // half a character: no YAML says it
    return point <= 0xffff ? `\\u${hexadecimal(point, 4)}` : `\\U${hexadecimal(point, 8)}`;
  });
  return `"${escaped}"`;
}

function hexadecimal(point, digits) {
  return point.toString(16).padStart(digits, "0");
}

function yamlItem(fields) {
  const lines = fields
    .filter(([, value]) => value !== "" && value !== null && value !== undefined)
    .flatMap(([key, value]) =>
      Array.isArray(value)
        ? [`${key}:`, ...value.map((item) => `  - ${yamlText(item)}`)]
        : [`${key}: ${yamlText(value)}`],
    );
  return lines.map((line, place) => `${place ? "    " : "  - "}${line}`);
}

function signature({ reviewer, note, expires }) {
  return [
    ["reviewer", reviewer],
    ["note", note],
    ["expires", expires],
  ];
}

function sorted(map) {
  return [...map].sort(([one], [other]) => (one < other ? -1 : 1));
}

function decisionsYaml() {
  const { view } = store;
  const digestOf = (item) => (store.policies.get(item) ?? store.baselines.get(item))?.digest ?? "";
  const lines = [
    "# Decisions on the recommendations of netpol-recommend; the next run obeys them: --decisions FILE",
    "schema_version: 1",
    `report: ${yamlText(view.report_digest)}`,
  ];
  const list = (name, entries) => {
    if (entries.length) lines.push(`${name}:`, ...entries.flatMap(yamlItem));
  };
  list(
    "policies",
    sorted(drafts.policies).map(([item, said]) => [
      ["policy", item],
      ["digest", said.digest ?? digestOf(item)],
      ["decision", said.decision],
      ...signature(said),
    ]),
  );
  list(
    "rules",
    sorted(drafts.rules).map(([, said]) => [
      ["policy", said.policy],
      ["rule", said.rule],
      ["edges", [...said.edges].sort()],
      ["decision", said.decision],
      ...signature(said),
    ]),
  );
  list(
    "edges",
    sorted(drafts.edges).map(([edge, said]) => [["edge", edge], ["decision", said.decision], ...signature(said)]),
  );
  list(
    "findings",
    sorted(drafts.findings).map(([fingerprint, said]) => [
      ["finding", fingerprint],
      ["subject", store.findings.get(fingerprint)?.subject ?? ""],
      ["decision", said.decision],
      ...signature(said),
    ]),
  );
  return `${lines.join("\n")}\n`;
}

// `netpol-recommend review` serves the page; then the file is written in place, else it is downloaded.
const isServed = byId("served-decisions") !== null;

async function saveDecisions() {
  const text = decisionsYaml();
  if (!isServed) {
    download("decisions.yaml", text, "application/yaml");
    announce("decisions.yaml exported");
    return "decisions.yaml exported";
  }
  const answer = await fetch("decisions.yaml", {
    method: "PUT",
    body: text,
    headers: { "Content-Type": "application/yaml", "If-Match": `"${store.served.digest}"` },
  });
  const said = await answer.text();
  if (!answer.ok) throw new Error(said);
  savedAs(answer.headers.get("ETag").replaceAll('"', ""));
  announce(said);
  return said;
}

function drawProgress() {
  const items = [...store.policies.keys(), ...store.baselines.keys()];
  const done = items.filter((item) => ["approve", "reject"].includes(decisionOf("policies", item))).length;
  fill(
    byId("progress"),
    el("p", null, `${number(done)} of ${counted(items.length, "policy", "policies")} decided`),
    el("span", { class: "bar", "aria-hidden": "true" }, barFill(items.length ? done / items.length : 0)),
  );
  byId("save-decisions").textContent = isServed ? "Save decisions" : "Export decisions";
}
