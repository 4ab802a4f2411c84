// The matrix as a picture: a square a cell, with a sign where there is room for one.

const roomForNames = 80;
const roomForSigns = 60;
const roomForSlant = 110; // the last slanted names lean out to the right

async function drawMatrix(picture, readout, matrix, level) {
  const plotting = await drawing();
  const rowAt = new Map(matrix.rows.map((name, place) => [name, place]));
  const columnAt = new Map(matrix.columns.map((name, place) => [name, place]));
  const size = Math.max(matrix.rows.length, matrix.columns.length);
  const pixels = size <= 24 ? 28 : size <= roomForSigns ? 19 : size <= 200 ? 9 : 3;
  const named = size <= roomForNames;
  const cellsAt = new Map(matrix.cells.map((cell) => [`${rowAt.get(cell.client)} ${columnAt.get(cell.server)}`, cell]));
  const source = new Bokeh.ColumnDataSource({
    data: {
      x: matrix.cells.map((cell) => columnAt.get(cell.server)),
      y: matrix.cells.map((cell) => rowAt.get(cell.client)),
      fill: matrix.cells.map((cell) => colour(`cell-${cell.state}`)),
      ink: matrix.cells.map((cell) => colour(`cell-${cell.state}-ink`)),
      sign: matrix.cells.map((cell) => cellStates[cell.state].glyph),
      words: matrix.cells.map((cell) => shown(cellWords(cell))),
    },
  });
  const cursor = new Bokeh.ColumnDataSource({ data: { x: [], y: [] } });
  const margin = named
    ? Math.min(230, 40 + 6.2 * Math.max(...matrix.rows.map((name) => Math.min(name.length, 34))))
    : 30;
  const top = named
    ? Math.min(230, 40 + 6.2 * Math.max(...matrix.columns.map((name) => Math.min(name.length, 34))))
    : 30;
  const figure = plainFigure(plotting, {
    sizing_mode: "fixed",
    width: Math.round(matrix.columns.length * pixels + margin + roomForSlant),
    min_border_right: roomForSlant,
    height: Math.round(matrix.rows.length * pixels + top + 24),
    x_range: [-0.5, matrix.columns.length - 0.5],
    y_range: [matrix.rows.length - 0.5, -0.5],
    x_axis_location: "above",
    tools: [new Bokeh.TapTool()],
  });
  for (const axis of [...figure.xaxes, ...figure.yaxes]) axis.major_tick_line_color = null;
  labelAxis(figure.xaxes[0], matrix.columns, named, Math.PI / 3);
  labelAxis(figure.yaxes[0], matrix.rows, named);
  for (const grid of [...figure.xgrids, ...figure.ygrids]) grid.grid_line_color = null;
  const cells = figure.rect({ field: "x" }, { field: "y" }, 0.94, 0.94, {
    source,
    fill_color: { field: "fill" },
    line_color: null,
    nonselection_fill_alpha: 1,
  });
  figure.add_tools(hover([["", "@words"]], { renderers: [cells], attachment: "horizontal" }));
  drawBorders(figure, matrix);
  if (size <= roomForSigns) {
    figure.text(
      { field: "x" },
      { field: "y" },
      { field: "sign" },
      {
        source,
        text_align: "center",
        text_baseline: "middle",
        text_font_size: `${Math.min(13, pixels - 5)}px`,
        text_color: { field: "ink" },
        nonselection_text_alpha: 1,
      },
    );
  }
  figure.rect({ field: "x" }, { field: "y" }, 1, 1, {
    source: cursor,
    fill_color: null,
    line_color: colour("accent"),
    line_width: 3,
  });
  await place(plotting, figure, picture);
  const open = (cell) =>
    cell &&
    goTo(
      "edges",
      level === "groups" ? { client: cell.client, server: cell.server } : { from: cell.client, to: cell.server },
    );
  source.connect(source.selected.properties.indices.change, () => open(matrix.cells[source.selected.indices[0]]));
  moveByKeys(picture, matrix, cellsAt, cursor, readout, open);
}

// Lines between the namespaces.
function drawBorders(figure, { rows, columns }) {
  const places = (names) =>
    names
      .map((_, place) => place)
      .filter((place) => place && placeOf(names[place], "namespaces") !== placeOf(names[place - 1], "namespaces"))
      .map((place) => place - 0.5);
  const [down, across] = [places(rows), places(columns)];
  const line = { line_color: colour("line"), line_width: 1 };
  const [left, right, top, bottom] = [-0.5, columns.length - 0.5, -0.5, rows.length - 0.5];
  const filled = (value, items) => items.map(() => value);
  figure.segment(filled(left, down), down, filled(right, down), down, line);
  figure.segment(across, filled(top, across), across, filled(bottom, across), line);
}

function labelAxis(axis, names, named, orientation) {
  axis.ticker = new Bokeh.FixedTicker({ ticks: named ? names.map((_, place) => place) : [] });
  axis.major_label_overrides = new Map(
    names.map((name, place) => [place, shown(name.length > 34 ? `${name.slice(0, 33)}…` : name)]),
  );
  axis.major_label_text_font_size = "11px";
  if (orientation) axis.major_label_orientation = orientation;
}

function moveByKeys(picture, matrix, cellsAt, cursor, readout, open) {
  let row = 0;
  let column = 0;
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  picture.onkeydown = (event) => {
    const here = cellsAt.get(`${row} ${column}`);
    if (event.key === "Enter") {
      open(here);
      return;
    }
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    row = Math.max(0, Math.min(matrix.rows.length - 1, row + step[0]));
    column = Math.max(0, Math.min(matrix.columns.length - 1, column + step[1]));
    cursor.data = { x: [column], y: [row] };
    const cell = cellsAt.get(`${row} ${column}`);
    const words = cell ? cellWords(cell) : `${matrix.rows[row]} → ${matrix.columns[column]}: nothing`;
    readout.textContent = shown(words);
    announce(words);
  };
}
