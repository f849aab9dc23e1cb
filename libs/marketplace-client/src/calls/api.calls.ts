import { randomUUID } from 'node:crypto';
import type { Dispatcher } from 'undici';
import { readReason } from '../answers/error-body';
import {
  MarketplaceAnswerUnreadable,
  MarketplaceError,
  MarketplaceForbidden,
  MarketplaceUnavailable,
  type FailedCall,
  type FailureDetails,
} from '../marketplace.errors';
import {
  DEFAULT_ATTEMPTS,
  MAX_BODY_BYTES,
  MAX_ERROR_BODY_BYTES,
  MAX_MICROSOFT_ID_CHARS,
  MAX_USAGE_BODY_BYTES,
} from '../marketplace.limits';
import type { CallContext, CallPurpose, CallRecord } from '../marketplace.options';
import type { AccessToken, AccessTokens } from '../tokens/access-tokens';
import { cutBody, failureOf, networkFailure, timedOut, unsent } from './failures';
import { BodyTooLarge, send, type HttpAnswer } from '../http/http';
import type { Progress, Resilience } from './resilience';
import { readDate } from '../http/date';
import { retryAfterMs } from '../http/retry-after';

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly route: string;
  readonly origin: string;
  readonly path: string;
  readonly subscriptionId?: string;
  readonly operationId?: string;
  /** Where the caller names none. */
  readonly purpose: CallPurpose;
  readonly headers?: Record<string, string>;
  readonly json?: unknown;
  /** The same as text, where digits must stay as they are. */
  readonly jsonText?: string;
  /** What leads there, where that is not what leads to the API. */
  readonly way?: string;
  /** Of an attempt, where neither the caller nor the client's own limit is meant. */
  readonly timeoutMs?: number;
  /** Whether an attempt whose outcome is unknown may simply be made again (contract 3.1.3). Never for a change or a cancellation. */
  readonly isRepeatable: boolean;
  /** False where the status alone matters: the body is then discarded, and cannot spoil a success. */
  readonly readsBody: boolean;
  /** Takes a body piece by piece, in the time of the attempt, that would be too large as a whole. Its MarketplaceError ends the call, and so does the cause of its NotTaken. */
  readonly take?: (pieces: AsyncIterable<string>, details: FailureDetails) => Promise<void>;
  /** A refusal that is read as an answer. */
  readonly answeredBy?: number;
  /** PATCH operation alone: 500 may stand for an ended operation (contract 3.10), so it is neither repeated nor counted against Microsoft. */
  readonly is500NoOutage?: boolean;
  /** Texts that must appear nowhere, should Microsoft send them back. */
  readonly secrets?: readonly string[];
}

export interface ApiAnswer {
  readonly status: number;
  /** '' where the call does not read it. */
  readonly body: string;
  readonly details: FailureDetails;
  /** Microsoft's clock, or ours before the call: see `Dated`. */
  readonly date: string;
  header(name: string): string | undefined;
}

/** Whoever takes a body piece by piece could not: that is no failure of Microsoft's, and its cause is what the caller gets. */
export class NotTaken extends Error {
  constructor(cause: unknown) {
    super('what was read could not be taken', { cause });
  }
}

/** One attempt of a call while it is made. */
interface Exchange {
  readonly call: ApiCall;
  readonly purpose: CallPurpose;
  readonly token: AccessToken;
  /** How the attempt is named in errors and in the ledger. */
  readonly sent: FailedCall;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

interface Settings {
  readonly timeoutMs: number;
  readonly now: () => number;
  readonly onCall: (record: CallRecord) => void;
}

/**
 * Makes calls to the marketplace's API: token, ids, time limit, retries, a record of each attempt, and an error for every status that is
 * not a success.
 */
export class ApiCalls {
  constructor(
    private readonly agent: Dispatcher,
    private readonly tokens: Pick<AccessTokens, 'get' | 'replace'>,
    private readonly resilience: Pick<Resilience, 'run'>,
    private readonly settings: Settings,
  ) {}

  perform(call: ApiCall, context: CallContext): Promise<ApiAnswer> {
    const timeoutMs = context.timeoutMs ?? call.timeoutMs ?? this.settings.timeoutMs;
    const purpose = context.purpose ?? call.purpose;
    const describe = (requestId: string | null): FailedCall => ({
      method: call.method,
      route: call.route,
      requestId,
      correlationId: context.correlationId,
    });

    return this.resilience.run({
      purpose,
      endpoint: `${call.method} ${call.route}`,
      ...(call.way !== undefined && { way: call.way }),
      timeoutMs,
      attempts: context.attempts ?? DEFAULT_ATTEMPTS,
      isOptional: context.isOptional ?? false,
      mayRepeat: (error) => mayRepeat(call, error),
      attempt: (signal, progress) =>
        this.authorised(signal, progress, async (token) => {
          const requestId = randomUUID(); // each attempt is a request of its own (contract 2.5)
          await context.announce?.(requestId, signal);
          signal.throwIfAborted();
          progress.sentAs = requestId;
          return this.exchange({ call, purpose, token, sent: describe(requestId), signal, timeoutMs });
        }),
      interrupted: (why, { sentAs }, afterMs) =>
        why === 'timeout'
          ? timedOut(timeoutMs, sentAs !== null, { call: describe(sentAs) })
          : unsent(why, afterMs, { call: describe(null) }),
    });
  }

