// The vault's pages. Nothing here is needed to use them.

// A page that shows a secret is sent with `Referrer-Policy: no-referrer`, under which forms carry `Origin: null` and
// the server refuses them. Once somebody leaves it by a form (signing out), the policy is the site's own again.
document.addEventListener("submit", () => {
  const policy = document.createElement("meta");
  policy.name = "referrer";
  policy.content = "same-origin";
  document.head.append(policy);
});

// <strong data-countdown>17</strong> counts down to nothing, for whoever watches; the page itself hides the code then.
for (const element of document.querySelectorAll("[data-countdown]")) {
  const end = Date.now() + Number(element.textContent) * 1000;
  const timer = setInterval(() => {
    const left = Math.max(0, Math.round((end - Date.now()) / 1000));
    element.textContent = String(left);
    if (!left || !element.isConnected) clearInterval(timer);
  }, 1000);
}

// The rotation queue by keyboard: j and k move between the rows' buttons. They can be turned off (WCAG 2.1.4).
(() => {
  "use strict";
  const KEY = "oa-queue-keys";
  const list = document.querySelector("[data-keys]");
  const toggle = document.querySelector("[data-keys-toggle]");
  if (!list || !toggle) return;
  const remembered = () => {
    try { return localStorage.getItem(KEY) !== "off"; } catch { return true; }
  };
  let on = remembered();

  const say = () => {
    toggle.textContent = on ? toggle.dataset.off : toggle.dataset.on;
  };

  toggle.addEventListener("click", () => {
    on = !on;
    try { localStorage.setItem(KEY, on ? "on" : "off"); } catch { /* not remembered, then */ }
    say();
  });

  document.addEventListener("keydown", (event) => {
    if (!on || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea")) return;
    const step = { j: 1, k: -1 }[event.key];
    if (!step) return;
    const stops = [...list.querySelectorAll("[data-key-stop]")];
    const here = stops.indexOf(document.activeElement);
    const next = here < 0 && step < 0 ? stops.length - 1 : here + step;
    stops[Math.min(Math.max(next, 0), stops.length - 1)]?.focus();
    event.preventDefault();
  });

  say();
  document.getElementById("keys").hidden = false;
})();
