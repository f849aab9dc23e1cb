/** Who a line of a trace is about. */
type Speaker =
  'operator' | 'customer' | 'product' | 'microsoft' | 'webhook' | 'read' | 'fulfillment' | 'subscription' | 'event' | 'job' | 'crash';

/** What happened in a run, line by line. A run that nobody looks at keeps none: texts are made only when they are kept. */
export interface Trace {
  (speaker: Speaker, text: () => string): void;
  readonly lines: readonly string[];
}

export function keptTrace(now: () => number): Trace {
  const lines: string[] = [];
  const trace = (speaker: Speaker, text: () => string) => {
    lines.push(`${(now() / 1000).toFixed(2).padStart(9)}  ${speaker.padEnd(12)} ${text()}`);
  };
  return Object.assign(trace, { lines });
}

export const noTrace: Trace = Object.assign(() => undefined, { lines: [] });

/** The same, of another subscription. */
export const about = (trace: Trace, number: number): Trace =>
  trace === noTrace
    ? noTrace
    : Object.assign((speaker: Speaker, text: () => string) => trace(speaker, () => `(${number}) ${text()}`), { lines: trace.lines });
