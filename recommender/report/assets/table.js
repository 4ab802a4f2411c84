// Tables with search, sort, pages and filters (DataTables). Cells are nodes, so no text of a capture is read as markup.

// columns: [{title, value(row) → number|text for sorting and search, cell(row) → node or text, number, width, sort}]
// filters: [{name, title, value(row)}]: a choice of the values that occur, kept in the address.
async function dataTable(
  stage,
  { label, columns, rows, filters = [], order = [], state = {}, pageLength = 50, onRow },
) {
  await library("tables");
  const table = el("table", { class: "rows", "aria-label": label });
  const bar = el("div", { class: "filters" });
  fill(stage, bar, el("div", { class: "table-box" }, table));
  const made = new DataTable(table, {
    data: rows,
    autoWidth: false,
    columns: columns.map((column) => ({
      title: column.title,
      className: column.number ? "num" : (column.class ?? ""),
      orderable: column.sort !== false,
      data: null,
      type: column.number ? "num" : "string",
      render: (_, kind, row) => {
        if (kind !== "display") return column.value(row);
        const cell = column.cell ? column.cell(row) : column.value(row);
        return cell instanceof Node ? cell : append(document.createElement("span"), [cell]);
      },
    })),
    order: order.map(([place, way]) => [place, way]),
    pageLength,
    lengthMenu: [25, 50, 100, 250],
    deferRender: true,
    layout: { topStart: "search", topEnd: "info", bottomStart: "pageLength", bottomEnd: "paging" },
    search: { search: state.q ?? "" },
    language: {
      search: "Search",
      lengthMenu: "_MENU_ rows",
      info: "_START_ to _END_ of _TOTAL_",
      infoEmpty: "none",
      infoFiltered: "(of _MAX_)",
      zeroRecords: "Nothing matches.",
      emptyTable: "Nothing.",
    },
    createdRow: (tr, row) => onRow?.(tr, row),
  });
  made.on("search.dt", () => remember({ q: made.search() }));
  for (const filter of filters) bar.append(filterBox(made, rows, filter, state));
  made.draw();
  return made;
}

function filterBox(made, rows, { name, title, value }, state) {
  const values = [...new Set(rows.map(value))].filter((text) => text !== "").sort();
  const options = [el("option", { value: "" }, "all"), ...values.map((text) => el("option", { value: text }, text))];
  const select = el("select", { "aria-label": `Filter by ${title}` }, options);
  // Values may hold text that an attribute shows escaped: the choice is found by its place.
  const apply = () => {
    const wanted = select.selectedIndex > 0 ? values[select.selectedIndex - 1] : null;
    made.search.fixed(name, wanted === null ? null : (_, row) => value(row) === wanted);
    if (wanted === null) made.search.fixed(name, () => true);
    remember({ [name]: wanted ?? "" });
  };
  const start = values.indexOf(state[name]);
  if (start >= 0) {
    select.selectedIndex = start + 1;
    apply();
  }
  select.addEventListener("change", () => {
    apply();
    made.draw();
  });
  return el("label", null, `${title} `, select);
}
