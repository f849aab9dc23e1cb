import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Background } from '@landfall/messaging';
import { HealthRegistry } from '@landfall/service-defaults';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { config } from '../fulfillment.config';
import { RegistrationClients, type CheckedRegistration } from '../registration/registration.clients';
import { endOfFederated, expiryFinding, federatedFinding, type FederatedToken } from './expiry.domain';
import { refusalFinding, sentenceOf, showsNothing, tokenFindings, type Finding } from './finding';
import { showSelfChecks, type CheckedState } from './self-check.metrics';

/** After the start, which does not wait for it. */
const FIRST_AFTER_MS = 3_000;
const INTERVAL_MS = 3_600_000;
/** After a check that found something, or nothing out: soon, so that whoever mends it sees that, and then more seldom. */
const AGAIN_AFTER_MS = [60_000, 120_000, 300_000, 900_000];
/** Notices of more days are no errors yet. */
const URGENT_DAYS = 3;
const STOP_LIMIT_MS = 5_000;

/**
 * Looks after the start, and each hour, whether Microsoft lets each registration in, and until when: what is wrong is said in words by `/health/ready` and the log before a
 * customer finds out. It takes no work away: the registrations that are well go on, and what waits for the others loses nothing.
 */
@Injectable()
export class SelfCheck implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(SelfCheck.name);
  private readonly states = new Map<string, CheckedState>();
  /** By registration: what the last check found that Microsoft, or Entra, answered. */
  private readonly refused = new Map<string, Finding[]>();
  private failedRounds = 0;
  private readonly background = new Background({
    name: SelfCheck.name,
    round: () => this.round(),
    failure: 'the self-check could not be made; the next round tries again',
    errorPauseMs: INTERVAL_MS,
  });

  constructor(
    private readonly clients: RegistrationClients,
    private readonly health: HealthRegistry,
  ) {}

  onApplicationBootstrap(): void {
    const { checked } = this.clients;
    if (checked.length === 0) return;
    for (const { name } of checked) {
      this.states.set(name, { findings: [], failingSince: null, endsAtMs: null });
      this.health.addNotice(`registration ${name}`, () => this.states.get(name)!.findings.map(sentenceOf).join('; ') || undefined);
    }
    showSelfChecks(this.states);
    this.background.start(FIRST_AFTER_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.background.stop(STOP_LIMIT_MS);
  }

  /** Looks at every registration once. @returns milliseconds until the next time */
  async round(): Promise<number> {
    const learned = await Promise.all(this.clients.checked.map((registration) => this.check(registration)));
    const isWell = learned.every(Boolean) && [...this.states.values()].every(({ failingSince }) => failingSince === null);
    if (isWell) this.failedRounds = 0;
    return isWell ? INTERVAL_MS : AGAIN_AFTER_MS[Math.min(this.failedRounds++, AGAIN_AFTER_MS.length - 1)]!;
  }

  /** @returns whether it was learned how Microsoft answers; else what was found before holds */
  private async check(registration: CheckedRegistration): Promise<boolean> {
    const { finding, endsAtMs } = await lifetimeOf(registration);
    const learned = await refusals(registration);
    const refused = learned ?? this.refused.get(registration.name) ?? [];
    this.refused.set(registration.name, refused);
    this.took(registration.name, [...refused, ...(finding ? [finding] : [])], endsAtMs);
    return learned !== null;
  }

  /** What is new is told once, and that all is well again. */
  private took(name: string, findings: Finding[], endsAtMs: number | null): void {
    const { findings: before, failingSince } = this.states.get(name)!;
    const isWell = findings.every(({ noticeDays }) => noticeDays !== undefined);
    this.states.set(name, { findings, failingSince: isWell ? null : (failingSince ?? performance.now()), endsAtMs });
    const told = before.map(toldAs);
    for (const finding of findings.filter((found) => !told.includes(toldAs(found)))) {
      const level = (finding.noticeDays ?? 0) > URGENT_DAYS ? 'warn' : 'error';
      this.logger[level]({ registration: name, reason: sentenceOf(finding) }, 'a registration needs somebody’s care');
    }
    if (isWell && failingSince !== null) this.logger.log({ registration: name }, 'a registration that needed care is well again');
  }
}

/** The notice of a credential's end says another number of days each day, and is told once. */
const toldAs = (finding: Finding): string =>
  finding.noticeDays === undefined ? sentenceOf(finding) : `notice of ${finding.noticeDays} days`;

/** Null where nothing was learned of it. */
async function refusals({ marketplace, tenantId, clientId }: CheckedRegistration): Promise<Finding[] | null> {
  try {
    const claims = await marketplace.tokenClaims();
    const wrong = tokenFindings(claims, { tenantId, clientId, audience: config.values.MARKETPLACE_APP_ID });
    if (wrong.length > 0) return wrong; // the list would be refused for the same reason
    const pages = marketplace.listSubscriptions({ correlationId: randomUUID(), purpose: 'self-check', attempts: 1 });
    await pages.next(); // one page
    await pages.return();
    return [];
  } catch (error) {
    return showsNothing(error) ? null : [refusalFinding(error)];
  }
}

async function lifetimeOf({ lifetime }: CheckedRegistration): Promise<{ finding: Finding | null; endsAtMs: number | null }> {
  const nowMs = Date.now();
  if (lifetime.kind !== 'federated token') {
    return { finding: expiryFinding(lifetime.kind, lifetime.endsAtMs, nowMs), endsAtMs: lifetime.endsAtMs };
  }
  const token = await federatedToken(lifetime.file);
  return { finding: federatedFinding(token, nowMs), endsAtMs: token.kind === 'read' ? token.endsAtMs : null };
}

async function federatedToken(file: string): Promise<FederatedToken> {
  try {
    return { kind: 'read', endsAtMs: endOfFederated((await readFile(file, 'utf8')).trim()) };
  } catch (error) {
    return { kind: 'missing', reason: (error as NodeJS.ErrnoException).code ?? 'unknown' };
  }
}
