import { Logger } from '@nestjs/common';
import type { Networks } from '@landfall/http-server';
import { Agent, type Dispatcher } from 'undici';
import { AddressGuard } from './address/address.guard';
import type { AllowedHosts } from './address/allowed.hosts';
import { checkedLookup, type LookupAll } from './address/checked.lookup';
import { destinationOf, type Destination } from './address/destination';
import { Bulkhead } from './http/bulkhead';
import { exchange, letGo, readBody } from './http/exchange';
import { failureOf, ServiceStopping } from './http/failure';
import { measureCall } from './outgoing-call.metrics';
import {
  CLOSE_TIME_LIMIT_MS,
  CONNECTIONS_PER_HOST,
  CONNECT_TIME_LIMIT_MS,
  DEFAULT_TIME_LIMIT_MS,
  KEEP_ALIVE_MS,
  MAX_ANSWER_HEADER_BYTES,
  MAX_CALL_ID_CHARS,
  MAX_HOSTS,
  MAX_QUESTION_BYTES,
  MAX_TIME_LIMIT_MS,
  WAITING_CALLS_PER_HOST,
} from './outgoing-call.limits';
import { unanswered, type Answered, type AnsweredWithBody, type Unanswered } from './outcome';
import type { SigningKeys } from './signature/signing-keys';

export interface OutgoingCallOptions {
  readonly hosts: AllowedHosts;
  /** Networks that may be called although they are not public. */
  readonly networks: Networks;
  /** How names are resolved. The system's way unless a spec says otherwise. */
  readonly lookup?: LookupAll;
}

export interface OutgoingCall {
  readonly url: string;
  /** The same for each repetition of one call: receivers know it by this. Letters, digits, `-` and `_`, 100 at most; a UUID will do. */
  readonly id: string;
  /** What is sent as JSON, 256 kB at most. */
  readonly body: object;
  readonly signingKeys: SigningKeys;
  /** For everything, in milliseconds: 1 to 60,000, and 10,000 where nothing is said. */
  readonly timeLimitMs?: number;
}

/** Reads the answer after its status. */
type Reading<T extends Answered> = (answer: Dispatcher.ResponseData, signal: AbortSignal) => Promise<T | Unanswered>;

const CALL_ID = new RegExp(`^[A-Za-z0-9_-]{1,${MAX_CALL_ID_CHARS}}$`);

/**
 * Signed calls from a service to the company's own products. One object per service: it holds the connections. Whatever the other side does is an outcome and
 * no error; a RangeError means that the caller handed over what can never be sent.
 */
export class OutgoingCalls {
  private readonly logger = new Logger(OutgoingCalls.name);
  private readonly guard: AddressGuard;
  private readonly agent: Agent;
  private readonly bulkhead = new Bulkhead({ running: CONNECTIONS_PER_HOST, waiting: WAITING_CALLS_PER_HOST });
  private readonly stopping = new AbortController();
  private closing: Promise<void> | undefined;

  constructor(private readonly options: OutgoingCallOptions) {
    this.guard = new AddressGuard(options.networks);
    this.agent = new Agent({
      connections: CONNECTIONS_PER_HOST,
      maxOrigins: MAX_HOSTS,
      pipelining: 1,
      allowH2: false, // the bounds of an answer are those of HTTP/1.1
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_ANSWER_HEADER_BYTES,
      connect: { lookup: checkedLookup(this.guard, options.lookup), timeout: CONNECT_TIME_LIMIT_MS },
    });
  }

  /** Asks something and reads the answer as JSON. */
  ask(call: OutgoingCall): Promise<AnsweredWithBody | Unanswered> {
    return this.perform(call, readJson);
  }

  /** Tells something. The status is the whole answer. */
  tell(call: OutgoingCall): Promise<Answered | Unanswered> {
    return this.perform(call, readStatus);
  }

  /** Why no call to a URL would ever be sent, as a sentence; undefined where only its name's addresses will show it. */
  problemOf(url: string): string | undefined {
    const destination = destinationOf(url, this.options.hosts, this.guard);
    return 'problem' in destination ? destination.problem : undefined;
  }

  /** Lets calls end, for five seconds at most, then cuts them. Later ones are `not-sent`. */
  close(): Promise<void> {
    this.closing ??= this.closeConnections();
    return this.closing;
  }

