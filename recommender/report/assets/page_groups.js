// Groups: members, the selector and its proof, what came close, what was left out of it.

registerPage("groups", async (stage, state) => {
  const { view } = store;
  const table = el("div");
  const panel = el("div", { id: "group-panel" });
  fill(stage, panel, table);
  drawGroup(panel, state.group);
  await dataTable(table, {
    label: "Groups",
    rows: view.groups,
    state,
    filters: [
      { name: "namespace", title: "Namespace", value: (group) => group.namespace },
      { name: "origin", title: "Came about by", value: (group) => group.origin },
    ],
    columns: [
      { title: "Group", value: (group) => group.display, cell: (group) => groupLink(group.display) },
      {
        title: "Selector",
        value: (group) => group.selector?.text ?? "none",
        cell: (group) => el("code", null, group.selector?.text ?? "none"),
      },
      { title: "Workloads", number: true, value: (group) => group.members.length },
      { title: "Came about by", value: (group) => group.origin },
      {
        title: "Cohesion",
        number: true,
        value: (group) => group.cohesion ?? -1,
        cell: (group) => (group.cohesion === null ? "–" : group.cohesion.toFixed(2)),
      },
      { title: "Outliers", number: true, value: (group) => group.outliers },
      { title: "Near misses", number: true, value: (group) => group.proof?.near_misses.length ?? 0 },
      {
        title: "Policy",
        value: (group) => group.policy || "none",
        cell: (group) => (group.policy ? policyLink(group.display) : "none"),
      },
    ],
  });
});

function drawGroup(panel, display) {
  const group = groupNamed(display);
  if (!group) {
    panel.replaceChildren();
    return;
  }
  const members = new Set(group.members);
  const likeness = new Map(group.likeness.map((row, place) => [row.member, { ...row, place }]));
  const place = (workload) => likeness.get(workload.end.text)?.place ?? 0; // Most unlike first, as the view has them.
  const workloads = store.view.workloads
    .filter((workload) => members.has(workload.end.text))
    .sort((one, other) => place(one) - place(other));
  const edges = edgesOfGroup(display);
  fill(
    panel,
    el(
      "article",
      { class: "card panel" },
      el("h3", null, display),
      definitions([
        ["Policy", group.policy ? policyLink(display) : "none"],
        ["Selector", el("code", null, group.selector?.text ?? "none: no labels name it")],
        [
          "Proof",
          group.proof &&
            `selects ${number(group.proof.members_matched)} label sets of members, and none of ${number(group.proof.others_checked)} others of the namespace`,
        ],
        [
          "Near misses",
          group.proof?.near_misses.length
            ? group.proof.near_misses.join(", ")
            : "none: no other workload misses by one label only",
        ],
        [
          "Left out of the selector",
          group.proof?.dropped_keys.map((item) => el("div", null, el("code", null, item.key), ` ${item.reason}`)),
        ],
        ["Came about by", groupOrigins[group.origin] ?? group.origin],
        ["Sensitive", group.sensitive ? "marked as such: it stands alone" : ""],
        [
          "Cohesion",
          group.cohesion === null
            ? "one workload only"
            : `${group.cohesion.toFixed(2)}: how alike the peers of its members are`,
        ],
        ["Why together", group.reasons?.join?.("; ")],
      ]),
      el("h4", null, `Members (${number(group.members.length)})`),
      plainTable(
        "Members",
        [
          { title: "Workload", cell: (workload) => workload.end.text },
          ...(likeness.size ? [{ title: "Unlike the rest", cell: (workload) => unlikeCell(likeness.get(workload.end.text)) }] : []),
          { title: "Pods seen", number: true, cell: (workload) => number(workload.pods.length) },
          { title: "Nodes", cell: (workload) => few(workload.nodes, 4) },
          {
            title: "Labels",
            cell: (workload) =>
              el(
                "details",
                null,
                el("summary", null, counted(workload.label_sets.length, "label set")),
                workload.label_sets.map((labels) =>
                  el(
                    "p",
                    { class: "labels" },
                    labels.map((label) => [el("code", null, label), " "]),
                  ),
                ),
              ),
          },
        ],
        workloads,
      ),
      el(
        "p",
        null,
        el("a", { href: hrefOf("map", { focus: display }) }, "Its neighbourhood"),
        ` · ${counted(edges.length, "edge")}`,
      ),
    ),
  );
}

// How unlike the rest a member behaves, and what an outlier does that no other member does.
function unlikeCell(row) {
  if (!row || row.unlike === null) return "– nothing to compare";
  const more = row.only_count - row.only.length;
  return [
    row.outlier && el("strong", { class: "bad outlier" }, "▲ outlier "),
    el("span", null, row.unlike.toFixed(2)),
    row.only.length > 0 && el("div", null, "alone: ", row.only.join(", "), more > 0 && ` and ${number(more)} more`),
  ];
}
