// The page's own colours, dark or light.
export interface Theme {
  text: string;
  muted: string;
  line: string;
  strong: string;
  surface: string;
  raised: string;
  accent: string;
  soft: string;
  bad: string;
  badSoft: string;
  warn: string;
  font: string;
}

export function theme(): Theme {
  const styles = getComputedStyle(document.documentElement);
  const of = (name: string) => styles.getPropertyValue(`--${name}`).trim();
  return {
    text: of("text"),
    muted: of("muted"),
    line: of("line"),
    strong: of("line-strong"),
    surface: of("surface"),
    raised: of("raised"),
    accent: of("accent"),
    soft: of("accent-soft"),
    bad: of("bad"),
    badSoft: of("bad-soft"),
    warn: of("warn"),
    font: of("font").replaceAll('"', "'"), // it becomes part of an attribute of the SVG
  };
}
