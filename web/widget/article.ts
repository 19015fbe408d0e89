// The HTML of an article, or of an agent's words, as elements: cleaned by the server, and here once more. Loaded with the first of them.

import css from "./article.css?inline";
import { dress, h } from "./elements";
import { leadOutside } from "./links";
import type { Texts } from "./texts/texts";

/** A longer answer shows its beginning, and the rest when asked. */
const LONG_PX = 420;

export const dressArticles = (root: ShadowRoot): void => dress(root, css);

const KEPT_TAGS = new Set(
  "A B BLOCKQUOTE BR CODE DEL EM H1 H2 H3 H4 H5 H6 HR I IMG LI OL P PRE S STRONG SUB SUP TABLE TBODY TD TH THEAD TR U UL".split(" "),
);
const KEPT_SCHEMES = new Set(["http:", "https:", "mailto:", "tel:"]);

/** An article's HTML as elements. The server has sanitised it; what a shop's page shows is still checked on the spot. */
export function fromArticle(html: string): DocumentFragment {
  const template = document.createElement("template");
  template.innerHTML = trusted(html);
  clean(template.content);
  return template.content;
}

function clean(node: ParentNode): void {
  for (const child of [...node.children]) {
    clean(child);
    if (child.namespaceURI !== "http://www.w3.org/1999/xhtml") child.remove();
    else if (!KEPT_TAGS.has(child.tagName)) {
      if (child.tagName === "SCRIPT" || child.tagName === "STYLE") child.remove();
      else child.replaceWith(...child.childNodes);
    } else cleanAttributes(child);
  }
}

function cleanAttributes(element: Element): void {
  for (const { name, value } of [...element.attributes]) {
    const isPicture = element.tagName === "IMG" && (name === "alt" || (name === "src" && value.startsWith("https://")));
    const isKept = isPicture || (name === "href" && element.tagName === "A" && hasKeptScheme(value)) || (name === "start" && /^\d+$/.test(value));
    if (!isKept) element.removeAttribute(name);
  }
  if (element.hasAttribute("href")) leadOutside(element);
  if (element.tagName === "IMG") {
    element.setAttribute("loading", "lazy");
    element.setAttribute("referrerpolicy", "no-referrer");
  }
}

function hasKeptScheme(href: string): boolean {
  try {
    return KEPT_SCHEMES.has(new URL(href, location.href).protocol);
  } catch {
    return false;
  }
}

/** Hides the end of a long article, and offers it. Does nothing twice, and nothing to an agent's words, which were written to be read. */
export function shorten(words: HTMLElement, texts: Texts): void {
  if (words.scrollHeight <= LONG_PX || words.classList.contains("measured") || words.closest(".agent") !== null) return;
  words.classList.add("measured", "long");
  const whole = h("button", { type: "button", class: "link", "aria-expanded": "false" }, texts.showMore);
  const show = (isAll: boolean) => {
    words.classList.toggle("long", !isAll);
    whole.setAttribute("aria-expanded", String(isAll));
    whole.textContent = isAll ? texts.showLess : texts.showMore;
  };
  whole.addEventListener("click", () => show(words.classList.contains("long")));
  // A link in the hidden part was reached by the keyboard.
  words.addEventListener("focusin", () => show(true));
  words.after(whole);
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML: (html: string) => string }): { createHTML(html: string): string };
}

let policy: { createHTML(html: string): string } | null = null;

/** For pages that require Trusted Types, under the policy name `firstline`. */
function trusted(html: string): string {
  const types = (window as { trustedTypes?: TrustedTypes }).trustedTypes;
  if (types === undefined) return html;
  policy ??= types.createPolicy("firstline", { createHTML: (text) => text });
  return policy.createHTML(html);
}
