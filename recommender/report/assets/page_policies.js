// One policy: who may come in, whom it governs, where it may go; its YAML beside it, each rule with its evidence.

registerPage("policies", async (_stage, state) => {
  const detail = byId("policy-detail");
  const item = store.policies.get(state.policy) ?? store.baselines.get(state.policy);
  byId("policy-list").hidden = Boolean(item);
  byId("policies-title").textContent = item ? shown(item.group ?? `Baseline ${item.kind}`) : "Policies";
  if (!item) {
    detail.replaceChildren();
    for (const card of document.querySelectorAll("#policy-list [data-item]")) {
      fill(card.querySelector(".standing"), statusCell(card.dataset.item));
    }
    return;
  }
  if (item.group === undefined) drawBaseline(detail, item);
  else drawPolicy(detail, item, state);
});

function drawBaseline(detail, baseline) {
  fill(
    detail,
    el("p", null, el("a", { href: "#policies" }, "← All policies")),
    decisionBox("policies", baseline.item, policyChoices, { what: `baseline ${baseline.kind}` }),
    definitions([
      ["May send", baseline.clients.map((name) => [groupLink(name), " "])],
      ["To", baseline.servers.join(", ")],
      ["Rests on", counted(baseline.edges.length, "edge")],
    ]),
    yamlView(baseline.manifest, [], () => {}),
  );
}

function drawPolicy(detail, policy, state) {
  const row = store.queued.get(policy.item);
  const told = policy.decision;
  const evidence = el("div", { class: "rule-evidence", "aria-live": "polite" });
  const pick = (number_) => {
    remember({ rule: String(number_) });
    markRule(detail, number_);
    fill(evidence, ruleEvidence(policy.rules[number_]));
    detail.querySelector("li.picked .line")?.scrollIntoView({ block: "nearest" });
  };
  const blocked = blockedEdges(policy.group);
  fill(
    detail,
    el(
      "p",
      { class: "crumbs" },
      el("a", { href: "#policies" }, "← All policies"),
      " ",
      el("a", { href: hrefOf("review", { item: policy.item }) }, "Review queue"),
    ),
    el("p", { class: "quiet" }, policy.item, " · digest ", el("code", null, policy.digest.slice(0, 12))),
    decisionBox("policies", policy.item, policyChoices, { what: policy.group }),
    policy.step && el("p", { class: "quiet" }, `Starter set, step ${policy.step}.`),
    told?.lapsed && el("p", { class: "bad" }, `▲ The earlier ${told.decision} lapsed: ${told.lapsed}.`),
    row?.risks.length > 0 && el("p", null, el("b", null, "Mind: "), row.risks.join(", "), "."),
    el(
      "div",
      { class: "policy-grid" },
      el("div", null, threeColumns(policy, pick), evidence),
      el("div", null, manifestTabs(policy, pick)),
    ),
    policyFacts(policy, row, blocked),
  );
  const wanted = Number(state.rule);
  if (state.rule !== undefined && policy.rules[wanted]) pick(wanted);
  else fill(evidence, el("p", { class: "quiet" }, "Choose a rule, here or in the YAML, to see what it rests on."));
}

function threeColumns(policy, pick) {
  const side = (direction, title) =>
    el(
      "div",
      { class: "side" },
      el("h4", null, title),
      policy.rules.map((rule, place) => rule.direction === direction && ruleCard(rule, place, pick)),
      leftTo(policy, direction),
      el("p", { class: "nothing" }, closing(policy, direction)),
    );
  const group = groupNamed(policy.group);
  return el(
    "div",
    { class: "three" },
    side("ingress", "May come in"),
    el(
      "div",
      { class: "governed" },
      el("h4", null, "Group"),
      el("p", null, groupLink(policy.group)),
      el("p", { class: "selector" }, el("code", null, group?.selector?.text ?? "no selector")),
      el("p", { class: "quiet" }, counted(group?.members.length ?? 0, "workload")),
      confidenceChip(policy.confidence),
      el("p", null, el("strong", null, policy.verdict.advice), `: ${policy.verdict.reason}`),
      policy.verdict.wait && el("p", { class: "quiet" }, policy.verdict.wait),
    ),
    side("egress", "May go out"),
  );
}

