import type { Agent, Dispatcher } from 'undici';
import { MAX_ANSWER_BYTES } from '../outgoing-call.limits';
import type { Release } from './bulkhead';

export interface SignedRequest {
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** The answer's body is longer than anybody reads. */
export class AnswerTooLarge extends Error {
  readonly code = 'ANSWER_TOO_LARGE';
}

const mayRepeat = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

/**
 * One request and the head of its answer. Nothing follows a redirect or reads a proxy from the environment. A server may close an idle connection in the very moment in
 * which it is used again: then, and wherever a connection is cut before the head has come, the same request is sent once more, and receivers
 * know it by its `webhook-id`. The signal ends everything for the caller, also while a name is resolved or a connection is made, where undici looks at no signal.
 * `release` is called when the connection is free again, which may be later.
 */
export function exchange(agent: Agent, request: SignedRequest, signal: AbortSignal, release: Release): Promise<Dispatcher.ResponseData> {
  const sent = sendOnceOrTwice(agent, request, signal);
  sent.then(({ body }) => body.once('close', release), release);
  return Promise.race([sent, ended(signal)]);
}

async function sendOnceOrTwice(agent: Agent, request: SignedRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  try {
    return await send(agent, request, signal);
  } catch (error) {
    if (signal.aborted || !mayRepeat.has(codeOf(error))) throw error;
    return send(agent, request, signal).catch((again: unknown) => {
      throw signal.aborted ? again : error; // the first one may have arrived, so nobody may be told that none did
    });
  }
}

function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    else signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

async function send(agent: Agent, { url, headers, body }: SignedRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  const answer = await agent.request({ origin: url.origin, path: url.pathname + url.search, method: 'POST', headers, body, signal });
  answer.body.on('error', () => undefined); // who reads it is told; where nobody does, it must not end the process
  return answer;
}

/** @throws AnswerTooLarge, and the network's error where the body is cut or the time is up */
export async function readBody({ body }: Dispatcher.ResponseData): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new AnswerTooLarge(`the answer has more than ${MAX_ANSWER_BYTES} bytes`); // leaving the loop closes the connection
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Lets a body go that nobody reads: a short one leaves the connection usable, a long or slow one closes it. */
export function letGo({ body }: Dispatcher.ResponseData, signal: AbortSignal): void {
  void body.dump({ limit: MAX_ANSWER_BYTES, signal }).catch(() => undefined);
}

/** The system's or undici's word for what went wrong; empty where there is none. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}
