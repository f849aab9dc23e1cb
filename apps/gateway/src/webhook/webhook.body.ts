import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';

/** Microsoft's bodies have a few kB (contract 4.1). */
export const BODY_LIMIT_BYTES = 256 * 1024;
/** From the first byte to the last: less than an answer may take (`ANSWER_LIMIT_MS`), so that nothing is read any more once it was answered. */
const BODY_LIMIT_MS = 3_000;
/** Marks a stored body that is no text. */
const BASE64 = 'base64,';

/**
 * The raw body; undefined where it is larger than the limit. Read by ourselves, so that no framework answers 400, 413 or 415 for us.
 * @throws Error where it does not arrive
 */
export function readBody(request: IncomingMessage, limitBytes = BODY_LIMIT_BYTES, limitMs = BODY_LIMIT_MS): Promise<Buffer | undefined> {
  if (request.destroyed) return Promise.reject(new Error('its caller has gone'));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const deadline = setTimeout(() => request.destroy(new Error('the body did not arrive in time')), limitMs);
    const end = (settle: () => void) => {
      clearTimeout(deadline);
      request.off('data', take).off('end', complete).off('error', fail).off('close', gone);
      settle();
    };
    const take = (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes <= limitBytes) return;
      request.pause(); // the rest stays where it is: the connection ends with the answer
      end(() => resolve(undefined));
    };
    const complete = () => end(() => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    const fail = (error: Error) => end(() => reject(error));
    const gone = () => fail(new Error('its caller went before the body was there'));
    request.on('data', take).on('end', complete).on('error', fail).on('close', gone);
  });
}

/** The body as text for its encrypted column, without losing a byte. */
export function storableBody(body: Buffer): string {
  return isUtf8(body) ? body.toString('utf8') : `${BASE64}${body.toString('base64')}`;
}

/** The body as it came. JSON never begins like the mark of what is no text. */
export function bodyOf(stored: string): Buffer {
  return stored.startsWith(BASE64) ? Buffer.from(stored.slice(BASE64.length), 'base64') : Buffer.from(stored, 'utf8');
}
