"use strict";
(() => {
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));

  // A link into something folded unfolds it.
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (!target) return;
    for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    if (target.hidden) {
      document.getElementById("filter").reset();
      filter();
    }
    target.scrollIntoView();
  };

  // The filter of the list.
  const form = document.getElementById("filter");
  const rows = all("#rows > .row").map((row) => ({ row, text: row.textContent.toLowerCase() }));
  const filter = () => {
    const verdicts = new Set(all("input[name=verdict]:checked", form).map((box) => box.value));
    const area = form.elements.area.value;
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { row, text } of rows) {
      const match = verdicts.has(row.dataset.verdict) && (area === "" || row.dataset.area === area)
        && words.every((word) => text.includes(word));
      row.hidden = !match;
      if (match) shown += 1;
    }
    form.elements.shown.value = `${shown} of ${rows.length} shown`;
  };
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  filter();

  // Copying; where the clipboard is closed to the page, the text is selected instead.
  const select = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  };
  for (const place of all(".replay")) {
    const code = place.querySelector("code");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        select(code);
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    place.append(" ", button);
  }

  // Paper has no folds: findings and areas are printed unfolded.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("details.finding:not([open]), details.area:not([open])");
    for (const box of folded) box.open = true;
  });
  addEventListener("afterprint", () => { for (const box of folded) box.open = false; });

  addEventListener("hashchange", reveal);
  reveal();
})();
