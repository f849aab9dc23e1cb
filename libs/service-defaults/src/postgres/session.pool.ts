import { Pool, type PoolClient, type PoolConfig } from 'pg';
import type { DataSource } from 'typeorm';
import { DatabaseSession } from './session';

type Release = (error?: Error | boolean) => void;
type Callback = (error: Error | undefined, client: PoolClient | undefined, release: Release) => void;

/**
 * The pool of a service. A session that is ill leaves it, and puts all that are as old in doubt: after a fail-over every one of them leads to the server that
 * only reads, after a cut to nowhere. Those are not handed out again but replaced, so that one caller at most meets the fault after it has passed.
 */
export class SessionPool extends Pool {
  private doubtedUntil = Number.NEGATIVE_INFINITY;
  /** Sessions that somebody has used: only these are in doubt. */
  private readonly used = new WeakSet<PoolClient>();

  constructor(options: PoolConfig) {
    super({ ...options, Client: DatabaseSession } as PoolConfig);
    this.on('connect', (session) => (session as { on(event: 'ill', listener: () => void): unknown }).on('ill', () => this.doubt()));
    this.on('error', () => this.doubt()); // one that waited to be used was cut
  }

  override connect(): Promise<PoolClient>;
  override connect(callback: Callback): void;
  override connect(callback?: Callback): Promise<PoolClient> | void {
    if (callback) return this.take(callback);
    return new Promise((resolve, reject) => this.take((error, client) => (client ? resolve(client) : reject(error as Error))));
  }

  private take(callback: Callback): void {
    super.connect((error, client, release) => {
      if (!client || !this.isInDoubt(client)) {
        if (client) this.used.add(client);
        return callback(error, client, release);
      }
      release(true);
      this.take(callback); // at most once for each session that was open
    });
  }

  private isInDoubt(client: PoolClient): boolean {
    return this.used.has(client) && (client as unknown as DatabaseSession).openedAt < this.doubtedUntil;
  }

  private doubt(): void {
    this.doubtedUntil = performance.now();
  }
}

/** A session that its holder has for itself until it is released, with an error where nobody else may have it. */
export type HeldSession = DatabaseSession & Pick<PoolClient, 'release'>;

/**
 * Takes a session from the service's pool. Whoever holds it listens to its errors. Rejects after five seconds where none is free, or none can be opened.
 */
export async function takeSession(database: DataSource): Promise<HeldSession> {
  const { master } = database.driver as unknown as { readonly master?: SessionPool };
  if (!master) throw new Error('the database was left already');
  return (await master.connect()) as unknown as HeldSession;
}
