import { AsyncLocalStorage } from 'node:async_hooks';
import { hostname } from 'node:os';
import { Logger, PinoLogger, type Params } from 'nestjs-pino';
import { stdTimeFunctions, type LoggerOptions } from 'pino';
import type { ServiceValues } from '../config/service.settings';
import { toStandardOutput } from './log.output';

/**
 * Text that may appear in a log, by the name of its field. Everything else that is text is left out and only its field's name is kept, so that
 * a token, an e-mail or a name cannot slip into a log by being part of an object. Numbers and booleans are always shown.
 */
const TEXT_FIELDS = new Set(
  `context method route path outcome reason action status stage access state about missing kind name type code topic group consumer partition offset address
   service instance version publisher registration plan offer phase signal job worker schema migration url host event endpoint`.split(
    /\s+/,
  ),
);
const ID_FIELD = /^(id|ids|[a-z][A-Za-z]*Ids?|correlationid|causationid|traceparent)$/;
const TEXT_LENGTH = 500;
const LIST_LENGTH = 50;

/** Keeps what a log may show. Names of fields that were left out are listed under `leftOut`. */
export function allowed(fields: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  const leftOut: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    const shown = shownValue(name, value);
    if (shown !== undefined) kept[name] = shown;
    else if (value !== undefined && value !== null) leftOut.push(name);
  }
  return leftOut.length > 0 ? { ...kept, leftOut } : kept;
}

function shownValue(name: string, value: unknown): unknown {
  if (name === 'err' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Date) return value.toISOString();
  if (!TEXT_FIELDS.has(name) && !ID_FIELD.test(name)) return undefined;
  if (typeof value === 'string') return value.slice(0, TEXT_LENGTH);
  return Array.isArray(value)
    ? value
        .slice(0, LIST_LENGTH)
        .filter((entry) => typeof entry !== 'object')
        .map((entry) => String(entry).slice(0, TEXT_LENGTH))
    : undefined;
}

/**
 * What a log shows of an error. Its other fields are left out on purpose: Postgres's `detail` and TypeORM's `parameters` hold the values of
 * rows.
 */
export function shownError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error, message: 'something that is not an error was thrown' };
  const { code, constraint, table } = error as Error & Record<'code' | 'constraint' | 'table', unknown>;
  const cause = error.cause instanceof Error ? { cause: shownError(error.cause) } : {};
  return { type: error.constructor.name, message: error.message, code, constraint, table, stack: error.stack, ...cause };
}

const request = new AsyncLocalStorage<{ readonly correlationId: string }>();

/** Every line that is logged in the work for a request has its correlation id, once. */
export function inRequest(correlationId: string, work: () => void): void {
  request.run({ correlationId }, work);
}

/** One JSON line per entry on standard output. What a process that is killed still had to write is said in `log.output.ts`. */
export function pinoOptions(service: string, values: Pick<ServiceValues, 'LOG_LEVEL' | 'INSTANCE_NAME'>): LoggerOptions {
  return {
    level: values.LOG_LEVEL,
    base: { service, instance: values.INSTANCE_NAME, pid: process.pid, host: hostname() },
    timestamp: stdTimeFunctions.isoTime,
    mixin: () => ({ ...request.getStore() }), // a field of the entry itself takes its place; a binding would stand beside it
    formatters: { level: (level) => ({ level }), log: allowed },
    serializers: { err: shownError },
  };
}

/** The logger behind Nest's own `Logger`. */
export function createLogger(service: string, values: Pick<ServiceValues, 'LOG_LEVEL' | 'INSTANCE_NAME'>): Logger {
  const parameters: Params = { pinoHttp: [{ ...pinoOptions(service, values), wrapSerializers: false }, toStandardOutput()] };
  return new Logger(new PinoLogger(parameters), parameters);
}
