import { z } from 'zod';
import { limits } from '../../limits';
import { isSmallJson } from '../../small.json';

/** The parts of an answer that a rule may choose, bounded so that they can be stored and sent. */
const headerName = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const ofConnection = new Set(['content-length', 'transfer-encoding', 'connection', 'keep-alive', 'trailer', 'upgrade']);

export const headerValue = z.string().regex(/^[\t\x20-\x7e]{0,1000}$/, 'must be printable ASCII, up to 1000 characters');

export const headers = z.record(z.string(), headerValue).superRefine((all, context) => {
  const report = (name: string, message: string) => context.addIssue({ code: 'custom', path: [name], message });
  const names = Object.keys(all);
  if (names.length > limits.faultHeaders) context.addIssue(`must be at most ${limits.faultHeaders}`);
  for (const name of names) {
    if (!headerName.test(name)) report(name, 'is not the name of a header');
    if (ofConnection.has(name.toLowerCase())) report(name, 'belongs to the connection and cannot be set');
  }
});

/** A text is sent as it is, anything else as JSON. */
export const answerBody = z
  .unknown()
  .refine(
    (value) => value === undefined || isSmallJson(value, limits.faultBodyCharacters),
    `must be JSON or text of up to ${limits.faultBodyCharacters} characters`,
  );