function ruleCard(rule, place, pick) {
  const [glyph, kind] = peerKinds[rule.peer.kind] ?? ["?", rule.peer.kind];
  return append(
    button("", () => pick(place), { class: "rule", "data-rule": place, title: "Show its evidence" }),
    [
      el("span", { class: "peer" }, el("span", { "aria-hidden": "true", title: kind }, glyph), ` ${rule.peer.text}`),
      el(
        "span",
        { class: "ports" },
        rule.ports.length === 0 && el("span", { class: "port" }, "every port"),
        rule.ports.map((port) =>
          el("span", { class: "port" }, port.text, port.names.length ? ` (${port.names.join(", ")})` : ""),
        ),
      ),
      rule.http.length > 0 &&
        el("span", { class: "note" }, `only ${counted(rule.http.length, "kind")} of HTTP requests`),
      rule.baseline && el("span", { class: "note" }, `baseline ${rule.baseline}`),
      rule.widenings.length > 0 && el("span", { class: "note warn" }, "◆ wider than seen"),
      rule.evidence &&
        el(
          "span",
          { class: "note" },
          `${counted(rule.evidence.connections, "connection")}, ${counted(rule.evidence.most_active_days, "day")}`,
        ),
    ],
  );
}

function leftTo(policy, direction) {
  return policy.left_out
    .filter((item) => item.direction === direction)
    .map((item) =>
      el(
        "p",
        { class: "quiet" },
        `${direction === "ingress" ? "from" : "to"} ${item.peer.text} on ${item.ports.join(", ")}: left to ${item.policies.join(", ")}`,
      ),
    );
}

function closing(policy, direction) {
  if (policy.step)
    return policy[`isolate_${direction}`] ? "Denies what no other step allows." : "Adds to what other steps allow.";
  const isolated = policy[`isolate_${direction}`] || policy.isolated_by.some((item) => item.direction === direction);
  const any = policy.rules.some((rule) => rule.direction === direction);
  if (!isolated)
    return direction === "ingress"
      ? "Not isolated: everything may connect."
      : "Not isolated: may connect to everything.";
  if (any) return "Everything else is denied.";
  return direction === "ingress" ? "Nothing may connect." : "May connect to nothing.";
}

function ruleEvidence(rule) {
  const edges = rule.edges.map((id) => store.edges.get(id)).filter(Boolean);
  const policy = store.policies.get(route.state.policy);
  const keys = edges.map((edge) => edge.key);
  return [
    el("h4", null, `Evidence: ${rule.direction === "ingress" ? "from" : "to"} ${rule.peer.text}`),
    rule.widenings.map((item) => el("p", { class: "warn" }, "◆ Wider than seen: ", prose(item.sentence))),
    rule.http.length > 0 &&
      el(
        "ul",
        { class: "brief" },
        rule.http.map((item) => el("li", null, `${item.text}: ${counted(item.requests, "request")}`)),
      ),
    edges.length
      ? edgeTable(edges)
      : el("p", { class: "quiet" }, "It stands for a named need, not for an edge of its own."),
    keys.length > 0 &&
      decisionBox("rules", ruleKey(policy.item, keys), [["keep", "Keep it in runs in which nothing uses it"]], {
        extra: {
          policy: policy.item,
          rule: `${rule.direction === "ingress" ? "from" : "to"} ${rule.peer.text} on ${portsText(rule)}`,
          edges: keys,
        },
        what: "this rule",
      }),
  ];
}

