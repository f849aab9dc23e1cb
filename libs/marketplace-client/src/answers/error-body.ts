import { shown } from './lenient';
import { MAX_DETAILS, MAX_EXAMINED_REASON_CHARS, MAX_REASON_CHARS } from '../marketplace.limits';
import type { MicrosoftReason } from '../marketplace.errors';

/**
 * Reads the reason out of an error body. Nothing about it is specified (contract 3.1.2): it may be empty, a text, `{code, message}`,
 * `{error: {…}}` or `{Error: {Code, Message}}`, or a page of some proxy. So it never fails; where it finds nothing, it returns null.
 */
export function readReason(body: string, secrets: readonly string[] = []): MicrosoftReason | null {
  const clean = (value: unknown): string | null => (typeof value === 'string' && value.trim() ? presentable(value, secrets) : null);

  return reasonIn(parseOrText(body.trim()), clean);
}

/** The reason of one part of a batch, which is parsed already (contract 6.4). As above. */
export const partReason = (error: unknown): MicrosoftReason | null =>
  reasonIn(error, (value) => (typeof value === 'string' && value.trim() ? presentable(value, []) : null));

function reasonIn(parsed: unknown, clean: (value: unknown) => string | null): MicrosoftReason | null {
  if (typeof parsed === 'string') {
    const message = looksLikeMarkup(parsed) ? null : clean(parsed);
    return message ? { code: null, message, target: null } : null;
  }
  const outer = lowerCaseKeys(parsed);
  const inner = { ...outer, ...lowerCaseKeys(outer['error']) };
  const message = [inner['message'], ...detailsOf(inner)].filter((words) => typeof words === 'string' && words.trim()).join(' ');
  const reason = { code: clean(inner['code']), message: clean(message), target: clean(inner['target']) };
  return reason.code || reason.message || reason.target ? reason : null;
}

/** What is wrong in detail: the message itself then only says that something is (contract 6.2). */
function detailsOf({ details }: Record<string, unknown>): unknown[] {
  return Array.isArray(details) ? details.slice(0, MAX_DETAILS).map((detail) => lowerCaseKeys(detail)['message']) : [];
}

function parseOrText(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body; // any body is legal here: it is then the reason itself
  }
}

const looksLikeMarkup = (body: string) => body.startsWith('<');

function lowerCaseKeys(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.toLowerCase(), inner]));
}

/**
 * Reasons end in logs and on pages: our secrets, tokens of any kind and e-mail addresses are taken out, and the rest is cut to a readable
 * length. Our secrets are taken out of the whole text, so that no cut leaves half of one; words are looked at in a text that was cut before.
 */
function presentable(message: string, secrets: readonly string[]): string {
  const withoutSecrets = secrets.reduce((rest, secret) => (secret ? rest.replaceAll(secret, '…') : rest), message);
  const words = withoutSecrets
    .slice(0, MAX_EXAMINED_REASON_CHARS)
    .replace(/eyJ[\w.-]*/g, '…')
    .replace(/[^\s"'<>]+/g, (word) => (word.includes('@') ? '…' : word))
    .trim()
    .slice(0, MAX_REASON_CHARS);
  return shown(words); // reasons are stored, and a cut may halve a letter
}
