// What a taken-over pod reaches, before and after.

registerPage("exposure", async (stage, state) => {
  const { reach } = store.view.answers;
  const most = Math.max(1, ...reach.groups.map((item) => Math.max(item.groups_before, item.groups_by_hops)));
  const bars = (item) =>
    el(
      "span",
      { class: "pair-bars", "aria-hidden": "true" },
      el("span", { class: "bar" }, barFill(item.groups_before / most, "before")),
      el("span", { class: "bar" }, barFill(item.groups / most, "after")),
    );
  fill(
    stage,
    el("p", { class: "verdict" }, reach.sentence),
    el("p", { class: "quiet" }, `How obtained: ${reach.how}.`),
    el(
      "p",
      { class: "legend" },
      el("span", { class: "key-before" }, "▬ before "),
      el("span", { class: "key-after" }, "▬ after, directly"),
    ),
    el("div", { id: "reach-table" }),
    el(
      "div",
      { class: "columns" },
      exposureList(
        "Open to anywhere outside",
        reach.open_to_world.map((item) => [groupLink(item.group), `: ${item.reason}`]),
        "No group.",
      ),
      exposureList(
        "Without a policy",
        reach.ungoverned.map((item) => `${item.workload}: ${item.reason}`),
        "No workload.",
      ),
      exposureList("Quarantined, yet still open", reach.still_open, "None."),
    ),
  );
  await dataTable(byId("reach-table"), {
    label: "Reach of each group",
    rows: reach.groups,
    state,
    pageLength: 25,
    order: [[4, "desc"]],
    columns: [
      { title: "A pod of", value: (item) => item.group, cell: (item) => groupLink(item.group) },
      { title: "Before and after", value: (item) => item.groups, sort: false, cell: bars, class: "bars" },
      { title: "Groups before", number: true, value: (item) => item.groups_before },
      { title: "Groups directly", number: true, value: (item) => item.groups },
      { title: "In any number of hops", number: true, value: (item) => item.groups_by_hops },
      {
        title: "Entities",
        number: true,
        value: (item) => (item.governed ? item.entities : Infinity),
        cell: (item) => (item.governed ? number(item.entities) : "all"),
      },
      {
        title: "Outside peers",
        number: true,
        value: (item) => (item.governed ? item.external_peers : Infinity),
        cell: (item) => (item.governed ? number(item.external_peers) : "all"),
      },
      {
        title: "Any address outside",
        value: (item) => (item.world ? "yes" : "no"),
        cell: (item) => (item.world ? el("span", { class: "bad" }, "▲ yes") : "no"),
      },
    ],
  });
});

function exposureList(title, items, none) {
  return el(
    "div",
    null,
    el("h3", null, `${title} (${number(items.length)})`),
    items.length
      ? el(
          "ul",
          null,
          items.map((item) => el("li", null, item)),
        )
      : el("p", { class: "quiet" }, none),
  );
}
