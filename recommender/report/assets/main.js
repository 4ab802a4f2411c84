// Start: show what needs scripts, unpack the data, draw the page that the address names.

function toggleTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try {
    localStorage.setItem("netpol-recommend.theme", root.dataset.theme);
  } catch {
    // Not kept: the choice holds for this visit.
  }
  show({ focus: false });
}

async function save() {
  try {
    await saveDecisions();
    byId("save-decisions").classList.remove("failed");
  } catch (problem) {
    byId("save-decisions").classList.add("failed");
    announce(`Not saved: ${problem.message}`);
    fill(byId("progress"), el("p", { class: "bad" }, `▲ Not saved: ${problem.message}`));
  }
}

async function start() {
  for (const node of document.querySelectorAll(".scripted")) node.hidden = false;
  await loadData();
  loadDrafts();
  onDecision(drawProgress);
  drawProgress();
  drawKeyHelp();
  byId("theme").addEventListener("click", toggleTheme);
  byId("save-decisions").addEventListener("click", save);
  document.addEventListener("keydown", onKey);
  window.addEventListener("hashchange", () => show({ focus: true }));
  if (isServed) {
    window.addEventListener("beforeunload", warnOfUnsaved);
    byId("what-this-is").textContent = "This page is served to this machine alone: it saves decisions to their file and changes nothing in a cluster.";
  }
  await show({ focus: false });
  document.documentElement.dataset.ready = "yes";
}

start().catch((problem) => {
  console.error(problem);
  document.documentElement.classList.replace("script", "no-script");
  byId("status").textContent = shown(`The script failed: ${problem.message}`);
});
