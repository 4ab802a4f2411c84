// All edges, and the evidence of one.

registerPage("edges", async (stage, state) => {
  const panel = el("div", { id: "edge-panel" });
  const table = el("div", { id: "edge-table" });
  const chosen = pairFilter(state);
  fill(
    stage,
    panel,
    chosen.words && el("p", { class: "readout" }, chosen.words, " ", el("a", { href: "#edges" }, "Show all")),
    table,
  );
  const edge = store.edges.get(state.edge);
  if (edge) fill(panel, evidencePanel(edge));
  else if (state.edge) fill(panel, el("p", { class: "warn" }, "This report holds no such edge."));
  await dataTable(table, {
    label: "Edges",
    rows: store.view.edges.filter(chosen.keep),
    state,
    filters: [
      { name: "what", title: "What becomes of it", value: (item) => item.disposition },
      { name: "band", title: "Confidence", value: (item) => item.confidence.band },
      { name: "namespace", title: "Client namespace", value: (item) => item.client.namespace },
      { name: "protocol", title: "Protocol", value: (item) => item.protocol },
    ],
    columns: [
      { title: "Client", value: (item) => item.client.text, cell: (item) => edgeLink(item, item.client.text) },
      { title: "Server", value: (item) => item.server.text },
      { title: "Port", value: (item) => item.port_text, class: "nowrap" },
      { title: "What", value: (item) => item.disposition, cell: (item) => disposition(item.disposition) },
      {
        title: "Confidence",
        number: true,
        value: (item) => item.confidence.value,
        cell: (item) => confidenceChip(item.confidence),
      },
      {
        title: "Connections",
        number: true,
        value: (item) => item.evidence.connections,
        cell: (item) => number(item.evidence.connections),
      },
      { title: "Days", number: true, value: (item) => item.evidence.active_days },
      {
        title: "Last seen, UTC",
        value: (item) => item.evidence.last_seen ?? "",
        cell: (item) => instant(item.evidence.last_seen),
        class: "nowrap",
      },
    ],
  });
});

// From the matrix: the edges of one cell.
function pairFilter({ client, server, from, to }) {
  if (client && server)
    return {
      keep: (edge) =>
        placeOf(endName(edge, "client"), "groups") === client && placeOf(endName(edge, "server"), "groups") === server,
      words: `${client} → ${server}`,
    };
  if (from && to)
    return {
      keep: (edge) =>
        placeOf(endName(edge, "client"), "namespaces") === from &&
        placeOf(endName(edge, "server"), "namespaces") === to,
      words: `${from} → ${to}`,
    };
  return { keep: () => true, words: "" };
}
