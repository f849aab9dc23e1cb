import { total, type Cost } from '../rounds/cost';
import type { Measured } from '../rounds/run';
import type { WebhookRound } from '../rounds/webhook.round';
import { one, ratios, shown, spread } from './figures';

type Row = readonly [figure: string, value: string];

/** One table for people, ratios first. */
export function report(measured: Measured, machine: string): string {
  const { reconciliation, saturated, naive } = measured;
  const marked = [...saturated, ...naive, ...measured.atRates, ...measured.facts].filter(({ isDisturbed }) => isDisturbed).length;
  return [
    `Machine: ${machine}`,
    '',
    ...table(
      [
        ...ratioRows(measured),
        ...rateRows(measured),
        ...idleRows(measured),
        ...startRows(measured),
        ...troubleRows(measured),
        ...sizeRows(measured),
      ],
      ['figure', 'value'],
    ),
    '',
    'What one webhook costs, without what the idle system uses:',
    '',
    ...costTable(measured),
    '',
    ...(marked > 0
      ? [`${marked} rounds were disturbed: something else took over a tenth of the machine, and rates and CPU there count for little.`]
      : []),
    ...verdict(reconciliation),
    '',
  ].join('\n');
}

function verdict({ faults, settledByClock, settledByClockInTrouble, repeatedEvents }: Measured['reconciliation']): string[] {
  const beside =
    `${settledByClock} changes were decided by Microsoft's own clock, and ${settledByClockInTrouble} while something was broken. ` +
    `${repeatedEvents} events came twice under one id.`;
  if (faults.length === 0) return [`Nothing was lost, doubled or reordered. ${beside}`];
  return ['VOID: something was lost, doubled or reordered, so no figure counts.', ...faults, beside];
}

function ratioRows({ inserts, kafka, naive, accept, saturated, relay, replay }: Measured): Row[] {
  const accepted = accept.map(({ acceptedPerSecond }) => acceptedPerSecond);
  const inline = naive.map(({ donePerSecond }) => donePerSecond);
  const done = saturated.map(({ donePerSecond }) => donePerSecond);
  const relayed = relay.map((round) => round.relayed);
  const replayed = replay.map((round) => round.replayed);
  const produced = relay.map((round) => round.produced);
  return [
    ['durable accept / bare single-row insert at 32 connections', shown(ratios(accepted, inserts))],
    ['durable accept / naive handler', shown(ratios(accepted, inline))],
    ['verified, decided, acknowledged, settled and published / naive handler', shown(ratios(done, inline))],
    ['relay of one service / raw kafkajs sending', shown(ratios(relayed, produced))],
    ['replay of the subscription service / raw kafkajs sending', shown(ratios(replayed, produced))],
    [
      'replay of the subscription service / raw kafkajs taking each and sending four',
      shown(
        ratios(
          replayed,
          replay.map((round) => round.consumedAndProduced),
        ),
      ),
    ],
    ['bare inserts per second', shown(spread(inserts))],
    ['naive handler, webhooks per second', shown(spread(inline))],
    ['durable accept, webhooks per second (gateway alone)', shown(spread(accepted))],
    ['all done, webhooks per second', shown(spread(done))],
    ['raw kafkajs, messages produced per second', shown(spread(kafka.map(({ produced }) => produced)))],
    ['relay, messages per second', shown(spread(relayed))],
    ['relay, CPU us of its service for a message', shown(spread(relay.map(({ cpuUs }) => cpuUs)))],
    ['replay, messages per second', shown(spread(replayed))],
    ['replay, CPU us of the service and postgres for a message', shown(spread(replay.map(({ cpuUs }) => cpuUs)))],
    ['raw kafkajs, messages consumed per second', shown(spread(kafka.map(({ consumed }) => consumed)))],
  ];
}

function rateRows({ atRates, facts }: Measured): Row[] {
  const rowsOf = (name: string, rounds: readonly WebhookRound[]): Row[] =>
    rounds.flatMap(({ rate, answerMs, eventMs, latestSendMs }): Row[] => [
      [`${name} at ${rate}/s to the answer, ms p50 / p99`, `${one(answerMs.p50)} / ${one(answerMs.p99)}`],
      [`${name} at ${rate}/s to the public event, ms p50 / p90 / p99`, `${one(eventMs.p50)} / ${one(eventMs.p90)} / ${one(eventMs.p99)}`],
      [`${name} at ${rate}/s, latest send of the generator, ms`, one(latestSendMs)],
    ]);
  return [...rowsOf('change', atRates), ...rowsOf('fact', facts)];
}

function idleRows({ idle, services, memoryIdleMiB, memoryLoadedMiB }: Measured): Row[] {
  const seconds = idle.cpu.elapsedSeconds;
  return [
    ['idle, commits per second', one(idle.database.commits / idle.database.elapsedSeconds)],
    ['idle, transactions that write per second', one(idle.database.writes / idle.database.elapsedSeconds)],
    ...services.map((name): Row => [`idle, cores of ${name}`, ((idle.cpu.seconds[name] ?? 0) / seconds).toFixed(3)]),
    ['idle, cores of postgres', ((idle.cpu.seconds['postgres'] ?? 0) / seconds).toFixed(3)],
    ...services.map((name): Row => [
      `resident MiB of ${name}, idle / loaded`,
      `${one(memoryIdleMiB[name]!)} / ${one(memoryLoadedMiB[name]!)}`,
    ]),
  ];
}

const startRows = ({ coldStartSeconds }: Measured): Row[] =>
  Object.entries(coldStartSeconds ?? {}).map(([name, seconds]): Row => [`cold start, ${name}, s`, one(seconds)]);

