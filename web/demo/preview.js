// The widget with a look that nobody has saved: the console leaves in the tab's storage what the server would say of the site.
// Nothing else of the API is reached, so a preview begins no conversation.

const STORE = "firstline-preview";

const entry = read();
if (entry) show(entry);
else document.getElementById("empty").hidden = false;

/** `ground`: whether the visitor likes dark pages. `page`: the answer of `/api/v1/sites/{site}`. */
function show({ site, language, open, ground, page }) {
  document.documentElement.lang = language;
  document.documentElement.dataset.ground = ground;
  forget(site);
  answerFetch(page);
  leaveFocus();
  if (open) window.addEventListener("firstline:ready", () => window.Firstline.open());
  const tag = document.createElement("script");
  tag.src = "/widget.js";
  tag.dataset.site = site;
  tag.dataset.language = language;
  // A site that leaves it to the visitor's system gets the ground that was chosen above the preview.
  if ((page.look?.theme ?? "auto") === "auto") tag.dataset.theme = ground;
  document.body.append(tag);
}

/** What an earlier preview left: words that were typed, and whether the panel was open. */
function forget(site) {
  for (const storage of [localStorage, sessionStorage]) {
    for (const key of Object.keys(storage)) {
      const [name, , owner] = key.split(".");
      if (name === "firstline" && owner === site) storage.removeItem(key);
    }
  }
}

/** A panel that opens takes the focus, and somebody is typing in the console: it may once they have come in here themselves. */
function leaveFocus() {
  const { focus } = HTMLElement.prototype;
  HTMLElement.prototype.focus = () => {};
  const comesIn = () => (HTMLElement.prototype.focus = focus);
  for (const event of ["pointerdown", "focusin"]) window.addEventListener(event, comesIn, { capture: true, once: true });
}

function answerFetch(page) {
  const fetchPlainly = window.fetch.bind(window);
  window.fetch = async (asked, options) => {
    const { pathname } = new URL(asked instanceof Request ? asked.url : asked, location.href);
    if (!pathname.startsWith("/api/")) return fetchPlainly(asked, options);
    if (pathname.startsWith("/api/v1/sites/")) return new Response(JSON.stringify(page), { headers: { "content-type": "application/json" } });
    const problem = { code: "preview", detail: "A preview begins no conversation." };
    return new Response(JSON.stringify(problem), { status: 403, headers: { "content-type": "application/problem+json" } });
  };
}

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(STORE));
  } catch {
    return null;
  }
}
