import { catalogSettings } from '@landfall/catalog';
import { kafkaProblems, messagingSettings } from '@landfall/messaging';
import { count, defineConfig, isoDuration, list, serviceSettings } from '@landfall/service-defaults';
import { z } from 'zod';
import { DAY_MS, HOUR_MS, LAST_CALL_MS } from './ledger/hours';
import { readMode } from './ledger/mode.domain';

const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'hours and minutes of a day, such as 03:00')
  .default('03:00');

const settings = {
  ...serviceSettings,
  ...messagingSettings,
  ...catalogSettings,
  /**
   * `live`: usage is reported to Microsoft. `shadow`: all is done but the report, while somebody else still charges it. Exceptions by publisher follow: `live,contoso=shadow`. Another
   * value than before holds from the next full hour on, of business time; hours that were shadowed are never reported.
   */
  BILLING_MODE: list('live'),
  /** Between two looks at what was used since, in real time. */
  USAGE_COUNT_INTERVAL: isoDuration('PT5S'),
  /** So long after an hour late records of it are waited for, in business time. */
  USAGE_GRACE: isoDuration('PT15M'),
  /** So long after the end of a subscription its last usage is waited for, in business time. */
  USAGE_FINAL_GRACE: isoDuration('PT6H'),
  /** From the beginning of an hour to the moment after which nothing of it is sent, in business time. Microsoft takes nothing after 24 hours. */
  USAGE_DEADLINE: isoDuration('PT23H'),
  /** Usage of an hour that exceeds the highest of the last 30 days so many times is held for an operator, where it also exceeds `USAGE_ANOMALY_CENTS`. */
  USAGE_ANOMALY: count({ min: 2, max: 1_000_000 }, 20),
  /** Only what costs more than so many cents of its currency is ever held as an anomaly. */
  USAGE_ANOMALY_CENTS: count({ min: 0, max: 1_000_000_000 }, 100_000),
  /** How late a product may report usage, counted from its `time`, in business time. What comes later is refused. At most 30 days. */
  USAGE_ALLOWED_LATENESS: isoDuration('P7D'),
  /** How long usage is held whose subscription or meter is not known, in real time. Then it is refused. At most 30 days. */
  USAGE_HELD_LIMIT: isoDuration('P7D'),
  /**
   * How long a term of usage is kept after its end, in business time: its hours, what was reported and answered, and what was written off. Then it is deleted, unless anything of it is open. At
   * least 90 days.
   */
  USAGE_LEDGER_RETENTION: isoDuration('P400D'),
  /** When the sums of all subscriptions are checked, each day: hours and minutes, UTC. */
  USAGE_AUDIT_AT: timeOfDay,
  /** When what Microsoft has recorded of the last 31 days is read and compared, each day, in business time (UTC). */
  USAGE_COMPARED_AT: timeOfDay,
  /** Between two looks whether it is time for that, or a list has come that is to be compared, in real time. */
  USAGE_COMPARISON_INTERVAL: isoDuration('PT15S'),
};

/** A record that comes again must still be known, which is so for 45 days. */
const LONGEST_DAYS = 30;
const bounded = ['USAGE_ALLOWED_LATENESS', 'USAGE_HELD_LIMIT'] as const;
const intervals = ['USAGE_COUNT_INTERVAL', 'USAGE_COMPARISON_INTERVAL'] as const;
/** Late records, changes of a subscription that are learnt late, and Microsoft's lists reach so far back, at most. */
const LEAST_RETENTION_DAYS = 90;

type Values = Parameters<typeof kafkaProblems>[0] &
  Readonly<
    Record<(typeof bounded | typeof intervals)[number] | 'USAGE_GRACE' | 'USAGE_DEADLINE' | 'USAGE_LEDGER_RETENTION', number> & {
      BILLING_MODE: readonly string[];
    }
  >;

function problemsOf(values: Values): string[] {
  const tooLong = bounded.filter((name) => values[name] > LONGEST_DAYS * DAY_MS);
  return [
    ...kafkaProblems(values),
    ...(readMode(values.BILLING_MODE.join(','))
      ? []
      : ['BILLING_MODE: it must be live or shadow, once, and exceptions like contoso=shadow, one for each publisher']),
    ...paceProblems(values),
    ...(values.USAGE_LEDGER_RETENTION < LEAST_RETENTION_DAYS * DAY_MS
      ? [
          `USAGE_LEDGER_RETENTION: it must be at least P${LEAST_RETENTION_DAYS}D, since late usage, late changes and what Microsoft lists reach far back`,
        ]
      : []),
    ...intervals
      .filter((name) => values[name] === 0)
      .map((name) => `${name}: it must be longer than PT0S, or billing would look again and again without a pause`),
    ...tooLong.map((name) => `${name}: it must be at most P${LONGEST_DAYS}D, since records are known for 45 days`),
  ];
}

/** With such settings every hour would expire at Microsoft, or be past its deadline before its grace is over: nothing would ever be reported. */
function paceProblems({ USAGE_GRACE, USAGE_DEADLINE }: Values): string[] {
  return [
    ...(USAGE_DEADLINE > DAY_MS ? ['USAGE_DEADLINE: it must be at most PT24H, since Microsoft takes nothing of an hour later'] : []),
    ...(USAGE_DEADLINE <= HOUR_MS + LAST_CALL_MS
      ? [
          'USAGE_DEADLINE: it must be longer than PT4H, the hour itself and the last 3 h in which it waits for nothing, or every hour would be handed over before its usage is read',
        ]
      : []),
    ...(HOUR_MS + USAGE_GRACE >= USAGE_DEADLINE
      ? ['USAGE_GRACE: with the hour itself it must be shorter than USAGE_DEADLINE, or no hour would ever be reported']
      : []),
  ];
}

export const config = defineConfig('billing', settings, problemsOf);
