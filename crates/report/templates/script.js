"use strict";
(() => {
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const form = document.getElementById("filter");
  const field = form.elements;
  const help = document.getElementById("keys");
  const ENTRY = ".finding > summary, .row > summary, div.row > a";

  // Cases and groups of rows with what the filter asks about them; texts are read at the first search.
  const boxes = all(".case, .group").map((box) => ({
    box,
    area: box.dataset.area,
    level: box.dataset.level,
    entries: all(":scope > .finding, :scope > .row", box).map((entry) => ({ entry, text: null })),
  }));
  const total = boxes.reduce((sum, { box, entries }) => sum + (box.matches(".group") ? entries.length : 0), 0);
  const head = (box) => (box.matches(".case")
    ? all(":scope > h3, :scope > .id, :scope > .requirements", box).map((part) => part.textContent).join(" ") : "");
  const textOf = (box, item) => {
    if (item.text === null) {
      const parts = all(":scope > summary, .compare", item.entry).map((part) => part.textContent).join(" ");
      item.text = (box.matches(".case") ? `${head(box)} ${parts}` : item.entry.textContent).toLowerCase();
    }
    return item.text;
  };
  const isState = (entry, state) => {
    const states = (entry.dataset.state || "").split(" ");
    return state === "" || (state === "new" ? !states.includes("accepted") : states.includes(state));
  };

  const filter = () => {
    const verdicts = new Set(all("input[name=verdict]:checked", form).map((box) => box.value));
    const [area, level, state] = [field.area.value, field.level.value, field.state.value];
    const words = field.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = { case: 0, group: 0 };
    for (const { box, area: own, level: ownLevel, entries } of boxes) {
      const fits = (area === "" || own === area) && (level === "" || ownLevel === level);
      let count = 0;
      for (const item of entries) {
        const match = fits && verdicts.has(item.entry.dataset.verdict) && isState(item.entry, state)
          && words.every((word) => textOf(box, item).includes(word));
        item.entry.hidden = !match;
        if (match) count += 1;
      }
      box.hidden = count === 0;
      shown[box.matches(".case") ? "case" : "group"] += count;
    }
    const [noFinding, noRow] = all(".nothing");
    noFinding.hidden = shown.case > 0 || !document.querySelector(".case");
    noRow.hidden = shown.group > 0;
    field.shown.value = `${shown.group} of ${total} instances`;
    field.clear.hidden = choices() === "";
  };

  // The filter is a part of the address, so that it can be passed on.
  const choices = () => {
    const said = new URLSearchParams();
    const boxesOff = all("input[name=verdict]:not(:checked)", form);
    if (boxesOff.length > 0) {
      said.set("verdict", all("input[name=verdict]:checked", form).map((box) => box.value).join(","));
    }
    if (field.area.value !== "") said.set("area", field.area.selectedOptions[0].textContent);
    for (const name of ["level", "state"]) if (field[name].value !== "") said.set(name, field[name].value);
    if (field.text.value.trim() !== "") said.set("text", field.text.value.trim());
    return said.toString();
  };
  const remember = () => {
    const said = choices();
    // A page without an address of its own, as in a frame of another, cannot keep it.
    try { history.replaceState(null, "", said === "" ? location.pathname + location.search : `#?${said}`); } catch { /* stays */ }
  };
  const choose = (said) => {
    form.reset();
    if (said.has("verdict")) {
      const wanted = said.get("verdict").split(",");
      for (const box of all("input[name=verdict]", form)) box.checked = wanted.includes(box.value);
    }
    for (const option of field.area.options) if (option.textContent === said.get("area")) option.selected = true;
    for (const name of ["level", "state"]) if (said.has(name)) field[name].value = said.get(name);
    field.text.value = said.get("text") || "";
    filter();
  };

  // A link into something folded or filtered out shows it. Names of instances are addresses also where they are no
  // findings: what was fixed since the link was made leads to its line in the list.
  const decoded = (text) => { try { return decodeURIComponent(text); } catch { return text; } };
  const target = (id) => {
    const found = document.getElementById(id);
    if (found) return found;
    const [, kind, name] = /^(finding|instance|case)=([^]*)$/.exec(id) || [];
    if (kind === "instance" && document.getElementById(`finding=${name}`)) return document.getElementById(`finding=${name}`);
    if (!kind) return null;
    const fits = kind === "case" ? (text) => text === name || text.startsWith(`${name}[`) : (text) => text === name;
    const code = all(".row code:first-of-type").find((code) => fits(code.textContent));
    return code ? code.closest(".row") : null;
  };
  const reveal = () => {
    const hash = location.hash.slice(1);
    if (hash === "") return;
    if (hash.startsWith("?")) {
      choose(new URLSearchParams(hash.slice(1)));
      document.getElementById("findings").scrollIntoView();
      return;
    }
    const found = target(decoded(hash));
    if (!found) {
      field.shown.value = `This report has no ${decoded(hash).slice(0, 200)}`;
      return;
    }
    if (found.closest("[hidden]")) {
      form.reset();
      filter();
    }
    for (let box = found.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    const own = found.matches(".body") ? found.parentElement : found;
    own.scrollIntoView();
    const focus = own.matches("details") ? own.querySelector("summary") : own.matches(".row") ? own.querySelector("a") : null;
    if (focus) focus.focus({ preventScroll: true });
  };

  // Numbers of the summary are filters.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-only]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    form.reset();
    for (const box of all("input[name=verdict]", form)) box.checked = box.value === link.dataset.only;
    field.area.value = link.dataset.area || "";
    filter();
    remember();
    const quiet = link.dataset.only === "pass" || link.dataset.only === "skip";
    document.getElementById(quiet ? "instances" : "findings").scrollIntoView();
  });

  // Keys.
  let last = null;
  const enter = (entry) => {
    last = entry;
    entry.focus();
    entry.scrollIntoView({ block: "nearest" });
  };
  const move = (step, from) => {
    const entries = all(ENTRY).filter((entry) => !entry.closest("[hidden]"));
    const at = entries.indexOf(from);
    if (step < 0 && at <= 0) field.text.focus();
    else if (at + step < entries.length) enter(entries[at + step]);
  };
  const single = help.querySelector("input");
  try { single.checked = localStorage.getItem("wsanvil-keys") !== "off"; } catch { /* stays on */ }
  single.addEventListener("change", () => {
    try { localStorage.setItem("wsanvil-keys", single.checked ? "on" : "off"); } catch { /* for this visit */ }
  });
  const showHelp = () => help.showModal();
  field.help.addEventListener("click", showHelp);
  help.querySelector("button").addEventListener("click", () => help.close());
  const ofSearch = (key) => {
    if (key === "ArrowDown") move(1, null);
    else if (key === "Enter") {
      move(1, null);
      const box = document.activeElement.parentElement;
      if (box.matches("details")) box.open = true;
    } else if (key === "Escape" && field.text.value !== "") {
      field.text.value = "";
      filter();
      remember();
    } else if (key === "Escape") field.text.blur();
    else return false;
    return true;
  };
  const ofEntry = (key, entry) => {
    if (key === "ArrowDown" || key === "ArrowUp") move(key === "ArrowDown" ? 1 : -1, entry);
    else if (key === "Escape") field.text.focus();
    else return false;
    return true;
  };
  const ofPage = (key) => {
    if (key === "/") {
      field.text.focus();
      field.text.select();
    } else if (key === "?") showHelp();
    else if (key === "j" || key === "k") {
      const from = last && last.isConnected && !last.closest("[hidden]") ? last : null;
      move(key === "j" ? 1 : -1, from);
    } else return false;
    return true;
  };
  document.addEventListener("keydown", (event) => {
    if (help.open || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const active = document.activeElement;
    let done = false;
    if (active === field.text) done = ofSearch(event.key);
    else if (active.matches(ENTRY)) done = ofEntry(event.key, active);
    if (!done && single.checked && !active.matches("input[type=search], select")) done = ofPage(event.key);
    if (done) event.preventDefault();
  });

  // Copying; where the clipboard is closed to the page, the text is selected instead.
  const select = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  };
  const addCopy = (place) => {
    if (place.querySelector("button")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      const code = place.querySelector("code");
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
  };
  // What was unfolded is done in one go: measuring between changes lays the page out every time.
  let unfolded = [];
  const settle = () => {
    const boxes = unfolded;
    unfolded = [];
    // What scrolls sideways on a narrow screen can be reached with the keyboard.
    const wide = boxes.flatMap((box) => all("pre", box)).filter((pre) => pre.scrollWidth > pre.clientWidth);
    for (const pre of wide) pre.tabIndex = 0;
    for (const box of boxes) all(".replay", box).forEach(addCopy);
  };
  const unfold = (box) => {
    if (unfolded.push(box) === 1) requestAnimationFrame(settle);
  };
  document.addEventListener("toggle", (event) => { if (event.target.open) unfold(event.target); }, true);
  all(".finding[open]").forEach(unfold);
  all("section > .replay").forEach(addCopy);

  // Paper has no folds: findings and areas are printed unfolded, unless there are more than anybody reads.
  const PRINTED = 100;
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all(".finding:not([open]):not([hidden])");
    if (folded.length > PRINTED) folded = [];
    folded.push(...all(".area:not([open])"));
    for (const box of folded) box.open = true;
  });
  addEventListener("afterprint", () => { for (const box of folded) box.open = false; });

  form.hidden = false;
  form.addEventListener("input", () => { filter(); remember(); });
  field.clear.addEventListener("click", () => { form.reset(); filter(); remember(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  // What a link leads to must not lie under the bar.
  new ResizeObserver(() => {
    const sticky = getComputedStyle(form).position === "sticky";
    document.documentElement.style.scrollPaddingTop = `${(sticky ? form.offsetHeight : 0) + 12}px`;
  }).observe(form);
  filter();
  addEventListener("hashchange", reveal);
  reveal();
  // At the end of loading the browser itself goes to the address, which takes the focus away.
  addEventListener("load", () => setTimeout(reveal));
})();
