export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

const levels: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** Whoever reads lines of one machine knows these already, or sees them in front. */
const leftOut = new Set(['level', 'time', 'msg', 'pid', 'host', 'hostname', 'service', 'instance', 'err', 'leftOut', 'context', 'reqId']);

export interface LogLine {
  level: Level;
  text: string;
}

/**
 * Makes one readable line of what a process wrote: `12:00:01 gateway       stored a webhook  operationId=…`. JSON lines of pino are taken apart; any other text
 * stays as it is. A stack follows on lines of its own.
 */
export function readable(process_: string, line: string, now: Date): LogLine {
  const entry = parsed(line);
  if (!entry) return { level: 'info', text: `${clock(now)} ${process_.padEnd(12)}  ${line}` };
  const level = levelOf(entry['level']);
  const time = typeof entry['time'] === 'string' || typeof entry['time'] === 'number' ? new Date(entry['time']) : now;
  const fields = Object.entries(entry)
    .filter(([name]) => !leftOut.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const mark = levels.indexOf(level) >= levels.indexOf('warn') ? `${level.toUpperCase()} ` : '';
  const text = [`${clock(time)} ${process_.padEnd(12)}  ${mark}${String(entry['msg'] ?? '')}`, ...fields].join('  ');
  return { level, text: text.trimEnd() + errorOf(entry['err']) };
}

export function isAtLeast(level: Level, least: Level): boolean {
  return levels.indexOf(level) >= levels.indexOf(least);
}

function parsed(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined; // not JSON after all: shown as it is
  }
}

/** pino's own numbers (10, 20 … 60) where a process does not write words. */
function levelOf(value: unknown): Level {
  if (typeof value === 'number') return levels[Math.min(5, Math.max(0, Math.round(value / 10) - 1))] ?? 'info';
  return levels.find((level) => level === value) ?? 'info';
}

function errorOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const { stack, message, type } = error as { stack?: string; message?: string; type?: string };
  const words = stack ?? [type, message].filter(Boolean).join(': ');
  return words ? `\n${words.replaceAll(/^/gm, '    ')}` : '';
}

function clock(time: Date): string {
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}
