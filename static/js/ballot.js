// The ballot: counts what is answered, leads the thumb on to what isn't, and asks once before it is submitted.
(() => {
  "use strict";

  const form = document.querySelector("[data-ballot]");
  if (!form) return;
  const questions = [...form.querySelectorAll("[data-question]")];
  const required = questions.filter((each) => each.hasAttribute("data-required"));
  const phone = window.matchMedia("(max-width: 767.98px)");
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const scoreOf = (question) => question.querySelector("input[type=number]");
  const unknownOf = (question) => question.querySelector("input[type=checkbox]");
  const missing = form.querySelector("[data-ballot-missing]");

  function isUnknown(question) {
    const box = unknownOf(question) || question.querySelector("input[type=radio]:checked");
    return Boolean(box && box.checked && (box.type === "checkbox" || box.value === "unknown"));
  }
  function isAnswered(question) {
    const score = scoreOf(question);
    if (score) return isUnknown(question) || (score.value !== "" && score.validity.valid);
    return Boolean(question.querySelector("input[type=radio]:checked"));
  }
  const unanswered = () => required.filter((each) => !isAnswered(each));

  function count() {
    const left = unanswered();
    form.querySelector("[data-ballot-answered]").textContent = required.length - left.length;
    form.querySelector("[data-ballot-bar]").value = required.length - left.length;
    if (!left.length) missing.textContent = "";
    questions.forEach((question) => {
      const score = scoreOf(question);
      question.querySelectorAll("[data-score]").forEach((button) => {
        button.setAttribute("aria-pressed", String(score.value === button.dataset.score));
      });
    });
  }

  // --- Scores: the usual ones at a touch, one more or less, or 不了解 instead. ---
  function give(question, value) {
    const score = scoreOf(question);
    score.value = Math.min(100, Math.max(0, value));
    score.dispatchEvent(new Event("input", { bubbles: true }));
  }
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-score], [data-step]");
    if (!button) return;
    const question = button.closest("[data-question]");
    if (button.dataset.score) {
      give(question, Number(button.dataset.score));
      leadOn(question);
    } else {
      const score = scoreOf(question);
      give(question, score.value === "" ? 80 : Number(score.value) + Number(button.dataset.step));
    }
  });
  form.addEventListener("input", (event) => {
    const question = event.target.closest("[data-question]");
    const score = question && scoreOf(question);
    if (score && event.target === score && score.value !== "") unknownOf(question).checked = false;
    if (score && event.target === unknownOf(question) && event.target.checked) score.value = "";
    count();
  });

  // --- After a touch the next question without an answer comes into view; the keyboard stays where it is. ---
  let touched = false;
  document.addEventListener("pointerdown", () => { touched = true; }, true);
  document.addEventListener("keydown", () => { touched = false; }, true);
  function leadOn(question) {
    if (!touched || !phone.matches) return;
    const next = required.slice(required.indexOf(question) + 1).find((each) => !isAnswered(each));
    if (next) next.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
  }
  form.addEventListener("change", (event) => {
    if (event.target.matches("input[type=radio], input[type=checkbox]")) leadOn(event.target.closest("[data-question]"));
  });

  // --- Submitting: what is missing is named and shown first, else the dialog says what goes in. ---
  const submit = form.querySelector("[data-ballot-submit]");
  const dialog = document.getElementById("confirm-ballot");
  dialog.addEventListener("hidden.bs.modal", () => submit.focus({ preventScroll: true }));
  submit.addEventListener("click", (event) => {
    event.preventDefault();
    const left = unanswered();
    if (left.length) {
      const wrong = left.find((each) => scoreOf(each) && scoreOf(each).value !== "");
      missing.textContent = wrong ? "分数应在 0 到 100 之间。" : `还有 ${left.length} 项没有回答；不清楚的请选“不了解”。`;
      const first = wrong || left[0];
      first.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
      first.querySelector("input").focus({ preventScroll: true });
      return;
    }
    const unknown = required.filter(isUnknown).length;
    const words = `已回答 ${required.length - unknown} 项${unknown ? `，${unknown} 项选了“不了解”` : ""}。`;
    document.querySelector("[data-ballot-summary]").textContent = words;
    window.tabler.Modal.getOrCreateInstance(dialog).show();
  });
  count();
})();
