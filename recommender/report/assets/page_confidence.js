// How sure the run is, and what its numbers are worth.

registerPage("confidence", async (stage) => {
  const { view } = store;
  const weighed = view.edges.filter((edge) => ["needed", "review"].includes(edge.disposition));
  const bins = Array.from({ length: 10 }, (_, place) => ({ from: place / 10, to: (place + 1) / 10, edges: 0 }));
  for (const edge of weighed) bins[Math.min(9, Math.floor(edge.confidence.value * 10))].edges += 1;
  const curve = discovery(weighed);
  const histogram = el("div", { class: "picture", id: "confidence-histogram" });
  const found = el("div", { class: "picture", id: "discovery-curve" });
  fill(
    stage,
    el("div", { class: "columns" }, bandTile("Policies", view.policies), bandTile("Needed and marked edges", weighed)),
    el("h3", null, "Confidence of the edges that the policies allow"),
    withTable(
      histogram,
      "Confidence of edges",
      plainTable(
        "Edges by confidence",
        [
          { title: "Confidence", cell: (bin) => `${bin.from.toFixed(1)} to ${bin.to.toFixed(1)}` },
          { title: "Edges", number: true, cell: (bin) => number(bin.edges) },
        ],
        bins,
      ),
    ),
    el("h3", null, "Discovery: when each of them was first seen"),
    el("p", { class: "quiet" }, lateWords(curve, weighed.length)),
    withTable(
      found,
      "Discovery",
      plainTable(
        "Edges known by day",
        [
          { title: "Until, UTC", cell: (point) => instant(new Date(point.time).toISOString()) },
          { title: "Edges known", number: true, cell: (point) => number(point.known) },
        ],
        perDay(curve),
      ),
    ),
    measured(view),
  );
  const plotting = await drawing();
  const bars = new Bokeh.ColumnDataSource({
    data: {
      left: bins.map((bin) => bin.from + 0.004),
      right: bins.map((bin) => bin.to - 0.004),
      top: bins.map((bin) => bin.edges),
      fill: bins.map((bin) => colour(bin.from >= 0.9 ? "good" : bin.from >= 0.6 ? "medium" : "high")),
      words: bins.map((bin) => `${bin.from.toFixed(1)} to ${bin.to.toFixed(1)}: ${counted(bin.edges, "edge")}`),
    },
  });
  const first = plainFigure(plotting, { height: 240, x_range: [0, 1], tools: [hover([["", "@words"]])] });
  first.quad({ field: "left" }, { field: "right" }, { field: "top" }, 0, {
    source: bars,
    fill_color: { field: "fill" },
    line_color: null,
  });
  Object.assign(first.xaxes[0], { axis_label: "confidence" });
  Object.assign(first.yaxes[0], { axis_label: "edges" });
  first.xgrids[0].grid_line_color = null;
  await place(plotting, first, histogram);
  const points = new Bokeh.ColumnDataSource({
    data: { x: curve.map((point) => point.time), y: curve.map((point) => point.known) },
  });
  const second = plainFigure(plotting, {
    height: 260,
    x_axis_type: "datetime",
    tools: [hover([["edges known", "@y"]], { mode: "vline" })],
  });
  second.step({ field: "x" }, { field: "y" }, "after", { source: points, line_color: colour("accent"), line_width: 2 });
  Object.assign(second.yaxes[0], { axis_label: "edges known" });
  await place(plotting, second, found);
});

function bandTile(title, items) {
  const bands = { high: 0, medium: 0, low: 0 };
  for (const item of items) bands[item.confidence.band] += 1;
  const total = items.length || 1;
  return el(
    "div",
    { class: "tile" },
    el("h3", null, title),
    Object.entries(bands).map(([band, count]) =>
      el(
        "p",
        { class: "band-row" },
        chip("band", band),
        el("span", { class: "bar", "aria-hidden": "true" }, barFill(count / total, band)),
        el("span", { class: "figure" }, number(count)),
      ),
    ),
  );
}

function discovery(edges) {
  const times = edges
    .map((edge) => edge.evidence.first_seen)
    .filter(Boolean)
    .map((text) => Date.parse(text))
    .sort((one, other) => one - other);
  const start = Date.parse(store.view.capture.first_seen);
  const stop = Date.parse(store.view.capture.last_seen);
  return [
    { time: start, known: 0 },
    ...times.map((time, place) => ({ time, known: place + 1 })),
    { time: stop, known: times.length },
  ];
}

function lateWords(curve, total) {
  const stop = curve.at(-1).time;
  const start = curve[0].time;
  const late = curve.slice(1, -1).filter((point) => point.time > stop - (stop - start) / 5).length;
  return `${number(late)} of ${counted(total, "edge")} were first seen in the last fifth of the window. A curve that still rises says that there is more to see.`;
}

function perDay(curve) {
  const days = new Map();
  for (const point of curve) days.set(Math.floor(point.time / 864e5), point);
  return [...days.values()];
}
