// Groups by groups or namespaces by namespaces: what was seen, what is open though nobody used it, what would be blocked.

const cellStates = {
  allowed: { glyph: "●", words: "allowed" },
  review: { glyph: "◐", words: "allowed, for review" },
  mixed: { glyph: "◩", words: "partly allowed, partly blocked" },
  denied: { glyph: "✕", words: "would be blocked" },
  unseen: { glyph: "○", words: "open, never seen" },
};
const matrixModes = {
  everything: Object.keys(cellStates),
  observed: ["allowed", "review", "mixed", "denied"],
  open: ["allowed", "review", "mixed", "unseen"],
  difference: ["mixed", "denied", "unseen"],
};
const matrixModeTitles = {
  everything: "Everything",
  observed: "Observed",
  open: "Open by the policies",
  difference: "Difference",
};
const roomForGroups = 60;
const outside = "outside the cluster";

registerPage("matrix", async (stage, state) => {
  const level = state.level || (store.groups.size <= roomForGroups ? "groups" : "namespaces");
  const mode = matrixModes[state.mode] ? state.mode : "everything";
  const matrix = matrixOf(level, mode);
  const picture = el("div", {
    class: "picture",
    id: "matrix-picture",
    tabindex: "0",
    role: "group",
    "aria-label": "Matrix: arrow keys move between cells, Enter shows the edges of one",
  });
  const readout = el(
    "p",
    { class: "readout", id: "matrix-readout" },
    "Point at a cell, or focus the picture and use the arrow keys.",
  );
  fill(
    stage,
    el(
      "div",
      { class: "filters" },
      choice(
        "By",
        [
          ["groups", "groups"],
          ["namespaces", "namespaces"],
        ],
        level,
        (value) => goTo("matrix", { ...state, level: value }),
      ),
      choice("Show", Object.entries(matrixModeTitles), mode, (value) => goTo("matrix", { ...state, mode: value })),
    ),
    el(
      "p",
      { class: "legend" },
      matrixModes[mode].map((name) =>
        el("span", { class: `cell-${name}` }, `${cellStates[name].glyph} ${cellStates[name].words} `),
      ),
    ),
    store.pairs.unseen_count > store.pairs.unseen.length &&
      el(
        "p",
        { class: "quiet" },
        `${number(store.pairs.unseen_count)} pairs are open without having been used; the first ${number(store.pairs.unseen.length)} are shown.`,
      ),
    readout,
    withTable(picture, "The matrix", el("div", { id: "matrix-table" })),
  );
  const folded = stage.querySelector(".as-table");
  folded.addEventListener("toggle", () => folded.open && !folded.dataset.drawn && drawMatrixTable(matrix, folded), {
    once: false,
  });
  if (matrix.cells.length) await drawMatrix(picture, readout, matrix, level);
  else fill(picture, el("p", { class: "quiet" }, "Nothing to show."));
});

function choice(title, options, value, onchange) {
  const select = el(
    "select",
    { onchange: () => onchange(select.value) },
    options.map(([word, text]) => el("option", { value: word, selected: word === value }, text)),
  );
  return el("label", null, `${title} `, select);
}

function placeOf(name, level) {
  const group = store.groups.get(name);
  if (level === "groups") return group ? name : outsideName(name);
  if (group) return `${group.cluster ? `${group.cluster}/` : ""}${group.namespace}`;
  return outsideName(name);
}

function outsideName(name) {
  if (name.startsWith("entity:")) return name.replace(":", " ");
  if (name.startsWith("fqdn:") || name.startsWith("ip:")) return outside;
  return name.split("/").slice(0, -2).join("/") || name;
}

function matrixOf(level, mode) {
  const cells = new Map();
  const at = (client, server) => {
    const key = `${placeOf(client, level)}\n${placeOf(server, level)}`;
    if (!cells.has(key))
      cells.set(key, {
        client: placeOf(client, level),
        server: placeOf(server, level),
        allowed: 0,
        review: 0,
        denied: 0,
        unseen: 0,
      });
    return cells.get(key);
  };
  for (const [client, server, allowed, review, denied] of store.pairs.seen) {
    const cell = at(client, server);
    cell.allowed += allowed;
    cell.review += review;
    cell.denied += denied;
  }
  for (const [client, server] of store.pairs.unseen) at(client, server).unseen += 1;
  const wanted = new Set(matrixModes[mode]);
  const kept = [...cells.values()]
    .map((cell) => ({ ...cell, state: stateOf(cell) }))
    .filter((cell) => wanted.has(cell.state));
  return { cells: kept, rows: names(kept, "client"), columns: names(kept, "server") };
}

function stateOf({ allowed, review, denied }) {
  if (denied) return allowed || review ? "mixed" : "denied";
  if (review) return "review";
  return allowed ? "allowed" : "unseen";
}

// Groups by namespace, what lies outside behind them.
function names(cells, side) {
  const rank = (name) => (store.groups.has(name) || !/^(entity |outside)/.test(name) ? 0 : name === outside ? 2 : 1);
  return [...new Set(cells.map((cell) => cell[side]))].sort(
    (one, other) => rank(one) - rank(other) || (one < other ? -1 : 1),
  );
}

function cellWords(cell) {
  const parts = [
    [cell.allowed, "allowed"],
    [cell.review, "allowed, for review"],
    [cell.denied, "would be blocked"],
  ]
    .filter(([count]) => count)
    .map(([count, word]) => `${counted(count, "edge")} ${word}`);
  if (cell.unseen)
    parts.push(cell.unseen === 1 ? "open, never seen" : `${counted(cell.unseen, "pair")} open, never seen`);
  return `${cell.client} → ${cell.server}: ${parts.join(", ")}`;
}

async function drawMatrixTable(matrix, folded) {
  folded.dataset.drawn = "yes";
  await dataTable(folded.querySelector("#matrix-table"), {
    label: "The matrix as a table",
    rows: matrix.cells,
    pageLength: 25,
    columns: [
      { title: "From", value: (cell) => cell.client },
      { title: "To", value: (cell) => cell.server },
      {
        title: "What",
        value: (cell) => cellStates[cell.state].words,
        cell: (cell) =>
          el(
            "span",
            { class: `cell-${cell.state}` },
            `${cellStates[cell.state].glyph} ${cellStates[cell.state].words}`,
          ),
      },
      { title: "Allowed", number: true, value: (cell) => cell.allowed },
      { title: "For review", number: true, value: (cell) => cell.review },
      { title: "Blocked", number: true, value: (cell) => cell.denied },
      { title: "Open, never seen", number: true, value: (cell) => cell.unseen },
    ],
  });
}
