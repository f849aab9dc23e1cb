import { z } from 'zod';
import type { Collection } from '../state/document.store';
import { answerDefaults, answerSettings } from './answer.settings';
import { fulfillmentDefaults, fulfillmentSettings } from './fulfillment.settings';
import { meteringDefaults, meteringSettings } from './metering.settings';
import { lifeCycleDefaults, lifeCycleSettings } from './life.cycle.settings';
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
};

export type StoredSettings = { id: 'changed' } & Partial<Settings>;

/**
 * The settings in force: the defaults, what was changed while the emulator ran, and above both what it was started with this time. A reset forgets the changes.
 * A snapshot brings its own settings, except for the addresses of the publisher: those are where they are now.
 */
export class SettingsBook {
  private settings: Settings = defaultSettings;

  constructor(
    private readonly stored: Collection<StoredSettings>,
    atStart: Partial<Settings>,
  ) {
    let isFirst = true;
    stored.whenLoaded(() => {
      const isReset = !stored.has('changed');
      const { landingUrl, webhookUrl, signinRedirectUris, operatorsRedirectUris } = this.settings;
      this.change(isFirst || isReset ? atStart : { landingUrl, webhookUrl, signinRedirectUris, operatorsRedirectUris });
      isFirst = false;
    });
  }

  get current(): Settings {
    return this.settings;
  }

  change(changes: Partial<Settings>): Settings {
    const { id: _id, ...changed } = this.stored.put({ ...this.stored.get('changed'), ...changes, id: 'changed' });
    this.settings = { ...defaultSettings, ...changed };
    return this.settings;
  }
}
