/** 2 to this power exceeds every limit that is used here; it only keeps the number finite. */
const MAX_DOUBLINGS = 30;

/** How a delay grows: from `firstMs`, doubled with each run, up to `limitMs`. */
export interface Backoff {
  readonly firstMs: number;
  readonly limitMs: number;
}

/** How long to wait after the given run (1 is the first) of something that is asked again and again. */
export function backoffMs(run: number, { firstMs, limitMs }: Backoff): number {
  return Math.min(limitMs, firstMs * 2 ** Math.min(Math.max(run - 1, 0), MAX_DOUBLINGS));
}
