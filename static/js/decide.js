// A decision's mail names the reasons as they are ticked, until somebody edits it by hand. The server does the same for
// whoever has no script, and shows the mail once more before it goes.
(() => {
  "use strict";
  const form = document.querySelector("[data-decide]");
  if (!form) return;
  const BEFORE = 2; // paragraphs in front of the reasons: the greeting, and what was decided
  const mails = [...form.querySelectorAll("[data-mail]")].map((box) => ({ box, bare: box.dataset.bare, last: "" }));
  const groups = [...form.querySelectorAll(".oa-reasons__group")];
  const words = form.querySelector("#id_text");

  const ticked = (box) => [...groups]
    .flatMap((group) => [...group.querySelectorAll("input:checked")])
    .filter((input) => input.dataset.side === box.dataset.mail)
    .map((input) => input.parentElement.textContent.trim());

  const composed = (mail) => {
    const parts = mail.bare.split("\n\n");
    const reasons = ticked(mail.box);
    const more = [];
    if (reasons.length) more.push(`${form.dataset.reasons} ${reasons.join("; ")}.`);
    if (words.value.trim()) more.push(words.value.trim());
    return [...parts.slice(0, BEFORE), ...more, ...parts.slice(BEFORE)].join("\n\n");
  };
  const compose = (mail) => {
    if (mail.box.value !== mail.last) return; // edited by hand: it is theirs now
    mail.last = mail.box.value = composed(mail);
  };
  const all = () => mails.forEach(compose);

  // What was typed before may stand here again: it is theirs unless it is what would be composed.
  for (const mail of mails) {
    mail.last = [mail.bare, composed(mail)].includes(mail.box.value) ? mail.box.value : null;
    compose(mail);
  }
  form.addEventListener("change", all);
  words.addEventListener("input", all);
})();
