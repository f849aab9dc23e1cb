import { z } from 'zod';
import type { Collection } from '../state/document.store';
import { fulfillmentDefaults, fulfillmentSettings } from './fulfillment.settings';
import { publisherDefaults, publisherSettings } from './publisher.settings';
import { webhookDefaults, webhookSettings } from './webhook.settings';

/** What may be changed while the emulator runs. The defaults are what Microsoft is seen to do (contract 9.2). */
export const settingsSchema = z.strictObject({ ...publisherSettings, ...webhookSettings, ...fulfillmentSettings });

export type Settings = z.infer<typeof settingsSchema>;

export const defaultSettings: Settings = { ...publisherDefaults, ...webhookDefaults, ...fulfillmentDefaults };

export type StoredSettings = { id: 'changed' } & Partial<Settings>;

/**
 * The settings in force: the defaults, what was changed while the emulator ran, and above both what it was started with this time. `reset` forgets the changes.
 */
export class SettingsBook {
  private settings: Settings;

  constructor(
    private readonly stored: Collection<StoredSettings>,
    private readonly atStart: Partial<Settings>,
  ) {
    this.settings = this.change(atStart);
  }

  get current(): Settings {
    return this.settings;
  }

  change(changes: Partial<Settings>): Settings {
    const { id: _id, ...changed } = this.stored.put({ ...this.stored.get('changed'), ...changes, id: 'changed' });
    this.settings = { ...defaultSettings, ...changed };
    return this.settings;
  }

  reset(): void {
    this.stored.clear();
    this.change(this.atStart);
  }
}
