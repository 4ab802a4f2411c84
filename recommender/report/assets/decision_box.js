// Where a person decides: buttons, a reviewer, a note and a last day.

const policyChoices = [
  ["approve", "✓ Approve", "a"],
  ["reject", "✕ Reject", "r"],
  ["defer", "… Defer", "d"],
];
const edgeChoices = {
  quarantined: [
    ["release", "Release from quarantine"],
    ["exclude", "Keep it out"],
  ],
  excluded: [["force", "Allow it anyway"]],
  needed: [["exclude", "Leave it out"]],
  review: [["exclude", "Leave it out"]],
  implicit: [],
};
const findingChoices = [
  ["accept", "Accept"],
  ["defer", "Defer"],
];

// One box; pressing the choice that stands takes it back.
function decisionBox(kind, key, choices, { extra = {}, what = "" } = {}) {
  const box = el("div", { class: "decision", role: "group", "aria-label": `Decision on ${what || key}` });
  const draw = () => {
    const said = drafts[kind].get(key);
    const press = (choice) => () => {
      decide(kind, key, decisionOf(kind, key) === choice ? null : { ...extra, decision: choice });
      draw();
      box.querySelector(`[data-choice="${choice}"]`)?.focus();
    };
    const buttons = choices.map(([choice, label, letter]) =>
      button(label, press(choice), {
        class: `choice choice-${choice}`,
        "data-choice": choice,
        "aria-pressed": String(said?.decision === choice),
        title: letter ? `key ${letter}` : null,
      }),
    );
    fill(box, el("div", { class: "choices" }, buttons), said && details(kind, key, said));
  };
  draw();
  return box;
}

function details(kind, key, said) {
  const field = (name, title, type, value) =>
    el(
      "label",
      null,
      title,
      el("input", {
        type,
        value,
        "data-field": name,
        autocomplete: "off",
        onchange: (event) => change(name, event.target.value),
      }),
    );
  const change = (name, value) => {
    if (name === "reviewer") drafts.reviewer = value;
    decide(kind, key, { [name]: value });
  };
  return el(
    "div",
    { class: "signature" },
    field("reviewer", "Reviewer", "text", said.reviewer),
    field("note", "Note", "text", said.note),
    field("expires", "Last day", "date", said.expires),
  );
}