function edgeTable(edges) {
  return plainTable(
    "Edges behind the rule",
    [
      { title: "Edge", cell: (edge) => edgeLink(edge) },
      { title: "What", cell: (edge) => disposition(edge.disposition) },
      { title: "Connections", number: true, cell: (edge) => number(edge.evidence.connections) },
      { title: "Days", number: true, cell: (edge) => number(edge.evidence.active_days) },
      { title: "Last seen, UTC", cell: (edge) => instant(edge.evidence.last_seen) },
      { title: "Confidence", cell: (edge) => confidenceChip(edge.confidence) },
    ],
    edges,
  );
}

function manifestTabs(policy, pick) {
  const ranges = (place) =>
    policy.lines
      .map((found, rule) => found && found[0] === place && { rule, from: found[1], to: found[2] })
      .filter(Boolean);
  const views = [["YAML", () => policy.manifests.map((pointer, place) => yamlView(pointer, ranges(place), pick))]];
  if (policy.replaces.length) {
    views.push([
      "Difference",
      () => policy.replaces.map(({ name, lines }) => [el("p", { class: "path" }, `against ${name}`), diffView(lines)]),
    ]);
  }
  const body = el("div", { role: "tabpanel" });
  const tabs = el("div", { role: "tablist", class: "tabs", "aria-label": "Manifest" });
  const open = (place) => {
    [...tabs.children].forEach((tab, other) => {
      tab.setAttribute("aria-selected", String(other === place));
      tab.tabIndex = other === place ? 0 : -1;
    });
    fill(body, views[place][1]());
  };
  views.forEach(([title], place) => tabs.append(button(title, () => open(place), { role: "tab" })));
  tabs.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const now = [...tabs.children].indexOf(document.activeElement);
    const next = (now + step + views.length) % views.length;
    open(next);
    tabs.children[next].focus();
  });
  open(0);
  return views.length > 1 ? [tabs, body] : body;
}

function blockedEdges(display) {
  return edgesOfGroup(display).filter((edge) => edge.disposition === "quarantined" || edge.disposition === "excluded");
}

function policyFacts(policy, row, blocked) {
  const gaps = (row?.gaps ?? []).map((place) => store.view.gaps[place]);
  const changes = store.view.existing.changes.filter(
    (item) => item.source === policy.group || item.destination === policy.group,
  );
  return [
    el("h3", null, `What would have been blocked (${number(blocked.length)})`),
    blocked.length
      ? el(
          "details",
          { open: blocked.length <= 8 },
          el("summary", null, counted(blocked.length, "edge")),
          edgeTable(blocked),
        )
      : el("p", { class: "quiet" }, "Nothing that was seen in this window."),
    el("h3", null, "Against what exists"),
    changes.length
      ? plainTable(
          "Changes in who may connect",
          [
            { title: "From", cell: (item) => item.source },
            { title: "To", cell: (item) => item.destination },
            { title: "Before", cell: (item) => item.before || "–" },
            { title: "Now", cell: (item) => item.after || "–" },
          ],
          changes,
        )
      : el(
          "p",
          { class: "quiet" },
          policy.left_out.length
            ? "It completes existing policies; what they allow stands above as left to them."
            : store.view.existing.changes_known
              ? "Who may connect stays as the policies in force have it."
              : "No earlier policy of this tool governs the group: everything that the YAML says is new.",
        ),
    el(
      "div",
      { class: "columns" },
      el("div", null, el("h3", null, "Why this confidence"), el("p", { class: "quiet" }, scaleWords(policy.confidence)), confidenceParts(policy.confidence)),
      el(
        "div",
        null,
        el("h3", null, `Open findings (${number(gaps.length)})`),
        gaps.length
          ? el(
              "ul",
              null,
              gaps.map((gap) => el("li", null, chip("sev", gap.severity), ` ${gap.code} ${gap.title}: ${gap.reason}`)),
            )
          : el("p", { class: "quiet" }, "None about this policy."),
      ),
    ),
  ];
}