  private async perform<T extends Answered>(call: OutgoingCall, read: Reading<T>): Promise<T | Unanswered> {
    const body = acceptedBody(call);
    const startedAt = performance.now();
    const destination = destinationOf(call.url, this.options.hosts, this.guard);
    const isBlocked = 'problem' in destination;
    const outcome = isBlocked ? unanswered('blocked-address', destination.problem) : await this.send(destination, call, body, read);
    const seconds = (performance.now() - startedAt) / 1000;
    measureCall({ host: isBlocked ? undefined : destination.allowedBy, outcome, seconds });
    this.log(call.id, outcome, seconds);
    return outcome;
  }

  private async send<T extends Answered>(
    { url }: Destination,
    call: OutgoingCall,
    body: string,
    read: Reading<T>,
  ): Promise<T | Unanswered> {
    if (this.closing) return unanswered('not-sent', `nothing was sent to ${url.host}: this service is stopping`);
    const { id, signingKeys, timeLimitMs = DEFAULT_TIME_LIMIT_MS } = call;
    const signal = AbortSignal.any([AbortSignal.timeout(timeLimitMs), this.stopping.signal]);
    const headers = {
      ...signingKeys.headers({ id, atMs: Date.now(), body }),
      'content-type': 'application/json',
      accept: 'application/json',
      'user-agent': 'Landfall',
    };
    const turn = this.bulkhead.enter(url.origin, signal);
    if (!turn)
      return unanswered(
        'not-sent',
        `${CONNECTIONS_PER_HOST + WAITING_CALLS_PER_HOST} calls to ${url.host} run or wait already, and no more may`,
      );
    try {
      const release = await turn;
      const answer = await exchange(this.agent, { url, headers, body }, signal, release);
      if (answer.statusCode < 300 || answer.statusCode >= 400) return await read(answer, signal);
      letGo(answer, signal);
      return unanswered('redirect', `${url.host} answered ${answer.statusCode}: calls go to the configured address alone`);
    } catch (error) {
      return failureOf(error, { host: url.host, signal, timeLimitMs });
    }
  }

  /** Neither path nor bodies: both may hold what a log must not. */
  private log(id: string, outcome: Answered | Unanswered, seconds: number): void {
    const durationMs = Math.round(seconds * 1000);
    if (outcome.kind === 'answered') this.logger.debug({ id, status: outcome.status, durationMs }, 'an outgoing call was answered');
    else this.logger.warn({ id, reason: `${outcome.reason}: ${outcome.detail}`, durationMs }, 'an outgoing call was not answered');
  }

  private async closeConnections(): Promise<void> {
    const cut = setTimeout(() => this.stopping.abort(new ServiceStopping()), CLOSE_TIME_LIMIT_MS);
    await this.agent.close().finally(() => clearTimeout(cut));
  }
}

const readStatus: Reading<Answered> = async (answer, signal) => {
  letGo(answer, signal);
  return { kind: 'answered', status: answer.statusCode };
};

const readJson: Reading<AnsweredWithBody> = async (answer) => {
  const status = answer.statusCode;
  const read = jsonOf(await readBody(answer));
  if (read) return { kind: 'answered', status, body: read.body };
  if (status >= 300) return { kind: 'answered', status, body: undefined };
  return unanswered('not-json', `it answered ${status} with what is no JSON`);
};

function jsonOf(bytes: Buffer): { body: unknown } | undefined {
  try {
    return { body: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch {
    return undefined; // said as `not-json`
  }
}

/** @throws RangeError for a call that can never be sent, whatever the other side does */
function acceptedBody({ id, body, timeLimitMs = DEFAULT_TIME_LIMIT_MS }: OutgoingCall): string {
  if (!CALL_ID.test(id)) throw new RangeError(`the id of a call has 1 to ${MAX_CALL_ID_CHARS} letters, digits, - and _`);
  if (!Number.isInteger(timeLimitMs) || timeLimitMs < 1 || timeLimitMs > MAX_TIME_LIMIT_MS)
    throw new RangeError(`the time limit of a call is 1 to ${MAX_TIME_LIMIT_MS} ms, not ${timeLimitMs}`);
  const text = JSON.stringify(body);
  if (Buffer.byteLength(text) > MAX_QUESTION_BYTES) throw new RangeError(`a call carries at most ${MAX_QUESTION_BYTES} bytes`);
  return text;
}
