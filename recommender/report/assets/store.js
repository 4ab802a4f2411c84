// The report's data, unpacked once, and the libraries, unpacked when a page first needs them.

const store = { view: null, queue: [], pairs: null, served: null };

async function unpacked(id) {
  const packed = Uint8Array.from(atob(byId(id).textContent), (char) => char.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

async function loadData() {
  const data = JSON.parse(await unpacked("page-data"));
  const view = data.view;
  if (isServed) store.served = JSON.parse(await unpacked("served-decisions"));
  for (const list of ["edges", "policies", "quarantine"]) view[list] = rowsOf(view[list]);
  Object.assign(store, {
    ...data,
    edges: new Map(view.edges.map((edge) => [edge.id, edge])),
    groups: new Map(view.groups.map((group) => [group.display, group])),
    policies: new Map(view.policies.map((policy) => [policy.item, policy])),
    parts: new Map(view.peer_groups.map((group) => [group.display, group])),
    baselines: new Map(view.baselines.map((baseline) => [baseline.item, baseline])),
    queued: new Map(data.queue.map((row) => [row.item, row])),
    releases: new Map(view.quarantine.map((way) => [way.edge_id, way])),
    findings: new Map(view.gaps.map((gap) => [gap.fingerprint, gap])),
  });
}

// Rows of what `columns` in page_data.py made of them.
function rowsOf(columns) {
  if (Array.isArray(columns)) return columns;
  const fields = Object.entries(columns).map(([field, values]) => [field, rowsOf(values)]);
  return fields[0][1].map((_, place) => Object.fromEntries(fields.map(([field, values]) => [field, values[place]])));
}

const running = new Map();

// Runs a library once. The Content-Security-Policy knows its hash, so nothing else can take its place.
function library(name) {
  if (!running.has(name)) {
    running.set(
      name,
      unpacked(`library-${name}`).then((source) => {
        const script = document.createElement("script");
        script.textContent = source;
        document.head.append(script);
      }),
    );
  }
  return running.get(name);
}

// A group, or a part of one that single rules name.
function groupNamed(display) {
  return store.groups.get(display) ?? store.parts.get(display);
}

// One, or the steps of a starter set.
function policiesOf(display) {
  return store.view.policies.filter((policy) => policy.group === display);
}

function edgesOfGroup(display) {
  return store.view.edges.filter((edge) => edge.client_group === display || edge.server_group === display);
}

function endName(edge, side) {
  return edge[`${side}_group`] || edge[side].text;
}
