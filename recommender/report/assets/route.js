// Where the reader is: `#page?key=value`, so that a line in a ticket leads to the same place.

function parseHash(hash) {
  const [page, query] = hash.replace(/^#/, "").split("?", 2);
  const state = {};
  for (const part of (query ?? "").split("&").filter(Boolean)) {
    const [key, value] = part.split("=", 2);
    try {
      state[decodeURIComponent(key)] = decodeURIComponent(value ?? "");
    } catch {
      // A broken escape is no state.
    }
  }
  return { page: page || "summary", state };
}

function hrefOf(page, state) {
  const parts = Object.entries(state ?? {})
    .filter(([, value]) => value !== "" && value !== null && value !== undefined)
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`);
  return `#${page}${parts.length ? `?${parts.join("&")}` : ""}`;
}

const route = { page: "", state: {} };
const pages = new Map();

// A page is drawn by `draw(stage, state)`; `quiet` changes of its own state do not draw it again.
function registerPage(name, draw) {
  pages.set(name, draw);
}

function remember(state) {
  Object.assign(route.state, state);
  history.replaceState(null, "", hrefOf(route.page, route.state));
}

function goTo(page, state) {
  location.hash = hrefOf(page, state);
}

async function show({ focus }) {
  const { page, state } = parseHash(location.hash);
  const anchor = byId(page);
  const section = anchor?.closest("main > section");
  const name = section?.id ?? "summary";
  const changed = name !== route.page;
  Object.assign(route, { page: name, state });
  for (const other of document.querySelectorAll("main > section")) other.classList.toggle("current", other.id === name);
  for (const link of document.querySelectorAll("nav a")) {
    if (link.getAttribute("href") === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const draw = pages.get(name);
  const current = byId(name);
  if (draw) {
    try {
      await draw(current.querySelector(".stage"), state);
    } catch (problem) {
      console.error(problem);
      const stage = current.querySelector(".stage") ?? current;
      fill(
        stage,
        el(
          "p",
          { class: "bad" },
          `▲ This page could not be drawn: ${problem.message}. recommendation.json holds its data.`,
        ),
      );
    }
  }
  document.title = document.title.replace(/^(?:[^·]* · )?/, `${current.querySelector("h2").textContent} · `);
  if (section && anchor !== section) anchor.scrollIntoView();
  else if (focus && changed) {
    window.scrollTo(0, 0);
    current.querySelector("h2").focus({ preventScroll: true });
  }
  document.documentElement.dataset.shown = location.hash;
}
