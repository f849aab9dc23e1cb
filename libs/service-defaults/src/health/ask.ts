import { setTimeout as wait } from 'node:timers/promises';
import { boundedText } from '../http/fetch.json';

/** Bounds of asking a service whether it is ready. */
export interface AskingBounds {
  /** So long it may take to become ready. */
  patienceMs: number;
  pauseMs: number;
  /** Of one answer; a check that hangs takes two seconds of it. */
  answerLimitMs: number;
}

const answerLimitBytes = 64 * 1024;

interface Answer {
  isReady: boolean;
  /** What it said, each in a line. */
  lines: string[];
}

/** Asks a service, again and again until it is ready or the time is over, and gives what it said last. `address` is that of its management port. */
export async function askWhetherReady(address: string, bounds: AskingBounds): Promise<Answer> {
  for (const until = Date.now() + bounds.patienceMs; ; await wait(bounds.pauseMs)) {
    const answer = await askOnce(address, bounds.answerLimitMs);
    if (answer.isReady || Date.now() >= until) return answer;
  }
}

async function askOnce(address: string, answerLimitMs: number): Promise<Answer> {
  try {
    const response = await fetch(new URL('/health/ready', address), { redirect: 'error', signal: AbortSignal.timeout(answerLimitMs) });
    const said = JSON.parse(await boundedText(response, answerLimitBytes)) as { checks?: Texts; notices?: Texts };
    const wrong = Object.entries(said.checks ?? {}).filter(([, text]) => text !== 'ok');
    const lines = [...wrong, ...Object.entries(said.notices ?? {})].map(([name, text]) => `${name}: ${text}`);
    return { isReady: response.ok, lines };
  } catch (error) {
    const { message, cause } = error as Error & { cause?: Error };
    return { isReady: false, lines: [[message, cause?.message].filter(Boolean).join(': ')] };
  }
}

type Texts = Readonly<Record<string, string>>;
