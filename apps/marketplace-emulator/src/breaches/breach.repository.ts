import { limits } from '../limits';
import { timeStampOf } from '../time/clock';
import { BoundedMap } from './bounded.map';
import type { Found, RuleText, Severity } from './rule';

/** A breach as `GET /control/breaches` shows it. */
export interface Breach {
  /** When it was seen first and last, on the emulator's clock, and how often. */
  at: string;
  lastAt: string;
  times: number;
  rule: string;
  section: string;
  severity: Severity;
  title: string;
  /** What was done the last time, what it leads to at Microsoft, what to do instead. */
  detail: string;
  subscriptionId: string | null;
  operationId: string | null;
  /** Of the call the last time, as in `GET /control/calls`. */
  requestId: string | null;
  /** Of the webhook the last time, as in `GET /control/deliveries`. */
  deliveryId: string | null;
}

/** Breaches, one entry for each rule, subject and subscription. The oldest fall off; they stay counted. */
export class BreachRepository {
  private breaches = new BoundedMap<Breach>(limits.keptBreaches);
  private readonly times = new Map<string, Record<Severity, number>>();

  record(rule: RuleText, found: Found, atMs: number): void {
    const severity = found.severity ?? rule.severity;
    const key = `${subjectKey(rule, found.subject, severity)}${found.subscriptionId ?? ''}`;
    const known = this.breaches.get(key);
    const at = timeStampOf(atMs);
    this.breaches.set(key, {
      at: known?.at ?? at,
      lastAt: at,
      times: (known?.times ?? 0) + 1,
      rule: rule.id,
      section: rule.section,
      severity,
      title: rule.title,
      detail: `${found.done} ${rule.leadsTo} ${rule.instead}`,
      subscriptionId: found.subscriptionId ?? null,
      operationId: found.operationId ?? null,
      requestId: found.requestId ?? null,
      deliveryId: found.deliveryId ?? null,
    });
    this.countsOf(rule.id)[severity]++;
  }

  /** Removes a breach that was none. */
  takeBack(rule: RuleText, subject: string): void {
    for (const severity of ['breach', 'advice'] as const) {
      for (const [key, known] of [...this.breaches].filter(([each]) => each.startsWith(subjectKey(rule, subject, severity)))) {
        this.breaches.delete(key);
        this.countsOf(rule.id)[severity] -= known.times;
      }
    }
  }

  /** The newest `count` that fit, oldest first: one entry for each rule and subject, which counts what fits of all its subscriptions. */
  newest(count: number, fits: (breach: Breach) => boolean): Breach[] {
    const merged = new Map<string, Breach>();
    for (const [key, breach] of this.breaches) {
      if (!fits(breach)) continue;
      const group = key.slice(0, key.lastIndexOf('\n'));
      const earlier = merged.get(group);
      merged.delete(group);
      merged.set(
        group,
        earlier ? { ...breach, at: earlier.at < breach.at ? earlier.at : breach.at, times: earlier.times + breach.times } : breach,
      );
    }
    return [...merged.values()].slice(-count);
  }

  /** How often, by severity and by rule, those that fell off included. */
  counts(): { breach: number; advice: number; byRule: Record<string, number> } {
    const all = [...this.times];
    const sum = (severity: Severity) => all.reduce((total, [, times]) => total + times[severity], 0);
    const byRule = all.map(([rule, times]) => [rule, times.breach + times.advice] as const).filter(([, times]) => times > 0);
    return { breach: sum('breach'), advice: sum('advice'), byRule: Object.fromEntries(byRule) };
  }

  clear(): void {
    this.breaches = new BoundedMap(limits.keptBreaches);
    this.times.clear();
  }

  private countsOf(rule: string): Record<Severity, number> {
    const known = this.times.get(rule);
    if (known) return known;
    const none = { breach: 0, advice: 0 };
    this.times.set(rule, none);
    return none;
  }
}

/** The first part of a key: breaches of one rule, severity and subject are counted together. The subscription follows it. */
function subjectKey(rule: RuleText, subject: string, severity: Severity): string {
  return `${rule.id} ${severity} ${subject.replaceAll('\n', ' ')}\n`;
}
