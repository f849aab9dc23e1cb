/** The emulator's setting `faultProfile`: everything that Microsoft's side may do to us, at once. Times are those of its preset, shortened by the factor. */
export function unkind(seed: number, timeFactor: number): Record<string, unknown> {
  return {
    faultProfile: {
      preset: 'unkind',
      seed,
      timeFactor,
      // hours of the preset would outlast the storm: nobody would wait for its end
      parts: { delayedWebhooks: { chance: 0.25, from: 'PT2S', to: 'PT4M' } },
    },
    openChangeAtSuspend: 'stays',
  };
}
