// A manifest line by line; the lines of a rule lead to its evidence, and the rule to its lines.

function manifestText(pointer) {
  return byId(pointer.anchor)?.textContent ?? "";
}

// ranges: [{rule, from, to}] with lines from 1; `onpick(rule)` is called when one of them is chosen.
function yamlView(pointer, ranges, onpick) {
  const lines = manifestText(pointer).replace(/\n$/, "").split("\n");
  const ruleAt = new Map();
  for (const { rule, from, to } of ranges) for (let line = from; line <= to; line += 1) ruleAt.set(line, rule);
  const list = el("ol", { class: "yaml" });
  lines.forEach((line, place) => {
    const rule = ruleAt.get(place + 1);
    const starts = rule !== undefined && ruleAt.get(place) !== rule;
    const text = line === "" ? "\u00a0" : line;
    list.append(
      el(
        "li",
        { "data-rule": rule, class: line.trimStart().startsWith("#") ? "comment" : null },
        starts
          ? button(text, () => onpick(rule), { class: "line", title: "Show the evidence of this rule" })
          : el("span", { class: "line" }, text === "\u00a0" ? "" : text),
      ),
    );
  });
  list.addEventListener("click", (event) => {
    const rule = event.target.closest("li")?.dataset.rule;
    if (rule !== undefined && !event.target.closest("button")) onpick(Number(rule));
  });
  return el(
    "div",
    { class: "manifest-view" },
    el(
      "p",
      { class: "path" },
      pointer.path,
      " ",
      copyButton(() => `${lines.join("\n")}\n`, "the manifest"),
    ),
    el("div", { class: "yaml-scroll", tabindex: "0", role: "region", "aria-label": `Manifest ${pointer.path}` }, list),
  );
}

function markRule(root, rule) {
  for (const node of root.querySelectorAll("[data-rule]"))
    node.classList.toggle("picked", Number(node.dataset.rule) === rule);
}

// Lines of a unified difference, as the run computed it.
function diffView(lines) {
  const kinds = { "+": "added", "-": "removed", "@": "place" };
  return el(
    "div",
    { class: "yaml-scroll", tabindex: "0", role: "region", "aria-label": "Difference to what exists" },
    el(
      "ol",
      { class: "yaml diff" },
      lines.map((line) => el("li", { class: kinds[line[0]] ?? null }, el("span", { class: "line" }, line))),
    ),
  );
}
