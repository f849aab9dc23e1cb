import { table } from '../table';
import type { DescribedProgram, DescribedSetting } from './described.programs';
import { settingDocstrings } from './setting.docstrings';

/** Where settings are described that several programs have. */
const sharedSources = [
  'libs/service-defaults/src/config/service.settings.ts',
  'libs/messaging/src/messaging.config.ts',
  'libs/messaging/src/kafka/security/kafka.settings.ts',
  'libs/catalog/src/catalog.settings.ts',
  'libs/outgoing-call/src/outgoing-call.settings.ts',
];

const head = `<!-- Made by \`npm run contracts\` from the settings in the code. Change their docstrings there, not this page. -->

# Settings

What the services, and the programs that run before them, read from their environment. Each may be given as a file instead: \`NAME_FILE\` is the path of a file
that holds the value of \`NAME\`, which is the better way for what is secret. A variable that is set to nothing counts as not set. A program with a wrong setting
ends with code 78 and says all that is wrong. **Required** means that nothing starts without it; **secret**, that its value is never printed and belongs into a
file or a secret of the platform.

Which registrations of Entra ID these belong to is told in [registrations](registrations.md), and what a service needs in a deployment by the values of the
[Helm chart](../../deploy/helm/landfall/values.yaml).`;

/** One page for whoever deploys: what all services have, then what each has beside it. */
export function settingsPage(repository: string, services: readonly DescribedProgram[], jobs: readonly DescribedProgram[]): string {
  const shared = services[0]!.settings.filter(({ name }) => services.every(({ settings }) => settings.some((one) => one.name === name)));
  const isShared = ({ name }: DescribedSetting) => shared.some((one) => one.name === name);
  const section = (title: string, text: string, settings: readonly DescribedSetting[], sources: readonly string[]) =>
    [`## ${title}`, text, settingTable(settings, settingTexts(repository, sources))].join('\n\n');
  return `${[
    head,
    section('Every service', 'Each service has these.', shared, []),
    ...services.map(({ name, settings, sources }) =>
      section(
        `Service ${name}`,
        'Beside those of every service.',
        settings.filter((one) => !isShared(one)),
        sources,
      ),
    ),
    ...jobs.map(({ name, settings, sources }) => section(`Program ${name}`, purposes[name] ?? '', settings, sources)),
  ].join('\n\n')}\n`;
}

/** What settings mean, by their name: those of several programs, and what some sources say of their own. */
export const settingTexts = (repository: string, sources: readonly string[]): Map<string, string> =>
  settingDocstrings(repository, [...sharedSources, ...sources]);

const purposes: Readonly<Record<string, string>> = {
  migrations: '`apps/<service>/dist/migrate.js` brings the schema of a service up to date, and makes its role. All that it reads:',
  topics: '`libs/messaging/dist/topics/main.js` makes the topics, or checks them. All that it reads:',
};

const settingTable = (settings: readonly DescribedSetting[], texts: ReadonlyMap<string, string>): string =>
  table(
    ['setting', 'default', 'may be', 'meaning'],
    settings.map(({ name, fallback, isRequired, allowed, isSecret }) => [
      `\`${name}\``,
      isRequired ? '**required**' : fallback === null ? 'none' : fallback.includes(' ') ? fallback : `\`${fallback}\``,
      isSecret ? `${allowed}; **secret**` : allowed,
      texts.get(name) ?? '',
    ]),
  );
