// Forms: kept while typing, guarded against leaving and against a second press, files named with their size.
(() => {
  "use strict";

  const states = new WeakMap();
  const stateOf = (form) => {
    if (!states.has(form)) states.set(form, { dirty: false, timer: 0, sending: false, again: false, held: null });
    return states.get(form);
  };
  const clock = (date) => `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
  const say = (form, text, failed = false) => {
    const place = form.querySelector("[data-autosave-status]");
    if (!place) return;
    place.textContent = text;
    place.classList.toggle("is-failed", failed);
  };

  // --- Drafts: POST to data-autosave two seconds after the last change; any 2xx means saved. ---
  const WAIT = 2000;
  const RETRY = 10000;
  const PATIENCE = 10000;

  function schedule(form, wait = WAIT) {
    const state = stateOf(form);
    clearTimeout(state.timer);
    state.timer = setTimeout(() => save(form), wait);
  }

  async function save(form) {
    const state = stateOf(form);
    if (state.submitted) return;
    if (state.sending) { state.again = true; return; }
    state.sending = true;
    state.again = false;
    const data = new FormData(form);
    for (const [name, value] of [...data.entries()]) if (value instanceof File) data.delete(name);
    say(form, "正在保存草稿…");
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST",
        body: data,
        headers: { "X-CSRFToken": portal.csrfToken(), "X-Autosave": "1" },
        credentials: "same-origin",
        redirect: "manual",
        signal: AbortSignal.timeout(PATIENCE),
        keepalive: document.hidden,
      });
      if (answer.ok) {
        // The form now stands on what it has just saved; only a colleague's change makes it stale.
        const saved = await answer.json().catch(() => null);
        const version = form.elements.namedItem("version");
        if (version && saved && saved.version) version.value = saved.version;
        // What was typed while the answer was under way is still unsaved.
        if (!state.again) state.dirty = false;
        say(form, `已自动保存 ${clock(new Date())}`);
      } else if (answer.status === 409 || answer.status === 412) {
        // A page may say itself why (a round that has closed); else a colleague was faster.
        const refused = await answer.json().catch(() => null);
        say(form, (refused && refused.message) || "这份草稿已在别处修改，自动保存已停止。请复制您写的内容并刷新页面。", true);
        delete form.dataset.autosave;
      } else if (answer.status === 400 || answer.status === 422) {
        say(form, "草稿暂未保存：有内容格式不对。", true);
      } else {
        throw new Error(String(answer.status));
      }
    } catch {
      say(form, "草稿没有保存上，稍后自动再试。", true);
      schedule(form, RETRY);
    } finally {
      state.sending = false;
      if (state.held) {
        const button = state.held;
        state.held = null;
        form.requestSubmit(button === form ? undefined : button);
      } else if (state.again && form.dataset.autosave) schedule(form);
    }
  }

  function changed(event) {
    const form = event.target.form || event.target.closest("form");
    if (!form || event.target.closest("[data-no-save]")) return;
    if (!form.hasAttribute("data-autosave") && !form.hasAttribute("data-guard")) return;
    const state = stateOf(form);
    state.dirty = true;
    if (state.sending) state.again = true;
    if (form.dataset.autosave) schedule(form);
  }
  document.addEventListener("input", changed);
  document.addEventListener("change", changed);

  // A phone that is put away, or an app that comes before the page, doesn't wait two seconds.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) return;
    document.querySelectorAll("form[data-autosave]").forEach((form) => {
      const state = stateOf(form);
      if (!state.dirty || !form.dataset.autosave) return;
      clearTimeout(state.timer);
      save(form);
    });
  });

  // --- Unsaved work: the browser asks before it is left. ---
  window.addEventListener("beforeunload", (event) => {
    const unsaved = [...document.querySelectorAll("form[data-guard], form[data-autosave]")].some((form) => {
      const state = stateOf(form);
      return state.dirty && !state.submitted;
    });
    if (unsaved) event.preventDefault();
  });

  // --- A second press does nothing while the first is under way. ---
  const RELEASE = 15000;
  function release(form) {
    const state = stateOf(form);
    state.submitted = false;
    form.removeAttribute("aria-busy");
    form.querySelectorAll("[data-held]").forEach((button) => { button.disabled = false; button.removeAttribute("data-held"); });
    if (form.id) document.querySelectorAll(`[form="${CSS.escape(form.id)}"][data-held]`).forEach((button) => { button.disabled = false; button.removeAttribute("data-held"); });
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const state = stateOf(form);
    if (form.method !== "post") { state.submitted = true; return; }
    if (form.getAttribute("aria-busy") === "true") { event.preventDefault(); event.stopImmediatePropagation(); return; }
    // A draft is just being saved: what is sent must name the version that comes back from it.
    if (state.sending) { event.preventDefault(); event.stopImmediatePropagation(); state.held = event.submitter || form; return; }
    // Another listener may still refuse; wait until all have spoken.
    setTimeout(() => {
      if (event.defaultPrevented && !form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete]")) return;
      state.submitted = true;
      clearTimeout(state.timer);
      form.setAttribute("aria-busy", "true");
      const button = event.submitter;
      if (button) { button.disabled = true; button.setAttribute("data-held", ""); }
      setTimeout(() => release(form), RELEASE);
    }, 0);
  }, true);
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt.closest?.("form");
    if (form) release(form);
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form[aria-busy]").forEach(release);
  });

  // --- Files: name and size at once, too large ones refused before they travel. ---
  const size = (bytes) => (bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`);
  document.addEventListener("change", (event) => {
    const box = event.target.closest("[data-upload]");
    if (!box || event.target.type !== "file") return;
    const limit = Number(box.dataset.uploadLimit || 0);
    const place = box.querySelector("[data-upload-files]");
    const files = [...event.target.files];
    const large = files.find((file) => limit && file.size > limit);
    event.target.setCustomValidity(large ? `「${large.name}」有 ${size(large.size)}，最多 ${size(limit)}。` : "");
    place.classList.toggle("is-failed", Boolean(large));
    place.textContent = large ? event.target.validationMessage : files.map((file) => `${file.name}（${size(file.size)}）`).join("，");
  });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const box = event.target.closest?.("[data-upload]");
      if (!box) return;
      event.preventDefault();
      box.classList.toggle("is-over", kind === "dragover");
      if (kind !== "drop" || !event.dataTransfer.files.length) return;
      const input = box.querySelector("input[type=file]");
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  // --- Counting characters: data-count-for is the id of the text; its maxlength or data-count-limit the limit. ---
  document.addEventListener("input", (event) => {
    const counter = event.target.id && document.querySelector(`[data-count-for="${CSS.escape(event.target.id)}"]`);
    if (!counter) return;
    const limit = event.target.maxLength > 0 ? event.target.maxLength : counter.dataset.countLimit;
    counter.textContent = limit ? `${event.target.value.length} / ${limit} 字` : `${event.target.value.length} 字`;
  });

  // --- Filters submit themselves when a choice changes; typing waits for Enter. ---
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-autosubmit]");
    if (!form || event.target.closest("details")) return;
    // A year that is still being typed reads 0002, 0020, 0202.
    if (event.target.matches("input[type=date], input[type=month]") && event.target.value && event.target.value < "1900") return;
    if (event.target.matches("select, input[type=checkbox], input[type=radio], input[type=date], input[type=month]")) form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-autosubmit]")) return;
    // Empty choices stay out of the address.
    event.target.querySelectorAll("input, select").forEach((control) => { if (control.value === "") control.disabled = true; });
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-autosubmit] :disabled").forEach((control) => { control.disabled = false; });
  });
})();
