import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { DISCARD_TIMEOUT_MS } from '../marketplace.limits';

export interface HttpRequest {
  readonly origin: string;
  readonly path: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly headers: Record<string, string>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  header(name: string): string | undefined;
  /** Reads the body, once. Fails with BodyTooLarge beyond the limit, and with the network's error when it is cut. */
  text(limitBytes: number): Promise<string>;
  /** The same piece by piece. */
  chunks(limitBytes: number): AsyncIterable<string>;
  /** Lets the rest of the body go, so that the connection is free again. */
  discard(): void;
}

export class BodyTooLarge extends Error {
  constructor(readonly limitBytes: number) {
    super(`the body is larger than ${limitBytes} bytes`);
  }
}

/** One request, one answer: no redirect is followed, nothing is tried again, the signal ends both head and body. */
export async function send(agent: Dispatcher, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const { origin, path, method, headers, body } = request;
  const answer = await agent.request({ origin, path, method, headers, body: body ?? null, signal });
  return {
    status: answer.statusCode,
    header: (name) => {
      const value = answer.headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
    text: (limitBytes) => whole(bounded(answer.body, limitBytes)),
    chunks: (limitBytes) => bounded(answer.body, limitBytes),
    discard: () => letGo(answer.body),
  };
}

/** What comes after the status decides nothing any more, not even an error; but a body that drips must not hold its connection. */
function letGo(body: Readable): void {
  const cut = setTimeout(() => body.destroy(), DISCARD_TIMEOUT_MS);
  body.on('error', () => undefined);
  body.once('close', () => clearTimeout(cut));
  body.resume();
}

async function* bounded(body: AsyncIterable<Buffer>, limitBytes: number): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limitBytes) throw new BodyTooLarge(limitBytes); // leaving the loop destroys the stream
    yield decoder.decode(chunk, { stream: true });
  }
  yield decoder.decode();
}

async function whole(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

const neverConnected = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

/** True when the request cannot have been read by anybody, so that repeating even a change is safe. */
export function wasNeverSent(error: unknown): boolean {
  const code = networkCode(error);
  return neverConnected.has(code) || code.startsWith('CERT_') || code.startsWith('ERR_TLS_');
}

/** The system's or undici's word for what went wrong, such as ECONNRESET; it names no host and no person. */
export function networkCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'unknown';
}
