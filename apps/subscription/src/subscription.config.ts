import { catalogSettings } from '@landfall/catalog';
import { kafkaProblems, messagingSettings } from '@landfall/messaging';
import { outgoingCallSettings, signingKeys } from '@landfall/outgoing-call';
import { defineConfig, isoDuration, serviceSettings } from '@landfall/service-defaults';
import { z } from 'zod';

const settings = {
  ...serviceSettings,
  ...messagingSettings,
  ...catalogSettings,
  ...outgoingCallSettings,
  /** Sign questions to products. Not given: none can be asked, and each counts as silent. */
  VETO_SIGNING_KEYS: signingKeys().optional(),
  /** Must exceed the lag of Microsoft's copies: no read takes a change back for so long (rule 2), in business time. */
  COPY_LAG: isoDuration('PT2M30S'),
  /** Between two looks at what is due about deadlines, in real time. The first comes so long after the start. */
  DEADLINE_INTERVAL: isoDuration('PT5M'),
  /** When every snapshot is sent again, each day: hours and minutes, UTC. */
  SNAPSHOTS_AT: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'hours and minutes of a day, such as 02:00')
    .default('02:00'),
  /** How long a drift that has ended is kept, counted from when it was found, in real time. */
  DRIFT_RETENTION: isoDuration('P90D'),
};

export const config = defineConfig('subscription', settings, kafkaProblems);
