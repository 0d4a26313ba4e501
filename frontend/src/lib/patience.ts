// How long an answer is waited for. On a line that went dead there comes none, and no error either.
const MS = 60_000;

/** The signal of a request that is small and soon answered. */
export function patience(): AbortSignal {
  return AbortSignal.timeout(MS);
}
