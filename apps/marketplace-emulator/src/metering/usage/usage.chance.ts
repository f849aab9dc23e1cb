import { draw } from '../../faults/fault.draw';
import type { SettingsRepository } from '../../settings/settings.repository';

/** What the metering API leaves to chance, repeatable by `meteringSeed`. */
export class UsageChance {
  private seed: number | undefined;
  private drawn = 0;

  constructor(private readonly settings: Pick<SettingsRepository, 'current'>) {}

  /** Whether an event that would be accepted ends in an error. */
  isError(): boolean {
    const { usageErrorShare } = this.settings.current;
    return usageErrorShare > 0 && this.next() < usageErrorShare;
  }

  /** The results as they are, or in an order in which any may stand anywhere. */
  ordered<T>(results: readonly T[]): readonly T[] {
    if (this.settings.current.batchResultOrder === 'as-sent') return results;
    return results
      .map((result) => ({ result, place: this.next() }))
      .sort((one, other) => one.place - other.place)
      .map(({ result }) => result);
  }

  /** Begins anew with the numbers of the seed. */
  restart(): void {
    this.seed = undefined;
  }

  private next(): number {
    const { meteringSeed } = this.settings.current;
    if (this.seed !== meteringSeed) [this.seed, this.drawn] = [meteringSeed, 0];
    return draw(meteringSeed, this.drawn++);
  }
}
