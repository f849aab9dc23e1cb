import { createRequire } from 'node:module';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chartFaults } from '../deploy/chart';
import { readExamples, readValues, valueFaults } from '../deploy/chart.files';
import { composeFaults, readCompose } from '../deploy/compose';
import { findHelm } from '../deploy/helm';
import { licenceFaults, licencesPage, licencesText, type ImageSteps } from '../deploy/licences';
import { runImage } from '../deploy/image';
import { scaledChecked } from '../deploy/scaled';
import type { Load } from '../deploy/programs';
import { repositoryDir } from '../repository';
import { argumentsOf, print, runCommand } from './command';

const usage = `npm run check:deploy                 checks compose files, chart and image as far as this machine can
npm run check:deploy -- --no-image   leaves out the image, whose stages take a minute
npm run check:deploy -- --write      makes docs/reference/licences.md anew, and checks nothing`;

/** What no part of this check can show, on any machine. */
const neverShown = [
  'that Docker builds the image from the real base: its stages were run into a folder, on the Node of this repository',
  'that a cluster takes the chart: it is rendered, and held against what Kubernetes says of its kinds',
];

/** `npm run check:deploy`: 1 where anything is wrong; what could not be looked at is said, and is no fault. */
void runCommand(async (stop) => {
  const given = argumentsOf(usage, { 'no-image': { type: 'boolean' }, write: { type: 'boolean' } });
  if (!given) return 0;
  const require = createRequire(__filename);
  const load: Load = (project, file) => require(join(repositoryDir, project, 'dist', `${file}.js`)) as Record<string, unknown>;
  const steps = {
    ...require(join(repositoryDir, 'deploy/packages.mjs')),
    ...require(join(repositoryDir, 'deploy/image.mjs')),
  } as ImageSteps;
  if (given.values.write) {
    writeFileSync(join(repositoryDir, licencesPage), licencesText(repositoryDir, steps));
    return 0;
  }
  const faults: string[] = [];
  const leftOut = [...neverShown];
  const part = (what: string, found: readonly string[]) => {
    print(`${found.length === 0 ? '✔' : '✘'} ${what}`);
    for (const fault of found) print(`    ${fault}`);
    faults.push(...found);
  };

  part('docker-compose.yml: services, settings, ports, files', composeFaults(readCompose(repositoryDir), repositoryDir, load));
  part('values.yaml and examples: services, settings, secrets', [
    ...valueFaults(readValues(repositoryDir), repositoryDir, load).map((fault) => `values.yaml: ${fault}`),
    ...readExamples(repositoryDir).flatMap(([name, values]) =>
      valueFaults(values, repositoryDir, load).map((fault) => `${name}: ${fault}`),
    ),
  ]);
  part('licences of what the image holds', licenceFaults(repositoryDir, steps));

  const helm = findHelm(print);
  if ('missing' in helm) leftOut.push(`the rendered chart: ${helm.missing}`);
  else {
    if (!existsSync(join(repositoryDir, 'deploy/helm/landfall/files/rules.yml')))
      leftOut.push('the alerts of the chart: files/rules.yml is not there');
    for (const { what, faults: found } of [...chartFaults(helm, repositoryDir, load), await scaledChecked(helm, repositoryDir)])
      part(what, found);
  }

  if (given.values['no-image']) leftOut.push('the image: --no-image');
  else {
    const { what, faults: found, leftOut: unseen } = await runImage(stop, print);
    part(what, found);
    leftOut.push(...unseen);
  }

  print(`\nNot shown here:\n${leftOut.map((line) => `  - ${line}`).join('\n')}`);
  print(faults.length === 0 ? '\nNothing is wrong with what was looked at.' : `\n${faults.length} faults.`);
  return faults.length === 0 ? 0 : 1;
});
