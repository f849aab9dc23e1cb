import type { Collection, Document } from '../../state/document.store';
import type { Clock } from '../../time/clock';

export interface StoredPause extends Document {
  id: 'pause';
  since: string;
}

/** Holds webhooks back until it ends. It outlives a restart. */
export class DispatchPause {
  constructor(
    private readonly stored: Collection<StoredPause>,
    private readonly clock: Clock,
  ) {}

  /** When it began; null while webhooks flow. */
  get since(): string | null {
    return this.stored.get('pause')?.since ?? null;
  }

  /** To pause what is paused already changes nothing. */
  begin(): void {
    if (!this.stored.has('pause')) this.stored.put({ id: 'pause', since: this.clock.timeStamp() });
  }

  end(): void {
    this.stored.delete('pause');
  }
}
