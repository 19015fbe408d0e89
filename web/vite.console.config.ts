// Builds the console into dist/console: index.html, and everything else under assets/.
import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("./console"),
  base: "/console/",
  publicDir: false,
  plugins: [svelte()],
  build: {
    outDir: here("./dist/console"),
    emptyOutDir: true,
    target: "es2022",
    // Fonts and images stay files: the server's content policy allows no data: addresses.
    assetsInlineLimit: 0,
  },
  server: { proxy: { "/api": { target: "http://127.0.0.1:8080", ws: true } } },
});
