// A shop on an origin of its own, as strict as a shop can be, with the widget's tag on its pages.

import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";

export class Shop {
  private constructor(
    private readonly http: HttpServer,
    readonly url: string,
    private readonly support: { url: string },
  ) {}

  static async open(): Promise<Shop> {
    const support = { url: "" };
    const http = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://shop");
      if (pathname === "/favicon.ico") return void response.writeHead(404).end();
      const host = new URL(support.url).host;
      response.writeHead(200, {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": `default-src 'none'; script-src ${host}; connect-src ${host}; img-src ${host}`,
      });
      response.end(page(support.url, searchParams));
    });
    await new Promise<void>((listening) => http.listen(0, "127.0.0.1", listening));
    return new Shop(http, `http://127.0.0.1:${(http.address() as AddressInfo).port}`, support);
  }

  /** Where the widget comes from; known only once the server runs, which must know the shop first. */
  isServedBy(url: string): void {
    this.support.url = url;
  }

  close(): Promise<void> {
    this.http.closeAllConnections();
    return new Promise((closed) => this.http.close(() => closed()));
  }
}

/** `site`, `lang` (of the page), `dir` and every `data-…` come from the address. */
function page(support: string, asked: URLSearchParams): string {
  const clean = (text: string) => text.replace(/[^\w -]/g, "");
  const data = [...asked].filter(([name]) => name.startsWith("data-")).map(([name, value]) => ` ${clean(name)}="${clean(value)}"`);
  return `<!doctype html>
<html lang="${clean(asked.get("lang") ?? "en")}" dir="${clean(asked.get("dir") ?? "ltr")}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>A shop</title></head>
<body>
<main><h1>A shop</h1><button>Buy</button>${"<p>One more lamp, which is made to be repaired.</p>".repeat(60)}</main>
<script async src="${support}/widget.js" data-site="${clean(asked.get("site") ?? "shop")}"${data.join("")}></script>
</body></html>`;
}
