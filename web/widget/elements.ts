// Builds elements: by hand, never from strings of markup.

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
    else if (value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child): child is Node | string => child !== null));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** A drawing of one line on a grid of 24. */
export function draw(name: string, path: string): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

/** Puts constant CSS on a shadow root without a style element where the browser can: no page policy forbids that. */
export function dress(root: ShadowRoot, css: string): void {
  // Safari before 16.4 has none.
  if ((root.adoptedStyleSheets as CSSStyleSheet[] | undefined) !== undefined) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  } else {
    root.append(h("style", {}, css));
  }
}
