import { resolve } from 'node:path';

/** Where the repository lies. This file is two folders below `tools/local`, in `src` as in `dist`. */
export const repositoryDir = resolve(__dirname, '../../..');

/** All that the local runner keeps: data, logs, secrets. Never committed. */
export const landfallDir = resolve(repositoryDir, '.landfall');
