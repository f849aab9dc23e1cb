/** 2 to this power exceeds every limit that is used here; it only keeps the number finite. */
const MAX_DOUBLINGS = 30;

/** How long to wait after the given run (1 is the first) of something that is asked again and again: it doubles up to the limit. */
export function growingDelayMs(run: number, { firstMs, limitMs }: { firstMs: number; limitMs: number }): number {
  return Math.min(limitMs, firstMs * 2 ** Math.min(Math.max(run - 1, 0), MAX_DOUBLINGS));
}
