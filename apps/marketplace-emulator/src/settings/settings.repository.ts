import type { Collection } from '../state/document.store';
import { defaultSettings, type Settings } from './settings';

export type StoredSettings = { id: 'changed' } & Partial<Settings>;

/**
 * The settings in force: the defaults, what was changed while the emulator ran, and above both what it was started with this time. A reset
 * forgets the changes. A snapshot brings its own settings, except for the addresses of the publisher: those are where they are now.
 */
export class SettingsRepository {
  private settings: Settings = defaultSettings;
  private readonly listeners: (() => void)[] = [];

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

  /** Calls back after every change, and after a reset or a snapshot, when other collections may not have been loaded yet. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  change(changes: Partial<Settings>): Settings {
    const { id: _id, ...changed } = this.stored.put({ ...this.stored.get('changed'), ...changes, id: 'changed' });
    this.settings = { ...defaultSettings, ...changed };
    for (const listener of this.listeners) listener();
    return this.settings;
  }
}
