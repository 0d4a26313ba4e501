import { defineConfig } from "vite";

// One script and one style sheet with plain names for the site, and by `--mode panel` and `--mode docs` the
// same for the admin panel and the API's page, whose libraries they correct. `--mode trends`: the charts, whose
// library no other page is to carry. Django's manifest storage adds
// the hashes, and a single bundle needs no imports between hashed files. `public/` is copied as it is.
export default defineConfig(({ mode }) => {
  const name = ["panel", "docs", "trends"].includes(mode) ? mode : "app";
  return {
    publicDir: name === "app" && "public",
    build: {
      outDir: "static",
      emptyOutDir: name === "app",
      assetsInlineLimit: 0,
      modulePreload: false,
      chunkSizeWarningLimit: 700, // kB: ECharts, of which the charts' page has what they need
      cssCodeSplit: false, // a file of its own, which the policy for content allows
      rolldownOptions: {
        input: name === "app" ? "src/app.ts" : `src/${name}/${name}.ts`,
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
