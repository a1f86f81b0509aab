// The shell: htmx's CSRF header and failures, the search shortcut, notices, toasts, charts on demand.
(() => {
  "use strict";

  const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content || "";

  // Other scripts use these two.
  window.portal = {
    csrfToken: () => meta("csrf-token"),
    toast(text, tone = "info") {
      const region = document.getElementById("toasts");
      const box = document.createElement("div");
      box.className = `notice notice-${tone}`;
      const words = document.createElement("div");
      words.className = "notice-text";
      words.textContent = text;
      const close = document.createElement("button");
      close.type = "button";
      close.className = "btn-close";
      close.setAttribute("aria-label", "关闭提示");
      close.setAttribute("data-dismiss-notice", "");
      box.append(words, close);
      region.append(box);
      // Errors stay until they are closed; the rest goes after enough time to read it.
      if (tone !== "error") setTimeout(() => box.remove(), Math.max(6000, text.length * 200));
    },
  };

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = meta("csrf-token");
  });

  const FAILURES = {
    403: "您没有办理这件事的权限。",
    404: "没有找到这条记录，可能已被撤销。",
    409: "同事刚刚办理过，请刷新页面看最新情况。",
    412: "这条记录刚刚被他人修改过，请刷新后再改。",
    413: "文件太大，请压缩后再传。",
    429: "操作太频繁，请稍后再试。",
    503: "系统正在恢复，请稍后再试。",
  };
  document.addEventListener("htmx:responseError", (event) => {
    const { status } = event.detail.xhr;
    // The session has ended: the page itself leads to the sign-in.
    if (status === 401) return window.location.reload();
    portal.toast(FAILURES[status] || "没有办成，请稍后再试。", "error");
  });
  document.addEventListener("htmx:sendError", () => portal.toast("网络不通，请检查后再试。", "error"));
  // Messages that a fragment's answer carries: HX-Trigger: {"toast": {"text": "…", "tone": "success"}}
  document.addEventListener("toast", (event) => portal.toast(event.detail.text || event.detail.value, event.detail.tone));

  document.addEventListener("click", (event) => {
    const dismiss = event.target.closest("[data-dismiss-notice]");
    if (dismiss) return dismiss.closest(".notice").remove();
    if (event.target.closest("[data-print]")) return window.print();
    if (event.target.closest("[data-reload]")) return window.location.reload();
    if (event.target.closest("[data-back]")) return window.history.back();
    const copy = event.target.closest("[data-copy]");
    if (copy && navigator.clipboard) {
      navigator.clipboard.writeText(copy.dataset.copy).then(() => portal.toast("已复制。", "success"));
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const search = document.querySelector('[data-shortcut="/"]');
    if (!search || search.offsetParent === null) return;
    event.preventDefault();
    search.focus();
    search.select();
  });

  // A dialog stands at the end of the page while it is open: inside a sticky column its backdrop would cover it.
  document.addEventListener("show.bs.modal", (event) => {
    if (event.target.parentElement === document.body) return;
    event.target.dataset.moved = "";
    document.body.append(event.target);
  });

  // A dialog puts the cursor where one writes.
  document.addEventListener("shown.bs.modal", (event) => event.target.querySelector("[data-initial-focus]")?.focus());

  // A tab pane of this page is chosen by the address (#tab) and writes itself there.
  document.addEventListener("shown.bs.tab", (event) => {
    const id = event.target.dataset.bsTarget || event.target.getAttribute("href");
    if (id && id.startsWith("#")) window.history.replaceState(null, "", id);
  });
  function openAddressedTab() {
    const tab = document.querySelector(`[data-bs-toggle="tab"][data-bs-target="${CSS.escape(window.location.hash).replace("\\#", "#")}"]`);
    if (tab && window.bootstrap) window.bootstrap.Tab.getOrCreateInstance(tab).show();
  }

  // Charts: the drawing code and ECharts are fetched when the first chart comes near the screen.
  let drawing = null;
  const near = new IntersectionObserver((seen) => {
    seen.filter((entry) => entry.isIntersecting).forEach((entry) => {
      near.unobserve(entry.target);
      drawing = drawing || import(document.body.dataset.charts);
      drawing.then((charts) => charts.draw(entry.target, document.body.dataset.echarts));
    });
  }, { rootMargin: "300px" });
  const watchCharts = (root) => root.querySelectorAll("[data-chart]:not([data-drawn])").forEach((chart) => near.observe(chart));

  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("[data-chart-toggle]");
    if (!toggle) return;
    const table = document.getElementById(toggle.getAttribute("aria-controls"));
    const canvas = toggle.closest("[data-chart]").querySelector("[data-chart-canvas]");
    const show = table.hidden;
    table.hidden = !show;
    canvas.hidden = show;
    toggle.setAttribute("aria-expanded", String(show));
    toggle.querySelector("span").textContent = show ? "看图" : "看表格";
  });

  function prepare(root) {
    watchCharts(root);
    const summary = root.querySelector("[data-error-summary]");
    if (summary) summary.focus();
  }
  document.addEventListener("htmx:afterSwap", (event) => {
    // The new fragment brings its own dialogs.
    document.querySelectorAll("body > .modal[data-moved]:not(.show)").forEach((dialog) => dialog.remove());
    prepare(event.detail.target.parentNode || document);
  });
  document.addEventListener("DOMContentLoaded", () => {
    prepare(document);
    if (window.location.hash.length > 1) openAddressedTab();
  });
})();
