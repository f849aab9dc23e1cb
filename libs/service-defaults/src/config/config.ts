import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { ConfigurationInvalid } from './config.errors';
import { describeSettings, type DescribedSetting } from './described.setting';
import { isShown } from './setting';

/** Settings by the name of their environment variable. */
type Shape = Record<string, z.ZodType>;
export type ValuesOf<S extends Shape> = { readonly [K in keyof S]: z.output<S[K]> };
export type Environment = Readonly<Record<string, string | undefined>>;

/** The settings of one application. */
export interface Config<V extends object = object> {
  /** The service whose settings these are; also the name of its schema and of its keys. */
  readonly name: string;
  /** Read from the process's environment at the first access, then fixed. @throws ConfigurationInvalid */
  readonly values: V;
  /** Reads the settings out of a given environment, without keeping them. @throws ConfigurationInvalid */
  read(environment: Environment): V;
  /** What can be set, for the reference. Nothing is read. */
  describe(): DescribedSetting[];
}

const SHOWN_LENGTH = 80;
const FILE_SUFFIX = '_FILE';

/**
 * Declares the settings of an application. Nothing is read before the first access to `values`, so that a module can name its configuration
 * while the file loads. Each setting may instead be given as `NAME_FILE`, the path of a file that holds the value (a mounted secret); a
 * variable that is set to nothing counts as not set. `together` says, in sentences, what is wrong with settings that are each right by themselves.
 */
export function defineConfig<S extends Shape>(
  name: string,
  shape: S,
  together: (values: ValuesOf<S>) => string[] = () => [],
): Config<ValuesOf<S>> {
  let values: ValuesOf<S> | undefined;
  const read = (environment: Environment) => {
    const given = readSettings(name, shape, environment);
    const problems = together(given);
    if (problems.length > 0) throw new ConfigurationInvalid(name, problems);
    return given;
  };
  return {
    name,
    read,
    describe: () => describeSettings(shape),
    get values() {
      return (values ??= read(process.env));
    },
  };
}

/** Every setting is looked at before anything is said: whoever corrects a deployment wants to do it once. */
function readSettings<S extends Shape>(name: string, shape: S, environment: Environment): ValuesOf<S> {
  const problems: string[] = [];
  const entries = Object.entries(shape).map(([setting, schema]) => {
    const given = valueOf(setting, environment);
    if ('problem' in given) {
      problems.push(given.problem);
      return [setting, undefined];
    }
    const parsed = schema.safeParse(given.text);
    if (!parsed.success) problems.push(problemOf(setting, schema, given.text, parsed.error));
    return [setting, parsed.data];
  });
  if (problems.length > 0) throw new ConfigurationInvalid(name, problems);
  return Object.freeze(Object.fromEntries(entries)) as ValuesOf<S>;
}

function valueOf(setting: string, environment: Environment): { text: string | undefined } | { problem: string } {
  const text = environment[setting] || undefined;
  const file = setting.endsWith(FILE_SUFFIX) ? undefined : environment[setting + FILE_SUFFIX] || undefined;
  if (file === undefined) return { text };
  if (text !== undefined) return { problem: `${setting} and ${setting}${FILE_SUFFIX} are both set: keep one of them` };
  try {
    return { text: readFileSync(file, 'utf8').trim() || undefined };
  } catch (error) {
    return { problem: `${setting}${FILE_SUFFIX} names a file that cannot be read: ${(error as Error).message}` };
  }
}

function problemOf(setting: string, schema: z.ZodType, text: string | undefined, error: z.ZodError): string {
  const allowed = error.issues.map((issue) => issue.message).join('; ');
  if (text === undefined) return `${setting} is not set, and there is no default for it`;
  if (!isShown(setting, schema)) return `${setting} is wrong (its value is not shown): ${allowed}`;
  const shown = text.replace(/\/\/[^/@\s]*@/, '//…@').slice(0, SHOWN_LENGTH);
  return `${setting} is "${shown}": ${allowed}`;
}
