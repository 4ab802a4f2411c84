// What the reader has decided so far. The file is the only copy that counts; drafts survive a reload where the browser lets them.

const drafts = { policies: new Map(), edges: new Map(), rules: new Map(), findings: new Map(), reviewer: "" };
const listeners = new Set();

function draftKey() {
  return `netpol-recommend.drafts.${store.view.report_digest}`;
}

function loadDrafts() {
  if (!takeIn(savedDrafts())) takeTold(store.view.decisions);
}

// What the run was told, but what lapsed: that waits for a new decision. Decisions about what this run does not hold
// keep the digest that they were made for.
function takeTold(told) {
  if (!told) return;
  const lapsed = new Set(told.lapsed.map((item) => item.item));
  for (const said of told.policies) {
    const known = store.policies.has(said.policy) || store.baselines.has(said.policy);
    if (!lapsed.has(said.policy)) {
      drafts.policies.set(said.policy, { ...draftOf(said), digest: known ? undefined : said.digest });
    }
  }
  for (const said of told.edges) drafts.edges.set(said.edge, draftOf(said));
  for (const said of told.findings) drafts.findings.set(said.finding, draftOf(said));
  for (const said of told.rules) {
    const { policy, rule, edges } = said;
    drafts.rules.set(ruleKey(policy, edges), { ...draftOf(said), policy, rule, edges });
  }
}

function savedDrafts() {
  try {
    return JSON.parse(localStorage.getItem(draftKey()));
  } catch {
    return null; // No storage, or not ours: start with what the run was told.
  }
}

function draftOf({ decision, reviewer = "", note = "", expires = "" }) {
  return { decision, reviewer, note, expires };
}

function ruleKey(policy, edges) {
  return `${policy}\n${[...edges].sort().join("\n")}`;
}

// All drafts of an earlier visit; false if there are none.
function takeIn(saved) {
  const kinds = ["policies", "edges", "rules", "findings"];
  if (!saved || !kinds.every((kind) => Array.isArray(saved[kind]))) return false;
  for (const kind of kinds) drafts[kind] = new Map(saved[kind]);
  drafts.reviewer = String(saved.reviewer ?? "");
  return true;
}

function keepDrafts() {
  const saved = { reviewer: drafts.reviewer };
  for (const kind of ["policies", "edges", "rules", "findings"]) saved[kind] = [...drafts[kind]];
  try {
    localStorage.setItem(draftKey(), JSON.stringify(saved));
  } catch {
    // Closed to files in some browsers: the export still works.
  }
  for (const listener of listeners) listener();
}

// decide("policies", item, {decision: "approve"}); a null decision takes it back.
function decide(kind, key, change) {
  const before = drafts[kind].get(key);
  if (change === null) drafts[kind].delete(key);
  else drafts[kind].set(key, { reviewer: drafts.reviewer, note: "", expires: "", ...before, ...change });
  keepDrafts();
}

function decisionOf(kind, key) {
  return drafts[kind].get(key)?.decision ?? "";
}

function onDecision(listener) {
  listeners.add(listener);
}

const decisionWords = { approve: "✓ approved", reject: "✕ rejected", defer: "… deferred", "": "○ to decide" };

function decisionWord(kind, key) {
  return decisionWords[decisionOf(kind, key)] ?? decisionOf(kind, key);
}
