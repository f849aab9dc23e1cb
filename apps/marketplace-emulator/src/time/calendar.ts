const dayMs = 86_400_000;

/**
 * The same day and time of day in UTC some months later, or the last day of that month where it has no such day.
 * @param anchorDay the day of the month that is meant, where a short month has moved the date away from it.
 */
export function addMonths(atMs: number, months: number, anchorDay = new Date(atMs).getUTCDate()): number {
  const at = new Date(atMs);
  const year = at.getUTCFullYear();
  const month = at.getUTCMonth() + months;
  const daysInMonth = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(anchorDay, daysInMonth)) + timeOfDay(atMs);
}

export function addDays(atMs: number, days: number): number {
  return atMs + days * dayMs;
}

/** The beginning of the day in UTC. */
export function midnight(atMs: number): number {
  return atMs - timeOfDay(atMs);
}

function timeOfDay(atMs: number): number {
  return ((atMs % dayMs) + dayMs) % dayMs;
}
