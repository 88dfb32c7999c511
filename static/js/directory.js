// Search as one types. Without it the form's button does the same.
(() => {
  "use strict";
  const form = document.querySelector("[data-search]");
  const results = form && document.getElementById(form.dataset.search);
  if (!results) return;
  let timer = 0;
  let asked = 0;
  let last = new URLSearchParams(new FormData(form)).toString();

  const search = async () => {
    const filled = [...new FormData(form)].filter(([, value]) => value !== "");
    const query = new URLSearchParams(filled).toString();
    if (query === last) return;
    last = query;
    const mine = ++asked;
    const address = query ? `?${query}` : form.getAttribute("action") || location.pathname;
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      if (!answer.ok || mine !== asked) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = page.getElementById(results.id);
      if (!found || mine !== asked) return;
      // The sentence with the count stays the same element, so that screen readers say its new text.
      const said = results.querySelector("[role=status]");
      const says = found.querySelector("[role=status]");
      if (said && says) { said.innerHTML = says.innerHTML; says.replaceWith(said); }
      results.replaceChildren(...found.childNodes);
      history.replaceState(null, "", address);
    } catch { /* the button still works */ }
  };

  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(search, 250); });
})();
