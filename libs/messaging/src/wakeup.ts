/** A bell between a commit and the loops that wait for it. Ringing while nobody waits is remembered once. */
export class Wakeup {
  private rung = false;
  private readonly waiting = new Set<() => void>();

  ring(): void {
    this.rung = true;
    for (const wake of [...this.waiting]) wake();
  }

  /** Resolves when rung, or after `ms`. */
  async wait(ms: number): Promise<void> {
    if (!this.rung) {
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
    this.rung = false;
  }
}
