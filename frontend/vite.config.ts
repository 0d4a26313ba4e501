import { defineConfig } from "vite";

// One script and one style sheet with plain names: Django's manifest storage adds the hashes, and a
// single bundle needs no imports between hashed files. `public/` (icons) is copied as it is.
export default defineConfig({
  build: {
    outDir: "static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: {
      input: "src/app.ts",
      checks: { eval: false }, // htmx has one, switched off by its configuration in base.html
      output: { entryFileNames: "app.js", assetFileNames: "app[extname]", codeSplitting: false },
    },
  },
});
