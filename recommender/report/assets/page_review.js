// The review queue: the most urgent decision first, all of it by keyboard.

const queueState = { table: null, rows: [], selected: 0 };

registerPage("review", async (stage, state) => {
  const { view, queue } = store;
  const waiting = view.edges.filter((edge) => edge.disposition === "quarantined" || edge.disposition === "review");
  const tableBox = el("div", { id: "queue" });
  const panel = el("aside", { id: "queue-panel", class: "panel card", "aria-label": "Selected policy" });
  fill(
    stage,
    el(
      "p",
      { class: "keys" },
      "Keys: ",
      [
        ["j", "next"],
        ["k", "previous"],
        ["a", "approve"],
        ["r", "reject"],
        ["d", "defer"],
        ["n", "note"],
        ["o", "open"],
        ["/", "search"],
        ["s", "save"],
      ].map(([key, what]) => [el("kbd", null, key), ` ${what} `]),
    ),
    bulkBar(queue),
    el("div", { class: "split" }, tableBox, panel),
    el("h3", { id: "waiting" }, `Edges that wait for a person (${number(waiting.length)})`),
    el(
      "p",
      { class: "quiet" },
      "Quarantined edges are denied until somebody releases them; marked ones are allowed, but deserve a look.",
    ),
    el("div", { id: "waiting-edges" }),
  );
  queueState.table = await dataTable(tableBox, {
    label: "Review queue",
    rows: queue,
    state,
    pageLength: 25,
    order: [[5, "desc"]],
    filters: [
      { name: "status", title: "Status", value: (row) => decisionWord("policies", row.item) },
      { name: "band", title: "Confidence", value: (row) => row.band },
      { name: "namespace", title: "Namespace", value: (row) => row.namespace },
    ],
    columns: [
      {
        title: "Policy",
        value: (row) => row.title,
        cell: (row) => el("a", { href: hrefOf("policies", { policy: row.item }) }, row.title),
      },
      { title: "Status", value: (row) => decisionWord("policies", row.item), cell: (row) => statusCell(row.item) },
      {
        title: "Confidence",
        value: (row) => row.confidence ?? 1,
        number: true,
        cell: (row) => (row.band ? chip("band", row.band, `${row.confidence.toFixed(2)} ${row.band}`) : "–"),
      },
      {
        title: "Risk",
        class: "wide",
        value: (row) => row.risks.join(", "),
        sort: false,
        cell: (row) => (row.risks.length ? row.risks.join(", ") : el("span", { class: "quiet" }, "none found")),
      },
      { title: "Findings", value: (row) => row.gaps.length, number: true, cell: (row) => number(row.gaps.length) },
      {
        title: "Urgency",
        value: (row) => row.priority,
        number: true,
        cell: (row) => (row.kind === "baseline" ? "first" : row.priority.toFixed(1)),
      },
    ],
    onRow: (tr, row) => {
      tr.dataset.item = row.item;
      tr.addEventListener("click", () => select(row.item));
    },
  });
  queueState.table.on("draw.dt", syncQueue);
  syncQueue();
  if (state.item && store.queued.has(state.item)) select(state.item);
  else select(visibleItems()[0]);
  await waitingTable(byId("waiting-edges"), waiting);
});

function statusCell(item) {
  return el(
    "span",
    { class: `status status-${decisionOf("policies", item) || "open"}` },
    decisionWord("policies", item),
  );
}

function visibleItems() {
  return queueState.table
    ? queueState.table
        .rows({ search: "applied", order: "applied" })
        .data()
        .toArray()
        .map((row) => row.item)
    : [];
}

// Rows keep their order while decisions change: a list that jumps loses its reader.
function syncQueue() {
  for (const tr of document.querySelectorAll("#queue tbody tr[data-item]")) {
    const { item } = tr.dataset;
    tr.classList.toggle("selected", item === route.state.item);
    tr.cells[1]?.replaceChildren(statusCell(item));
  }
}

