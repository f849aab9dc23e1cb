const dateTime = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})?$/;
const date = /^\d{4}-\d{2}-\d{2}$/;

/**
 * The instant that an ISO 8601 date-time names, in milliseconds; what is finer is cut off. One without a zone is UTC, as in Microsoft's own
 * sample (contract 6.2). Undefined for anything else, also for days that the calendar does not have.
 */
export function instantOf(text: string): number | undefined {
  const parts = dateTime.exec(text);
  if (!parts) return undefined;
  const [, day, minutes, seconds = '00', fraction = '', zone = 'Z'] = parts;
  const clockFace = `${day}T${minutes}:${seconds}`;
  const atMs = Date.parse(`${clockFace}.${fraction.padEnd(3, '0').slice(0, 3)}Z`);
  if (Number.isNaN(atMs) || new Date(atMs).toISOString().slice(0, 19) !== clockFace) return undefined;
  const offsetMs = zone === 'Z' ? 0 : offsetOf(zone);
  return offsetMs === undefined ? undefined : atMs - offsetMs;
}

/** The day, in UTC and without a time, that a date or a date-time names: `2024-01-19`. */
export function dayOf(text: string): string | undefined {
  const atMs = instantOf(date.test(text) ? `${text}T00:00:00Z` : text);
  return atMs === undefined ? undefined : dayAt(atMs);
}

export function dayAt(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

function offsetOf(zone: string): number | undefined {
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4, 6))];
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
