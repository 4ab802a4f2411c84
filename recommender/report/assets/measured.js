// What the run measured of itself: what the window may have missed, and whether its scores came true in its own last part.
// Each block stands here as soon as the report holds its figures.

function measured(view) {
  return [
    view.verdicts && [
      el("h3", null, "What to do with the policies"),
      el("p", { class: "verdict" }, `${view.verdicts.sentence}.`),
    ],
    view.completeness && completenessBlock(view.completeness),
    el("h3", null, "The window tested against its own last part"),
    view.backtest ? backtestBlock(view.backtest) : el("p", { class: "quiet" }, noBacktest(view)),
  ];
}

function noBacktest(view) {
  return view.backtest === null
    ? "The window is too short to learn on one part and to test on the other."
    : "This run held nothing back: the scores above are the method's own, not tested against this cluster.";
}

function completenessBlock(told) {
  return [
    el("h3", null, "What the window may have missed"),
    el("p", { class: "verdict" }, `${told.sentence}.`),
    told.warning && el("p", { class: "bad" }, `▲ ${told.warning}.`),
    el(
      "p",
      { class: "quiet" },
      `Counted by six-hour spans in which an edge was active: ${number(told.unseen.incidences)} of them, `,
      `${counted(told.unseen.once, "edge")} in one span only.`,
    ),
  ];
}

function backtestBlock(told) {
  const denied = told.false_denials;
  return [
    el("p", { class: "verdict" }, `${told.sentence}.`),
    definitions([
      ["Learned on", `${told.learned_days} days, until ${instant(told.cut_at)} UTC`],
      ["Tested on", `${told.tested_days.toFixed(1)} days: ${counted(told.later_needed, "needed edge")}`],
      [
        "Denied though needed",
        `${number(denied.length)}, at ${counted(told.broken_policies, "policy", "policies")} of ${number(told.policies)}`,
      ],
      ["Rules without later use", `${number(told.unused_rules.length)} of ${number(told.rules)}`],
      ["New needed edges", newEdgeWords(told.new_edges)],
      [
        "Bound of unseen activity",
        `held for ${number(told.bounds_held)} of ${counted(told.bounds_checked, "policy", "policies")}`,
      ],
    ]),
    [told.recurrence, told.breakage].filter(Boolean).map(reliabilityBlock),
    denied.length > 0 && [el("h4", null, "Denied though needed"), deniedTable(denied)],
  ];
}

function newEdgeWords({ actual, expected, at_most_95: most }) {
  const said =
    expected === null
      ? "the first part was too short to say how many to expect"
      : `${expected.toFixed(0)} expected, at most ${number(most)} with 95 %`;
  return `${number(actual)}; ${said}`;
}

function deniedTable(denied) {
  return plainTable(
    "Denied though needed",
    [
      {
        title: "Edge",
        cell: (item) => (store.edges.has(item.edge_id) ? edgeLink(store.edges.get(item.edge_id)) : item.edge),
      },
      { title: "At", cell: (item) => item.direction },
      { title: "Reason", cell: (item) => prose(item.reason) },
    ],
    denied,
  );
}

// Predicted against what came true, in bins of like size; on the diagonal the scores would be exact.
function reliabilityBlock(table) {
  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  const picture = el("div", { class: "picture calibration" });
  const figures = plainTable(
    `${table.of} by size of prediction`,
    [
      { title: "Predicted", cell: (bin) => percent(bin.predicted) },
      { title: "Came true", number: true, cell: (bin) => percent(bin.happened) },
      { title: "Count", number: true, cell: (bin) => number(bin.count) },
    ],
    table.bins,
  );
  queueMicrotask(() => drawReliability(picture, table.bins, percent));
  return [
    el("h4", null, `${table.of}: ${number(table.count)}, ${percent(table.happened)} came true`),
    el(
      "p",
      { class: "quiet" },
      `Brier score ${table.brier.toFixed(3)} (${table.constant_brier.toFixed(3)} if always the mean were said), calibration error ${table.ece.toFixed(3)}`,
      table.auc === null ? "." : `, area under the curve ${table.auc.toFixed(2)}.`,
    ),
    withTable(picture, table.of, figures),
  ];
}

async function drawReliability(picture, bins, percent) {
  const plotting = await drawing();
  const most = Math.max(...bins.map((bin) => bin.count), 1);
  const source = new Bokeh.ColumnDataSource({
    data: {
      x: bins.map((bin) => bin.predicted),
      y: bins.map((bin) => bin.happened),
      size: bins.map((bin) => 6 + 16 * Math.sqrt(bin.count / most)),
      words: bins.map(
        (bin) => `${percent(bin.predicted)} predicted, ${percent(bin.happened)} came true, ${number(bin.count)}`,
      ),
    },
  });
  const figure = plainFigure(plotting, {
    sizing_mode: "fixed",
    width: 420,
    height: 360,
    x_range: [-0.03, 1.03],
    y_range: [-0.03, 1.03],
  });
  figure.line([0, 1], [0, 1], { line_color: colour("quiet"), line_dash: [4, 4] });
  const points = figure.scatter(
    { field: "x" },
    { field: "y" },
    { source, size: { field: "size" }, fill_color: colour("accent"), fill_alpha: 0.75, line_color: null },
  );
  figure.add_tools(hover([["", "@words"]], { renderers: [points] }));
  Object.assign(figure.xaxes[0], { axis_label: "predicted" });
  Object.assign(figure.yaxes[0], { axis_label: "came true" });
  await place(plotting, figure, picture);
}
