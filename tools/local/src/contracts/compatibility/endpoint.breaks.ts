import { breaksOf } from './breaks';
import type { Schema } from './schema.misfits';

interface Body {
  readonly content?: Record<string, { readonly schema?: Schema }>;
}
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: Schema;
}
interface Endpoint {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Body & { readonly required?: boolean };
  readonly responses: Record<string, Body>;
}
export interface OpenApi {
  readonly paths: Record<string, Record<string, Endpoint>>;
}

/** What a new OpenAPI document of a service takes from those who call it by the one before. Each begins with method and path. */
export function endpointBreaks(before: OpenApi, after: OpenApi): string[] {
  return Object.entries(before.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, endpoint]) => {
      const now = after.paths[path]?.[method];
      const sentences = now ? breaksOfEndpoint(endpoint, now) : ['the endpoint was removed'];
      return sentences.map((sentence) => `${method.toUpperCase()} ${path}: ${sentence}`);
    }),
  );
}

function breaksOfEndpoint(before: Endpoint, after: Endpoint): string[] {
  const answers = Object.entries(before.responses).filter(([status]) => status.startsWith('2'));
  return [
    ...parameterBreaks(before.parameters ?? [], after.parameters ?? []),
    ...(after.requestBody?.required && !before.requestBody?.required ? ['a body is now required'] : []),
    ...bodyBreaks(before.requestBody, after.requestBody, 'accepted', 'body'),
    ...answers.flatMap(([status, answer]) =>
      after.responses[status]
        ? bodyBreaks(answer, after.responses[status], 'published', `answer ${status}`)
        : [`it no longer answers ${status}`],
    ),
  ];
}

/** A parameter that is left out of the new document may still be sent: where it is a query, it is refused. */
function parameterBreaks(before: readonly Parameter[], after: readonly Parameter[]): string[] {
  const known = new Map(before.map((parameter) => [nameOf(parameter), parameter]));
  const now = new Map(after.map((parameter) => [nameOf(parameter), parameter]));
  return [
    ...[...known.keys()].filter((name) => !now.has(name)).map((name) => `${name} is no longer taken`),
    ...after.flatMap((parameter) => {
      const old = known.get(nameOf(parameter));
      if (parameter.required && !old?.required) return [`${nameOf(parameter)} is now required`];
      return breaksOf(
        { properties: { value: old?.schema ?? {} } },
        { properties: { value: old ? (parameter.schema ?? {}) : {} } },
        'accepted',
      ).map((sentence) => sentence.replace(/^value/, nameOf(parameter)));
    }),
  ];
}

function bodyBreaks(before: Body | undefined, after: Body | undefined, use: 'accepted' | 'published', where: string): string[] {
  return Object.entries(before?.content ?? {}).flatMap(([kind, { schema = {} }]) => {
    const now = after?.content?.[kind];
    return now ? breaksOf(schema, now.schema ?? {}, use).map((sentence) => `${where}: ${sentence}`) : [`${where}: it is no longer ${kind}`];
  });
}

const nameOf = ({ in: place, name }: Parameter): string => `${place} ${name}`;
