import { allServices } from '../system/services';

type Environment = Readonly<Record<string, string | undefined>>;

/** A program of the image, by what it reads from its environment. */
export interface ImageProgram {
  /** As `defineConfig` names it: `gateway`, `gateway's migration`, `topics`. */
  readonly name: string;
  /** @throws an error whose message says, line by line, what is wrong */
  read(environment: Environment): unknown;
}

/** Loads a module of a project, such as `libs/messaging` and `topics/topic.settings`: as it is built, or in a spec from its sources. */
export type Load = (project: string, file: string) => Record<string, unknown>;

/** What an image program is given where a deployment names a file that is there only in the deployment. None of it opens anything. */
const samples: Record<string, string> = {
  DATABASE_URL: 'postgres://user:password@database:5432/landfall',
  MIGRATION_DATABASE_URL: 'postgres://owner:password@database:5432/landfall',
  VETO_SIGNING_KEYS: `whsec_${Buffer.alloc(32).toString('base64')}`,
};

/** Programs that read no settings: the ones that make keys and ask for health, and what a line of code does by itself. */
const withoutSettings = /^(libs\/service-defaults\/dist\/(?:keyring|health)\/main\.js|--eval)$/;

/** What Node itself may be told before the program: `nodeFlagsOf` of a service. */
const nodeFlag = /^--max-semi-space-size=\d+$/;

/**
 * The program that a container of our image runs with these arguments. `null` where it reads nothing.
 * @throws where nobody knows it
 */
export function programOfArguments(args: readonly string[], load: Load): ImageProgram | null {
  const script = args.find((one) => !nodeFlag.test(one)) ?? '';
  if (withoutSettings.test(script)) return null;
  if (script === 'libs/messaging/dist/topics/main.js')
    return declared(load, 'topics', load('libs/messaging', 'topics/topic.settings')['topicSettings'], kafkaProblems(load));
  const [, service = '', kind] = /^apps\/([a-z-]+)\/dist\/(main|migrate)\.js$/.exec(script) ?? [];
  if (!allServices.some(({ name }) => name === service)) throw new Error(`the image has no program ${script || '(none is named)'}`);
  if (kind === 'migrate')
    return declared(load, `${service}'s migration`, load('libs/service-defaults', 'postgres/migrate')['migrationSettings']);
  return load(`apps/${service}`, `${service}.config`)['config'] as ImageProgram;
}

/** Read by Node and by the connections to Microsoft, and no setting of ours: through which proxy https goes. */
const ofNode = ['NODE_USE_ENV_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];

/** What is wrong with the environment that a deployment gives to a program: variables that are none of its settings, and values that it refuses. */
export function environmentFaults(program: ImageProgram, environment: Environment): string[] {
  const settings = settingsOf(program);
  const unknown = Object.keys(environment).filter((name) => !settings.has(name) && !ofNode.includes(name));
  if (unknown.length > 0) return unknown.map((name) => `${name} is no setting of ${program.name}`);
  try {
    program.read(withoutFiles(environment, settings));
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** The names of all that a program reads, `NAME_FILE` included. It is asked for each setting before it says what is missing. */
export function settingsOf(program: ImageProgram): ReadonlySet<string> {
  const names = new Set<string>();
  const watched = new Proxy<Environment>({}, { get: (_, name) => void names.add(String(name)) });
  try {
    program.read(watched);
  } catch {
    // something is missing, of course
  }
  return names;
}

/** The files are in the deployment alone: the setting itself is given instead. */
function withoutFiles(environment: Environment, settings: ReadonlySet<string>): Environment {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => {
      const setting = name.replace(/_FILE$/, '');
      return setting !== name && settings.has(setting) ? [setting, samples[setting] ?? 'sample'] : [name, value];
    }),
  );
}

type Define = (name: string, shape: unknown, together?: unknown) => ImageProgram;

function declared(load: Load, name: string, shape: unknown, together?: unknown): ImageProgram {
  return (load('libs/service-defaults', 'config/config')['defineConfig'] as Define)(name, shape, together);
}

function kafkaProblems(load: Load): unknown {
  return load('libs/messaging', 'kafka/security/kafka.settings')['kafkaProblems'];
}
