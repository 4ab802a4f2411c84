// Namespaces first, then what is around one of them or around a group, or the way from one group to another.

const mostLinks = 1500;

registerPage("map", async (stage, state) => {
  const links = mapLinks(state.blocked === "yes");
  const found =
    state.from && state.to
      ? pathBetween(links, state)
      : state.focus
        ? neighbourhood(links, state)
        : namespaceMap(links);
  const picture = el("div", { class: "picture", id: "map-picture" });
  fill(
    stage,
    mapControls(state),
    el("p", { class: "readout" }, found.words),
    mapLegend(),
    found.links.length > mostLinks &&
      el(
        "p",
        { class: "warn" },
        `${counted(found.links.length, "link")} are too many for a picture that can be read: the table lists them.`,
      ),
    withTable(picture, "The map", el("div", { id: "map-table" })),
  );
  const folded = stage.querySelector(".as-table");
  const fillTable = () =>
    dataTable(stage.querySelector("#map-table"), {
      label: "The map as a table",
      rows: found.links,
      pageLength: 25,
      columns: [
        { title: "From", value: (link) => link.from, cell: (link) => focusLink(link.from) },
        { title: "To", value: (link) => link.to, cell: (link) => focusLink(link.to) },
        { title: "Edges allowed", number: true, value: (link) => link.allowed },
        { title: "Edges blocked", number: true, value: (link) => link.denied },
      ],
    });
  if (found.links.length > mostLinks) folded.open = true;
  folded.addEventListener(
    "toggle",
    () => folded.open && !folded.dataset.drawn && ((folded.dataset.drawn = "yes"), fillTable()),
  );
  if (folded.open) fillTable();
  if (found.nodes.length && found.links.length <= mostLinks) await drawMap(picture, found);
});

function mapLegend() {
  const key = (name, text) => el("span", { class: `key-${name}` }, text);
  return el(
    "p",
    { class: "legend" },
    key("allowed", "━ allowed "),
    key("mixed", "━ partly blocked "),
    key("denied", "╍ blocked "),
    el("span", { class: "quiet" }, "wider: more edges"),
  );
}

function focusLink(name) {
  return el("a", { href: hrefOf("map", { focus: name }) }, name);
}

function mapLinks(withBlocked) {
  const links = new Map();
  for (const [from, to, allowed, review, denied] of store.pairs.seen) {
    if (allowed + review || withBlocked) links.set(`${from}\n${to}`, { from, to, allowed: allowed + review, denied });
  }
  return [...links.values()];
}

function mapControls(state) {
  const known = [...store.groups.keys()];
  const namespaces = [...new Set(known.map((name) => placeOf(name, "namespaces")))].sort();
  const list = el(
    "datalist",
    { id: "map-names" },
    [...namespaces, ...known].map((name) => el("option", { value: name })),
  );
  const field = (name, title) =>
    el(
      "label",
      null,
      `${title} `,
      el("input", {
        name,
        list: "map-names",
        value: state[name] ?? "",
        type: "search",
        placeholder: "namespace or group",
      }),
    );
  const form = el(
    "form",
    { class: "filters", "aria-label": "What the map shows" },
    field("focus", "Around"),
    choice(
      "Steps",
      [
        ["1", "1"],
        ["2", "2"],
      ],
      state.hops || "1",
      () => {},
    ),
    field("from", "Way from"),
    field("to", "to"),
    el(
      "label",
      null,
      el("input", { type: "checkbox", name: "blocked", checked: state.blocked === "yes" }),
      " also blocked",
    ),
    el("button", { type: "submit" }, "Show"),
    el("a", { href: "#map" }, "All namespaces"),
    list,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const value = (name) => form.elements.namedItem(name).value.trim();
    goTo("map", {
      focus: value("focus"),
      hops: form.querySelector("select").value,
      from: value("from"),
      to: value("to"),
      blocked: form.elements.namedItem("blocked").checked ? "yes" : "",
    });
  });
  return form;
}

