// Pictures by BokehJS, in the page's own colours. Each caller gives a table with the same content.

const drawn = new Map();

// What a colour of the style sheet is in the theme that shows.
function colour(name) {
  const probe = el("span", { hidden: true });
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

async function drawing() {
  await library("drawing");
  await library("plotting");
  return Bokeh.Plotting;
}

// A figure without decoration; `options` are those of `Bokeh.Plotting.figure`.
function plainFigure(plotting, options) {
  const { tools = [], ...rest } = options;
  const figure = plotting.figure({
    sizing_mode: "stretch_width",
    height: 320,
    toolbar_location: null,
    tools: [],
    background_fill_color: colour("surface"),
    border_fill_color: colour("surface"),
    outline_line_color: colour("line"),
    min_border: 8,
    ...rest,
  });
  figure.add_tools(...tools);
  for (const axis of [...figure.xaxes, ...figure.yaxes]) {
    Object.assign(axis, {
      axis_label_text_color: colour("quiet"),
      axis_label_text_font_style: "normal",
      major_label_text_color: colour("ink"),
      axis_line_color: colour("line"),
      major_tick_line_color: colour("line"),
      minor_tick_line_color: null,
    });
  }
  for (const grid of [...figure.xgrids, ...figure.ygrids]) grid.grid_line_color = colour("line");
  return figure;
}

// Tooltips as BokehJS fills them: it escapes what a column holds.
function hover(pairs, options) {
  return new Bokeh.HoverTool({ tooltips: pairs, ...options });
}

async function place(plotting, figure, target) {
  target.replaceChildren();
  for (const old of drawn.get(target) ?? []) old.model.document?.clear?.();
  const view = await plotting.show(figure, target);
  drawn.set(target, [view]);
  return view;
}

// Picture above, the same as a table below, folded.
function withTable(picture, label, table) {
  return [picture, el("details", { class: "as-table" }, el("summary", null, `${label} as a table`), table)];
}
