/** Milliseconds of a Retry-After header, which is seconds or a date (RFC 9110, 10.2.3); undefined where it is absent or makes no sense. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  const value = header?.trim();
  if (!value) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  if (!/^[a-z]{3}/i.test(value)) return undefined; // a date begins with its day; the parser would take almost any number for a year
  const dateMs = Date.parse(value);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}
