// A slip's QR code carries the activation code behind the "#", which no browser sends: put it into the form.
(() => {
  "use strict";
  const field = document.querySelector("[data-activation] input[name=code]");
  const given = decodeURIComponent(location.hash.slice(1)).toUpperCase();
  if (!field || !/^[0-9A-Z-]{16,19}$/.test(given)) return;
  field.value = given.replace(/-/g, "").replace(/(.{4})(?=.)/g, "$1-");
  history.replaceState(null, "", location.pathname);
  document.querySelector("[data-activation] input[name=password1]")?.focus();
})();
