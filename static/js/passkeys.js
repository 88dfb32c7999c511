// Passkeys: <form data-passkey="addForm" data-ids='{"add": "id of its button", …}'> is handed to django-allauth's script.
(() => {
  "use strict";
  for (const form of document.querySelectorAll("[data-passkey]")) {
    window.allauth.webauthn.forms[form.dataset.passkey]({ ids: JSON.parse(form.dataset.ids) });
  }
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    for (const error of document.querySelectorAll("[data-passkey-error]")) error.hidden = false;
  });
})();
