import type { Finding } from './finding';

const DAY_MS = 86_400_000;

/** From so many days on before the end of a credential somebody is told, and told again. */
export const NOTICE_DAYS = [60, 14, 3, 0] as const;

/** The last notice that was due; null while the end is far. 0: it has ended. */
export function noticeOf(endsAtMs: number, nowMs: number): (typeof NOTICE_DAYS)[number] | null {
  return NOTICE_DAYS.findLast((days) => endsAtMs - nowMs <= days * DAY_MS) ?? null;
}

/** What is to be told about a secret or certificate; null while its end is far, or unknown. */
export function expiryFinding(kind: 'secret' | 'certificate', endsAtMs: number | null, nowMs: number): Finding | null {
  const noticeDays = endsAtMs === null ? null : noticeOf(endsAtMs, nowMs);
  if (endsAtMs === null || noticeDays === null) return null;
  const day = new Date(endsAtMs).toISOString().slice(0, 10);
  const left = Math.floor((endsAtMs - nowMs) / DAY_MS);
  const cure =
    kind === 'secret'
      ? 'make a new secret in Entra, set it and the day when it ends, and restart fulfillment'
      : 'upload a new certificate to the application in Entra, put it into its file, and restart fulfillment';
  const when =
    endsAtMs <= nowMs ? `ended on ${day}` : `ends on ${day}, in ${left === 1 ? 'a day' : left === 0 ? 'less than a day' : `${left} days`}`;
  const cause = `the ${kind} that signs us in ${when}: then nothing can be activated, acknowledged or read`;
  return noticeDays === 0 ? { cause, cure } : { cause, cure, noticeDays };
}

/** A federated token as its file holds it now. */
export type FederatedToken =
  { readonly kind: 'missing'; readonly reason: string } | { readonly kind: 'read'; readonly endsAtMs: number | null };

/** The platform renews it long before its end: one that has ended was not renewed. */
export function federatedFinding(token: FederatedToken, nowMs: number): Finding | null {
  const cure = 'look at what renews the file (workload identity), and at its mount';
  if (token.kind === 'missing') return { cause: `the file of the federated token cannot be read (${token.reason})`, cure };
  if (token.endsAtMs === null || token.endsAtMs > nowMs) return null;
  return { cause: `the federated token in its file has ended at ${new Date(token.endsAtMs).toISOString()} and was not renewed`, cure };
}

/** When a federated token ends, by its own claim; null where it does not say. */
export function endOfFederated(token: string): number | null {
  try {
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1_000 : null;
  } catch {
    return null;
  }
}
