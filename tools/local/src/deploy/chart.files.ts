import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { parse } from 'yaml';
import { allServices, serviceOf } from '../system/services';
import { chartDir } from './helm';
import { programOfArguments, settingsOf, type Load } from './programs';
import { unless } from './pods';

interface ServiceValues {
  existingSecret: string;
  secretKeys?: string[];
  usesCatalog: boolean;
  settings?: Record<string, unknown>;
  semiSpaceMiB?: number;
}

export interface ChartValues {
  settings?: Record<string, unknown>;
  services: Record<string, ServiceValues>;
  [part: string]: unknown;
}

/** Where a service's secrets may lie beside its own: its database, and its login at Kafka. */
const everySecret = /^(DATABASE_URL|KAFKA_(SASL_PASSWORD|OAUTH_CLIENT_SECRET|SSL_KEY|SSL_CERTIFICATE))$/;

export function readValues(repository: string): ChartValues {
  return parse(readFileSync(join(repository, chartDir, 'values.yaml'), 'utf8')) as ChartValues;
}

/** The values of each example, as Helm lays them over the chart's own. */
export function readExamples(repository: string): [name: string, values: ChartValues][] {
  const dir = join(repository, chartDir, 'examples');
  return readdirSync(dir).map((file) => [
    file,
    laidOver(readValues(repository), parse(readFileSync(join(dir, file), 'utf8'))) as ChartValues,
  ]);
}

/** What is wrong with these values, each in a sentence, without rendering anything. */
export function valueFaults(values: ChartValues, repository: string, load: Load): string[] {
  const schema = JSON.parse(readFileSync(join(repository, chartDir, 'values.schema.json'), 'utf8')) as object;
  const validate = new Ajv({ allowUnionTypes: true, strictRequired: false }).compile(schema);
  const refused = validate(values) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `values${instancePath}: ${message}`);
  const names = allServices.map(({ name }) => name);
  return [
    ...refused,
    ...Object.keys(values.services).flatMap((name) => unless(names.includes(name), `services.${name} is not in services.json`)),
    ...names.flatMap((name) => {
      const service = values.services[name];
      return service ? serviceFaults(name, service, values, load) : [`services.${name} is missing, and services.json lists it`];
    }),
  ];
}

function serviceFaults(name: string, service: ServiceValues, { settings = {}, services }: ChartValues, load: Load): string[] {
  const known = settingsOf(programOfArguments([`apps/${name}/dist/main.js`], load)!);
  const { secrets: own = [], semiSpaceMiB } = serviceOf(name);
  const given = Object.keys({ ...settings, ...service.settings });
  return [
    ...given.flatMap((setting) => unless(known.has(setting), `${setting} is no setting of ${name}`)),
    ...(service.secretKeys ?? []).flatMap((key) => unless(known.has(`${key}_FILE`), `${key} is no setting of ${name} that can be a file`)),
    ...(service.secretKeys ?? []).flatMap((key) => unless(everySecret.test(key) || own.includes(key), `${key} is no secret of ${name}`)),
    ...unless(service.secretKeys?.includes('DATABASE_URL') === true, `${name} has no DATABASE_URL`),
    ...unless(service.usesCatalog === known.has('CATALOG_FILE'), `services.${name}.usesCatalog is not what the service does`),
    ...unless(service.semiSpaceMiB === semiSpaceMiB, `services.${name}.semiSpaceMiB is not that of services.json`),
    ...Object.entries(services)
      .filter(([other, { existingSecret }]) => other !== name && existingSecret === service.existingSecret)
      .map(([other]) => `${name} and ${other} share a Secret`),
  ];
}

/** Maps are merged, everything else is replaced. */
function laidOver(below: unknown, above: unknown): unknown {
  if (!isMap(below) || !isMap(above)) return above ?? below;
  return Object.fromEntries(
    [...new Set([...Object.keys(below), ...Object.keys(above)])].map((name) => [name, laidOver(below[name], above[name])]),
  );
}

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
