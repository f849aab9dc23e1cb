import { inKeyOrder } from '../consumer/decide';
import type { Transaction } from '../transaction';
import type { Completion, Ended, Undecided } from './job.ended';
import type { EndingState } from './job.definition';

const isUndecided = (ended: Ended): ended is Undecided => 'states' in ended;

/** The states on which the ends of runs are decided, by what loads and saves them. */
class LockedStates {
  private readonly changed = new Map<EndingState<unknown>, Map<string, unknown>>();

  constructor(private readonly loaded: ReadonlyMap<EndingState<unknown>, ReadonlyMap<string, unknown>>) {}

  /** Decides one after the other, each on the state that the one before it left. */
  decide(runs: readonly Ended[]): { completions: Completion[]; recorded: (() => void)[] } {
    const recorded: (() => void)[] = [];
    const completions = runs.map((ended) => {
      if (!isUndecided(ended)) return ended;
      const { states, key } = ended;
      const changed = this.changed.get(states) ?? new Map<string, unknown>();
      const decided = ended.decide(changed.has(key) ? changed.get(key) : this.loaded.get(states)?.get(key));
      if (decided.state !== undefined) this.changed.set(states, changed.set(key, decided.state));
      if (decided.recorded) recorded.push(decided.recorded);
      return decided.completion;
    });
    return { completions, recorded };
  }

  async save(tx: Transaction): Promise<void> {
    for (const [states, changed] of this.changed) await states.save(tx, inKeyOrder(changed));
  }
}

/** Locks what the ends are decided on, before whatever its caller asks next. */
export async function lockStates(tx: Transaction, runs: readonly Ended[]): Promise<LockedStates> {
  const byStates = Map.groupBy(runs.filter(isUndecided), ({ states }) => states);
  const loading = [...byStates].map(async ([states, ofStates]) => {
    const keys = new Set(ofStates.map(({ key }) => key));
    return [states, await states.load(tx, [...keys].sort())] as const;
  });
  return new LockedStates(new Map(await Promise.all(loading)));
}
