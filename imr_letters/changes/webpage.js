"use strict";
const causes = [...document.querySelectorAll("article.cause")];
const place = document.getElementById("place");
let here = -1;

function go(step) {
  if (!causes.length) return;
  here = Math.min(Math.max(here + step, 0), causes.length - 1);
  const cause = causes[here];
  cause.focus({ preventScroll: true });
  cause.scrollIntoView({ block: "start" });
  place.textContent = `${here + 1} of ${causes.length}`;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, select, textarea")) return;
  const step = { n: 1, ArrowRight: 1, p: -1, ArrowLeft: -1 }[event.key];
  if (step) {
    event.preventDefault();
    go(step);
  }
});
document.getElementById("next")?.addEventListener("click", () => go(1));
document.getElementById("previous")?.addEventListener("click", () => go(-1));
for (const button of document.querySelectorAll("button.larger")) {
  button.addEventListener("click", () => {
    const large = button.closest(".sheet").classList.toggle("large");
    button.setAttribute("aria-pressed", String(large));
  });
}
document.addEventListener("focusin", (event) => {
  const found = causes.indexOf(event.target.closest("article.cause"));
  if (found >= 0) here = found;
});
