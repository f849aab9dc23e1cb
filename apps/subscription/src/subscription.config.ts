import { messagingSettings } from '@landfall/messaging';
import { defineConfig, isoDuration, serviceSettings } from '@landfall/service-defaults';

export const config = defineConfig('subscription', {
  ...serviceSettings,
  ...messagingSettings,
  /** Must exceed the lag of Microsoft's copies: so long after a change no read takes it back (rule 2). Closing reads wait in business time. */
  COPY_LAG: isoDuration('PT2M30S'),
});
