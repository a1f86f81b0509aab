// Lists: ticking rows shows the bulk bar with their number; Shift ticks a range. Wide tables scroll by keyboard too.
(() => {
  "use strict";

  const boxes = () => [...document.querySelectorAll("[data-bulk-box]")];
  let last = null;

  function refresh() {
    const bar = document.querySelector("[data-bulk]");
    const all = boxes();
    const ticked = all.filter((box) => box.checked);
    if (bar) {
      bar.hidden = ticked.length === 0;
      bar.querySelector("[data-bulk-count]").textContent = String(ticked.length);
      document.body.classList.toggle("has-bulk", ticked.length > 0);
    }
    document.querySelectorAll("[data-bulk-all]").forEach((box) => {
      box.checked = all.length > 0 && ticked.length === all.length;
      box.indeterminate = ticked.length > 0 && ticked.length < all.length;
    });
    all.forEach((box) => box.closest("tr, li")?.classList.toggle("is-ticked", box.checked));
  }

  document.addEventListener("click", (event) => {
    if (event.target.matches("[data-bulk-all]")) {
      boxes().forEach((box) => { if (!box.disabled) box.checked = event.target.checked; });
      return refresh();
    }
    if (event.target.matches("[data-bulk-box]")) {
      const all = boxes();
      if (event.shiftKey && last && all.includes(last)) {
        const [from, to] = [all.indexOf(last), all.indexOf(event.target)].sort((a, b) => a - b);
        all.slice(from, to + 1).forEach((box) => { if (!box.disabled) box.checked = event.target.checked; });
      }
      last = event.target;
      return refresh();
    }
    if (event.target.closest("[data-bulk-clear]")) {
      boxes().forEach((box) => { box.checked = false; });
      return refresh();
    }
  });

  // A table wider than its frame can be reached and scrolled with the arrow keys; one that fits is no stop for Tab.
  function reachable() {
    document.querySelectorAll(".table-frame").forEach((frame) => {
      if (frame.scrollWidth > frame.clientWidth) frame.tabIndex = 0;
      else frame.removeAttribute("tabindex");
    });
  }
  window.addEventListener("resize", reachable);
  document.addEventListener("htmx:afterSettle", reachable);
  reachable();

  // The chosen tab is in sight, however many stand before it on a phone.
  document.querySelectorAll(".tabs-line [aria-current]").forEach((tab) => {
    const line = tab.closest(".tabs-line");
    const past = tab.getBoundingClientRect().right - line.getBoundingClientRect().right;
    if (past > 0) line.scrollLeft += past + 24;
  });

  // A field in a closed dialog must not travel with the form it belongs to.
  for (const [kind, disabled] of [["show.bs.modal", false], ["hidden.bs.modal", true]]) {
    document.addEventListener(kind, (event) => {
      event.target.querySelectorAll("[data-enable-when-open]").forEach((field) => { field.disabled = disabled; });
    });
  }

  document.addEventListener("htmx:afterSwap", refresh);
  window.addEventListener("pageshow", refresh);
})();
