import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chartDir } from '../../deploy/helm';
import { textOf } from '../documents';
import type { DescribedProgram, DescribedSetting } from './described.programs';
import { settingTexts } from './settings.page';

export const valuesSchemaFile = `${chartDir}/values.schema.json`;

interface ValuesSchema {
  definitions: Record<string, object>;
  [member: string]: unknown;
}

/**
 * The schema of the chart's values, with the names of settings that each program has, so that Helm refuses a misspelt one and an editor knows the others. The rest of it
 * is written by hand. What is secret, or set by the chart, is among the names: the chart refuses it with a better sentence than a schema has.
 */
export function valuesSchema(repository: string, services: readonly DescribedProgram[], jobs: readonly DescribedProgram[]): string {
  const schema = JSON.parse(readFileSync(join(repository, valuesSchemaFile), 'utf8')) as ValuesSchema;
  const shared = services[0]!.settings.filter(({ name }) => services.every(({ settings }) => settings.some((one) => one.name === name)));
  const topics = jobs.find(({ name }) => name === 'topics')!;
  const made: [string, object][] = [
    ['settings', settingsSchema('Settings that every service has.', shared, settingTexts(repository, []))],
    ...[...services, topics].flatMap(({ name, settings, sources }): [string, object][] => [
      [`${name}Settings`, settingsSchema(`Settings of ${name}.`, settings, settingTexts(repository, sources))],
      [`${name}Setting`, { description: `The name of a setting of ${name}.`, enum: settings.map((one) => one.name) }],
    ]),
  ];
  return textOf({ ...schema, definitions: { ...schema.definitions, ...Object.fromEntries(made) } });
}

/** Each may be given as a file as well. */
function settingsSchema(description: string, settings: readonly DescribedSetting[], texts: ReadonlyMap<string, string>): object {
  const names = settings.map(({ name }) => name);
  return {
    type: 'object',
    description: `${description} A secret does not belong here: it arrives as a file.`,
    additionalProperties: false,
    properties: Object.fromEntries(names.map((name) => [name, { $ref: '#/definitions/setting', description: texts.get(name) ?? '' }])),
    patternProperties: { [`^(${names.join('|')})_FILE$`]: { $ref: '#/definitions/setting' } },
  };
}
