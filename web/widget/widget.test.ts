import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fromArticle } from "./dom";
import { Server } from "./testing/server";
import { phase, turn } from "./testing/turns";
import { FirstlineWidget } from "./widget";

describe("an article's HTML", () => {
  const check = (html: string, expected: string) =>
    it(html, () => {
      const box = document.createElement("div");
      box.append(fromArticle(html));
      expect(box.innerHTML).toBe(expected);
    });
  check("<p>Within <strong>five</strong> days</p>", "<p>Within <strong>five</strong> days</p>");
  check("<p onclick=alert(1) style=color:red class=x>hi</p>", "<p>hi</p>");
  check("<script>alert(1)</script>after", "after");
  check("<img src=x onerror=alert(1)><svg onload=alert(1)></svg>after", "after");
  check('<div><section><b>kept</b></section></div>', "<b>kept</b>");
  check('<a href="javascript:alert(1)">x</a>', "<a>x</a>");
  check('<ol start="3"><li>x</li></ol>', '<ol start="3"><li>x</li></ol>');
  check(
    '<a href="https://a.example" target="_self">x</a>',
    '<a href="https://a.example" target="_blank" rel="noopener noreferrer">x</a>',
  );
  check('<a href="/returns">x</a>', '<a href="/returns" target="_blank" rel="noopener noreferrer">x</a>');
});

describe("the widget", () => {
  let server: Server;
  let widget: FirstlineWidget;

  beforeEach(() => {
    vi.useFakeTimers();
    localStorage.clear();
    sessionStorage.clear();
    vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => {} }));
    server = new Server();
    server.start();
    if (customElements.get("firstline-widget") === undefined) customElements.define("firstline-widget", FirstlineWidget);
    widget = document.createElement("firstline-widget") as FirstlineWidget;
    document.body.append(widget);
    widget.start({ server: "https://help.example/", site: "shop", language: "en", title: null, starters: ["Where is my order?"], theme: null });
    widget.open();
  });

  afterEach(() => {
    widget.destroy();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  const soon = () => vi.advanceTimersByTimeAsync(50);
  const find = <T extends HTMLElement>(selector: string) => widget.shadowRoot?.querySelector<T>(selector) ?? null;
  const shown = () => [...(widget.shadowRoot?.querySelectorAll(".words") ?? [])].map((words) => words.textContent);
  const isVisible = (selector: string) => find(selector)?.closest("[hidden]") === null;
  const press = (key: string, more: KeyboardEventInit = {}) =>
    find("textarea")?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));

  function types(text: string): void {
    const field = find<HTMLTextAreaElement>("textarea");
    if (field === null) throw new Error("no field");
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  it("sends with Enter and shows question and answer once each", async () => {
    types("where is my order?");
    press("Enter");
    expect(shown()).toEqual(["where is my order?"]);
    await soon();
    expect(shown()).toEqual(["where is my order?", "answer to where is my order?"]);
    expect(find<HTMLTextAreaElement>("textarea")?.value).toBe("");
  });

  it("does not send while Chinese characters are being composed, nor with Shift+Enter", async () => {
    types("ni hao");
    press("Enter", { isComposing: true });
    press("Enter", { keyCode: 229 } as KeyboardEventInit);
    press("Enter", { shiftKey: true });
    await soon();
    expect(shown()).toEqual([]);
  });

  it("shows everyone's words as text", async () => {
    types("<b>hi</b>");
    press("Enter");
    await soon();
    server.says(server.only, "agent", "<img src=x onerror=alert(1)> https://a.example/x");
    expect(shown()[0]).toBe("<b>hi</b>");
    expect(shown().at(-1)).toBe("<img src=x onerror=alert(1)> https://a.example/x");
    expect(find(".words img, .words b")).toBeNull();
    expect(find(".words a")?.getAttribute("href")).toBe("https://a.example/x");
  });

  it("leaves a turn's element alone when only what stands below it changes, so that it is not read out again", async () => {
    types("refund?");
    press("Enter");
    await soon();
    const kept = server.only;
    kept.turns.push(turn((kept.through += 1), "bot", "Did you mean?", { kind: "clarification", options: [{ article: "a", title: "A" }] }));
    server.says(kept, "system", "A notice");
    const before = [...(widget.shadowRoot?.querySelectorAll(".words") ?? [])];
    server.says(kept, "agent", "hello");
    expect([...(widget.shadowRoot?.querySelectorAll(".words") ?? [])].slice(0, before.length)).toEqual(before);
  });

  it("offers a person until one is on the way, and then the way back", async () => {
    expect(isVisible(".person")).toBe(true);
    types("hello");
    press("Enter");
    await soon();
    server.says(server.only, "system", "A person will come.", phase("waiting"));
    expect(isVisible(".person")).toBe(false);
    find<HTMLButtonElement>(".back")?.click();
    await soon();
    expect(server.heard()).toEqual(["hello", "tapped back_to_bot"]);
  });

  it("closes with Escape and gives the focus back to the launcher", () => {
    press("Escape");
    expect(isVisible(".panel")).toBe(false);
    expect(widget.shadowRoot?.activeElement?.className).toBe("launcher");
  });

  it("counts what came while it was closed", async () => {
    types("hello");
    press("Enter");
    await soon();
    server.says(server.only, "system", "A person will come.", phase("waiting"));
    widget.close();
    server.says(server.only, "agent", "hi");
    expect(find(".badge")?.textContent).toBe("1");
    expect(find(".launcher")?.getAttribute("aria-label")).toBe("Open support (1 new reply)");
    widget.open();
    expect(isVisible(".badge")).toBe(false);
  });

  it("holds a text that is too long, and says by how much", () => {
    types("x".repeat(4_003));
    press("Enter");
    expect(find(".counter")?.textContent).toContain("3 too many");
    expect(shown()).toEqual([]);
    expect(find<HTMLTextAreaElement>("textarea")?.value).toHaveLength(4_003);
  });

  it("has a name for everything that can be pressed", () => {
    for (const button of widget.shadowRoot?.querySelectorAll("button") ?? []) {
      expect(button.getAttribute("aria-label") ?? button.textContent).not.toBe("");
    }
    expect(find("[role=log]")?.getAttribute("aria-live")).toBe("polite");
    expect(find("[role=dialog]")?.getAttribute("aria-label")).toBe("Support");
  });
});
