import type { StormScale } from './storm.scale';

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
