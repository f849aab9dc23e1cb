/** Between a commit and the loops that wait for it. Raised while nobody waits, it is remembered once. */
export class Signal {
  private isRaised = false;
  private readonly waiting = new Set<() => void>();

  raise(): void {
    this.isRaised = true;
    for (const wake of [...this.waiting]) wake();
  }

  /** Resolves when raised, or after `ms`. True where it was raised. */
  async wait(ms: number): Promise<boolean> {
    if (!this.isRaised) {
      await new Promise<void>((resolve) => {
        const finish = () => {
          clearTimeout(timer);
          this.waiting.delete(finish);
          resolve();
        };
        const timer = setTimeout(finish, ms);
        this.waiting.add(finish);
      });
    }
    const wasRaised = this.isRaised;
    this.isRaised = false;
    return wasRaised;
  }
}

/** Waits; it ends early when `stopping` aborts. */
export async function pause(ms: number, stopping?: AbortSignal): Promise<void> {
  if (stopping?.aborted) return;
  await new Promise<void>((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      stopping?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    stopping?.addEventListener('abort', finish, { once: true });
  });
}

/** The result of the work, or undefined where it takes longer; the work itself goes on. */
export async function within<T>(limitMs: number, work: Promise<T> | undefined): Promise<T | undefined> {
  const over = new AbortController();
  try {
    return await Promise.race([work, pause(limitMs, over.signal).then(() => undefined)]);
  } finally {
    over.abort();
  }
}
