import { defineConfig } from "vite";

// One script and one style sheet with plain names for the site, and by `--mode panel` the same for the admin
// panel: Django's manifest storage adds the hashes, and a single bundle needs no imports between hashed
// files. `public/` (icons) is copied as it is.
export default defineConfig(({ mode }) => {
  const name = mode === "panel" ? "panel" : "app";
  return {
    publicDir: name === "app" && "public",
    build: {
      outDir: "static",
      emptyOutDir: name === "app",
      assetsInlineLimit: 0,
      modulePreload: false,
      cssCodeSplit: false, // a file of its own, which the policy for content allows
      rolldownOptions: {
        input: name === "app" ? "src/app.ts" : "src/panel/panel.ts",
        checks: { eval: false }, // htmx has one, switched off by its configuration in base.html
        output: {
          format: name === "app" ? "es" : "iife",
          entryFileNames: `${name}.js`,
          assetFileNames: `${name}[extname]`,
          codeSplitting: false,
        },
      },
    },
  };
});
