import { kafkaProblems, messagingSettings } from '@landfall/messaging';
import { defineConfig, isoDuration, serviceSettings } from '@landfall/service-defaults';
import { z } from 'zod';

const settings = {
  ...serviceSettings,
  ...messagingSettings,
  /** How access is given: `none` where the product needs no tenant, `kafka` where it answers requests on a topic. */
  PROVISIONING_ADAPTER: z.enum(['none', 'kafka'], { error: 'it must be none or kafka' }).default('none'),
  /** How long the first request waits for the product's answer. Each further one waits twice as long. */
  PROVISIONING_REPLY_TIMEOUT: isoDuration('PT30S'),
  /** The longest wait between two requests. */
  PROVISIONING_REPLY_TIMEOUT_MAX: isoDuration('PT15M'),
  /** After this the tenant counts as failed, and an operator is needed (rule 10). */
  PROVISIONING_LIMIT: isoDuration('PT24H'),
};

export const config = defineConfig('provisioning', settings, kafkaProblems);
