// What Swagger UI shows on the API's page. Its own layout has a title and a `main` of its own, which the page has already.

type Props = Record<string, unknown>;
type Component = (props: Props) => unknown;

interface System {
  React: { createElement(type: unknown, props?: Props | null, ...children: unknown[]): unknown };
}

interface LayoutProps extends Props {
  getComponent(name: string, connected?: boolean): unknown;
  specSelectors: { loadingStatus(): string };
}

/** A plugin with one component: errors, the sign-in by token, the addresses, and the shapes of what they take. */
export function siteLayout({ React }: System): { components: Record<string, Component> } {
  const h = React.createElement.bind(React);
  const SiteLayout = ({ getComponent, specSelectors }: LayoutProps) => {
    const part = (name: string) => h(getComponent(name, true));
    if (specSelectors.loadingStatus() === "loading") return h("p", { role: "status" }, "Loading…");
    return h(
      "div",
      { className: "swagger-ui" },
      h(getComponent("SvgAssets")),
      part("errors"),
      h("div", { className: "scheme-container" }, part("AuthorizeBtnContainer")),
      part("operations"),
      part("Models"),
    );
  };
  return { components: { SiteLayout: SiteLayout as Component } };
}
