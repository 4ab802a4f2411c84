// Everything that the capture holds for one edge, and the command that shows the flows themselves.

function shellQuoted(text) {
  return /^[A-Za-z0-9_./:@=,+-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`;
}

// Flags of `hubble observe`, as its own help names them.
function endFlags(side, way, edge) {
  const end = edge[side];
  switch (end.kind) {
    case "workload":
      return [`--${way}-pod`, `${end.namespace}/${podPrefix(end)}`];
    case "entity":
      return [`--${way}-identity`, end.name];
    case "fqdn":
      return [`--${way}-fqdn`, end.name];
    default:
      return [`--${way}-ip`, end.name];
  }
}

function podPrefix(end) {
  return end.owner_kind === "LabelSet" ? "" : end.name;
}

function hubbleCommand(edge) {
  const flags = [...endFlags("client", "from", edge), ...endFlags("server", "to", edge)];
  const hasPort = ["TCP", "UDP", "SCTP"].includes(edge.protocol);
  if (hasPort) flags.push("--to-port", String(edge.port));
  flags.push("--protocol", edge.protocol.toLowerCase());
  const { first_seen: first, last_seen: last } = edge.evidence;
  if (first)
    flags.push(
      "--since",
      first.slice(0, 19) + "Z",
      "--until",
      new Date(Date.parse(last) + 1000).toISOString().slice(0, 19) + "Z",
    );
  return ["hubble", "observe", ...flags].map(shellQuoted).join(" ");
}

function evidencePanel(edge) {
  const seen = edge.evidence;
  const command = hubbleCommand(edge);
  const choices = edgeChoices[edge.disposition] ?? [];
  return el(
    "article",
    { class: `card panel dis-edge-${edge.disposition}`, "aria-label": `Evidence of ${edge.key}` },
    el("h3", null, edge.client.text, " → ", edge.server.text, " ", el("span", { class: "port" }, edge.port_text)),
    el("p", null, disposition(edge.disposition), edge.reason ? ": " : "", prose(edge.reason)),
    choices.length > 0 && decisionBox("edges", edge.key, choices, { what: `the edge ${edge.key}` }),
    wayOut(edge),
    seen.connections === 0 &&
      el("p", { class: "quiet" }, "Nothing showed it in this window: it stands here by a person's decision."),
    el(
      "div",
      { class: "columns" },
      definitions([
        [
          "Connections",
          `${number(seen.connections)}: ${number(seen.answered)} answered, ${number(seen.refused)} refused (${counted(seen.flows, "record")})`,
        ],
        ["Pods", `${counted(seen.client_pods, "client pod")}, ${counted(seen.server_pods, "server pod")}`],
        [
          "Seen",
          seen.first_seen
            ? `${instant(seen.first_seen)} to ${instant(seen.last_seen)} UTC, in ${counted(seen.active_hours, "hour")} on ${counted(seen.active_days, "day")}`
            : "never in this window",
        ],
        [
          "Verdicts",
          Object.entries(seen.verdicts)
            .filter(([, count]) => count)
            .map(([name, count]) => `${number(count)} ${name.replaceAll("_", " ")}`)
            .join(", "),
        ],
        ["Direction from", seen.reasons.map((item) => `${item.reason} (${number(item.connections)})`).join(", ")],
        [
          "Recorded at",
          `${counted(seen.client_nodes, "node")} of clients, ${counted(seen.server_nodes, "node")} of servers; ${number(seen.both_sides)} at both`,
        ],
        ["DNS names", seen.names.join(", ")],
        ["Client addresses", few(seen.client_addresses)],
        ["Server addresses", few(seen.server_addresses)],
        ["Services", seen.services.join(", ")],
        ["Existing policies", seen.policies.join(", ")],
        ["Allowed by", edge.allowed_by.map((group) => [policyLink(group), " "])],
        ["Left to", edge.left_to.join(", ")],
        ["Sample records", few(seen.sample_uuids)],
      ]),
      el("div", null, el("h4", null, "Confidence ", confidenceChip(edge.confidence)), confidenceParts(edge.confidence)),
    ),
    el("h4", null, "See the flows yourself"),
    el(
      "p",
      { class: "command" },
      el("code", null, command),
      copyButton(() => command, "the command"),
    ),
  );
}

// What would let a quarantined edge out by itself, as `quarantine/` holds it.
function wayOut(edge) {
  const way = store.releases.get(edge.id);
  if (!way) return null;
  if (way.obstacle) return el("p", null, "No YAML would allow it: ", prose(way.obstacle));
  const proof = way.proved
    ? "The evaluator proves that these manifests, added to the policies, let it pass"
    : "Not enough: the evaluator finds that policies in force stop it even with these manifests (a deny rule does)";
  const opens = way.opens.length ? `, and from quarantine also: ${few(way.opens)}` : "";
  return el(
    "details",
    null,
    el("summary", null, "Allow it alone"),
    el("p", null, proof, opens, ". In the directory of this report:"),
    el(
      "p",
      { class: "command" },
      el("code", null, way.command),
      copyButton(() => way.command, "the command"),
    ),
    el("p", { class: "path" }, way.file),
    way.manifests.map((manifest) => el("pre", { tabindex: "0" }, el("code", null, manifest.text))),
  );
}

function few(items, most = 12) {
  return items.length > most
    ? `${items.slice(0, most).join(", ")} and ${number(items.length - most)} more`
    : items.join(", ");
}

// The policies of a group, each leading to its page; the group's name alone if there is none.
function policyLink(group) {
  const policies = policiesOf(group);
  if (!policies.length) return group;
  const text = (policy) => (policies.length > 1 ? policy.name : group);
  return policies.map((policy) => [el("a", { href: hrefOf("policies", { policy: policy.item }) }, text(policy)), " "]);
}
