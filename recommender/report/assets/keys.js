// The keyboard: letters act on the selected policy, never while somebody types.

const keyHelp = [
  ["j / k", "next, previous policy of the queue"],
  ["a r d", "approve, reject, defer the selected policy"],
  ["n", "write a note"],
  ["o", "open the selected policy"],
  ["/", "search in the table"],
  ["s", "save or export the decisions"],
  ["g then s r p f m a e", "go to summary, review queue, policies, findings, matrix, map, edges"],
];
const goKeys = { s: "summary", r: "review", p: "policies", f: "findings", m: "matrix", a: "map", e: "edges" };
let goPending = false;

function selectedItem() {
  if (route.page === "review") return route.state.item;
  return route.page === "policies" ? route.state.policy : undefined;
}

function redrawSelected(item) {
  syncQueue();
  if (route.page === "review") drawPanel(item);
  else show({ focus: false });
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  if (goPending) {
    goPending = false;
    if (goKeys[event.key]) goTo(goKeys[event.key]);
    return;
  }
  const item = selectedItem();
  const choices = { a: "approve", r: "reject", d: "defer" };
  if (event.key === "g") goPending = true;
  else if (event.key === "s") byId("save-decisions").click();
  else if (event.key === "/") focusSearch(event);
  else if ((event.key === "j" || event.key === "k") && route.page === "review") step(event.key === "j" ? 1 : -1);
  else if (item && choices[event.key]) {
    const choice = choices[event.key];
    decide("policies", item, decisionOf("policies", item) === choice ? null : { decision: choice });
    redrawSelected(item);
    announce(`${item}: ${decisionWord("policies", item)}`);
  } else if (item && event.key === "n") focusNote(event, item);
  else if (item && event.key === "o" && route.page === "review") goTo("policies", { policy: item });
}

function step(by) {
  const items = visibleItems();
  const place = items.indexOf(route.state.item);
  select(items[Math.max(0, Math.min(items.length - 1, place + by))]);
}

function focusSearch(event) {
  const search = document.querySelector("section.current .dt-search input");
  if (!search) return;
  event.preventDefault();
  search.focus();
}

function focusNote(event, item) {
  event.preventDefault();
  if (!decisionOf("policies", item)) {
    decide("policies", item, { decision: "defer" });
    redrawSelected(item);
  }
  document.querySelector("section.current .decision [data-field=note]")?.focus();
}

function drawKeyHelp() {
  fill(byId("keyboard"), el("h3", null, "Keyboard"), definitions(keyHelp.map(([keys, what]) => [keys, what])));
}
