(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.replace("no-script", "script");
  try {
    const theme = localStorage.getItem("netpol-recommend.theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {
    // Storage may be closed to files: the system's theme stands.
  }
})();
