import type { Acted } from './acts/acting';
import type { Difference, MicrosoftSide, OurSide } from './comparison/sides';

/** A subscription about which both sides say different things, with its whole history from both. */
export interface Finding {
  microsoft: MicrosoftSide;
  ours: OurSide;
  differences: readonly Difference[];
}

export interface StormReport {
  seed: number;
  subscriptions: number;
  minutes: number;
  acted: readonly Acted[];
  faults: readonly string[];
  /** Of Microsoft's, by the name of its rule, and how often. */
  unkindness: readonly { name: string; fired: number }[];
  /** What each sweep did that somebody asked for. */
  sweeps: readonly string[];
  /** What ended each of Microsoft's operations: we (publisher, answer), its ten seconds, itself; nobody: it could not be answered. */
  ends: readonly string[];
  /** What was still under way when the patience was over, or is dead. */
  left: readonly string[];
  findings: readonly Finding[];
  /** Rules of Microsoft's that we have broken, one of them by asking for another publisher's subscription. */
  breaches: readonly string[];
  /** Public events of all subscriptions together. */
  events: number;
  /** `change-refused` among them, and what is told as overruled. */
  refusals: number;
  /** How often the product was asked, repetitions included, and how many of the questions were not signed by us. */
  questions: { asked: number; unsigned: number };
  restedAfterMs: number;
  /** Logs and data, kept where something was found. */
  dir: string;
}

/** Whether everything that was announced equals Microsoft's truth, and nothing is left. */
export function isGood({ left, findings, breaches, questions }: StormReport): boolean {
  return left.length === 0 && findings.length === 0 && breaches.length === 0 && questions.unsigned === 0;
}

/** The report for people: what was done, what broke, and each subscription that differs as both sides tell it. */
export function written(report: StormReport): string {
  const { seed, subscriptions, minutes, acted, faults, unkindness, sweeps, ends, left, findings, breaches, events, refusals, questions } =
    report;
  const accepted = acted.filter(({ refused: answer }) => answer === undefined);
  const refused = acted.flatMap(({ refused: answer }) => (answer === undefined ? [] : [reasonOf(answer)]));
  return [
    `Storm of seed ${seed}: ${subscriptions} subscriptions, ${minutes} minutes`,
    `  acts      ${accepted.length} that were taken (${countsOf(accepted.map(({ act }) => act.split(' ')[0]!))}), ${refused.length} that were refused (${countsOf(refused)})`,
    `  faults    ${faults.length}`,
    ...faults.map((line) => `            ${line}`),
    `  Microsoft ${unkindness.map(({ name, fired }) => `${name} ${fired}`).join(', ')}`,
    `            operations were ended by ${countsOf(ends)}`,
    ...sweeps.map((line) => `            ${line}`),
    `  events    ${events} public ones, ${refusals} of them refusals; the product was asked ${questions.asked} times; at rest ${(report.restedAfterMs / 1000).toFixed(0)} s after the last act`,
    ...(left.length > 0 ? ['  left      though everything should have come to an end:', ...left.map((line) => `            ${line}`)] : []),
    ...(questions.unsigned > 0 ? [`  unsigned  questions to the product: ${questions.unsigned}`] : []),
    ...(breaches.length > 0 ? ['  breaches  of Microsoft’s rules:', ...breaches.map((line) => `            ${line}`)] : []),
    ...findings.flatMap((finding) => ['', ...historyOf(finding)]),
    '',
    isGood(report)
      ? "Everything that was announced equals Microsoft's truth."
      : `${findings.length} of ${subscriptions} subscriptions differ, ${left.length} things are left, ${breaches.length} rules of Microsoft's are broken. Logs: ${report.dir}. Again: npm run storm -- --seed ${seed}`,
  ].join('\n');
}

function historyOf({ microsoft, ours, differences }: Finding): string[] {
  const operations = microsoft.operations.map(({ id, action, status, planId, quantity, timeStamp, settledAt, isHidden }) => {
    const target = action === 'ChangePlan' ? ` ${planId}` : action === 'ChangeQuantity' ? ` ${quantity}` : '';
    return `      ${clock(timeStamp)} ${action}${target} ${status} ${settledAt ? clock(settledAt) : ''}${isHidden ? ' (hidden)' : ''}  ${id}`;
  });
  const events = ours.events.map(({ sequence, kind, members, effectiveAt, operationId }) => {
    const { status, planId, quantity } = members;
    const dated = effectiveAt ? ` effective ${clock(effectiveAt)}` : '';
    return `      #${sequence} ${kind}: ${status} ${planId} ${quantity}${dated}  ${operationId ?? 'no operation'}`;
  });
  return [
    `  ${microsoft.subscriptionId}, bought as ${microsoft.bought.planId} ${microsoft.bought.quantity}`,
    ...differences.map(({ kind, detail }) => `    ${kind.toUpperCase()}: ${detail}`),
    '    at Microsoft',
    ...operations,
    '    what we said',
    ...events,
  ];
}

/** The words of the refusal without the ids in them. */
function reasonOf(reason: string): string {
  return reason.replaceAll(/[0-9a-f-]{36}|\d+/g, '…').slice(0, 60);
}

function countsOf(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${word} ${count}`).join(', ');
}

function clock(instant: string): string {
  return new Date(instant).toISOString().slice(11, 23);
}
