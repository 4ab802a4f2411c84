// The map as a picture: circles, curved links, names beside them.

async function drawMap(picture, { nodes, links, round }) {
  const plotting = await drawing();
  const at = new Map(nodes.map((node) => [node.name, node]));
  const columns = new Set(nodes.map((node) => node.x)).size;
  const tallest = Math.max(
    ...[...(Map.groupBy?.(nodes, (node) => node.x)?.values() ?? [nodes])].map((items) => items.length),
  );
  const reach = round ? 1.9 : columns - 1;
  const xs = nodes.map((node) => node.x);
  const ys = nodes.map((node) => node.y);
  const room = round ? 0.9 : 0.7;
  const nodeSource = new Bokeh.ColumnDataSource({
    data: {
      x: xs,
      y: ys,
      size: nodes.map((node) => node.size),
      name: nodes.map((node) => shown(node.name.length > 40 ? `${node.name.slice(0, 39)}…` : node.name)),
      align: nodes.map((node) => (node.side < -0.1 ? "right" : node.side > 0.1 ? "left" : "center")),
      dx: nodes.map((node) => (node.side < -0.1 ? -12 : node.side > 0.1 ? 12 : 0)),
      dy: nodes.map((node) => (Math.abs(node.side) > 0.1 ? 0 : node.y >= 0 ? -16 : 16)),
    },
  });
  const curves = links
    .filter((link) => at.has(link.from) && at.has(link.to))
    .map((link) => curve(at.get(link.from), at.get(link.to), link, round));
  const linkSource = new Bokeh.ColumnDataSource({
    data: Object.fromEntries(
      ["x0", "y0", "x1", "y1", "cx", "cy", "line", "width", "dash", "words"].map((key) => [
        key,
        curves.map((item) => item[key]),
      ]),
    ),
  });
  const figure = plainFigure(plotting, {
    height: round ? 620 : Math.max(260, Math.min(1600, 34 * tallest + 60)),
    x_range: [Math.min(...xs) - room, Math.max(...xs) + room],
    y_range: [Math.min(...ys) - (round ? 0.25 : 0.7), Math.max(...ys) + (round ? 0.25 : 0.7)],
    match_aspect: Boolean(round),
    tools: [new Bokeh.TapTool(), new Bokeh.PanTool(), new Bokeh.WheelZoomTool()],
  });
  for (const axis of [...figure.xaxes, ...figure.yaxes]) axis.visible = false;
  for (const grid of [...figure.xgrids, ...figure.ygrids]) grid.grid_line_color = null;
  const lines = figure.quadratic(
    { field: "x0" },
    { field: "y0" },
    { field: "x1" },
    { field: "y1" },
    { field: "cx" },
    { field: "cy" },
    { source: linkSource, line_color: { field: "line" }, line_width: { field: "width" }, line_alpha: 0.75 },
  );
  if (round) drawArrows(figure, curves);
  const circles = figure.scatter(
    { field: "x" },
    { field: "y" },
    {
      source: nodeSource,
      size: { field: "size" },
      fill_color: colour("accent"),
      line_color: colour("surface"),
      line_width: 2,
      nonselection_fill_alpha: 1,
    },
  );
  figure.text(
    { field: "x" },
    { field: "y" },
    { field: "name" },
    {
      source: nodeSource,
      text_align: { field: "align" },
      text_baseline: "middle",
      x_offset: { field: "dx" },
      y_offset: { field: "dy" },
      text_color: colour("ink"),
      text_font_size: "12px",
      background_fill_color: colour("surface"),
      background_fill_alpha: 0.82,
      padding: 1,
      nonselection_text_alpha: 1,
    },
  );
  figure.add_tools(
    hover([["", "@words"]], { renderers: [lines], line_policy: "interp" }),
    hover([["", "@name"]], { renderers: [circles] }),
  );
  await place(plotting, figure, picture);
  nodeSource.connect(nodeSource.selected.properties.indices.change, () => {
    const node = nodes[nodeSource.selected.indices[0]];
    if (node) goTo("map", { focus: node.name, blocked: route.state.blocked });
  });
}

// A head on each bow, at two thirds of its way; in columns the way is from left to right anyhow.
function drawArrows(figure, curves) {
  const t = 0.66;
  const along = (start, bend, end) => (1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t ** 2 * end;
  const slope = (start, bend, end) => 2 * (1 - t) * (bend - start) + 2 * t * (end - bend);
  const heads = curves.map((one) => ({
    x: along(one.x0, one.cx, one.x1),
    y: along(one.y0, one.cy, one.y1),
    angle: Math.atan2(slope(one.y0, one.cy, one.y1), slope(one.x0, one.cx, one.x1)) - Math.PI / 2,
    fill: one.line,
  }));
  const data = Object.fromEntries(["x", "y", "angle", "fill"].map((key) => [key, heads.map((head) => head[key])]));
  const source = new Bokeh.ColumnDataSource({ data });
  figure.scatter(
    { field: "x" },
    { field: "y" },
    {
      source,
      marker: "triangle",
      size: 8,
      angle: { field: "angle" },
      fill_color: { field: "fill" },
      line_color: null,
    },
  );
}

// A bow to the left of its direction, so that both ways between two nodes can be told apart.
function curve(from, to, link, round) {
  const [mx, my] = [(from.x + to.x) / 2, (from.y + to.y) / 2];
  const bend = round ? 0.18 : from.x === to.x ? 0.35 : 0.06;
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const pull = round ? 0.55 : 1;
  return {
    x0: from.x,
    y0: from.y,
    x1: to.x,
    y1: to.y,
    cx: mx * pull - dy * bend * (round ? 1 : 0.05) - (from.x === to.x && !round ? 0.35 : 0),
    cy: my * pull + dx * bend,
    line: link.allowed ? (link.denied ? colour("medium") : colour("accent")) : colour("high"),
    width: Math.min(5, 1 + Math.log2(1 + link.allowed + link.denied) / 1.6),
    dash: link.allowed ? "solid" : "dashed",
    words: shown(
      `${link.from} → ${link.to}: ${counted(link.allowed, "edge")} allowed${link.denied ? `, ${number(link.denied)} blocked` : ""}`,
    ),
  };
}
