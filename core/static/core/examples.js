/* The language of the examples, for the whole page at once and without a way to the server and back. */

function show(example, language) {
  const inLanguage = (name) => `[data-language="${name}"]`;
  const has = example.querySelector(inLanguage(language));
  const shown = has ? language : example.querySelector("[data-language]").dataset.language;
  for (const panel of example.querySelectorAll("div[data-language]")) panel.hidden = !panel.matches(inLanguage(shown));
  for (const link of example.querySelectorAll("a[data-language]")) {
    if (link.matches(inLanguage(shown))) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest(".example > .tabs a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const before = link.getBoundingClientRect().top;
  for (const example of document.querySelectorAll(".example")) show(example, link.dataset.language);
  // What is above may be longer now: the tab stays under the pointer.
  scrollBy({ top: link.getBoundingClientRect().top - before, behavior: "instant" });
  history.replaceState(null, "", link.search);
  // The next page is told by the server's cookie.
  fetch(link.href, { method: "HEAD", keepalive: true });
});
