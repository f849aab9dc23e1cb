import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { type ValidateFunction } from 'ajv';
import { parseAllDocuments } from 'yaml';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Labels; readonly annotations?: Labels };
  readonly spec?: unknown;
}

export type Labels = Readonly<Record<string, string>>;

/** What was rendered. Kubernetes reads YAML 1.1, in which 0440 is an octal number. */
export function readManifests(text: string): Manifest[] {
  return parseAllDocuments(text, { version: '1.1' }).flatMap((document) => (document.toJS() as Manifest | null) ?? []);
}

export const nameOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.name}`;

interface Schemas {
  version: string;
  kinds: Record<string, object>;
  definitions: object;
}

/** Kubernetes' own description of its kinds, of one version, with what it does not know refused: `deploy/schemas/make.mjs` made it. */
export class KubernetesSchemas {
  readonly version: string;
  private readonly schemas: Schemas;
  private readonly compiled = new Map<string, ValidateFunction>();
  private readonly ajv = new Ajv({ strict: false, allErrors: true });

  constructor(repository: string) {
    this.schemas = JSON.parse(readFileSync(join(repository, 'deploy/schemas/kubernetes.json'), 'utf8')) as Schemas;
    this.version = this.schemas.version;
  }

  /** Those that it describes, such as `apps/v1/StatefulSet`. */
  get kinds(): string[] {
    return Object.keys(this.schemas.kinds);
  }

  /** What is wrong with it, each in a sentence. */
  faults(manifest: Manifest): string[] {
    const validate = this.validatorOf(`${manifest.apiVersion}/${manifest.kind}`);
    if (!validate) return [`${nameOf(manifest)}: deploy/schemas describes no ${manifest.apiVersion}/${manifest.kind}`];
    if (validate(manifest)) return [];
    return (validate.errors ?? []).map(({ instancePath, message, params }) => {
      const named = (params as { additionalProperty?: string }).additionalProperty;
      return `${nameOf(manifest)}${instancePath}: ${message}${named ? ` (${named})` : ''}`;
    });
  }

  private validatorOf(kind: string): ValidateFunction | undefined {
    const schema = this.schemas.kinds[kind];
    if (schema && !this.compiled.has(kind))
      this.compiled.set(kind, this.ajv.compile({ allOf: [schema], definitions: this.schemas.definitions }));
    return this.compiled.get(kind);
  }
}