function select(item) {
  if (!item) return;
  remember({ item });
  const place = visibleItems().indexOf(item);
  const { length } = queueState.table.page.info();
  if (place >= 0 && Math.floor(place / length) !== queueState.table.page())
    queueState.table.page(Math.floor(place / length)).draw("page");
  syncQueue();
  document.querySelector("#queue tr.selected")?.scrollIntoView({ block: "nearest" });
  drawPanel(item);
}

function drawPanel(item) {
  const row = store.queued.get(item);
  const policy = store.policies.get(item);
  const baseline = store.baselines.get(item);
  const told = (policy ?? baseline).decision;
  const gaps = row.gaps.map((place) => store.view.gaps[place]);
  fill(
    byId("queue-panel"),
    el("h3", null, row.title),
    el("p", { class: "quiet" }, item),
    decisionBox("policies", item, policyChoices, { what: row.title }),
    told?.lapsed && el("p", { class: "bad" }, `▲ The earlier ${told.decision} lapsed: ${told.lapsed}.`),
    row.risks.length > 0 && [
      el("h4", null, policy ? "What a mistake would cost" : "What relies on it"),
      el(
        "ul",
        null,
        row.risks.map((text) => el("li", null, text)),
      ),
    ],
    policy && [
      el("h4", null, "How sure the run is ", confidenceChip(policy.confidence)),
      confidenceParts(policy.confidence),
    ],
    gaps.length > 0 && [
      el("h4", null, "Open findings"),
      el(
        "ul",
        null,
        gaps.map((gap) => el("li", null, chip("sev", gap.severity), ` ${gap.title}: ${gap.reason}`)),
      ),
    ],
    policy && [el("h4", null, "Rules"), ruleSummary(policy)],
    el("p", null, el("a", { href: hrefOf("policies", { policy: item }) }, "Read it with its evidence →")),
  );
}

function ruleSummary(policy) {
  const line = (rule) =>
    el("li", null, `${rule.direction === "ingress" ? "from" : "to"} ${rule.peer.text} on ${portsText(rule)}`);
  const rules = policy.rules.slice(0, 12);
  return el(
    "ul",
    { class: "brief" },
    rules.map(line),
    policy.rules.length > 12 && el("li", null, `and ${number(policy.rules.length - 12)} more`),
  );
}

// Only where nothing speaks for a closer look: high confidence, no open finding, no risk.
function bulkBar(queue) {
  const able = () => queue.filter((row) => row.bulk && !decisionOf("policies", row.item));
  const bar = el("p", { class: "bulk" });
  const draw = () => {
    const rows = able();
    const press = () => {
      for (const row of rows) decide("policies", row.item, { decision: "approve" });
      announce(`${counted(rows.length, "policy", "policies")} approved`);
      draw();
      syncQueue();
      if (route.state.item) drawPanel(route.state.item);
    };
    fill(
      bar,
      rows.length
        ? button(`✓ Approve ${counted(rows.length, "policy", "policies")} at once`, press, { class: "bulk-approve" })
        : el("span", { class: "quiet" }, "No policy can be approved in bulk."),
      el("span", { class: "quiet" }, " That takes high confidence, no open finding of weight and no risk."),
    );
  };
  draw();
  return bar;
}

function waitingTable(stage, waiting) {
  return dataTable(stage, {
    label: "Edges that wait for a person",
    rows: waiting,
    pageLength: 25,
    columns: [
      { title: "Client", value: (edge) => edge.client.text },
      { title: "Server", value: (edge) => edge.server.text },
      { title: "Port", value: (edge) => edge.port_text, class: "nowrap" },
      { title: "What becomes of it", value: (edge) => edge.disposition, cell: (edge) => disposition(edge.disposition) },
      { title: "Why", value: (edge) => edge.reason, cell: (edge) => el("span", null, prose(edge.reason)) },
      {
        title: "",
        value: (edge) => edge.key,
        sort: false,
        cell: (edge) => edgeLink(edge, decisionOf("edges", edge.key) || "Look and decide"),
      },
    ],
  });
}
