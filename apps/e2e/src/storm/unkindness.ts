/** The emulator's setting `faultProfile`: everything that Microsoft's side may do to us, at once. Times are those of its preset, shortened by the factor. */
export function unkind(seed: number, timeFactor: number): Record<string, unknown> {
  return {
    faultProfile: {
      preset: 'unkind',
      seed,
      timeFactor,
      // hours of delay would outlast the storm, and changes that stay open for ten minutes would lock out nearly every act
      parts: {
        delayedWebhooks: { chance: 0.25, from: 'PT2S', to: 'PT4M' },
        slowOperations: { chance: 0.3, start: { from: 'PT1S', to: 'PT20S' }, end: { from: 'PT5S', to: 'PT1M' } },
      },
    },
    openChangeAtSuspend: 'stays',
  };
}
