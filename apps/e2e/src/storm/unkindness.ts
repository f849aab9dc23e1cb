import type { StormScale } from './storm.scale';

/** The rule of the webhooks that are lost at each try, so that their operation stays open until we answer it. */
export const lostEachTime = 'webhook of a Reinstate that never comes';

/**
 * Settings of the emulator: everything that Microsoft's side may do to us, at once (`faultProfile`, preset `unkind`). Lengths of time are shortened by the factor of the scale.
 */
export function unkind(seed: number, { unkindTimeFactor: timeFactor, autoAcceptMs, retryDelaysMs }: StormScale): Record<string, unknown> {
  const parts = {
    // hours of delay would outlast the storm
    delayedWebhooks: { chance: 0.25, from: 'PT2S', to: 'PT4M' },
    // a change that is never shown and takes longer is found by reconciliation alone, and one that stays open for minutes locks out nearly every act
    slowOperations: { chance: 0.5, start: { from: 'PT1S', to: 'PT20S' }, end: { from: 'PT1S', to: 'PT15S' } },
    // given up after ten minutes, which no factor shortens
    ...(timeFactor < 1 ? { endlessOperations: null } : {}),
  };
  return { faultProfile: { preset: 'unkind', seed, timeFactor, parts }, openChangeAtSuspend: 'stays', autoAcceptMs, retryDelaysMs };
}

/**
 * Further faults, each a rule of the emulator. They come before those of the profile and, apart from a webhook that never comes, go together with them. That one is taken for received, so
 * that the ten seconds run; the one of a Reinstate is not, and Microsoft goes on trying. What a change of ours meets while another one is open needs no rule: Microsoft has the
 * subscription locked.
 */
export function furtherFaults(seed: number, { webhooksLostForGood, apiFaults }: StormScale): Record<string, unknown>[] {
  const lost = [
    { name: 'webhook that never comes', action: ['ChangePlan', 'ChangeQuantity', 'Renew', 'Suspend', 'Unsubscribe'], as: 'believed' },
    { name: lostEachTime, action: 'Reinstate', as: 'lost' },
  ].map(({ name, action, as }) => ({
    ...{ name, on: { surface: 'webhook', action }, do: { effect: 'drop', as } },
    when: { probability: webhooksLostForGood, per: 'operation', seed },
  }));
  const ofApi = Object.entries(apiEffects).map(([name, effect], index) => ({
    ...{ name: `API: ${name}`, on: { surface: 'fulfillment' }, also: true, do: effect },
    when: { probability: apiFaults, seed: seed + 1 + index },
  }));
  return [...lost, ...ofApi].filter(({ when: { probability } }) => probability > 0);
}

const apiEffects = {
  'too many calls': { effect: 'status', status: 429, retryAfter: 1 },
  'unavailable for a time': { effect: 'status', status: 503, retryAfter: 2 },
  'an error of Microsoft': { effect: 'status', status: 500 },
  'a page of a proxy': { effect: 'html', status: 502 },
  'an answer after two seconds': { effect: 'delay', ms: 2_000 },
  'a connection that is reset': { effect: 'reset' },
  'an answer that breaks off': { effect: 'cutBody' },
};
