import { defaultSettings, type Settings } from '../settings/settings';
import type { Publisher } from './publisher';

export const dayMs = 86_400_000;

/** Microsoft's own delays, which cost no real time when the clock can be advanced. */
export const microsoftsWaits: Partial<Settings> = {
  activationDelayMs: 0,
  operationStartDelayMs: defaultSettings.operationStartDelayMs,
  autoAcceptMs: defaultSettings.autoAcceptMs,
  retryDelaysMs: defaultSettings.retryDelaysMs,
};

/** Business time goes on by an ISO 8601 duration, or to an instant, without a rest for the publisher. */
export async function advance(publisher: Publisher, by: string): Promise<{ fired: number; webhooks: number }> {
  const wanted = by.startsWith('P') ? { duration: by } : { to: by };
  const { status, body } = await publisher.control('POST', '/clock/advance', { ...wanted, restMs: 0 });
  if (status !== 200 || !body.reached) throw new Error(`not advanced: ${status} ${JSON.stringify(body)}`);
  return body;
}

export async function businessNow(publisher: Publisher): Promise<number> {
  return Date.parse((await publisher.control('GET', '/clock')).body.now);
}

/**
 * The webhooks of a subscription that the publisher has received, in their order: action and time stamp, the latter written as dates of
 * terms are.
 */
export function webhooksOf(publisher: Publisher, id: string): { action: string; at: string }[] {
  return publisher.received
    .filter(({ body }) => body.subscriptionId === id)
    .map(({ body }) => ({ action: body.action, at: termDate(Date.parse(body.timeStamp)) }));
}

/** The instant at which a term is over. */
export function afterTerm({ term }: { term: { endDate: string } }): string {
  return termDate(Date.parse(term.endDate) + dayMs);
}

/** As Microsoft writes the dates of a term: without milliseconds. */
export function termDate(atMs: number): string {
  return new Date(atMs).toISOString().replace('.000Z', 'Z');
}
