import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A stage of a Dockerfile with all that it has from the stages it begins with. */
export interface Stage {
  readonly run: string[];
  readonly env: Record<string, string>;
  readonly entrypoint: string[];
  readonly healthcheck: string[];
  readonly user: string | undefined;
  /** What is copied in from other stages, as `<stage>:<folder>`. */
  readonly copied: string[];
}

/** As far as `deploy/Dockerfile` goes: no heredocs, JSON forms of commands, `ENV` with `=`. @throws where there is no such stage */
export function stageOf(repository: string, name: string): Stage {
  const text = readFileSync(join(repository, 'deploy/Dockerfile'), 'utf8');
  const lines = text
    .replace(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n');
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  for (const line of lines) {
    const [, instruction, rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [];
    if (instruction === 'FROM') {
      const [, parent = '', own = ''] = /^(\S+) AS (\S+)$/.exec(rest) ?? [];
      stage = copyOf(stages.get(parent));
      stages.set(own, stage);
    } else if (instruction && stage) add(stage, instruction, rest);
  }
  const found = stages.get(name);
  if (!found) throw new Error(`deploy/Dockerfile has no stage ${name}`);
  return found;
}

type Draft = { -readonly [K in keyof Stage]: Stage[K] };

function copyOf(parent?: Stage): Draft {
  const nothing: Stage = { run: [], env: {}, entrypoint: [], healthcheck: [], user: undefined, copied: [] };
  return structuredClone(parent ?? nothing);
}

function add(stage: Draft, instruction: string, rest: string): void {
  if (instruction === 'RUN') stage.run.push(rest);
  if (instruction === 'ENV')
    for (const [, name, quoted, bare] of rest.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)) stage.env[name!] = quoted ?? bare ?? '';
  if (instruction === 'ENTRYPOINT') stage.entrypoint = JSON.parse(rest) as string[];
  if (instruction === 'HEALTHCHECK') stage.healthcheck = JSON.parse(rest.slice(rest.indexOf('CMD ') + 4)) as string[];
  if (instruction === 'USER') stage.user = rest;
  const [, from, folder] = /^--from=(\S+) (\S+)/.exec(rest) ?? [];
  if (instruction === 'COPY' && from) stage.copied.push(`${from}:${folder}`);
}
