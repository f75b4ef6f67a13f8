// What a browser adds to pages that work without it: they follow what happens, and keys do what buttons do.
"use strict";

(() => {
  const own = { createHTML: (text) => text, createScriptURL: (url) => url };
  const trusted = window.trustedTypes ? window.trustedTypes.createPolicy("lockgate", own) : own;
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const script = document.currentScript;
  const live = $("#live");

  // --- Parts of the page, as the server draws them now -------------------------------------------

  async function draw(address) {
    const answer = await fetch(address, { credentials: "same-origin", headers: { accept: "text/html" } });
    if (answer.redirected && new URL(answer.url).pathname === "/console/login") location.reload();
    if (!answer.ok) return null;
    return new DOMParser().parseFromString(trusted.createHTML(await answer.text()), "text/html");
  }

  // Nobody's typing, choice or open detail is taken away.
  function inUse(part) {
    const active = document.activeElement;
    const typing = part.contains(active) && active.matches("input, select, textarea");
    return typing || $("input[type=checkbox]:checked", part) || $("details[open]", part);
  }

  function put(part, fresh) {
    if (!fresh || part.isEqualNode(fresh) || inUse(part)) return;
    const active = part.contains(document.activeElement) ? document.activeElement : null;
    const same = active && (active.getAttribute("href") || active.textContent);
    part.replaceWith(fresh);
    prepare(fresh);
    if (same) $$("a, button, [tabindex]", fresh).find((of) => (of.getAttribute("href") || of.textContent) === same)?.focus();
  }

  let drawing = false;
  let again = false;
  async function refresh() {
    if (drawing || document.hidden || $("dialog[open]")) {
      again = true;
      return;
    }
    drawing = true;
    again = false;
    try {
      const address = new URL(location.href);
      address.searchParams.delete("said");
      const page = await draw(address);
      if (page) {
        for (const part of $$("[data-live]")) if (part.id !== "banners") put(part, page.getElementById(part.id));
        for (const item of $$("nav.pages a[data-key]")) {
          const fresh = $(`nav.pages a[data-key="${item.dataset.key}"]`, page);
          if (fresh && item.innerHTML !== fresh.innerHTML) item.replaceChildren(...fresh.childNodes);
        }
      }
    } catch {
      stale("The server does not answer");
    }
    setTimeout(() => {
      drawing = false;
      if (again) refresh();
    }, 1500);
  }

  // --- How old what is shown is --------------------------------------------------------------------

  let known = live ? live.dataset.now : "";
  let heard = Date.now();
  const clock = () => (known || "").slice(11, 19);

  function fresh(now) {
    heard = Date.now();
    if (now) known = now;
    if (!live) return;
    live.classList.remove("stale");
    live.textContent = "live";
    live.title = `as of ${clock()} UTC`;
  }

  function stale(why) {
    if (!live) return;
    live.classList.add("stale");
    live.textContent = `${why}; as of ${clock()} UTC`;
  }

  function follow() {
    if (!live) return;
    if (!window.SharedWorker) {
      live.textContent = "every 10 s";
      setInterval(refresh, 10000);
      return;
    }
    const worker = new SharedWorker(trusted.createScriptURL(script.dataset.worker), { name: "lockgate" });
    worker.port.onmessage = ({ data }) => {
      if (data.kind === "gone") location.reload();
      else if (data.kind === "lost") stale("The server does not answer");
      else {
        fresh(data.now);
        if (data.kind === "changed") refresh();
      }
    };
    worker.port.start();
    addEventListener("pagehide", () => worker.port.postMessage("bye"));
    addEventListener("pageshow", (event) => event.persisted && location.reload());
    document.addEventListener("visibilitychange", () => !document.hidden && refresh());
    setInterval(() => Date.now() - heard > 25000 && stale("Nothing heard"), 5000);
    // What runs says how far it is, though no count of the queue changes.
    setInterval(() => $("[data-again]") && refresh(), 1000);
  }

  // --- Buttons that only a browser can have --------------------------------------------------------

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Plain http has no clipboard of its own.
      const area = document.createElement("textarea");
      area.value = text;
      area.className = "hidden";
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  }

  function count() {
    const selected = $("#selected");
    if (selected) {
      const ticked = $$('input[name="ids"]:checked').length;
      selected.textContent = ticked ? ` (${ticked})` : "";
    }
  }

  function prepare(within) {
    for (const button of $$("button.copy", within)) {
      button.hidden = false;
      button.onclick = async () => {
        await copy(button.previousElementSibling.textContent);
        button.textContent = "Copied";
        setTimeout(() => (button.textContent = "Copy"), 1500);
      };
    }
    count();
  }

  document.addEventListener("change", count);
  // A second click on an order is not a second order.
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post") return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "yes";
    setTimeout(() => delete event.target.dataset.sent, 3000);
  });

  // --- Keys ------------------------------------------------------------------------------------------

  async function help() {
    let dialog = $("#help dialog");
    if (!dialog) {
      const page = await draw("/console/keys");
      dialog = document.createElement("dialog");
      dialog.setAttribute("aria-label", "Keys");
      const close = document.createElement("button");
      close.textContent = "Close";
      close.onclick = () => dialog.close();
      dialog.append(...(page ? [page.getElementById("keys")] : []), close);
      $("#help").append(dialog);
    }
    dialog.showModal();
  }

  function step(by) {
    const links = $$("tr[data-row] th a");
    const at = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
    const next = links[Math.min(Math.max(at + by, 0), links.length - 1)];
    if (next) next.focus();
  }

  function press(key) {
    const button = $$("[data-press]").find((of) => of.dataset.press === key && of.offsetParent !== null);
    if (!button) return false;
    button.focus();
    button.click();
    return true;
  }

  let after = "";
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const typing = event.target.matches("input:not([type=checkbox]), textarea, select");
    if (typing) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if ($("dialog[open]")) return;
    const key = event.key;
    const done = () => event.preventDefault();
    if (after === "g") {
      after = "";
      const link = $(`nav.pages a[data-key="${CSS.escape(key)}"]`);
      if (link) {
        done();
        link.click();
      }
      return;
    }
    if (key === "g") after = "g";
    else if (key === "?") (done(), help());
    else if (key === "/") (done(), $("#find")?.focus());
    else if (key === "j") step(1);
    else if (key === "k") step(-1);
    else if (key === "x") document.activeElement.closest("tr")?.querySelector("input[type=checkbox]")?.click();
    else if (key === "Enter") {
      if (document.activeElement === document.body || document.activeElement.id === "main") if (press("Enter")) done();
    } else if (key.length === 1 && press(key)) done();
  });

  prepare(document);
  follow();
})();
