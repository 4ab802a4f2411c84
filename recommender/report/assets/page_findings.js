// The static findings, each with a decision; `#findings?finding=…` leads to one.

registerPage("findings", (_stage, state) => {
  for (const place of document.querySelectorAll("[data-finding]")) {
    const { finding } = place.dataset;
    if (!place.querySelector(".decision"))
      place.append(decisionBox("findings", finding, findingChoices, { what: store.findings.get(finding)?.title }));
    const wanted = state.finding === finding;
    place.classList.toggle("picked", wanted);
    if (wanted) {
      place.closest("details").open = true;
      place.scrollIntoView({ block: "center" });
    }
  }
});
