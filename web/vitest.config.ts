import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte()],
  // Without "browser", Svelte resolves to its server half and components cannot be mounted in tests.
  resolve: { conditions: ["browser"] },
  test: {
    include: ["{widget,shared,console}/**/*.test.ts"],
    environment: "jsdom",
    restoreMocks: true,
  },
});