function namespaceMap(links) {
  const folded = foldLinks(links, (name) => placeOf(name, "namespaces"));
  const names = [...new Set(folded.flatMap((link) => [link.from, link.to]))].sort();
  const nodes = names.map((name, place) => {
    const angle = Math.PI / 2 - (2 * Math.PI * place) / names.length;
    return { name, x: Math.cos(angle), y: Math.sin(angle), size: 20, side: Math.cos(angle) };
  });
  return {
    nodes,
    links: folded,
    words: `${counted(names.length, "namespace or outside peer", "namespaces and outside peers")}; choose one to see what is around it.`,
    round: true,
  };
}

function foldLinks(links, name) {
  const folded = new Map();
  for (const link of links) {
    const [from, to] = [name(link.from), name(link.to)];
    if (from === to) continue;
    const key = `${from}\n${to}`;
    const sum = folded.get(key) ?? { from, to, allowed: 0, denied: 0 };
    sum.allowed += link.allowed;
    sum.denied += link.denied;
    folded.set(key, sum);
  }
  return [...folded.values()];
}

// Columns: clients on the left, what is in focus in the middle, servers on the right.
function neighbourhood(links, { focus, hops }) {
  const inside = new Set(
    store.groups.has(focus)
      ? [focus]
      : [...store.groups.keys(), ...links.flatMap((link) => [link.from, link.to])].filter(
          (name) => name === focus || placeOf(name, "namespaces") === focus,
        ),
  );
  if (!inside.size) return { nodes: [], links: [], words: `Nothing is called ${focus}.` };
  const steps = Number(hops) === 2 ? 2 : 1;
  const column = new Map([...inside].map((name) => [name, 0]));
  for (let step = 1; step <= steps; step += 1) {
    for (const { from, to } of links) {
      if (column.get(to) === 1 - step && !column.has(from)) column.set(from, -step);
      if (column.get(from) === step - 1 && !column.has(to)) column.set(to, step);
    }
  }
  const kept = links.filter(
    ({ from, to }) => column.has(from) && column.has(to) && (inside.has(from) || inside.has(to) || steps === 2),
  );
  const within = kept.filter(({ from, to }) => column.get(from) !== column.get(to) || inside.has(from));
  return {
    nodes: inColumns(column),
    links: within,
    words: `Around ${focus}: ${counted(column.size - inside.size, "neighbour")} in ${counted(steps, "step")}, ${counted(within.length, "link")}.`,
  };
}

function inColumns(column) {
  const byColumn = new Map();
  for (const [name, place] of column) byColumn.set(place, [...(byColumn.get(place) ?? []), name]);
  const tallest = Math.max(...[...byColumn.values()].map((names) => names.length));
  return [...byColumn].flatMap(([x, names]) =>
    names.sort().map((name, place) => ({
      name,
      x,
      y: (tallest * (names.length - place - 0.5)) / names.length,
      size: 14,
      side: x,
    })),
  );
}

// The shortest way over edges that are allowed: what an intruder would walk.
function pathBetween(links, { from, to }) {
  const next = new Map();
  for (const link of links) if (link.allowed) next.set(link.from, [...(next.get(link.from) ?? []), link.to]);
  const before = new Map([[from, null]]);
  const queue = [from];
  while (queue.length && !before.has(to)) {
    const here = queue.shift();
    for (const name of (next.get(here) ?? []).sort()) {
      if (!before.has(name)) {
        before.set(name, here);
        queue.push(name);
      }
    }
  }
  if (!before.has(to))
    return { nodes: [], links: [], words: `No way leads from ${from} to ${to} over edges that are allowed.` };
  const way = [];
  for (let name = to; name !== null; name = before.get(name)) way.unshift(name);
  const steps = new Set(way.slice(1).map((name, place) => `${way[place]}\n${name}`));
  return {
    nodes: way.map((name, place) => ({ name, x: place, y: 0.5, size: 16, side: 0 })),
    links: links.filter((link) => steps.has(`${link.from}\n${link.to}`)),
    words: `${counted(way.length - 1, "step")}: ${way.join(" → ")}`,
  };
}
