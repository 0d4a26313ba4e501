// The API's page: Swagger UI within the site's page, in the colours of the system's scheme.
import "./docs.css";
import { keepCorrect } from "./corrections";
import { siteLayout } from "./layout";

interface Request {
  method?: string;
  credentials?: string;
  headers: Record<string, string>;
}

declare const SwaggerUIBundle: {
  (options: Record<string, unknown>): unknown;
  presets: { apis: unknown };
};

const dark = matchMedia("(prefers-color-scheme: dark)");
const followScheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
followScheme();
dark.addEventListener("change", followScheme);

document.addEventListener("DOMContentLoaded", () => {
  const root = document.querySelector<HTMLElement>("#swagger-ui")!;
  keepCorrect(root);
  SwaggerUIBundle({
    url: root.dataset["schema"],
    domNode: root,
    presets: [SwaggerUIBundle.presets.apis],
    plugins: [siteLayout],
    layout: "SiteLayout",
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    requestInterceptor: (request: Request) => {
      // Only to this site, whose session may be the one that is asked as.
      const changes = !["GET", undefined].includes(request.method);
      if (changes && request.credentials === "same-origin") request.headers["X-CSRFToken"] = root.dataset["token"]!;
      return request;
    },
  });
});
