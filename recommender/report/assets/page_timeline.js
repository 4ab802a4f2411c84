// When what was recorded: records and new pods, new edges, and where the capture has holes.

const holeCodes = ["NPR101", "NPR102", "NPR103"];

registerPage("timeline", async (stage) => {
  const { view } = store;
  const hours = hourly(view);
  const records = el("div", { class: "picture", id: "records-picture" });
  const edges = el("div", { class: "picture", id: "timeline-picture" });
  fill(
    stage,
    el("h3", null, "Records and new pods by hour"),
    el(
      "p",
      { class: "quiet" },
      "A gap is an hour without any record; new pods in numbers (dots) are a rollout, after which new edges may follow.",
    ),
    withTable(
      records,
      "Records by hour",
      hourTable("Records by hour", hours, [
        ["Records", "flows"],
        ["New pods", "pods"],
      ]),
    ),
    el("h3", null, "New edges by hour"),
    withTable(edges, "New edges by hour", hourTable("New edges by hour", hours, [["New edges", "fresh"]])),
    holeList(view.gaps.filter((gap) => holeCodes.includes(gap.code))),
    el("h3", null, "Nodes"),
    nodeSpans(view.capture),
    el("h3", null, "New in the last fifth of the window"),
    el("div", { id: "late-edges" }),
  );
  await drawHours(records, hours, { bars: "flows", dots: "pods", label: "records" });
  await drawHours(edges, hours, { bars: "fresh", label: "new edges" });
  await lateTable(view);
});

function holeList(holes) {
  const line = (gap) =>
    el(
      "li",
      null,
      chip("sev", gap.severity),
      ` ${gap.title}: ${gap.subject}, ${gap.reason} `,
      el("a", { href: hrefOf("findings", { finding: gap.fingerprint }) }, gap.code),
    );
  return [
    el("h3", null, `Holes (${number(holes.length)})`),
    holes.length ? el("ul", null, holes.map(line)) : el("p", { class: "quiet" }, "No finding speaks of one."),
  ];
}

// Every clock hour of the window, also those that hold nothing.
function hourly(view) {
  const { capture } = view;
  const start = Math.floor(Date.parse(capture.first_seen) / 36e5);
  const count = Math.min(Math.floor(Date.parse(capture.last_seen) / 36e5) - start + 1, 24 * 400);
  const rows = Array.from({ length: count }, (_, hour) => ({
    time: (start + hour) * 36e5,
    fresh: 0,
    flows: 0,
    pods: 0,
  }));
  const at = (text) => rows[Math.floor(Date.parse(text) / 36e5) - start];
  for (const edge of view.edges) {
    const first = edge.evidence.first_seen && at(edge.evidence.first_seen);
    if (first) first.fresh += 1;
  }
  for (const { hour, flows, new_pods: pods } of capture.recorded_hours) Object.assign(at(hour) ?? {}, { flows, pods });
  return rows;
}

function hourWords(row) {
  return instant(new Date(row.time).toISOString());
}

function hourTable(label, hours, columns) {
  const wanted = hours.filter((row) => columns.some(([, key]) => row[key]));
  const titles = columns.map(([title, key]) => ({ title, number: true, cell: (row) => number(row[key]) }));
  return plainTable(label, [{ title: "Hour, UTC", cell: hourWords }, ...titles], wanted);
}

async function drawHours(picture, hours, { bars, dots, label }) {
  const plotting = await drawing();
  const column = (key) => hours.map((row) => row[key]);
  const most = Math.max(1, ...column(bars));
  const source = new Bokeh.ColumnDataSource({
    data: {
      x: hours.map((row) => row.time + 18e5),
      bars: column(bars),
      when: hours.map(hourWords),
      pods: column("pods"),
    },
  });
  const tips = [["hour", "@when"], [label, "@bars"], ...(dots ? [["new pods", "@pods"]] : [])];
  const figure = plainFigure(plotting, { height: 240, x_axis_type: "datetime" });
  const drawn = figure.vbar({ field: "x" }, 32e5, { field: "bars" }, 0, {
    source,
    fill_color: colour("accent"),
    line_color: null,
  });
  figure.add_tools(hover(tips, { mode: "vline", renderers: [drawn] }));
  Object.assign(figure.yaxes[0], { axis_label: label });
  if (dots)
    drawDots(
      figure,
      hours.filter((row) => row[dots]),
      dots,
      most,
    );
  await place(plotting, figure, picture);
}

