import { z } from 'zod';
import { MarketplaceAnswerUnreadable, type FailureDetails } from '../marketplace.errors';
import { usageStatuses, type StoredUsage, type UsageAnswer, type UsageEventResult, type UsageRow, type UsageStatus } from './answer.types';
import { firstFault } from './decode';
import { partReason } from './error-body';
import { count, day, decimalText, instant, part, readGuid, text, textOrNull } from './lenient';

const guidOrNull = textOrNull.transform((raw) => readGuid(raw) ?? null);

const repeated = { resourceId: guidOrNull, dimension: textOrNull, planId: textOrNull, effectiveStartTime: instant };
const repeatedOf = ({ resourceId, ...same }: z.infer<z.ZodObject<typeof repeated>>) => ({ subscriptionId: resourceId, ...same });

const stored = z
  .object({ ...repeated, usageEventId: guidOrNull, quantity: decimalText })
  .transform(({ usageEventId, quantity, ...event }): StoredUsage => ({ usageEventId, quantity, ...repeatedOf(event) }));

/** The earlier event stands in `error.additionalInfo` of a result, and in `additionalInfo` of an answer 409 (contract 6.2, 6.4). */
const error = part({ additionalInfo: part({ acceptedMessage: stored.optional().catch(undefined) }) });

const result = z
  .object({ ...repeated, usageEventId: guidOrNull, status: text, messageTime: instant.catch(null), error: z.unknown().optional() })
  .transform(({ usageEventId, status: word, messageTime, error: said, ...event }): UsageEventResult => {
    const status = usageStatusOf(word);
    const earlier = error.safeParse(said).data?.additionalInfo.acceptedMessage ?? null;
    const reason = partReason(said);
    return {
      ...withEarlier(repeatedOf(event), earlier),
      ...{ status, messageTime, usageEventId, stored: status === 'Duplicate' ? earlier : null },
      ...{ code: reason?.code ?? null, message: reason?.message ?? (status === 'Error' ? `its status is "${word.slice(0, 60)}"` : null) },
    };
  });

const statusByWord = new Map<string, UsageStatus>(usageStatuses.map((status) => [status.toLowerCase(), status]));

/** A word that nobody knows says neither that the event was accepted nor that it was not. */
const usageStatusOf = (word: string): UsageStatus => statusByWord.get(word.toLowerCase()) ?? 'Error';

/** A result that does not repeat its event is known by the earlier one: they have subscription, dimension and hour in common. */
const withEarlier = <T extends ReturnType<typeof repeatedOf>>(event: T, earlier: StoredUsage | null): T => ({
  ...event,
  subscriptionId: event.subscriptionId ?? earlier?.subscriptionId ?? null,
  dimension: event.dimension ?? earlier?.dimension ?? null,
  effectiveStartTime: event.effectiveStartTime ?? earlier?.effectiveStartTime ?? null,
});

/** A bare list is read as well. One odd result hides no other. */
export const usageAnswer = z
  .unknown()
  .transform((raw) => (Array.isArray(raw) ? { result: raw as unknown[] } : raw))
  .pipe(z.object({ result: z.array(z.unknown()) }))
  .transform(({ result: results }): UsageAnswer => {
    const read = results.map((one) => result.safeParse(one));
    return { results: read.flatMap(({ data }) => data ?? []), unreadable: read.filter(({ success }) => !success).length };
  });

/** The answer 409 to one event (contract 6.2): the one that is stored already. Null where it does not show it. */
export const conflictingUsage = error.transform(({ additionalInfo }) => additionalInfo.acceptedMessage ?? null);

const present = <T>(read: z.ZodType<T | null>) =>
  read.transform((value, context): T => {
    if (value !== null && value !== '') return value;
    context.issues.push({ code: 'custom', message: 'is missing', input: undefined });
    return z.NEVER;
  });

const row = z
  .object({
    ...{ usageDate: present(day), usageResourceId: present(guidOrNull), dimension: present(text), planId: text, reconStatus: text },
    ...{ submittedQuantity: present(decimalText), processedQuantity: decimalText, submittedCount: count },
  })
  .transform(({ usageDate, usageResourceId: subscriptionId, processedQuantity, ...same }) => ({
    usageDate,
    row: { subscriptionId, ...same, processedQuantity: processedQuantity ?? '0' } satisfies UsageRow,
  }));

/** Usage of Azure applications has other resources, and is none of ours. */
const offerType = part({ offerType: text });

/**
 * One row of that day; null for a row of another day or of something else than SaaS. What can't be read fails the whole: a row that is left out would say
 * that nothing was recorded, and usage might be reported twice.
 */
export function usageRowOf(raw: unknown, wantedDay: string, details: FailureDetails): UsageRow | null {
  const kind = offerType.safeParse(raw).data?.offerType.toLowerCase();
  if (kind !== undefined && kind !== '' && kind !== 'saas') return null;
  const read = row.safeParse(raw);
  if (!read.success) {
    const { field, problem } = firstFault(read.error);
    throw new MarketplaceAnswerUnreadable(field, problem, details);
  }
  return read.data.usageDate === wantedDay ? read.data.row : null;
}
