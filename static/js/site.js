// Nothing here is needed to use the site: every page works without it.
(() => {
  "use strict";
  document.documentElement.classList.add("oa-js");

  const openMenu = (button) => {
    const nav = document.getElementById(button.getAttribute("aria-controls"));
    const open = nav.toggleAttribute("data-open");
    button.setAttribute("aria-expanded", String(open));
  };

  // The government banner is open without this; with it, it begins closed.
  const openBanner = (button) => {
    const content = document.getElementById(button.getAttribute("aria-controls"));
    content.hidden = !content.hidden;
    button.setAttribute("aria-expanded", String(!content.hidden));
  };

  // <button data-copy="#id"> copies that element's text and says so.
  const copy = async (button) => {
    const text = document.querySelector(button.dataset.copy)?.textContent.trim();
    if (text === undefined) return;
    const before = button.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = button.dataset.copied || "Copied";
    } catch {
      button.textContent = button.dataset.failed || "Copy it by hand";
    }
    setTimeout(() => { button.textContent = before; }, 4000);
  };

  // <div data-hide-after="60"> is emptied after so many seconds, and when the page is left.
  const hide = (element) => {
    element.textContent = element.dataset.hidden || "Hidden again.";
    element.removeAttribute("data-hide-after");
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.matches("[data-menu]")) openMenu(button);
    if (button.matches("[data-banner]")) openBanner(button);
    if (button.matches("[data-copy]")) copy(button);
    if (button.matches("[data-print]")) window.print();
  });

  document.addEventListener("DOMContentLoaded", () => {
    for (const element of document.querySelectorAll("[data-hide-after]")) {
      setTimeout(() => hide(element), Number(element.dataset.hideAfter) * 1000);
    }
    document.querySelectorAll("[data-banner]").forEach(openBanner);
    document.querySelector("[data-focus]")?.focus();
  });

  window.addEventListener("pagehide", () => {
    document.querySelectorAll("[data-hide-after]").forEach(hide);
  });
})();