  /** 401 and 403 alike: one more try with a new token, then it is a matter of configuration (contract 2.2). */
  private async authorised<T>(signal: AbortSignal, progress: Progress, request: (token: AccessToken) => Promise<T>): Promise<T> {
    const token = await this.tokens.get(signal);
    try {
      return await request(token);
    } catch (error) {
      if (!(error instanceof MarketplaceForbidden) || !this.tokens.replace(token)) throw error;
    }
    progress.sentAs = null; // refused, so surely not done
    return request(await this.tokens.get(signal));
  }

  private async exchange(exchange: Exchange): Promise<ApiAnswer> {
    const { call, purpose, sent } = exchange;
    const startedAt = performance.now();
    const beforeCall = new Date(this.settings.now()).toISOString();
    let answer: HttpAnswer | undefined;
    let failure: unknown;
    try {
      answer = await this.send(exchange);
      return await this.read(answer, exchange, readDate(answer.header('date')) ?? beforeCall);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      this.settings.onCall({
        method: call.method,
        route: call.route,
        purpose,
        ...(call.subscriptionId && { subscriptionId: call.subscriptionId }),
        ...(call.operationId && { operationId: call.operationId }),
        requestId: sent.requestId ?? '',
        correlationId: sent.correlationId,
        ...microsoftRequestId(answer),
        ...dateOf(answer),
        status: answer?.status ?? null,
        durationMs: Math.round(performance.now() - startedAt),
        ...(failure !== undefined && { error: nameOf(failure) }),
      });
    }
  }

  private async send({ call, token, sent, signal, timeoutMs }: Exchange): Promise<HttpAnswer> {
    const headers = {
      ...call.headers,
      accept: 'application/json',
      'content-type': 'application/json', // asked for by the documentation, even on GET (contract 2.5)
      authorization: `Bearer ${token.value}`,
      'x-ms-requestid': sent.requestId ?? '',
      'x-ms-correlationid': sent.correlationId,
    };
    const body = call.jsonText ?? (call.json === undefined ? undefined : JSON.stringify(call.json));
    try {
      return await send(this.agent, { origin: call.origin, path: call.path, method: call.method, headers, body }, signal);
    } catch (error) {
      throw signal.aborted ? timedOut(timeoutMs, true, { call: sent }) : networkFailure(error, { call: sent });
    }
  }

  /** Status first; a body may be anything (contract 3.1.2). */
  private async read(answer: HttpAnswer, { call, token, sent, signal, timeoutMs }: Exchange, date: string): Promise<ApiAnswer> {
    const { status } = answer;
    const details: FailureDetails = { call: sent, status, date };
    const isSuccess = (status >= 200 && status < 300) || status === call.answeredBy;
    if (!isSuccess) {
      const microsoft = readReason(await errorBody(answer), [token.value, ...(call.secrets ?? [])]);
      const waitMs = retryAfterMs(answer.header('retry-after'), this.settings.now());
      throw failureOf(
        status,
        { ...details, microsoft, ...(waitMs !== undefined && { retryAfterMs: waitMs }) },
        call.is500NoOutage ?? false,
      );
    }
    if (!call.readsBody) {
      answer.discard();
      return { status, body: '', details, date, header: answer.header };
    }
    try {
      if (call.take) await call.take(answer.chunks(MAX_USAGE_BODY_BYTES), details);
      const body = call.take ? '' : await answer.text(MAX_BODY_BYTES);
      return { status, body, details, date, header: answer.header };
    } catch (error) {
      if (error instanceof MarketplaceError) throw error;
      if (error instanceof NotTaken) throw error.cause;
      if (error instanceof BodyTooLarge)
        throw new MarketplaceAnswerUnreadable('(body)', `is larger than ${error.limitBytes} bytes`, details);
      throw signal.aborted ? timedOut(timeoutMs, true, details) : cutBody(error, details);
    }
  }
}

/**
 * A failure that surely left nothing behind may always be repeated; one with an unknown outcome only where doing it twice is doing it once.
 */
function mayRepeat(call: ApiCall, error: MarketplaceError): boolean {
  if (!(error instanceof MarketplaceUnavailable)) return error.retriable;
  return error.isOutage && (call.isRepeatable || !error.outcomeUnknown);
}

async function errorBody(answer: HttpAnswer): Promise<string> {
  try {
    return await answer.text(MAX_ERROR_BODY_BYTES);
  } catch {
    return ''; // the status is what matters; a cut or huge explanation is no explanation
  }
}

function microsoftRequestId(answer: HttpAnswer | undefined): { microsoftRequestId?: string } {
  const id = answer?.header('x-ms-activityid') ?? answer?.header('x-ms-requestid');
  return id ? { microsoftRequestId: id.slice(0, MAX_MICROSOFT_ID_CHARS) } : {};
}

function dateOf(answer: HttpAnswer | undefined): { date?: string } {
  const date = readDate(answer?.header('date'));
  return date ? { date } : {};
}

function nameOf(failure: unknown): string {
  if (failure instanceof MarketplaceUnavailable) return `${failure.code}/${failure.reason}`;
  return failure instanceof MarketplaceError ? failure.code : 'UNEXPECTED';
}
