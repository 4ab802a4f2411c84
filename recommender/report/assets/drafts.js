// What the reader has decided so far. The file is the only copy that counts; drafts survive a reload where the browser lets them.

const drafts = { policies: new Map(), edges: new Map(), rules: new Map(), findings: new Map(), reviewer: "" };
const listeners = new Set();
let unsaved = false; // Whether something was decided that the served file does not hold.

function draftKey() {
  const upon = store.served ? `.${store.served.digest}` : ""; // Drafts upon a file count until the file changes.
  return `netpol-recommend.drafts.${store.view.report_digest}${upon}`;
}

function loadDrafts() {
  if (!takeIn(savedDrafts())) takeTold(store.served?.told ?? store.view.decisions);
}

// The file now holds all drafts, and has this digest.
function savedAs(digest) {
  try {
    localStorage.removeItem(draftKey());
  } catch {
    // Nothing was kept, then.
  }
  store.served.digest = digest;
  unsaved = false;
  keepDrafts();
}

// Which policies of a decisions file wait anew: the run says it of the file that it was told, else we compare here.
function lapsedOf(told) {
  if (told.lapsed) return told.lapsed.map((item) => item.item);
  const lastDay = store.view.capture.last_seen.slice(0, 10);
  const lapses = ({ policy, digest, decision, expires }) => {
    const known = store.policies.get(policy) ?? store.baselines.get(policy);
    return known && decision !== "defer" && (known.digest !== digest || (expires && expires < lastDay));
  };
  return told.policies.filter(lapses).map((said) => said.policy);
}

// What the run was told, but what lapsed: that waits for a new decision. Decisions about what this run does not hold
// keep the digest that they were made for.
function takeTold(told) {
  if (!told) return;
  const lapsed = new Set(lapsedOf(told));
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
  unsaved = saved.unsaved === true;
  return true;
}

function keepDrafts() {
  const saved = { reviewer: drafts.reviewer, unsaved };
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
  unsaved = true;
  keepDrafts();
}

// The next `review` has another address, and with it another storage: what was not saved would be gone.
function warnOfUnsaved(event) {
  if (unsaved) event.preventDefault();
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
