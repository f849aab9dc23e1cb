import type { Campaign } from './campaign';
import { isAvoidable } from './checker/violation';
import { second } from './time';

/** So many seeds of a kind are named. */
const seedsNamed = 10;

/** What a campaign came to, for people. */
export function report({ firstSeed, runs, violations, failedRuns, totals, convergedMs, patchedMs }: Campaign): string {
  const found = [...violations].map(([kind, { count, seeds }]) => {
    const named = seeds.slice(0, seedsNamed).join(', ') + (seeds.length > seedsNamed ? ' …' : '');
    return `  ${kind.padEnd(20)} ${count} in ${seeds.length} runs: ${named}${isAvoidable({ kind }) ? '' : ' (nobody can avoid it)'}`;
  });
  const firstFailing = [...violations].find(([kind]) => isAvoidable({ kind }))?.[1].seeds[0];
  return [
    `${runs} runs, seeds ${firstSeed} to ${firstSeed + runs - 1}: ${totals.changes} changes at Microsoft, ${totals.events} public events.`,
    `${totals.activated} purchases were activated, ${totals.refused} changes refused, and ${totals.overruled} that were refused done all the same.`,
    failedRuns === 0 ? 'Nothing is wrong with any of them.' : `${failedRuns} runs are wrong.`,
    ...(found.length > 0 ? ['', 'What was found:', ...found] : []),
    '',
    'Until products were told of a change, in seconds:              number     p50     p99     max',
    `  its webhook came, its operation is shown                     ${figures(convergedMs.shown)}`,
    `  its webhook came, its operation is not shown, or not for long${figures(convergedMs.hidden)}`,
    `  nothing announced it                                         ${figures(convergedMs.none)}`,
    `From the beginning of a change to our PATCH, where the webhook came at once: ${figures(patchedMs).trim()}`,
    `Per change: ${perChange(totals.subscriptionReads)} Get Subscription, ${perChange(totals.operationReads)} Get Operation.`,
    `Per run: ${perRun(totals.accessDeniedMs)} s without the access that was paid for, ${perRun(totals.accessGivenMs)} s with access that was not.`,
    ...(firstFailing === undefined
      ? []
      : [
          '',
          `npm run simulate -- --show ${firstFailing}     shows every step of the first of them; --shrink ${firstFailing} finds the fewest acts and faults.`,
        ]),
  ].join('\n');

  function perChange(count: number): string {
    return (count / Math.max(1, totals.changes)).toFixed(1);
  }
  function perRun(ms: number): string {
    return (ms / second / runs).toFixed(1);
  }
}

function figures(times: readonly number[]): string {
  const sorted = Float64Array.from(times).sort();
  const at = (share: number) =>
    sorted.length === 0 ? '-' : (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]! / second).toFixed(1);
  return [String(sorted.length), at(0.5), at(0.99), at(1)].map((figure) => figure.padStart(8)).join('');
}
