// Builds elements: by hand, never from strings of markup; the one exception is an article's HTML, cleaned here once more.

type Child = Node | string | null;
type Properties = Record<string, string | boolean | EventListener>;

/** An element with attributes (strings, true for empty ones), listeners (functions named `onclick` and the like) and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (typeof value === "string") element.setAttribute(name, value);
    else if (value) element.setAttribute(name, "");
  }
  element.append(...children.filter((child): child is Node | string => child !== null));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** Outlines on a grid of 24. */
const PATHS = {
  ask: "M21 11.5a8.4 8.4 0 0 1-8.5 8.5c-1.4 0-2.8-.3-4-.9L3 21l1.9-5.5a8.5 8.5 0 0 1-.9-4A8.5 8.5 0 0 1 12.5 3 8.4 8.4 0 0 1 21 11.5zM8.5 11.5h.01M12.5 11.5h.01M16.5 11.5h.01",
  close: "M6 6l12 12M18 6L6 18",
  down: "M6 9l6 6 6-6",
  send: "M12 19V5M5 12l7-7 7 7",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4 3.6-6.5 8-6.5s8 2.5 8 6.5",
  back: "M9 14L4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
  source: "M5 4.5A2.5 2.5 0 0 1 7.5 2H20v20H7.5A2.5 2.5 0 0 1 5 19.5zM5 19.5A2.5 2.5 0 0 1 7.5 17H20M9 7h7",
  up: "M7 11v10H4V11zM7 11l4-8a2.5 2.5 0 0 1 2.5 2.5V9H19a2 2 0 0 1 2 2.3l-1.2 7.7a2 2 0 0 1-2 1.7H7",
  notUp: "M17 13V3h3v10zM17 13l-4 8a2.5 2.5 0 0 1-2.5-2.5V15H5a2 2 0 0 1-2-2.3L4.2 5a2 2 0 0 1 2-1.7H17",
  star: "M12 3l2.8 5.7 6.2.9-4.5 4.4 1.1 6.2-5.6-2.9-5.6 2.9 1.1-6.2L3 9.6l6.2-.9z",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 2",
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** Puts one line of constant CSS on a shadow root without a style element where the browser can: no page policy forbids that. */
export function dress(root: ShadowRoot, css: string): void {
  if ("adoptedStyleSheets" in root && "replaceSync" in CSSStyleSheet.prototype) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
  } else {
    root.append(h("style", {}, css));
  }
}

const KEPT_TAGS = new Set(
  "A B BLOCKQUOTE BR CODE DEL EM H1 H2 H3 H4 H5 H6 HR I LI OL P PRE S STRONG SUB SUP TABLE TBODY TD TH THEAD TR U UL".split(" "),
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
    const isKept = (name === "href" && element.tagName === "A" && hasKeptScheme(value)) || (name === "start" && /^\d+$/.test(value));
    if (!isKept) element.removeAttribute(name);
  }
  if (element.hasAttribute("href")) leadOutside(element);
}

function hasKeptScheme(href: string): boolean {
  try {
    return KEPT_SCHEMES.has(new URL(href, location.href).protocol);
  } catch {
    return false;
  }
}

/** A link opens beside the conversation and tells the other side nothing. */
export function leadOutside(link: Element): void {
  link.setAttribute("target", "_blank");
  link.setAttribute("rel", "noopener noreferrer");
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
