// The picker of people and units: type a name or pinyin, choose with arrows and Enter or with the finger.
(() => {
  "use strict";

  const WAIT = 200;
  const running = new WeakMap();
  const parts = (picker) => ({
    input: picker.querySelector("[data-picker-input]"),
    value: picker.querySelector("[data-picker-value]"),
    list: picker.querySelector("[role=listbox]"),
    clear: picker.querySelector("[data-picker-clear]"),
    status: picker.querySelector("[data-picker-status]"),
  });
  const open = (picker, on) => {
    const { input, list } = parts(picker);
    list.hidden = !on;
    input.setAttribute("aria-expanded", String(on));
    if (!on) input.removeAttribute("aria-activedescendant");
  };
  const options = (picker) => [...parts(picker).list.querySelectorAll('[role=option]:not([aria-disabled="true"])')];

  async function search(picker) {
    const { input, list, status } = parts(picker);
    running.get(picker)?.abort();
    const controller = new AbortController();
    running.set(picker, controller);
    const address = new URL(picker.dataset.pickerUrl, window.location.href);
    address.searchParams.set("q", input.value.trim());
    try {
      const answer = await fetch(address, { signal: controller.signal, credentials: "same-origin", headers: { "HX-Request": "true" } });
      if (!answer.ok) throw new Error(String(answer.status));
      list.innerHTML = await answer.text();
      list.querySelectorAll("[role=option]").forEach((option, index) => { option.id = `${list.id}-${index}`; });
      open(picker, true);
      const found = options(picker).length;
      status.textContent = found ? `有 ${found} 个候选，用上下键选择` : "没有找到";
      if (found) mark(picker, 0);
    } catch (error) {
      if (error.name === "AbortError") return;
      open(picker, false);
      status.textContent = "查找没有成功，请再试一次";
    }
  }

  function mark(picker, index) {
    const found = options(picker);
    if (!found.length) return;
    const chosen = found[(index + found.length) % found.length];
    parts(picker).list.querySelectorAll("[role=option]").forEach((option) => option.setAttribute("aria-selected", String(option === chosen)));
    parts(picker).input.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  }

  function take(picker, option) {
    const { input, value, clear, status } = parts(picker);
    input.value = option.dataset.text;
    value.value = option.dataset.value;
    clear.hidden = false;
    picker.dataset.taken = option.dataset.text;
    open(picker, false);
    status.textContent = `已选 ${option.textContent.trim()}`;
    value.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function empty(picker) {
    const { input, value, clear } = parts(picker);
    input.value = "";
    clear.hidden = true;
    delete picker.dataset.taken;
    if (value.value) {
      value.value = "";
      value.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  const timers = new WeakMap();
  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-picker-input]") || event.isComposing) return;
    const picker = event.target.closest("[data-picker]");
    // Typing over a choice lets go of it: what is shown is always what is sent.
    const { value, clear } = parts(picker);
    if (value.value) { value.value = ""; value.dispatchEvent(new Event("change", { bubbles: true })); }
    clear.hidden = event.target.value === "";
    clearTimeout(timers.get(picker));
    timers.set(picker, setTimeout(() => search(picker), WAIT));
  });
  document.addEventListener("compositionend", (event) => {
    if (event.target.matches("[data-picker-input]")) event.target.dispatchEvent(new Event("input", { bubbles: true }));
  });

  document.addEventListener("keydown", (event) => {
    if (!event.target.matches("[data-picker-input]") || event.isComposing) return;
    const picker = event.target.closest("[data-picker]");
    const { list, input } = parts(picker);
    const at = options(picker).findIndex((option) => option.id === input.getAttribute("aria-activedescendant"));
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) return search(picker);
      return mark(picker, at + (event.key === "ArrowDown" ? 1 : -1));
    }
    if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      if (at >= 0) take(picker, options(picker)[at]);
    }
    if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      open(picker, false);
    }
  });

  document.addEventListener("mousedown", (event) => {
    if (event.target.closest("[data-picker] [role=listbox]")) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const picker = event.target.closest("[data-picker]");
    document.querySelectorAll("[data-picker]").forEach((other) => { if (other !== picker) open(other, false); });
    if (!picker) return;
    const option = event.target.closest("[role=option]");
    if (option) {
      if (option.getAttribute("aria-disabled") !== "true") take(picker, option);
      return;
    }
    if (event.target.closest("[data-picker-clear]")) {
      empty(picker);
      parts(picker).input.focus();
    } else if (event.target.matches("[data-picker-input]") && !parts(picker).value.value) {
      search(picker);
    }
  });
  document.addEventListener("focusout", (event) => {
    if (!event.target.matches("[data-picker-input]")) return;
    const picker = event.target.closest("[data-picker]");
    setTimeout(() => {
      if (picker.contains(document.activeElement)) return;
      open(picker, false);
      // Words without a choice behind them would look like a choice.
      if (!parts(picker).value.value) empty(picker);
    }, 150);
  });
})();
