import { setTimeout as wait } from 'node:timers/promises';
import type { TopicCounters } from '../measure/topics';

const lookEveryMs = 20;
/** Without one more message for so long something is wrong. */
const patienceMs = 60_000;

/** How fast messages come onto a topic. */
export function arriving(topics: TopicCounters, topic: string, messages: number) {
  let start = 0;
  return {
    /** From now on they count. */
    begins: async () => {
      start = await topics.countOf(topic);
    },
    /** Messages in a second, from the last look that found none to the one that found all. @throws Error where no more come */
    perSecond: async (): Promise<number> => {
      let [noneAtMs, last] = [performance.now(), { count: 0, atMs: performance.now() }];
      for (;;) {
        const count = (await topics.countOf(topic)) - start;
        const atMs = performance.now();
        if (count === 0) noneAtMs = atMs;
        if (count >= messages) return count / ((atMs - noneAtMs) / 1_000);
        if (count > last.count) last = { count, atMs };
        if (atMs - last.atMs > patienceMs) throw new Error(`Only ${count} of ${messages} messages came onto ${topic}.`);
        await wait(lookEveryMs);
      }
    },
  };
}