// Above the bars, the larger the more.
function drawDots(figure, rows, key, height) {
  const most = Math.max(1, ...rows.map((row) => row[key]));
  const data = {
    x: rows.map((row) => row.time + 18e5),
    y: rows.map(() => height * 1.12),
    size: rows.map((row) => 5 + 11 * Math.sqrt(row[key] / most)),
  };
  figure.scatter(
    { field: "x" },
    { field: "y" },
    {
      source: new Bokeh.ColumnDataSource({ data }),
      size: { field: "size" },
      fill_color: colour("medium"),
      line_color: null,
    },
  );
}

function nodeSpans(capture) {
  const [start, stop] = [Date.parse(capture.first_seen), Date.parse(capture.last_seen)];
  const span = (node) => {
    const box = el("span", { class: "span", "aria-hidden": "true" }, el("span"));
    const inner = box.firstChild;
    inner.style.marginInlineStart = `${(100 * (Date.parse(node.first_seen) - start)) / (stop - start || 1)}%`;
    inner.style.inlineSize = `${Math.max(0.5, (100 * (Date.parse(node.last_seen) - Date.parse(node.first_seen))) / (stop - start || 1))}%`;
    for (const silence of node.silences) box.append(silentPart(silence, start, stop));
    return box;
  };
  return plainTable(
    "Nodes",
    [
      { title: "Node", cell: (node) => node.node },
      { title: "Window", cell: span },
      { title: "First seen, UTC", cell: (node) => instant(node.first_seen) },
      { title: "Last seen, UTC", cell: (node) => instant(node.last_seen) },
      {
        title: "Silent hours",
        number: true,
        cell: (node) => number(node.silences.reduce((sum, one) => sum + one.hours, 0)),
      },
      { title: "Active hours", number: true, cell: (node) => number(node.active_hours) },
      { title: "Lost events", number: true, cell: (node) => number(node.lost_events) },
    ],
    capture.nodes,
  );
}

// Hours in which a node recorded nothing although it was busy at that time of other days.
function silentPart(silence, start, stop) {
  const part = el("span", { class: "silent" });
  const share = (text) => (100 * (Date.parse(text) - start)) / (stop - start || 1);
  part.style.insetInlineStart = `${share(silence.start)}%`;
  part.style.inlineSize = `${Math.max(0.4, share(silence.end) - share(silence.start))}%`;
  return part;
}

function lateTable(view) {
  const [start, stop] = [Date.parse(view.capture.first_seen), Date.parse(view.capture.last_seen)];
  const border = stop - (stop - start) / 5;
  const late = view.edges.filter((edge) => edge.evidence.first_seen && Date.parse(edge.evidence.first_seen) > border);
  return dataTable(byId("late-edges"), {
    label: "Edges first seen in the last fifth of the window",
    rows: late,
    pageLength: 25,
    order: [[3, "asc"]],
    columns: [
      { title: "Edge", value: (edge) => edge.key, cell: (edge) => edgeLink(edge) },
      { title: "What", value: (edge) => edge.disposition, cell: (edge) => disposition(edge.disposition) },
      { title: "Connections", number: true, value: (edge) => edge.evidence.connections },
      {
        title: "First seen, UTC",
        value: (edge) => edge.evidence.first_seen,
        cell: (edge) => instant(edge.evidence.first_seen),
        class: "nowrap",
      },
    ],
  });
}
