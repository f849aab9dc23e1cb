import { parser } from '@prometheus-io/lezer-promql';
import { parse, stringify } from 'yaml';
import type { Alert } from '../contracts/reference/watched';
import { readQuery } from './promql';

/** By how much the times of an alert are divided, so that it comes within seconds. */
export interface Scale {
  /** The age that its metric is compared with. */
  readonly age: number;
  /** Its `for`, and the window of a rate, an increase or a count of changes. */
  readonly window: number;
}

interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Alert[] }[];
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The rules with shorter times and nothing else changed: what is selected, grouped and compared stays. */
export function scaledRules(rules: string, scaleOf: (alert: Alert) => Scale): string {
  const { groups } = parse(rules) as RuleFile;
  return stringify({ groups: groups.map((group) => ({ ...group, rules: group.rules.map((rule) => scaledRule(rule, scaleOf(rule))) })) });
}

/** One rule with shorter times. */
export const scaledRule = (rule: Alert, scale: Scale): Alert => ({
  ...rule,
  expr: scaledQuery(rule.expr, scale),
  ...(rule.for && { for: dividedDuration(rule.for, scale.window) }),
});

/** Divides what is compared with an age, and windows. Counts and shares are no times: they stay. */
export function scaledQuery(query: string, scale: Scale): string {
  const pieces: { from: number; to: number; text: string }[] = [];
  parser.parse(query).iterate({
    enter({ name, from, to, node }) {
      const text = query.slice(from, to);
      if (name === 'NumberDurationLiteralInDurationContext') pieces.push({ from, to, text: dividedDuration(text, scale.window) });
      const compared = node.parent?.firstChild;
      if (name !== 'NumberDurationLiteral' || node.parent?.name !== 'BinaryExpr' || !compared) return;
      if (isAge(query.slice(compared.from, compared.to))) pieces.push({ from, to, text: String(Number(text) / scale.age) });
    },
  });
  return pieces.reduceRight((made, { from, to, text }) => made.slice(0, from) + text + made.slice(to), query);
}

/** An instant, which is counted in its changes, is none. */
const isAge = (query: string): boolean =>
  !/\b(?:changes|rate|increase)\(/.test(query) && readQuery(query).selectors.every(({ metric }) => metric.endsWith('_seconds'));

/** Such as 5m: whole milliseconds, since Prometheus knows no smaller ones. */
function dividedDuration(duration: string, by: number): string {
  const [, number, unit = ''] = /^(\d+)(ms|s|m|h|d)$/.exec(duration) ?? [];
  if (!number || !unitMs[unit]) throw new Error(`${duration} is no duration of one unit, such as 5m: it cannot be divided`);
  const ms = Math.round((Number(number) * unitMs[unit]) / by);
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}
