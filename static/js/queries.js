// The query builder and the rows of an instrument: what is typed while the conditions are being redrawn stays typed.
(() => {
  "use strict";

  const typed = new Map();
  let redrawing = 0;
  // Between swap and settling the new fields stand there, but nobody listens to them yet.
  let deaf = false;
  const ofBuilder = (event) => event.detail.target && event.detail.target.id === "builder";

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!ofBuilder(event)) return;
    if (redrawing === 0) typed.clear();
    redrawing += 1;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (ofBuilder(event)) redrawing = Math.max(0, redrawing - 1);
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (ofBuilder(event) && event.detail.shouldSwap) deaf = true;
  });

  document.addEventListener("input", (event) => {
    const field = event.target;
    if ((redrawing === 0 && !deaf) || !field.id || !field.closest("#builder")) return;
    typed.set(field.id, { name: field.name, value: field.value, checked: field.checked });
  });

  document.addEventListener("htmx:afterSettle", () => {
    deaf = false;
    if (redrawing > 0 || typed.size === 0) return;
    let last = null;
    typed.forEach((kept, id) => {
      const field = document.getElementById(id);
      if (!field || field.name !== kept.name) return;
      field.value = kept.value;
      if ("checked" in field) field.checked = kept.checked;
      last = field;
    });
    typed.clear();
    // The sentence above follows what stands here now.
    if (last) last.dispatchEvent(new Event("change", { bubbles: true }));
  });
})();
