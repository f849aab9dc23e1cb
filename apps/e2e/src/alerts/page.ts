import type { Alert, Scale } from '@landfall/local';
import { nameOf } from './alert.watch';
import type { Seen } from './fault';

/** From the root of the repository. */
export const pageFile = 'docs/explanation/alerts.md';

export interface Shown {
  readonly rules: readonly Alert[];
  readonly seen: readonly Seen[];
  readonly scaleOf: (alert: Alert) => Scale;
  /** How long a system in which all was well was watched. */
  readonly healthyMs: number;
  /** What fired in it. */
  readonly fired: readonly string[];
  /** What fired and never ended after all faults of a phase were mended. */
  readonly left: readonly string[];
  /** What fired beside the alerts that a fault names, by the faults of its phase. */
  readonly beside: readonly { readonly alerts: readonly string[]; readonly faults: readonly string[] }[];
  readonly minutes: number;
}

/** Whether every alert came and went, and none without a fault. */
export const isGood = ({ rules, seen, fired, left }: Pick<Shown, 'rules' | 'seen' | 'fired' | 'left'>): boolean =>
  fired.length + left.length === 0 &&
  seen.every(({ firedAfterMs, endedAfterMs, failure }) => firedAfterMs !== null && endedAfterMs !== null && !failure) &&
  unseen(rules, seen).length === 0;

/** Alerts that no fault makes. */
export const unseen = (rules: readonly Alert[], seen: readonly Pick<Seen, 'alert'>[]): string[] =>
  rules.map((rule) => nameOf(rule, rules)).filter((name) => !seen.some(({ alert }) => alert === name));

/** The page with what was seen; an alert that was left out this time keeps its row of the page before. */
export function pageOf(shown: Shown, before = ''): string {
  const { rules, healthyMs, fired } = shown;
  const rows = rowsOf(shown, before);
  return `${[
    '<!-- Made by `npm run check:alerts -- --write`, with `--only` the rows of some alerts alone. Change apps/e2e/src/alerts, not this page. -->',
    '# The alerts, each seen to come and to go',
    `\`npm run check:alerts\` starts a system of its own (real Kafka, Postgres and services, the emulator as Microsoft, an example product) and a real Prometheus over it, with the rules
of [rules.yml](../../deploy/helm/landfall/files/rules.yml). It makes a fault, waits until Prometheus says that its alert fires, mends the fault, and waits until the alert is gone. It ends with 1 where one does not
come, does not go, or comes while all is well. Where Prometheus is not installed (Debian's package \`prometheus\`) it says so and does nothing. What to do about each alert is in its [runbook](../runbooks/README.md).`,
    '## What is changed for that',
    `The rules are used with shorter times and nothing else changed: what is selected, grouped and compared stays. The number in the column _divided by_ is for the age that a metric is compared with, and for the
\`for\` and the windows of rates (\`[10m]\`). Where the age is divided by 1 the real one was reached: business time was moved, or the instant in a table was set back. Prometheus scrapes and evaluates once a
second. The services have their usual settings, except for what goes with divided ages: ${settingsTold}.`,
    '## What was seen',
    `Before the first fault all was well for ${Math.round(healthyMs / 1_000)} s, with customers who had just bought: ${fired.length === 0 ? 'no alert fired' : `**these fired: ${fired.join(', ')}**`}.
_Fired_ counts from the beginning of the fault, _ended_ from when it was mended. Rows can be of several runs: \`--only\` renews some.`,
    tableOf([...rows.values()].flat()),
    '## What it does not show',
    [
      '- That the real ages and `for` are well chosen. They are ten to a thousand times longer.',
      '- That an alert reaches somebody: there is no Alertmanager here.',
      ...unseen(
        rules,
        [...rows.keys()].map((alert) => ({ alert })),
      ).map((alert) => `- ${alert}: no fault makes it here.`),
      '- Each part of an alert that has several: `LandfallServiceDown` was seen of provisioning alone, `LandfallJobsLate` of an unknown job, `LandfallProductSilent` of a request. The others are in ' +
        '[the tests of the rules](../../deploy/prometheus/rules.test.yml), which `promtool` runs with series that are made up.',
    ].join('\n'),
  ].join('\n\n')}\n`;
}

const settingsTold =
  '`RECONCILE_INTERVAL` 5 s, `DEADLINE_INTERVAL` 2 s, `COPY_LAG` 3 s, `PROVISIONING_REPLY_TIMEOUT` 1 s (4 s at most) and `PROVISIONING_LIMIT` 45 s';

/** By alert, in the order of the rules. */
function rowsOf({ rules, seen, scaleOf }: Shown, before: string): Map<string, string[]> {
  const rows = new Map<string, string[]>();
  for (const rule of rules) {
    const name = nameOf(rule, rules);
    const { age, window } = scaleOf(rule);
    const divided = age === window ? String(age) : `age ${age}, window ${window}`;
    const own = seen
      .filter(({ alert }) => alert === name)
      .map(({ fault, firedAfterMs, endedAfterMs }) =>
        row([linkTo(name, rule.alert), fault.what, seconds(firedAfterMs), fault.cure, seconds(endedAfterMs), divided]),
      );
    const earlier = before.split('\n').filter((line) => line.startsWith(`| ${linkTo(name, rule.alert)} |`));
    if (own.length + earlier.length > 0) rows.set(name, own.length > 0 ? own : earlier);
  }
  return rows;
}

const linkTo = (name: string, alert: string): string => `[${name}](../runbooks/${alert}.md)`;

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function tableOf(rows: readonly string[]): string {
  const head = ['alert', 'fault', 'fired', 'mended', 'ended', 'divided by'];
  return [row(head), row(head.map(() => '---')), ...rows].join('\n');
}

const seconds = (ms: number | null): string => (ms === null ? '**not**' : `${Math.round(ms / 1_000)} s`);
