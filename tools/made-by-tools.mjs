/** Names of files and folders that tools make and nobody writes. */
export const madeByTools = new Set(['node_modules', 'dist', 'coverage', '.git', '.nx', '.landfall']);
