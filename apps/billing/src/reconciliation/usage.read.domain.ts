import type { MessageOf, usageRead } from '@landfall/contracts';
import { changed, ignored, type Outcome } from '@landfall/messaging';
import type { UsageRead } from './usage.read';

/** Each part counts once: what was handed over before a crash may be told again, by the same reading or by another one. */
export function takePart(known: UsageRead | undefined, { data }: MessageOf<typeof usageRead>): Outcome<UsageRead> {
  if (!known) return ignored('nobody asked for this list, or its answer came a week late');
  const { part, isLast, rows, date } = data;
  if (part <= known.parts) return ignored('this part is known');
  if (part > known.parts + 1) return ignored('a part before it is missing: the day is read again with the next run');
  if (known.listedAt !== null && Date.parse(known.listedAt) !== Date.parse(date))
    return ignored('it is of another reading: the day is read again with the next run');
  return changed({ ...known, listedAt: date, parts: part, isWhole: isLast, taken: [...known.taken, { part, rows }] });
}