function troubleRows({ trouble }: Measured): Row[] {
  if (!trouble) return [];
  const { kills, outage } = trouble;
  const away = `broker away for ${outage.awaySeconds} s at ${one(outage.rate)}/s`;
  return [
    ...kills.flatMap(({ service, rate, readySeconds, commitsSeconds, eventSeconds, slowestEventMs, unanswered }): Row[] => [
      [
        `kill -9 of ${service} at ${one(rate)}/s, s until it is ready / commits again / an event of a webhook after it`,
        `${one(readySeconds)} / ${one(commitsSeconds)} / ${eventSeconds === null ? '-' : one(eventSeconds)}`,
      ],
      [`… slowest webhook to its event, s / never answered 200`, `${one(slowestEventMs / 1_000)} / ${unanswered}`],
    ]),
    [`${away}, s from its return to the first event / until drained`, `${one(outage.firstEventSeconds)} / ${one(outage.drainedSeconds)}`],
    [`… webhooks that came meanwhile / never answered 200`, `${outage.waiting} / ${outage.unanswered}`],
  ];
}

/** Costs beside those at the smallest size. CPU is that of the services and Postgres. */
function sizeRows({ sizes, services }: Measured): Row[] {
  if (!sizes) return [];
  const cpuMs = ({ cost }: WebhookRound) => total(cost.cpuMs, [...services, 'postgres']);
  const rows = ({ cost }: WebhookRound) => total(cost.rows);
  const walKb = ({ cost }: WebhookRound) => cost.walBytesWithoutPages / 1_000;
  const first = sizes[0]!;
  return sizes.flatMap(({ subscriptions, round, idleCores }): Row[] => [
    [
      `change with ${subscriptions} subscriptions: CPU ms / rows / WAL kB without whole pages / cores while idle`,
      `${one(cpuMs(round))} / ${one(rows(round))} / ${one(walKb(round))} / ${idleCores.toFixed(3)}`,
    ],
    ...(subscriptions === first.subscriptions
      ? []
      : [
          [
            `… to ${first.subscriptions} subscriptions, CPU / rows / WAL`,
            [cpuMs, rows, walKb].map((of) => one(of(round) / of(first.round))).join(' / '),
          ] as const,
        ]),
  ]);
}

/** Columns are rounds, lines are counters. */
function costTable({ services, saturated, atRates, facts, naive }: Measured): string[] {
  const last = saturated.at(-1)!;
  const columns: { name: string; cost: Cost; calls: Readonly<Record<string, number>> }[] = [
    ...atRates.map((round) => ({ name: `change, ${round.rate}/s`, ...round })),
    { name: 'change, saturated', ...last },
    ...facts.map((round) => ({ name: `fact, ${round.rate}/s`, ...round })),
    { name: 'naive, saturated', ...naive.at(-1)! },
  ];
  const line = (name: string, of: (column: (typeof columns)[number]) => number): string[] => [
    name,
    ...columns.map((column) => one(of(column))),
  ];
  const keysOf = (of: (column: (typeof columns)[number]) => Readonly<Record<string, number>>) =>
    [...new Set(columns.flatMap((column) => Object.keys(of(column))))].toSorted();
  const counted = [...services, 'postgres'];
  return table(
    [
      line('CPU ms, services (or the naive handler) and postgres', ({ cost }) =>
        total(cost.cpuMs, 'naive' in cost.cpuMs ? ['naive', 'postgres'] : counted),
      ),
      ...[...counted, 'naive', 'kafka', 'stub', 'load'].map((name) => line(`CPU ms, ${name}`, ({ cost }) => cost.cpuMs[name] ?? 0)),
      ...keysOf(({ cost }) => cost.postgresCpuMs).map((role) =>
        line(`CPU ms, postgres for ${role}`, ({ cost }) => cost.postgresCpuMs[role] ?? 0),
      ),
      line('commits, those that only read included', ({ cost }) => cost.commits),
      line('transactions that write', ({ cost }) => cost.writes),
      ...services.map((schema) => line(`transactions that write, ${schema}`, ({ cost }) => cost.writesBySchema[schema] ?? 0)),
      line('rows written', ({ cost }) => total(cost.rows)),
      ...services.map((schema) => line(`rows written, ${schema}`, ({ cost }) => total(cost.rows, keysBelow(cost.rows, schema)))),
      ...keysOf(({ cost }) => cost.rows).map((name) => line(`rows written, ${name}`, ({ cost }) => cost.rows[name] ?? 0)),
      line('WAL kB', ({ cost }) => cost.walBytes / 1_000),
      line('WAL kB, without whole pages', ({ cost }) => cost.walBytesWithoutPages / 1_000),
      ...keysOf(({ cost }) => cost.walByRole).map((role) => line(`WAL kB, ${role}`, ({ cost }) => (cost.walByRole[role] ?? 0) / 1_000)),
      line('messages', ({ cost }) => total(cost.messages)),
      ...keysOf(({ cost }) => cost.messages).map((topic) => line(`messages, ${topic}`, ({ cost }) => cost.messages[topic] ?? 0)),
      line('calls to Microsoft', ({ calls }) => total(calls)),
      ...keysOf(({ calls }) => calls).map((kind) => line(`calls, ${kind}`, ({ calls }) => calls[kind] ?? 0)),
    ],
    ['for one webhook', ...columns.map(({ name }) => name)],
  );
}

const keysBelow = (parts: Readonly<Record<string, number>>, schema: string): string[] =>
  Object.keys(parts).filter((name) => name.startsWith(`${schema}.`));

/** A table in Markdown, its columns aligned. */
export function table(rows: readonly (readonly string[])[], heads: readonly string[]): string[] {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]!.length)));
  const lineOf = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [lineOf(heads), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(lineOf)];
}
