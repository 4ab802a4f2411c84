// Building the page: elements with text, never markup. Text from the capture goes through `shown` and `textContent` only.

// What a browser would obey instead of show (controls, bidi overrides, zero-width and unusual spaces) becomes an escape,
// as `report/printable.py` does it for the static part.
const unprintable = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

function shown(text) {
  return String(text).replace(unprintable, (char) => {
    const point = char.codePointAt(0);
    return point <= 0xffff ? `\\u${point.toString(16).padStart(4, "0")}` : `\\U${point.toString(16).padStart(8, "0")}`;
  });
}

// el("a", {class: "x", href: "#y", onclick: f}, "text", node, [more]): strings become text, null and false nothing.
function el(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : shown(value));
  }
  append(node, children);
  return node;
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(shown(child)));
  }
  return node;
}

function fill(node, ...children) {
  node.replaceChildren();
  return append(node, children);
}

function byId(id) {
  return document.getElementById(id);
}

function button(label, onclick, attributes) {
  return el("button", { type: "button", onclick, ...attributes }, label);
}

// Parts between backticks are commands or names.
function prose(text) {
  return text.split("`").map((piece, place) => (place % 2 ? el("code", null, piece) : piece));
}

function announce(text) {
  byId("status").textContent = shown(text);
}

function copyButton(text, what) {
  const press = async (event) => {
    const target = event.currentTarget;
    try {
      await navigator.clipboard.writeText(text());
      target.textContent = "Copied";
      announce(`${what} copied`);
    } catch {
      target.textContent = "Not allowed: select and copy";
    }
    setTimeout(() => (target.textContent = "Copy"), 1600);
  };
  return button("Copy", press, { class: "copy", "aria-label": `Copy ${what}` });
}

function download(name, text, type) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = el("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

function definitions(pairs) {
  const rows = pairs.filter(([, value]) => ![null, undefined, ""].includes(value) && value.length !== 0);
  return el(
    "dl",
    { class: "evidence" },
    rows.map(([term, value]) => el("div", null, el("dt", null, term), el("dd", null, value))),
  );
}

// A plain table for few rows; long ones go through `dataTable`.
function plainTable(label, columns, rows) {
  const head = columns.map((column) => el("th", { scope: "col", class: column.number ? "num" : null }, column.title));
  const cells = (row) =>
    columns.map((column, place) =>
      place
        ? el("td", { class: column.number ? "num" : null }, column.cell(row))
        : el("th", { scope: "row" }, column.cell(row)),
    );
  return el(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    el(
      "table",
      null,
      el("thead", null, el("tr", null, head)),
      el(
        "tbody",
        null,
        rows.map((row) => el("tr", null, cells(row))),
      ),
    ),
  );
}
