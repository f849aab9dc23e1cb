import { shown } from './lenient';
import { MAX_EXAMINED_REASON_CHARS, MAX_REASON_CHARS } from '../marketplace.limits';
import type { MicrosoftReason } from '../marketplace.errors';

/**
 * Reads the reason out of an error body. Nothing about it is specified (contract 3.1.2): it may be empty, a text, `{code, message}`,
 * `{error: {…}}` or `{Error: {Code, Message}}`, or a page of some proxy. So it never fails; where it finds nothing, it returns null.
 */
export function readReason(body: string, secrets: readonly string[] = []): MicrosoftReason | null {
  const clean = (value: unknown): string | null => (typeof value === 'string' && value.trim() ? presentable(value, secrets) : null);

  const parsed = parseOrText(body.trim());
  if (typeof parsed === 'string') {
    const message = looksLikeMarkup(parsed) ? null : clean(parsed);
    return message ? { code: null, message, target: null } : null;
  }
  const outer = lowerCaseKeys(parsed);
  const inner = { ...outer, ...lowerCaseKeys(outer['error']) };
  const reason = { code: clean(inner['code']), message: clean(inner['message']), target: clean(inner['target']) };
  return reason.code || reason.message || reason.target ? reason : null;
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
