/** A partition of a topic. */
export interface Place {
  readonly partition: number;
  readonly topic: string;
}

/** Where a commit has written that this process does not know: another copy's, or one of a process that died before it could tell. */
export const everywhere = 'everywhere';

/**
 * Where the outbox may hold something that was not published yet. Commits of this process say where they wrote, once they are visible; a relay takes it before it reads,
 * so what is said while it reads stays for the next time.
 */
export class UnreadPlaces {
  private places = new Map<string, Place>();
  private isEverywhere = true;

  get areNone(): boolean {
    return !this.isEverywhere && this.places.size === 0;
  }

  add(places: Iterable<Place>): void {
    for (const { partition, topic } of places) this.places.set(`${partition} ${topic}`, { partition, topic });
  }

  addEverywhere(): void {
    this.isEverywhere = true;
  }

  take(): readonly Place[] | typeof everywhere {
    const taken = this.isEverywhere ? everywhere : [...this.places.values()];
    this.places = new Map();
    this.isEverywhere = false;
    return taken;
  }
}
