import { defineConfig } from "vitest/config";

/** Shared by every package: `vitest run --root . --config ../../vitest.config.ts`. Other packages resolve to their source. */
export default defineConfig({
  resolve: { conditions: ["stride-source"] },
  ssr: { resolve: { conditions: ["stride-source"] } },
  test: {
    exclude: ["**/node_modules/**", "**/dist/**"],
    include: ["**/*.test.ts", "**/*.test.mjs"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
