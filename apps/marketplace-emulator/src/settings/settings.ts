import { z } from 'zod';
import { answerDefaults, answerSettings } from './answer.settings';
import { faultDefaults, faultSettings } from './fault.settings';
import { fulfillmentDefaults, fulfillmentSettings } from './fulfillment.settings';
import { lifeCycleDefaults, lifeCycleSettings } from './life.cycle.settings';
import { meteringDefaults, meteringSettings } from './metering.settings';
import { publisherDefaults, publisherSettings } from './publisher.settings';
import { signInDefaults, signInSettings } from './sign-in.settings';
import { webhookDefaults, webhookSettings } from './webhook.settings';

/** What may be changed while the emulator runs. The defaults are what Microsoft is seen to do (contract 9.2). */
export const settingsSchema = z.strictObject({
  ...publisherSettings,
  ...signInSettings,
  ...webhookSettings,
  ...fulfillmentSettings,
  ...meteringSettings,
  ...lifeCycleSettings,
  ...answerSettings,
  ...faultSettings,
});

export type Settings = z.infer<typeof settingsSchema>;

export const defaultSettings: Settings = {
  ...publisherDefaults,
  ...signInDefaults,
  ...webhookDefaults,
  ...fulfillmentDefaults,
  ...meteringDefaults,
  ...lifeCycleDefaults,
  ...answerDefaults,
  ...faultDefaults,
};
