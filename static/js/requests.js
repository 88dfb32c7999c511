// Writing a request: what is to be said of a handle is asked for while it is typed. The button beside it does the same.
(() => {
  "use strict";
  const box = document.querySelector("[data-check]");
  const handle = document.getElementById("id_handle");
  if (!box || !handle) return;
  const others = ["id_platform", "id_account"].map((id) => document.getElementById(id)).filter(Boolean);
  let timer = 0;
  let asked = 0;

  const ask = async () => {
    const mine = ++asked;
    const query = new URLSearchParams({ handle: handle.value });
    for (const other of others) query.set(other.name, other.value);
    try {
      const answer = await fetch(`${box.dataset.check}?${query}`, { headers: { Accept: "text/html" } });
      const text = await answer.text();
      if (answer.ok && mine === asked && box.innerHTML.trim() !== text.trim()) box.innerHTML = text;
    } catch { /* the button still asks */ }
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 400);
  };

  handle.addEventListener("input", soon);
  for (const other of others) other.addEventListener("change", soon);
})();
