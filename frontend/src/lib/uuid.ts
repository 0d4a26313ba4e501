/** crypto.randomUUID is there on HTTPS and localhost only; in a factory's network pages often come by HTTP. */
export function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
